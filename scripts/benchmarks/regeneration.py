"""Making the generated package anew."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from scripts.benchmarks.contest import NotHereError, Side, row
from scripts.benchmarks.worker import ROOT, command

REGENERATE = ROOT / "scripts" / "regenerate.py"
DOCUMENT = ROOT / "openapi" / "upstream.json"
SHAPED = ROOT / "openapi" / "client.json"


@row(
    1.1,
    "regenerating everything, all checks included",
    "the bare generator and formatter on the same `client.json`",
)
def regenerate(stack: ExitStack) -> tuple[Side, Side]:
    """Into an empty folder each round."""
    _need(REGENERATE, SHAPED)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    ours, theirs = folder / "ours", folder / "theirs"
    return (
        command([sys.executable, str(REGENERATE), "--offline", "--output", str(ours)], before=_absent(ours)),
        command(bare_generator(theirs), before=_absent(theirs)),
    )


@row(3.0, "`regenerate.py --check` when nothing changed", "starting Python and loading the document")
def check(stack: ExitStack) -> tuple[Side, Side]:
    """What a scheduled run pays on most days."""
    _need(REGENERATE, DOCUMENT)
    load = f"import json; json.load(open({str(DOCUMENT)!r}))"
    return command([sys.executable, str(REGENERATE), "--offline", "--check"]), command(
        [sys.executable, "-c", load]
    )


def bare_generator(output: Path) -> list[str]:
    """The command that makes a package without us."""
    generator = Path(sys.executable).with_name("openapi-python-client")
    _need(generator)
    return [str(generator), "generate", "--path", str(SHAPED), "--meta", "none", "--output-path", str(output)]


def _absent(folder: Path) -> Callable[[], None]:
    def remove() -> None:
        shutil.rmtree(folder, ignore_errors=True)

    return remove


def _need(*files: Path) -> None:
    for file in files:
        if not file.exists():
            raise NotHereError(f"there is no {file.name}")
