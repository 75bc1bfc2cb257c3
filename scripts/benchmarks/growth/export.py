"""A long list, written to a file row by row: neither memory nor time may grow with what is done already."""

from __future__ import annotations

import csv
import gc
import json
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from itertools import islice
from os import devnull
from typing import Any

import httpx

from cocalc_facade import CoCalc
from cocalc_facade.testing import Clock
from scripts.benchmarks.answer import purchases
from scripts.benchmarks.contest import Side, row

EXPORTED = 1_000_000
COLUMNS = ("id", "time", "service", "project_id", "cost", "period_start", "period_end", "notes")


@row(1.05, "1,000,000 purchases iterated to CSV: memory in the last tenth", "in the first tenth")
def export(_: ExitStack) -> tuple[Side, Side]:
    """The most that is allocated meanwhile. One export is for all rounds: it is the same in each."""
    return lambda: float(exported("memory")[-1]), lambda: float(exported("memory")[0])


@row(1.10, "the same: CPU in the last tenth", "in the first tenth")
def export_time(_: ExitStack) -> tuple[Side, Side]:
    """Whether time is linear."""
    return lambda: exported("time")[-1], lambda: exported("time")[0]


class Endless(httpx.BaseTransport):
    """A server with so many purchases, of which only the numbers differ much."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._texts = [
            json.dumps({**one, "id": 0}).partition('"id": 0') for one in json.loads(purchases())["purchases"]
        ]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Give the page that is asked for."""
        asked = json.loads(request.read())
        first = asked["offset"]
        rows = ",".join(map(self._row, range(first, min(first + asked["limit"], self._count))))
        return httpx.Response(
            200,
            headers={"content-type": "application/json"},
            content=f'{{"purchases": [{rows}], "balance": 1}}',
        )

    def _row(self, number: int) -> str:
        before, _, after = self._texts[number % len(self._texts)]
        return f'{before}"id": {self._count - number}{after}'


@cache
def exported(unit: str, count: int = EXPORTED) -> list[float]:
    """Give what each tenth of an export costs: bytes allocated at most (`memory`) or at its end (`left`), or CPU seconds (`time`)."""
    return list(tenths(unit, count))


def tenths(unit: str, count: int) -> Iterator[float]:
    """Export so many purchases, and give what each tenth cost when it is done."""
    server = httpx.Client(transport=Endless(count))
    clock: Any = Clock()
    client = CoCalc("sk-0000000000000001", "http://localhost:1", http_client=server, _clock=clock)
    rows = iter(client.iter_purchases())
    if unit != "time":
        tracemalloc.start()
    try:
        with open(devnull, "w", newline="") as file:  # noqa: PTH123 - it has no other name
            write = csv.writer(file).writerow
            for _ in range(10):
                if unit != "time":
                    tracemalloc.reset_peak()
                begun, written = time.process_time(), 0
                for purchase in islice(rows, count // 10):
                    write([getattr(purchase, name) for name in COLUMNS])
                    written += 1
                if written < count // 10:
                    raise RuntimeError("the export has ended too soon")
                spent = time.process_time() - begun
                if unit == "left":
                    gc.collect()
                yield spent if unit == "time" else float(tracemalloc.get_traced_memory()[unit == "memory"])
    finally:
        tracemalloc.stop()
