"""Diff: what a regeneration changes for those who pin the last one, and whether a person has to look first.

The last one is remembered as `openapi/contract.json`: what the complete document promised, a line for each route.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import Contract, contract
from cocalc_facade._drift.names import respelled
from cocalc_facade._drift.report import Report, report
from scripts.pipeline import retire
from scripts.pipeline.diff import changelog
from scripts.pipeline.diff.retired import everything, left, since_first, until, until_release
from scripts.pipeline.document.records import CONTRACT as CONTRACT_FORM
from scripts.pipeline.document.records import decoded, read
from scripts.pipeline.document.version import numbers, proposed, stays_below_one
from scripts.pipeline.published import Document

CONTRACT, CHANGES, RETIRED = "openapi/contract.json", "openapi/CHANGES.md", "openapi/retired.yaml"
RELEASED = "openapi/released.json"
TARGETS = (CONTRACT, CHANGES, RETIRED, RELEASED)
GROWTH = 10


class DecisionError(Exception):
    """Nothing was changed: a person has to decide. `exit_code` is 20 for breaking, 2 for refused."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since the last regeneration and since the last release, and the files that record it."""

    report: Report
    net: Report
    """What those who pin the last release will see: what came and went again since is not in it."""
    version: str
    """The version that the client which is made belongs to: the one that is proposed, or the released one."""
    vanished: tuple[str, ...]
    operations: int
    document: Document
    """The document, with what is recorded of parts that cannot be known from it any more."""
    retired: retire.Retired
    files: dict[str, str]


def diff(root: Path, document: Document, *, date: str, released: str) -> Difference:
    """Return how the complete `document` differs from what is recorded below `root`.

    Without a record there, as in a new folder, nothing changed. `released` is the version of the last release, `date`
    that of the document. All runs since the last release are one section of the record of changes, with their net effect:
    `openapi/released.json` keeps the contract that was released.
    """
    new = contract(document)
    recorded, kept = _recorded(root / CONTRACT), retire.read(read(root / RETIRED))
    old = recorded or new
    document, new = retire.known(document, retire.restored(old, everything(kept), new), new)
    earlier = retire.restored(old, kept, new)
    found = report(earlier, new, again=earlier.keys() - old.keys())
    changes = read(root / CHANGES) or changelog.HEADER
    pending = numbers(changelog.latest(changes) or released) > numbers(released)
    last = _recorded(root / RELEASED)
    base = (last if pending else recorded) or old
    before = until(kept, released, base, new)
    was = retire.restored(base, before, new)
    net = report(was, new, again=was.keys() - base.keys())
    version = _proposed(root, released, net.severity) if net else released
    retired = retire.update(before, was, new, net.changes, date=date, version=version)
    retired = until_release(since_first(retired, kept), before, version)
    other_step = pending and changelog.latest(changes) != version
    if found or other_step:
        leaving = left(before, retired, base, new)
        section = (
            changelog.entry(net, new=new, retired=retired, left=leaving, version=version, date=date)
            if net
            else ""
        )
        changes = changelog.with_entry(changelog.released(changes, released), section)
    files = {
        CONTRACT: dumped(new),
        CHANGES: changes,
        RETIRED: retire.text(retired),
        RELEASED: dumped(base if found or other_step else last or base),
    }
    gone = old.keys() - new.keys()
    vanished = tuple(sorted(gone - respelled(gone, new.keys() - old.keys()).keys()))
    return Difference(found, net, version, vanished, len(old), document, retired, files)


def with_moves(
    found: Difference, moves: Iterable[str], root: Path, *, date: str, released: str
) -> Difference:
    """Return the difference with the classes in it that are called otherwise than in the last release, a line each.

    Who writes such a class down in Python notices, so that alone is a minor step.
    """
    lines, version = list(moves), found.version
    if lines and version == released:
        version = _proposed(root, released, Severity.NOTABLE)
    changes = changelog.with_moves(found.files[CHANGES], lines, version=version, date=date)
    return replace(found, version=version, files={**found.files, CHANGES: changes})


def _proposed(root: Path, released: str, severity: Severity) -> str:
    return proposed(released, severity, major_version_zero=stays_below_one(root / "pyproject.toml"))


def gate(difference: Difference, *, accept_breaking: bool = False, accept_mass_removal: bool = False) -> None:
    """Raise DecisionError when operations vanish and nobody has agreed to it."""
    gone, total = difference.vanished, difference.operations
    if not gone:
        return
    names = ", ".join(gone[:5]) + (", …" if len(gone) > 5 else "")
    if len(gone) * 10 > total and not accept_mass_removal:
        raise DecisionError(
            f"{len(gone)} of {total} operations would vanish ({names}): more than a tenth, as when a server is half"
            " deployed; nothing was changed; fetch again later, or pass --accept-mass-removal if it is meant",
            exit_code=2,
        )
    if not accept_breaking and not accept_mass_removal:
        raise DecisionError(
            f"{len(gone)} operation{'s' if len(gone) > 1 else ''} would vanish ({names}); nothing was changed; read the report"
            " above, then pass --accept-breaking: those of the last release stay in the client, deprecated, until the next major version",
            exit_code=20,
        )


def check_growth(pinned: int, fetched: int) -> None:
    """Raise DecisionError when a fetched document is ten times as long as the pinned one, in bytes."""
    if pinned and fetched >= GROWTH * pinned:
        raise DecisionError(
            f"the document has grown from {pinned} to {fetched} bytes; nothing was changed; look at it, and if it is"
            " right, save it and pass the file as --source",
            exit_code=2,
        )


def exit_code(severity: Severity) -> int:
    """Return the exit status of a check that found a change of `severity`."""
    return {Severity.INVISIBLE: 0, Severity.BREAKING: 20}.get(severity, 10)


def dumped(found: Contract) -> str:
    """Return `found` as the text of `openapi/contract.json`."""
    rows = (
        f"{json.dumps(route)}: {json.dumps(row, sort_keys=True, ensure_ascii=False)}"
        for route, row in sorted(found.items())
    )
    return "{\n" + ",\n".join(rows) + "\n}\n"


def published_module(found: Contract) -> str:
    """Return the text of the generated module by which a client knows what its server published."""
    rows = (f"    {route!a}: {json.dumps(row, sort_keys=True)!a},\n" for route, row in sorted(found.items()))
    doc = '"""What the server published when this package was generated, as `check_schema` compares it."""'
    return f"{doc}\n\nfrom typing import Final\n\n# fmt: off\nROUTES: Final = {{\n{''.join(rows)}}}\n"


def _recorded(file: Path) -> Contract | None:
    text = read(file)
    return decoded(file.name, text, CONTRACT_FORM) if text else None
