"""The results as a table, for terminals and for docs/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scripts.benchmarks.contest import Result

PACKAGES = (
    "httpx",
    "httpcore",
    "h11",
    "anyio",
    "attrs",
    "httpx2",
    "msgspec",
    "openapi-python-client",
    "ruff",
)
MARKS = "<!-- measured: written by scripts/bench.py -->", "<!-- end of measured -->"


def line(result: Result, width: int) -> str:
    """One row for a terminal."""
    return (
        f"{result.row.name:{width}}  {result.ratio:7.3f}  {result.low:6.3f} to {result.high:6.3f}  "
        f"{result.row.target:6.2f}  {result.verdict}"
    )


def head(width: int) -> str:
    """What the columns of `line` are."""
    return f"{'':{width}}  {'ratio':>7}  {'spread':>16}  {'target':>6}"


def markdown(results: Sequence[Result], peers: Sequence[tuple[str, str, float]], command: str) -> str:
    """The part of docs/performance.md that is measured."""
    parts = [f"Measured on {machine()} with {', '.join(versions())}, by `{command}`:", "", *_rows(results)]
    if peers:
        parts += [
            "",
            "Other clients, each in an environment of its own, against the httpx that it finds there:",
            "",
            *_peers(peers),
        ]
    return "\n".join(parts)


def rewrite(page: Path, measured: str) -> None:
    """Put what was measured between the marks of the page."""
    text = page.read_text()
    begin, end = MARKS
    if text.count(begin) != 1 or text.count(end) != 1:
        raise SystemExit(f"{page} must have the lines {begin!r} and {end!r} once each")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    part = page.with_name(f".{page.name}.new")
    part.write_text(f"{before}{begin}\n{measured}\n{end}{after}")
    part.replace(page)


def machine() -> str:
    """The processor, and how many of it."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} processors, {platform.system()}"


def versions() -> Iterable[str]:
    """Python and what matters of what is installed."""
    yield f"Python {platform.python_version()}"
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _rows(results: Sequence[Result]) -> Iterable[str]:
    yield "| name | what | against | ratio | middle half of the rounds | target | |"
    yield "|---|---|---|--:|--:|--:|---|"
    for result in results:
        row = result.row
        yield (
            f"| `{row.name}` | {row.what} | {row.against} | {result.ratio:.3f} | {result.low:.3f} to {result.high:.3f} "
            f"| {row.target:.2f} | {result.verdict} |"
        )


def _peers(peers: Sequence[tuple[str, str, float]]) -> Iterable[str]:
    yield "| client | what | ratio |"
    yield "|---|---|--:|"
    for client, what, ratio in peers:
        yield f"| {client} | {what} | {ratio:.2f} |"
