"""Compare the Python surface with the last release: `python scripts/tracking/surface.py --against v1.2.3`.

griffe compares the two packages as Python sees them, and the typing tests of that release are checked against the code of
today. Where that view and the comparison of the documents disagree, both are shown. Exit status: 0 nothing breaks, 20
something may, 2 refused.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import griffe

from cocalc_facade._drift.report import Report, report
from scripts.pipeline.diff import CONTRACT
from scripts.pipeline.document.names import python_name, resource_class

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"cocalc_facade": ".", "cocalc_v2": "generated"}
BREAKING, REFUSED = 20, 2


@dataclass(frozen=True, slots=True)
class Breakage:
    """Something of the Python surface that is not as it was: the object, and what happened to it."""

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Disagreements:
    """Routes that only one of the two views calls broken."""

    only_document: tuple[str, ...]
    only_python: tuple[str, ...]


def surface(old: Path, new: Path, packages: Mapping[str, str] = PACKAGES) -> list[Breakage]:
    """Return what of the packages in the checkout `old` is not in `new` as it was."""
    found: list[Breakage] = []
    for package, folder in packages.items():
        before, after = (
            griffe.load(package, search_paths=[root / folder], allow_inspection=False) for root in (old, new)
        )
        found.extend(
            Breakage(one.obj.path, f"{one.kind.value}: {_values(one)}")
            for one in griffe.find_breaking_changes(before, after)
        )
    return sorted(set(found), key=lambda one: (one.place, one.what))


def _values(breakage: griffe.Breakage) -> str:
    return f"{breakage.old_value} -> {breakage.new_value}"[:200]


def disagreements(found: Iterable[Breakage], changed: Report, routes: Iterable[str]) -> Disagreements:
    """Return where the Python view and the report on the documents disagree on what breaks."""
    broken = {route for one in found if (route := _route(one.place, routes)) is not None}
    said = {change.route for change in changed.breaking}
    return Disagreements(tuple(sorted(said - broken)), tuple(sorted(broken - said)))


def _route(place: str, routes: Iterable[str]) -> str | None:
    """Return the route whose method, module or class `place` is or is in; the longest name wins."""
    best: tuple[int, str] | None = None
    for route in routes:
        segments = tuple(route.split("/"))
        names = [python_name(segment) for segment in segments]
        owner = resource_class(segments[:-1]) or "Root"
        module = "_".join(names[:-1]) or "root"
        marks = (
            f".{owner}.{names[-1]}",
            f".Async{owner}.{names[-1]}",
            f".api.{module}.{names[-1]}",
            f".{resource_class(segments)}Re",
        )
        if any(f"{mark}." in f"{place}." or (mark.endswith("Re") and mark in place) for mark in marks):
            best = max(best or (0, ""), (len(route), route))
    return best[1] if best else None


def typing_errors(old: Path, new: Path) -> list[str]:
    """Return what mypy says of the typing tests of the checkout `old` against the code of `new`."""
    tests = old / "tests" / "typing"
    if not tests.is_dir():
        return []
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(new / "pyproject.toml"),
        "--no-error-summary",
        str(tests),
    ]
    run = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)  # noqa: S603 - our own interpreter
    return [line.replace(f"{old}/", "") for line in run.stdout.splitlines() if ": error:" in line]


def _checkout(release: str, folder: Path) -> None:
    """Unpack the tree of the git tag `release` into `folder`."""
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", "--end-of-options", release]
    run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - git, and a name that it checks
    if run.returncode:
        raise ValueError(f"{release[:100]!a} is no release of this repository")
    with tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
        archive.extractall(folder, filter="data")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Compare the Python surface with that of a release.")
    parser.add_argument("--against", metavar="TAG", required=True)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder)
        try:
            _checkout(options.against, old)
            found = surface(old, ROOT)
        except (ValueError, ImportError) as error:
            print(f"refused: {error}", file=sys.stderr)
            return REFUSED
        typed = typing_errors(old, ROOT)
        contracts = [
            json.loads(file.read_text()) if (file := root / CONTRACT).exists() else {} for root in (old, ROOT)
        ]
    apart = disagreements(found, report(*contracts), [*contracts[0], *contracts[1]])
    for one in found:
        print(f"{one.place}: {one.what}")
    for line in typed:
        print(f"typing tests of {options.against}: {line}")
    for route in apart.only_document:
        print(f"{route}: breaking by the documents, not seen in Python")
    for route in apart.only_python:
        print(f"{route}: breaking in Python, not seen in the documents")
    return BREAKING if found or typed or apart.only_document else 0


if __name__ == "__main__":
    sys.exit(main())
