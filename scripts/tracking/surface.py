"""The Python surface of a checkout against that of a release.

griffe compares the two packages as Python sees them, and the typing tests of that release are checked against the code of
today. Where that view and the comparison of the documents disagree, both are told.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import griffe

from cocalc_facade._drift.names import route_attributes
from cocalc_facade._drift.report import Report
from scripts.pipeline.document.names import resource_class

PACKAGES = {"cocalc_facade": ".", "cocalc_v2": "generated"}


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
        names = route_attributes(route)
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


def checkout(root: Path, release: str, folder: Path) -> None:
    """Unpack the tree of the git tag `release` of the repository `root` into `folder`. Raises ValueError when there is none."""
    command = ["git", "-C", str(root), "archive", "--format=tar", "--end-of-options", release]
    run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - git, and a name that it checks
    if run.returncode:
        raise ValueError(f"{release[:100]!a} is no release of this repository")
    with tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
        archive.extractall(folder, filter="data")
