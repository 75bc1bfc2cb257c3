"""Many calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import UUID

import httpx

from cocalc_facade import AsyncCoCalc, CoCalc
from scripts.benchmarks.contest import Side, row
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.start import PROJECT
from scripts.benchmarks.worker import cpu, warm

CROWD = 2_000
QUEUE, TASKS = 5_000, 20
PROJECTS, THREADS = 1_000, 8

Crowd = Callable[[Callable[[], Awaitable[object]]], Awaitable[object]]


@row(0.15, "2,000 async calls started at once", "bare `httpx.AsyncClient`, its pool of 100")
def gather(stack: ExitStack) -> tuple[Side, Side]:
    """The other side is given all the time that it needs: with its own limits most of its calls would fail."""
    server = stack.enter_context(loopback())
    return warm(stack, typed_async_calls, server, "at_once"), warm(stack, async_posts, server, "at_once")


@row(1.00, "5,000 async calls from 20 tasks", "bare `httpx.AsyncClient`, the same")
def tasks(stack: ExitStack) -> tuple[Side, Side]:
    """A crowd that waits its turn by itself."""
    server = stack.enter_context(loopback())
    return warm(stack, typed_async_calls, server, "in_turn"), warm(stack, async_posts, server, "in_turn")


@row(1.05, "1,000 projects through `client.map`", "a hand-written thread pool round `httpx.Client`")
def map_(stack: ExitStack) -> tuple[Side, Side]:
    """Both with the same number of threads."""
    server = stack.enter_context(loopback())
    return warm(stack, mapped, server), warm(stack, pooled, server)


async def at_once(call: Callable[[], Awaitable[object]]) -> None:
    """All calls in one `gather`."""
    await asyncio.gather(*[call() for _ in range(CROWD)])


async def in_turn(call: Callable[[], Awaitable[object]]) -> None:
    """A few tasks, each with many calls one after the other."""

    async def worker() -> None:
        for _ in range(QUEUE // TASKS):
            await call()

    await asyncio.gather(*[worker() for _ in range(TASKS)])


def typed_async_calls(server: str, crowd: str) -> Side:
    """`await client.projects.stop`."""
    start: Crowd = globals()[crowd]

    async def run() -> None:
        async with AsyncCoCalc(base_url=server) as client:
            await start(lambda: client.projects.stop(project_id=PROJECT))

    return cpu(lambda: asyncio.run(run()))


def async_posts(server: str, crowd: str) -> Side:
    """What one would write without us."""
    start: Crowd = globals()[crowd]

    async def run() -> None:
        async with httpx.AsyncClient(timeout=httpx.Timeout(None, connect=60)) as client:

            async def call() -> object:
                answer = await client.post(f"{server}/api/v2/projects/stop", json={"project_id": PROJECT})
                return answer.json()

            await start(call)

    return cpu(lambda: asyncio.run(run()))


def _arguments() -> list[dict[str, str]]:
    return [{"project_id": str(UUID(int=number))} for number in range(PROJECTS)]


def mapped(server: str) -> Side:
    """`client.map`."""
    client = CoCalc(base_url=server)
    arguments = _arguments()
    return cpu(lambda: client.map("projects/stop", arguments, concurrency=THREADS))


def pooled(server: str) -> Side:
    """What one would write without us."""
    client = httpx.Client(limits=httpx.Limits(max_connections=THREADS))
    arguments = _arguments()

    def stop(argument: dict[str, str]) -> object:
        return client.post(f"{server}/api/v2/projects/stop", json=argument).json()

    def run() -> list[object]:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(stop, arguments))

    return cpu(run)
