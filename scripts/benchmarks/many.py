"""Very many items through `client.map`: what a run with a journal keeps in memory, and how many requests a course needs to start."""

from __future__ import annotations

import gc
import json
import random
import tempfile
import tracemalloc
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade.testing import Oddities, StandIn
from scripts.benchmarks.contest import Side, row

ITEMS = 100_000
BYTES = 400
PROJECTS, START_SECONDS, REQUESTS = 300, 120.0, 360
ANSWER = '{"status": "ok", "detail": "' + "x" * 300 + '"}'


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
    import asyncio

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
