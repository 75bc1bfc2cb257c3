"""A file of 20 MB to a project and back, against the plainest loop over `exec` that works."""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from cocalc_facade import CoCalc
from scripts.benchmarks.contest import Side, row
from scripts.benchmarks.worker import ROOT, cpu, warm

DATA = bytes(range(256)) * 78_125
PIECE = 192_000
"""Bytes of a piece, with which such a loop was measured to be fastest on a real server."""


@row(1.00, "a file of 20 MB up and down: CPU", "the plainest loop of `exec` calls")
def files(stack: ExitStack) -> tuple[Side, Side]:
    """By `project.upload` and `project.download`, checked by SHA-256; the loop checks nothing."""
    place = stack.enter_context(served())
    return warm(stack, moved, "cpu", *place), warm(stack, looped, "cpu", *place)


@row(0.50, "the same: calls", "the plainest loop of `exec` calls")
def files_calls(stack: ExitStack) -> tuple[Side, Side]:
    """How many requests are sent."""
    place = stack.enter_context(served())
    return warm(stack, moved, "calls", *place), warm(stack, looped, "calls", *place)


def moved(unit: str, server: str, key: str, project_id: str) -> Side:
    """`project.upload` and `project.download`."""
    client = CoCalc(key, server)
    project = client.project(project_id)
    folder = Path(tempfile.mkdtemp(dir=ROOT / "build"))
    (folder / "here").write_bytes(DATA)
    calls: list[Any] = []
    transport = client._driver.transport
    send = transport.send

    def counted(step: Any) -> Any:
        calls.append(None)
        return send(step)

    transport.send = counted  # type: ignore[method-assign]

    def both() -> None:
        project.upload(folder / "here", "there")
        project.download("there", folder / "back")
        if (folder / "back").stat().st_size != len(DATA):
            raise RuntimeError("the file is not whole")

    return _side(unit, both, calls)


def looped(unit: str, server: str, key: str, project_id: str) -> Side:
    """What one writes by hand."""
    client = httpx.Client(auth=(key, ""), timeout=100)
    calls: list[Any] = []

    def run(command: str) -> str:
        calls.append(None)
        request = {"project_id": project_id, "command": command, "bash": True}
        output: str = client.post(f"{server}/api/v2/exec", json=request).json()["stdout"]
        return output

    def both() -> None:
        run("rm -f there")
        for start in range(0, len(DATA), PIECE):
            coded = base64.b64encode(DATA[start : start + PIECE]).decode()
            run(f"base64 -d >> there <<'END_'\n{coded}\nEND_\n")
        found = bytearray()
        while piece := run(f"tail -c +{len(found) + 1} there | head -c {PIECE} | base64 -w0"):
            found += base64.b64decode(piece)
        if len(found) != len(DATA):
            raise RuntimeError("the file is not whole")

    return _side(unit, both, calls)


def _side(unit: str, work: Callable[[], object], calls: list[Any]) -> Side:
    if unit == "cpu":
        return cpu(work)

    def side() -> float:
        calls.clear()
        work()
        return float(len(calls))

    return side


@contextmanager
def served() -> Iterator[tuple[str, str, str]]:
    """Address, key and project of a stand-in in its own process."""
    (ROOT / "build").mkdir(exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "scripts.benchmarks.files"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert server.stdout is not None
        address, key, project_id = server.stdout.readline().split()
        yield address, key, project_id
    finally:
        server.communicate()
