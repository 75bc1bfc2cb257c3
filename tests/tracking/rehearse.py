"""Rehearse: `python -m tests.tracking.rehearse life`, `… vanish` or `… times`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from scripts.pipeline.diff import CHANGES
from scripts.tracking.rehearsal.edits import EDITS, Server
from scripts.tracking.rehearsal.life import Life
from scripts.tracking.rehearsal.times import HEAD, SIZES, excess, line, times
from scripts.tracking.rehearsal.vanish import table, vanished

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run one rehearsal, and give the exit code: 1 when something was lost, or grows out of proportion."""
    parser = argparse.ArgumentParser(prog="python -m tests.tracking.rehearse", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    life = commands.add_parser("life", help="documents in order, then made-up years")
    life.add_argument("documents", nargs="+", type=Path, help="in date order")
    life.add_argument("--steps", type=int, default=500, help="made-up changes after them")
    life.add_argument("--seed", type=int, default=0)
    life.add_argument("--changes", type=Path, help="where to leave CHANGES.md")
    gone = commands.add_parser("vanish", help="each published route deleted in turn from the pinned document")
    gone.add_argument("routes", nargs="*", help="some only")
    grown = commands.add_parser("times", help="what whole runs cost as a document grows")
    grown.add_argument("kinds", nargs="*", metavar="KIND", help=f"some of {', '.join(SIZES)} only")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        if options.command == "vanish":
            rows = list(vanished(ROOT, Path(folder), options.routes or None))
            print("\n".join(table(rows)))
            return 0 if all(row.kept and row.exit_code == 20 for row in rows) else 1
        if options.command == "times":
            return _times(Path(folder), options.kinds or list(SIZES))
        code = _life(Path(folder), options)
        if options.changes:
            shutil.copy(Path(folder) / CHANGES, options.changes)
    return code


def _times(folder: Path, kinds: list[str]) -> int:
    print(HEAD)
    costs = []
    for cost in times(ROOT, folder, {kind: SIZES[kind] for kind in kinds}):
        costs.append(cost)
        print(line(cost), flush=True)
    more = list(excess(costs))
    print("\n".join(["", *more] if more else ["", "in proportion"]))
    return 1 if more else 0


def _life(root: Path, options: argparse.Namespace) -> int:
    random = Random(options.seed)
    life = Life(root)
    document: dict[str, Any] = {}
    for number, place in enumerate(options.documents, 1):
        document = json.loads(place.read_text(encoding="utf-8"))
        found = life.meets(document, place.stem[:10])
        print(f"{place.stem}: {found.report.counts() or 'no change'}; next {life.proposed}")
        if number % 2 == 0:
            life.release()
    server = Server(document)
    for step in range(options.steps):
        edits = [random.choice(EDITS) for _ in range(random.randint(1, 4))]
        for edit in edits:
            edit(server, random)
        try:
            life.meets(server.document, f"{2026 + step * 10 // options.steps}-01-01")
        except Exception as error:
            names = ", ".join(edit.__name__ for edit in edits)
            print(f"step {step} ({names}): {type(error).__name__}: {error}")
            return 1
        if random.random() < 0.25:
            life.release()
    print(f"{options.steps} steps, version {life.version}; told as lost: {len(life.lost)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
