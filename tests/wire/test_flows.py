"""Flows: what a step gives, what an interruption does, many at once, and what flows may fetch outside the API."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import httpx
import pytest

from cocalc_facade import (
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    NotFoundError,
    PostOnlyError,
    ServerError,
    UnexpectedResponse,
)
from cocalc_facade._calls.download import download
from cocalc_facade._calls.engine import call
from cocalc_facade._calls.session import Session
from cocalc_facade._wire.flow import Emit, Flow, Outcome, Parallel, Sleep

from .sockets import PATIENCE
from .wires import KEY, FakeClock, Script, connected


def answering(request: httpx.Request) -> httpx.Response:
    name = request.url.path.rpartition("/")[2]
    return httpx.Response(200, json={"error": "no such thing"} if name == "bad" else name)


def many(session: Session, names: list[str], **options: Any) -> Flow[list[Outcome]]:
    return (yield Parallel((call(session, f"new/{name}") for name in names), **options))


def test_a_flow_sleeps_on_the_clients_clock_and_returns_its_value(kind: str) -> None:
    def flow(session: Session) -> Flow[tuple[float, Any]]:
        begin = session.now()
        yield Sleep(2.5)
        answer = yield from call(session, "new/route")
        return session.now() - begin, answer

    clock = FakeClock()
    with connected(kind, answering, _clock=clock) as both:
        assert both.do(lambda client: client._run_flow(flow(client._session))) == (2.5, "route")
    assert clock.slept == [2.5]


def test_many_flows_keep_their_order_and_each_its_own_error(kind: str) -> None:
    told: list[int] = []
    with connected(kind, answering) as both:
        flow = many(
            both.client._session, ["a", "bad", "c"], concurrency=2, on_done=lambda i, outcome: told.append(i)
        )
        outcomes = both.do(lambda client: client._run_flow(flow))
    assert [value for value, _ in outcomes] == ["a", None, "c"]
    assert isinstance(outcomes[1][1], NotFoundError)
    assert sorted(told) == [0, 1, 2]


def test_no_more_flows_than_asked_for_run_at_once(kind: str) -> None:
    running = highest = 0
    lock = threading.Lock()

    def counted(session: Session) -> Flow[None]:
        nonlocal running, highest
        with lock:
            running += 1
            highest = max(highest, running)
        latest = time.monotonic() + PATIENCE
        while highest < 3 and time.monotonic() < latest:  # until the others are here
            yield Sleep(0.001)
        with lock:
            running -= 1

    def all_of_them(session: Session) -> Flow[Any]:
        return (yield Parallel((counted(session) for _ in range(20)), concurrency=3))

    with connected(kind, answering) as both:
        assert len(both.do(lambda client: client._run_flow(all_of_them(client._session)))) == 20
    assert highest == 3


def test_nothing_new_is_started_once_told_to_stop(kind: str) -> None:
    done: list[int] = []

    def waiting(number: int) -> Flow[None]:
        latest = time.monotonic() + PATIENCE
        while len(done) < number and time.monotonic() < latest:  # until those before are told
            yield Sleep(0.001)

    def flow() -> Flow[Any]:
        return (
            yield Parallel(
                (waiting(number) for number in range(50)),
                concurrency=1,
                on_done=lambda i, outcome: done.append(i),
                stop=lambda: len(done) >= 3,
            )
        )

    with connected(kind, answering) as both:
        outcomes = both.do(lambda client: client._run_flow(flow()))
    assert len(outcomes) in (3, 4)  # the fourth may begin while the third is being told


def test_an_error_that_is_not_ours_ends_them_all_and_comes_out(kind: str) -> None:
    def broken() -> Flow[None]:
        yield Sleep(0)
        raise ZeroDivisionError

    def flow(session: Session) -> Flow[Any]:
        return (yield Parallel([call(session, "new/a"), broken()], concurrency=1))

    with connected(kind, answering) as both, pytest.raises(ZeroDivisionError):
        both.do(lambda client: client._run_flow(flow(client._session)))


def test_an_interruption_reaches_the_flow_where_it_waits() -> None:
    noted: list[str] = []

    def flow(session: Session) -> Flow[None]:
        try:
            yield from call(session, "new/route")
        except KeyboardInterrupt:
            noted.append("told")
            raise

    def interrupt(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    with connected("sync", interrupt) as both, pytest.raises(KeyboardInterrupt):
        both.client._run_flow(flow(both.client._session))
    assert noted == ["told"]


async def test_a_cancellation_reaches_the_flow_where_it_waits() -> None:
    noted: list[str] = []

    def flow(session: Session) -> Flow[None]:
        try:
            noted.append("begun")
            yield Sleep(60)
        except asyncio.CancelledError:
            noted.append("told")
            raise

    async with AsyncCoCalc(KEY) as client:
        task = asyncio.create_task(client._run_flow(flow(client._session)))
        while not noted:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert noted == ["begun", "told"]


async def test_cancelling_many_cancels_each() -> None:
    noted: list[str] = []

    def waiting() -> Flow[None]:
        try:
            noted.append("begun")
            yield Sleep(60)
        except asyncio.CancelledError:
            noted.append("ended")
            raise

    def flow() -> Flow[Any]:
        return (yield Parallel([waiting() for _ in range(3)], concurrency=3))

    async with AsyncCoCalc(KEY) as client:
        task = asyncio.create_task(client._run_flow(flow()))
        while len(noted) < 3:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert noted == ["begun"] * 3 + ["ended"] * 3


def counting(closed: list[bool]) -> Flow[None]:
    try:
        for number in range(10):
            yield Emit(number)
            yield Sleep(0)
    finally:
        closed.append(True)


def test_what_a_flow_emits_is_given_one_by_one_and_closing_ends_it() -> None:
    closed: list[bool] = []
    with CoCalc(KEY, _clock=FakeClock()) as client:
        values = client._iterate(counting(closed))
        assert [next(values), next(values)] == [0, 1]
        assert closed == []
        values.close()  # type: ignore[attr-defined]
        assert closed == [True]
        assert list(client._iterate(counting(closed))) == list(range(10))


async def test_the_same_with_an_async_iterator() -> None:
    closed: list[bool] = []
    async with AsyncCoCalc(KEY, _clock=FakeClock()) as client:
        values = client._iterate(counting(closed))
        assert [await anext(values), await anext(values)] == [0, 1]
        await values.aclose()  # type: ignore[attr-defined]
        assert closed == [True]
        assert [value async for value in client._iterate(counting(closed))] == list(range(10))


def test_a_download_is_a_get_outside_the_api_without_the_key(kind: str) -> None:
    script = Script(httpx.Response(200, content=b"%PDF", headers={"content-type": "application/pdf"}))
    with connected(kind, script, "http://localhost:5000/base") as both:
        body = both.do(lambda client: client._run_flow(download(client._session, "/blobs/x.pdf?uuid=1")))
    assert body == b"%PDF"
    request = script.requests[0]
    assert request.method == "GET"
    assert str(request.url) == "http://localhost:5000/base/blobs/x.pdf?uuid=1"
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


@pytest.mark.parametrize(
    "target",
    [
        "api/v2/projects/create",
        "/api/v2/projects/create",
        "//api/v2/x",
        "x/../api/v2/x",
        "API/v2/x",
        "%61pi/v2/x",
        "%2561pi/v2/x",
        "a%2f..%2fapi/x",
        "\\api\\v2",
    ],
)
def test_nothing_but_post_reaches_the_api(kind: str, target: str) -> None:
    script = Script({})
    with connected(kind, script) as both, pytest.raises(PostOnlyError):
        both.do(lambda client: client._run_flow(download(client._session, target)))
    assert script.requests == []


def test_a_download_cannot_leave_the_server(kind: str) -> None:
    script = Script(httpx.Response(200, content=b"x"))
    with connected(kind, script) as both:
        both.do(lambda client: client._run_flow(download(client._session, "http://evil.example/x")))
    assert script.requests[0].url.host == "localhost"


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [(404, NotFoundError, 1), (302, UnexpectedResponse, 1), (503, ServerError, 3)],
)
def test_a_download_that_fails_is_an_error(
    kind: str, status: int, error: type[CoCalcError], tries: int
) -> None:
    script = Script(httpx.Response(status, text="blob not found", headers={"location": "http://other/"}))
    with connected(kind, script, _clock=FakeClock()) as both, pytest.raises(error):
        both.do(lambda client: client._run_flow(download(client._session, "blobs/x")))
    assert len(script.requests) == tries
