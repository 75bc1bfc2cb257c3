"""Which connection serves a call: never one on which anything came that nobody asked for."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpcore
import httpx
import pytest

from cocalc_facade import AsyncCoCalc, CoCalc, ConfigurationError
from cocalc_facade._wire.network.async_streams import AsyncBackend
from cocalc_facade._wire.network.lanes import Lanes, Turns
from cocalc_facade._wire.network.line import Line
from cocalc_facade._wire.network.streams import Backend

from .secure import CERTIFICATE, server_side
from .sockets import (
    PATIENCE,
    Behaviour,
    Misbehaving,
    hangs_up,
    holds,
    in_turn,
    misbehaving,
    says,
    sends,
    then,
    until,
    waits,
)
from .test_faults import CHUNKED, HEAD, Impatient
from .wires import KEY, connected

STALE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n["stale"]'
PLAIN = HEAD + b"Content-Length: 15\r\n\r\n" + b'{"status":"ok"}'
IN_CHUNKS = CHUNKED + b'5\r\n{"sta\r\na\r\ntus":"ok"}\r\n0\r\n\r\n'
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"

SPOILT: dict[str, Behaviour] = {
    "another answer in the same segment": sends(PLAIN + STALE),
    "another answer a little later": then(sends(PLAIN), waits(0.05), sends(STALE)),
    "the beginning of another answer": sends(PLAIN + STALE[:30]),
    "a single byte": sends(PLAIN + b"H"),
    "a line end": sends(PLAIN + b"\r\n"),
    "another answer after chunks": sends(IN_CHUNKS + STALE),
    "a body after 204": sends(EMPTY + b'{"a":1}'),
    "a body after 204, later": then(sends(EMPTY), waits(0.05), sends(b'{"a":1}')),
    "a body after 304": sends(b"HTTP/1.1 304 Not Modified\r\n\r\n" + b'{"a":1}'),
    "an end": then(sends(PLAIN), hangs_up),
    "an end that was announced": then(
        sends(PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")), hangs_up
    ),
    "HTTP/1.0": then(sends(PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0")), hangs_up),
    "HTTP/1.0 without a length": then(
        sends(b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"status":"ok"}'), hangs_up
    ),
}
CLEAN: dict[str, Behaviour] = {
    "a length": sends(PLAIN),
    "a length, in two segments": then(sends(PLAIN[:-4]), waits(0.02), sends(PLAIN[-4:])),
    "head and body apart": then(sends(PLAIN[:-15]), waits(0.02), sends(PLAIN[-15:])),
    "byte by byte": then(*[sends(PLAIN[n : n + 1]) for n in range(len(PLAIN))]),
    "chunks": sends(IN_CHUNKS),
    "trailers": sends(IN_CHUNKS[:-2] + b"X-Sum: 1\r\n\r\n"),
    "early hints before it": sends(b"HTTP/1.1 103 Early Hints\r\n\r\n" + PLAIN),
    "204": sends(EMPTY),
}


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    return server_side() if request.param == "tls" else None


@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
@pytest.mark.parametrize("name", SPOILT)
def test_a_connection_with_more_than_its_answer_serves_no_other_call(
    kind: str, name: str, tls: Any, used: bool
) -> None:
    before = [says(b'["before"]')] * used
    with (
        misbehaving(in_turn(*before, SPOILT[name], says(b'["mine"]')), tls=tls) as server,
        connected(kind, None, server.url, _clock=Impatient()) as both,
    ):
        for _ in before:
            assert both.call("new/route") == ["before"]
        try:
            both.call("new/route")
        except Exception:
            assert "204" in name or "304" in name  # these are no answers at all
        until(lambda: server.answered == used + 1)  # all that comes has come
        assert both.call("new/route") == ["mine"]
        assert (server.seen, server.connections) == (used + 2, 2)


@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
@pytest.mark.parametrize("name", CLEAN)
def test_a_connection_whose_answer_was_whole_serves_the_next_call(
    kind: str, name: str, tls: Any, used: bool
) -> None:
    before = [says(b'["before"]')] * used
    with (
        misbehaving(in_turn(*before, CLEAN[name], says(b'["mine"]')), tls=tls) as server,
        connected(kind, None, server.url) as both,
    ):
        for _ in before:
            assert both.call("new/route") == ["before"]
        try:
            both.call("new/route")
        except Exception:
            assert "204" in name
        assert both.call("new/route") == ["mine"]
        assert (server.seen, server.connections) == (used + 2, 1)


@pytest.mark.parametrize("spoken", [STALE, b"x", b""])
async def test_an_answer_or_an_end_before_the_request_is_not_believed_and_nothing_is_sent(
    kind: str, spoken: bytes, tls: Any
) -> None:
    """Below httpx, for there the request follows the connection at once."""
    greeting = sends(spoken) if spoken else hangs_up
    request = b"POST / HTTP/1.1\r\n\r\n"

    spoke = threading.Event()
    speaking = then(greeting, lambda _: spoke.set(), holds)
    with misbehaving(says(), greet=speaking, tls=tls) as server:
        line = Line(time.monotonic)
        line.begin(time.monotonic() + PATIENCE, None)
        context = httpx.create_ssl_context()
        if kind == "sync":
            made = Backend(line).connect_tcp("localhost", server.port)
            stream: Any = made if tls is None else made.start_tls(context, "localhost")
        else:
            begun = await AsyncBackend(line).connect_tcp("localhost", server.port)
            stream = begun if tls is None else await begun.start_tls(context, "localhost")
        assert spoke.wait(PATIENCE)
        while not line.readable():
            time.sleep(0.001)

        async def ask() -> None:
            if kind == "sync":
                stream.write(request)
                stream.read(100)
            else:
                await stream.write(request)
                await stream.read(100)

        with pytest.raises(httpcore.ConnectError, match="before it was asked"):
            await ask()
        assert (server.seen, line.asked) == (0, False)
        line.close()


def test_a_large_answer_that_fills_what_is_read_at_once_is_taken_to_its_last_byte(kind: str) -> None:
    body = b'"' + b"x" * (65536 * 4 - 2) + b'"'
    with (
        misbehaving(in_turn(then(says(body), sends(STALE)), says(b'["mine"]'))) as server,
        connected(kind, None, server.url) as both,
    ):
        assert len(both.call("new/route")) == len(body) - 2
        until(lambda: server.answered)
        assert both.call("new/route") == ["mine"]
        assert server.connections == 2


def test_a_large_request_arrives_whole(kind: str) -> None:
    with misbehaving(says()) as server, connected(kind, None, server.url) as both:
        assert both.call("new/route", {"text": "x" * 1_000_000}) == {"status": "ok"}
        assert server.seen == 1


def test_made_up_paths_are_not_kept_for_ever(kind: str) -> None:
    with misbehaving(says()) as server, connected(kind, None, server.url) as both:
        for number in range(1200):
            both.call(f"made/up-{number}")
        assert len(both.client._driver.transport._urls) <= 500


class Noted:
    """A lane of which nothing is known but what is done with it."""

    since = 0.0

    def __init__(self) -> None:
        self.holders = 0
        self.dropped = 0

    def fit(self) -> bool:
        return True

    def drop(self) -> None:
        self.dropped += 1


def test_a_lane_is_in_one_hand_at_a_time_however_many_take_them() -> None:
    now = [0.0]
    lanes, most = Lanes(lambda: now[0]), [0]
    made: list[Noted] = []

    def work() -> None:
        for turn in range(300):
            taken: list[Any] = []
            lane = lanes.take(taken)
            if lane is None:
                lane = Noted()
                made.append(lane)
            lane.holders += 1
            most[0] = max(most[0], lane.holders)
            if turn % 3 == 0:
                time.sleep(0)
            now[0] += 0.01  # so that some grow old
            lane.holders -= 1
            lanes.give(lane)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    lanes.clear()
    assert [lane.dropped for lane in made] == [1] * len(made)


def test_turns_are_given_to_so_many_at_once_and_in_time() -> None:
    turns = Turns(3)
    now, most, lock = [0], [0], threading.Lock()

    def work() -> None:
        for _ in range(50):
            ticket = object()
            try:
                assert turns.take(ticket, 60)
                with lock:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0)
                with lock:
                    now[0] -= 1
            finally:
                turns.tickets.discard(ticket)
                turns.wake()

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most[0] <= 3
    assert turns._value == 3


def test_who_waits_for_a_turn_is_told_when_none_comes() -> None:
    turns = Turns(1)
    assert turns.take("first", 1)
    begin = time.monotonic()
    assert not turns.take("second", 0.2)
    assert 0.15 < time.monotonic() - begin < PATIENCE
    assert turns.tickets == {"first"}


@pytest.fixture
def slow() -> Iterator[Misbehaving]:
    with misbehaving(then(waits(0.002), says())) as server:
        yield server


def test_one_async_client_serves_loops_that_run_at_the_same_time(slow: Misbehaving) -> None:
    client = AsyncCoCalc(KEY, slow.url)
    answers: list[Any] = []

    async def calls() -> None:
        for _ in range(10):
            answers.extend(await asyncio.gather(*(client.call("new/route") for _ in range(4))))

    threads = [threading.Thread(target=asyncio.run, args=(calls(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(client.aclose())
    assert answers == [{"status": "ok"}] * 160
    assert slow.connections <= 16


def test_an_async_client_that_was_given_is_refused_in_a_second_loop_that_runs_at_the_same_time() -> None:
    given = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=1)))
    client = AsyncCoCalc(KEY, http_client=given)

    async def second() -> None:
        with pytest.raises(ConfigurationError, match="in another event loop"):
            await client.call("new/route")

    async def first() -> None:
        assert await client.call("new/route") == 1
        await asyncio.to_thread(asyncio.run, second())
        assert await client.call("new/route") == 1

    asyncio.run(first())
    assert asyncio.run(client.call("new/route")) == 1  # the first has ended


@pytest.mark.usefixtures("nothing_older")
def test_loops_one_after_the_other_leave_no_socket_open(slow: Misbehaving, tls: Any) -> None:
    """Warnings are errors here: an unclosed socket would fail this test."""
    client: Any = AsyncCoCalc(KEY, slow.url)

    async def calls(client: AsyncCoCalc) -> None:
        await asyncio.gather(*(client.call("new/route") for _ in range(3)))

    for _ in range(3):
        asyncio.run(calls(client))
        gc.collect()
    assert len(open_to(slow.port)) <= 3
    client = None
    gc.collect()
    assert open_to(slow.port) == []


def open_to(port: int) -> list[str]:
    """The open sockets of this process that lead to a port."""
    found = []
    for thing in gc.get_objects():
        with suppress(OSError):
            if (
                isinstance(thing, socket.socket)
                and thing.fileno() >= 0
                and thing.getpeername()[1:2] == (port,)
            ):
                found.append(repr(thing))
    return found


@pytest.mark.usefixtures("nothing_older")
def test_a_client_that_nobody_closes_closes_its_connections_when_it_goes() -> None:
    with misbehaving(says()) as server:
        client = CoCalc(KEY, server.url)
        client.call("new/route")
        assert len(open_to(server.port)) == 1
        del client
        gc.collect()
        assert open_to(server.port) == []


def test_headers_that_change_on_a_given_client_are_sent_and_never_over_ours(kind: str) -> None:
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, json=1)

    with connected(kind, answer) as both:
        given = both.client._driver.transport._given
        both.call("new/route")
        given.headers["X-Trace"] = "2"
        both.call("new/route")
        given.headers["x-trace"] = "3"
        given.headers["Authorization"] = "Basic theirs"
        given.headers["Cookie"] = "a=b"
        both.call("new/route")
        del given.headers["X-Trace"]
        both.call("new/route")
        given.headers = {"X-Other": "4"}
        both.call("new/route")
    assert [headers.get("x-trace") for headers in seen] == [None, "2", "3", None, None]
    assert seen[-1]["x-other"] == "4"
    assert len({headers["authorization"] for headers in seen}) == 1
    assert not any("cookie" in headers for headers in seen)
