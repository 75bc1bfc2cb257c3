"""The tests themselves: what the whole of them costs, as they grow."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import cache

from scripts.benchmarks.contest import Side, row
from scripts.benchmarks.worker import command

SECONDS = 240
TESTS = ["env", "-u", "COCALC_API_KEY", sys.executable, "-m", "pytest", "-q", "-n", "auto"]
"""Without the key that the other rows have, as `make test` does it."""


@row(1.00, "CPU seconds of all tests, `pytest -n auto`", f"{SECONDS} seconds")
def suite(_: ExitStack) -> tuple[Side, Side]:
    """User and system time, that of all processes which the tests start included. One run is for all rounds, for it takes minutes."""
    return spent, lambda: float(SECONDS)


@cache
def spent() -> float:
    """Give the CPU seconds of one run, in which no test may fail."""
    return command(TESTS)()
