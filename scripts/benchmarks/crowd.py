"""Many calls at once: what they cost, what is kept of them, and how many it takes to bring a course to a state."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import tempfile
import tracemalloc
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade.testing import Oddities, StandIn
from scripts.benchmarks.contest import Side, row
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.start import PROJECT
from scripts.benchmarks.worker import cpu, warm

CROWD = 2_000
QUEUE, TASKS = 5_000, 20
MAPPED, THREADS = 1_000, 8
ITEMS = 100_000
BYTES = 400
PROJECTS, START_SECONDS, REQUESTS = 300, 120.0, 360
ANSWER = '{"status": "ok", "detail": "' + "x" * 300 + '"}'

Crowd = Callable[[Callable[[], Awaitable[object]]], Awaitable[object]]


@row(0.15, "2,000 async calls started at once", "bare `httpx.AsyncClient`, its pool of 100")
def gather(stack: ExitStack) -> tuple[Side, Side]:
    """The other side is given all the time that it needs: with its own limits most of its calls would fail."""
    server = stack.enter_context(loopback())
    return warm(stack, typed_async_calls, server, "at_once"), warm(stack, async_posts, server, "at_once")


@row(0.30, "5,000 async calls from 20 tasks", "bare `httpx.AsyncClient`, the same")
def tasks(stack: ExitStack) -> tuple[Side, Side]:
    """A crowd that waits its turn by itself."""
    server = stack.enter_context(loopback())
    return warm(stack, typed_async_calls, server, "in_turn"), warm(stack, async_posts, server, "in_turn")


@row(0.55, "1,000 projects through `client.map`", "a hand-written thread pool round `httpx.Client`")
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
    return [{"project_id": str(UUID(int=number))} for number in range(MAPPED)]


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


@row(1.00, "bytes an item that 100,000 items with a journal take", "400 bytes an item")
def many(stack: ExitStack) -> tuple[Side, Side]:
    """What is allocated by the run, besides the items, and still there with its outcomes."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))

    def ours() -> float:
        file = folder / "run.jsonl"
        file.unlink(missing_ok=True)
        return bytes_taken(file, ITEMS) / ITEMS

    return ours, lambda: float(BYTES)


@row(1.00, "requests until 300 projects run that take 120 s for it", "300 starts and 60 more")
def crowd(stack: ExitStack) -> tuple[Side, Side]:
    """On the stand-in's clock."""
    return requests_to_start, lambda: float(REQUESTS)


def bytes_taken(file: Path, count: int) -> int:
    """Give the bytes that a map with this journal takes at its peak, its outcomes included and the items not."""
    some = random.Random(1)  # noqa: S311 - ids, the same in every round
    items = [str(UUID(int=some.getrandbits(128))) for _ in range(count)]
    client = CoCalc("sk-Q7vK2mZp9xW4bT8n", "http://localhost:1")
    gc.collect()
    tracemalloc.start()
    try:
        outcomes = client.map(answered, items, journal=file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if len(outcomes) != count or outcomes[-1].error is not None:
        raise RuntimeError(f"a run failed: {outcomes.summary()}")
    return peak


def answered(_: str) -> Any:
    """What a call gives that costs nothing."""
    return json.loads(ANSWER)


def requests_to_start() -> float:
    """Give the requests that it takes until all run."""
    standin = StandIn(start_seconds=START_SECONDS, oddities=Oddities(rate_limits=False))
    ids = [standin.world.add_project(standin.user.account_id).project_id for _ in range(PROJECTS)]

    async def start() -> None:
        base = "http://localhost"
        async with httpx.AsyncClient(transport=standin.transport(), base_url=base) as http_client:
            clock: Any = standin.clock
            client = AsyncCoCalc(standin.user.key, base, http_client=http_client, _clock=clock)
            (await client.wait_for_projects(ids, "running")).values()

    asyncio.run(start())
    return float(len(standin.requests))
