"""What a signal raises, at any moment, ends a call and nothing else: no turn, no lock and no connection stays behind."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade._wire.interrupts import listening_for_ctrl_c, raised_by_a_handler

from .interruptions import (
    ARGUMENTS,
    BEGIN,
    CONNECTIONS,
    END,
    PAGE,
    EnoughError,
    interrupt,
    left,
    open_sockets,
    port_of,
    remote,
)
from .sockets import Misbehaving, holds, misbehaving, says, then, waits
from .wires import KEY

if not hasattr(signal, "SIGALRM"):
    pytest.skip("this system has no timer that signals", allow_module_level=True)

STRIDE = 7
"""How far the places of one run are from each other: another run takes others, so that all are met in time, and each costs little."""


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving(says()) as server:
        yield server


@pytest.fixture
def client(server: Misbehaving) -> Iterator[CoCalc]:
    with CoCalc(KEY, server.url, timeout=30, max_retries=2, max_connections=CONNECTIONS) as client:
        client.call("projects/stop", ARGUMENTS)
        yield client


@pytest.fixture(name="remote")
def remote_fixture(nothing_older: None) -> Iterator[CoCalc]:
    with remote() as client:
        yield client


class Interrupter:
    """Raises at the n-th place at which the handler of a signal may: where a function begins, and where a built-in one has done its work."""

    def __init__(self, place: int) -> None:
        self.steps = 0
        self._place = place

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        generator = frame.f_code.co_flags & inspect.CO_GENERATOR  # which also "begins" when it is thrown away
        if event == "c_return" or (event == "call" and not generator):
            self.steps += 1
            if self.steps == self._place:
                signal.raise_signal(signal.SIGALRM)


def interrupted(place: int, act: Callable[[], object]) -> tuple[bool, int]:
    """Whether an interruption at a place came out, and how many places there were."""
    interrupter = Interrupter(place)
    profile, handler = sys.getprofile(), signal.signal(signal.SIGALRM, _ring)
    sys.setprofile(interrupter)
    try:
        act()
    except EnoughError:
        return True, interrupter.steps
    finally:
        sys.setprofile(profile)
        signal.signal(signal.SIGALRM, handler)
    return False, interrupter.steps


# A socket that is interrupted while it is made, before it connects, is closed by the interpreter at once, with a warning.
half_made = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@half_made
@pytest.mark.parametrize("connected_before", [True, False])
def test_an_exception_at_any_place_in_a_call_leaves_nothing_behind(
    remote: CoCalc, connected_before: bool
) -> None:
    client = remote

    def call() -> None:
        client.call("projects/stop", ARGUMENTS)

    def prepare() -> None:
        if connected_before:
            call()
        else:
            client._driver.transport._clear()

    prepare()
    _, steps = interrupted(0, call)
    for place in range(1 + random.randrange(STRIDE), steps, STRIDE):
        prepare()
        came_out, _ = interrupted(place, call)
        assert came_out, f"lost at {place}"
        assert left(client) == CONNECTIONS
    call()
    assert open_sockets(port_of(client)) == 1


@half_made
@pytest.mark.parametrize("raised", [KeyboardInterrupt, EnoughError])
def test_an_exception_of_a_timer_leaves_nothing_behind(remote: CoCalc, raised: type[BaseException]) -> None:
    counts = interrupt(remote, 600, raised)
    assert counts.raised
    assert counts.raised + counts.answered == 600
    assert (counts.lost, counts.turns, counts.sockets, counts.unusable) == (0, 0, 0, 0)


def test_the_page_shows_what_was_counted() -> None:
    text = PAGE.read_text("utf-8")
    _, _, rest = text.partition(BEGIN)
    rows = [line for line in rest.partition(END)[0].splitlines() if "Error`" in line or "Interrupt`" in line]
    assert len(rows) == 4
    assert all(row.endswith("| 0 | 0 | 0 | 0 |") for row in rows)


def test_an_exception_while_waiting_for_a_turn(client: CoCalc, server: Misbehaving) -> None:
    server.behave = then(waits(1.0), says())
    threads = [
        threading.Thread(target=client.call, args=("projects/stop", ARGUMENTS)) for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    while left(client):
        time.sleep(0.001)

    def waits_in_vain() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        client.call("projects/stop", ARGUMENTS)

    before = signal.signal(signal.SIGALRM, _ring)
    try:
        with pytest.raises(EnoughError):
            waits_in_vain()
    finally:
        signal.signal(signal.SIGALRM, before)
    for thread in threads:
        thread.join()
    assert left(client) == CONNECTIONS
    assert not client._driver.transport._turns.waiting
    client.call("projects/stop", ARGUMENTS)


def rings(_: socket.socket) -> None:
    """The server's answer is a signal to the client, which waits for another."""
    os.kill(os.getpid(), signal.SIGALRM)


def _ring(number: int, frame: FrameType | None) -> None:
    raise EnoughError


class Bell:
    def ring(self, number: int, frame: FrameType | None) -> None:
        raise EnoughError

    def __call__(self, number: int, frame: FrameType | None) -> None:
        raise EnoughError


@pytest.mark.parametrize(
    "handler", [_ring, Bell().ring, Bell(), partial(_ring), partial(Bell().ring), lambda *_: _ring(0, None)]
)
def test_a_time_limit_of_a_users_own_is_no_fault_of_the_wire_whatever_its_handler_is(
    server: Misbehaving, handler: Any
) -> None:
    """A `TimeoutError` of a handler, which comes while the socket is read, is neither taken for a slow server nor tried again."""
    server.behave = then(rings, holds)
    before = signal.signal(signal.SIGALRM, handler)
    try:
        with CoCalc(KEY, server.url, timeout=60) as client, pytest.raises(EnoughError):
            client.call("projects/stop", ARGUMENTS)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert server.seen == 1


def test_an_exception_of_anyone_else_is_not_taken_for_one_of_a_handler() -> None:
    with pytest.raises(TimeoutError) as caught:
        raise TimeoutError
    assert not raised_by_a_handler(caught.value)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not show open files")
@pytest.mark.usefixtures("nothing_older")
def test_an_interrupted_call_closes_its_connection_at_once(server: Misbehaving) -> None:
    server.behave = then(rings, holds)
    gc.disable()
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        with CoCalc(KEY, server.url, timeout=60) as client:
            for _ in range(3):
                with pytest.raises(EnoughError):
                    client.call("projects/stop", ARGUMENTS)
                assert open_sockets(server.port) == 0
    finally:
        gc.enable()
        signal.signal(signal.SIGALRM, before)


def test_ctrl_c_is_told_from_a_cancellation() -> None:
    seen: list[bool] = []

    async def wait() -> None:
        with listening_for_ctrl_c() as pressed:
            try:
                await asyncio.sleep(60)
            finally:
                seen.append(pressed())

    async def pressing() -> None:
        asyncio.get_running_loop().call_later(0.01, signal.raise_signal, signal.SIGINT)
        await wait()

    async def cancelling() -> None:
        task = asyncio.create_task(wait())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(pressing())
    asyncio.run(cancelling())
    assert seen == [True, False]
    assert signal.getsignal(signal.SIGINT) is handler


def test_listeners_come_and_go_in_any_order_and_leave_the_handler_as_it_was() -> None:
    async def listen(begin: asyncio.Event, end: asyncio.Event) -> None:
        with listening_for_ctrl_c():
            begin.set()
            await end.wait()

    async def both() -> None:
        handler = signal.getsignal(signal.SIGINT)
        events = [asyncio.Event() for _ in range(4)]
        first = asyncio.create_task(listen(events[0], events[1]))
        second = asyncio.create_task(listen(events[2], events[3]))
        await events[0].wait()
        await events[2].wait()
        assert signal.getsignal(signal.SIGINT) is not handler
        events[1].set()
        await first
        assert signal.getsignal(signal.SIGINT) is not handler
        events[3].set()
        await second
        assert signal.getsignal(signal.SIGINT) is handler

    asyncio.run(both())


def test_a_handler_of_a_users_own_is_left_alone() -> None:
    async def listen() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)
        handler = signal.getsignal(signal.SIGINT)
        with listening_for_ctrl_c() as pressed:
            assert signal.getsignal(signal.SIGINT) is handler
            assert pressed() is False
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    asyncio.run(listen())


def test_elsewhere_than_in_the_main_thread_nothing_is_listened_to() -> None:
    async def listen() -> bool:
        with listening_for_ctrl_c() as pressed:
            return pressed()

    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(asyncio.run(listen())))
    thread.start()
    thread.join()
    assert answers == [False]


@pytest.mark.usefixtures("nothing_older")
async def test_a_cancelled_call_gives_back_its_turn_and_closes_its_connection(server: Misbehaving) -> None:
    server.behave = holds
    async with AsyncCoCalc(KEY, server.url, max_connections=1, timeout=60) as client:
        for _ in range(3):
            task = asyncio.create_task(client.call("projects/stop", ARGUMENTS))
            seen = server.seen
            while server.seen == seen:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert open_sockets(server.port) == 0
        server.behave = says()
        assert await client.call("projects/stop", ARGUMENTS) == {"status": "ok"}


def test_an_interruption_under_a_given_client_gives_back_its_turn() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        os.kill(os.getpid(), signal.SIGALRM)
        return httpx.Response(200, json=1)

    before = signal.signal(signal.SIGALRM, _ring)
    try:
        given = httpx.Client(transport=httpx.MockTransport(answer))
        client = CoCalc(KEY, http_client=given, max_connections=CONNECTIONS)
        for _ in range(5):
            with pytest.raises(EnoughError):
                client.call("new/route")
        assert left(client) == CONNECTIONS
    finally:
        signal.signal(signal.SIGALRM, before)
