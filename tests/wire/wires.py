"""What the tests of the facade share: clients whose server is a function, and time that nobody waits for."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

from cocalc_facade import AsyncCoCalc, CoCalc

KEY = "sk-5ecReTpLaNtEdKeY00002a"
OK = {"status": "ok"}
PROJECT = "c2c3aa4b-0001-4b5c-8d3e-000000000001"
Handler = Callable[[httpx.Request], httpx.Response]


class FakeClock:
    """Time that passes only by sleeping, and at once."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    async def asleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.sleep(seconds)


class Late(NamedTuple):
    """An answer that takes so many seconds of a clock."""

    seconds: float
    answer: Any
    clock: FakeClock


class Script:
    """A server that gives the answers it is told, one after the other, and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Late):
            answer.clock.time += answer.seconds
            answer = answer.answer
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json=answer)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]


class Both:
    """One face for both clients: what is awaited on the async one is run."""

    def __init__(self, client: CoCalc | AsyncCoCalc, runner: asyncio.Runner | None) -> None:
        self.client = client
        self._runner = runner

    def call(self, *args: Any, **named: Any) -> Any:
        return self.do(lambda client: client.call(*args, **named))

    def do(self, act: Callable[[Any], Any]) -> Any:
        async def settle() -> Any:
            answer = act(self.client)
            return await answer if asyncio.iscoroutine(answer) else answer

        return act(self.client) if self._runner is None else self._runner.run(settle())

    def viewed(self, **changes: Any) -> Both:
        return Both(self.client.with_options(**changes), self._runner)


def translated(server: Handler, http: Any) -> Handler:
    """The same server for another library: its answers and exceptions in that library's classes."""

    def answer(request: Any) -> Any:
        try:
            given = server(request)
        except httpx.HTTPError as error:
            raise getattr(http, type(error).__name__)(str(error)) from None
        return http.Response(given.status_code, headers=given.headers.raw, content=given.content)

    return answer


@contextmanager
def connected(
    kind: str, server: Handler | None, base_url: str = "http://localhost:5000", **options: Any
) -> Iterator[Both]:
    """A client of that kind, talking to the function `server`, or over real sockets when there is none.

    Kinds are `sync` and `async`, with ` httpx2` after it to talk through that library.
    """
    options.setdefault("api_key", KEY)
    kind, _, other = kind.partition(" ")
    http: Any = importlib.import_module(other or "httpx")
    transport = None
    if server is not None:
        transport = http.MockTransport(translated(server, http) if other else server)
    if kind == "sync":
        given = http.Client(transport=transport) if transport is not None else None
        with CoCalc(base_url=base_url, http_client=given, **options) as client:
            yield Both(client, None)
        return
    with asyncio.Runner() as runner:
        given_async = http.AsyncClient(transport=transport) if transport is not None else None
        client_async = AsyncCoCalc(base_url=base_url, http_client=given_async, **options)
        try:
            yield Both(client_async, runner)
        finally:
            runner.run(client_async.aclose())
