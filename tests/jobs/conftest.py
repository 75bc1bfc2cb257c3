"""Clients on a stand-in whose clock the tests hold; every test runs with the sync and with the async client."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

import httpx
import pytest

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade.testing import Account, Oddities, StandIn

Scripted: TypeAlias = Any | Callable[[dict[str, Any]], Any]


class Script(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A stand-in's transport that gives the scripted answers of a route first: JSON, an exception, or a function of the request.

    `...` lets the stand-in answer.
    """

    def __init__(self, standin: StandIn, answers: dict[str, list[Scripted]]) -> None:
        self._answers = {path: list(rows) for path, rows in answers.items()}
        self._standin = standin.transport()
        self.urls: list[httpx.URL] = []
        self.headers: list[httpx.Headers] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._scripted(request, request.read()) or self._standin.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        found = self._scripted(request, await request.aread())
        return found or await self._standin.handle_async_request(request)

    def _scripted(self, request: httpx.Request, body: bytes) -> httpx.Response | None:
        self.urls.append(request.url)
        self.headers.append(request.headers)
        waiting = self._answers.get(request.url.path.removeprefix("/api/v2/"))
        answer = waiting.pop(0) if waiting else ...
        if callable(answer):
            answer = answer(json.loads(body))
        if isinstance(answer, BaseException):
            raise answer
        return None if answer is ... else httpx.Response(200, json=answer, request=request)


class Hands:
    """A client or handle used the sync way, whichever kind it is: coroutines are run, async iterators iterated."""

    def __init__(self, target: Any, runner: asyncio.Runner) -> None:
        self._target = target
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if inspect.ismethod(value):
            return lambda *args, **named: self._settle(value(*args, **named))
        return self._settle(value)

    def __iter__(self) -> Iterator[Any]:
        return self._settle(aiter(self._target)) if hasattr(self._target, "__aiter__") else iter(self._target)

    def __enter__(self) -> Any:
        if hasattr(self._target, "__aenter__"):
            return self._settle(self._runner.run(self._target.__aenter__()))
        return self._settle(self._target.__enter__())

    def __exit__(self, *details: Any) -> None:
        if hasattr(self._target, "__aexit__"):
            self._runner.run(self._target.__aexit__(*details))
        else:
            self._target.__exit__(*details)

    def _settle(self, value: Any) -> Any:
        if inspect.iscoroutine(value):
            value = self._runner.run(value)
        if isinstance(value, AsyncIterator):
            return self._iterated(value)
        if type(value).__module__.startswith(
            ("cocalc_facade._jobs.methods", "cocalc_facade._jobs.async_methods")
        ):
            return Hands(value, self._runner)
        return value

    def _iterated(self, values: AsyncIterator[Any]) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._runner.run(_next(values))
                except StopAsyncIteration:
                    return
        finally:
            close = getattr(values, "aclose", None)
            if close is not None:
                self._runner.run(close())


async def _next(values: AsyncIterator[Any]) -> Any:
    return await anext(values)


class SharedClock:
    """The stand-in's time for the client: waiting moves it, and takes none."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.slept: list[float] = []

    def now(self) -> float:
        return self._bench.standin.clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._bench.standin.clock.pass_until(self.now() + seconds)

    async def asleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.now() + seconds
        await asyncio.sleep(0)  # those who wait at the same time wait together
        self._bench.standin.clock.pass_until(until)


class Bench:
    """A stand-in and what tests do with it: clients for its people, and the requests that it saw."""

    def __init__(self, kind: str, standin: StandIn, runner: asyncio.Runner) -> None:
        self.kind = kind
        self.standin = standin
        self.clock = SharedClock(self)
        self.project_id = standin.project.project_id
        self._runner = runner

    def client(
        self,
        who: Account | str | None = None,
        script: dict[str, list[Scripted]] | None = None,
        **options: Any,
    ) -> Any:
        key = who if isinstance(who, str) else (who or self.standin.user).key
        self.transport = Script(self.standin, script or {})
        base_url = "http://localhost" + self.standin.base_path
        given: dict[str, Any] = {"base_url": base_url, "_clock": self.clock, **options}
        sync = self.kind == "sync"
        made = httpx.Client if sync else httpx.AsyncClient
        given.setdefault("http_client", made(transport=self.transport, base_url=base_url))  # type: ignore[arg-type]
        return Hands((CoCalc if sync else AsyncCoCalc)(key, **given), self._runner)

    def after(self, seconds: float, answer: Any) -> Callable[[dict[str, Any]], Any]:
        """A scripted answer that takes so many seconds."""

        def late(_: dict[str, Any]) -> Any:
            self.standin.clock.advance(seconds)
            return answer

        return late

    def cut(self, answer: Any = None) -> Callable[[dict[str, Any]], Any]:
        """What the server says when it has waited a minute for the project."""
        return self.after(60, {"error": "undefined"} if answer is None else answer)

    def seen(self, path: str | None = None) -> list[Any]:
        """The parameters of the requests so far, or those of one route."""
        return [request.params for request in self.standin.requests if path is None or request.path == path]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def standin() -> StandIn:
    return StandIn(oddities=Oddities(rate_limits=False))


@pytest.fixture
def bench(kind: str, standin: StandIn, runner: asyncio.Runner) -> Bench:
    return Bench(kind, standin, runner)


@pytest.fixture
def client(bench: Bench) -> Any:
    return bench.client()
