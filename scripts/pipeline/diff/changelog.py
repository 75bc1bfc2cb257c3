"""`openapi/CHANGES.md`: what changed upstream, newest first, in Python names."""

import re
from collections.abc import Iterable

from cocalc_facade._drift.report import Report
from scripts.pipeline.diff.retired import named
from scripts.pipeline.document.version import major, numbers
from scripts.pipeline.retire import Retired

HEADER = """\
# What changed upstream

Newest first, in the names of the client; what can break a caller is marked. Written by `scripts/regenerate.py`.
"""
MOVED = "Classes:"
_SECTION = re.compile(r"^(?=## )", re.MULTILINE)
_HEADING = re.compile(r"^## (\d+\.\d+\.\d+) ", re.MULTILINE)


def entry(report: Report, *, retired: Retired, left: Iterable[str], version: str, date: str) -> str:
    """Return the section on `report`, for the release `version` that is proposed for it.

    It says, too, what of it stays for one more major version, and what `left` that was kept so far.
    """
    counts = ", ".join(f"{count} {level}" for level, count in report.counts().items())
    parts = [f"## {version} ({date})", counts, report.markdown()]
    kept = [row for row in [*retired["operations"], *retired["fields"]] if row["version"] == version]
    if kept:
        parts.append(
            f"Deprecated, leaves in {major(version) + 1}.0.0:\n\n"
            + "\n".join(f"* {named(row)}" for row in kept)
        )
    gone = list(left)
    if gone:
        parts.append(
            "Leaves with this version, deprecated before:\n\n" + "\n".join(f"* {name}" for name in gone)
        )
    return "\n\n".join(parts) + "\n"


def with_entry(text: str, section: str) -> str:
    """Return the whole file `text` with `section` before all older ones."""
    older = text.partition("\n## ")
    rest = f"\n## {older[2]}" if older[1] else ""
    return f"{HEADER}\n{section}{rest}" if section or rest else HEADER


def with_moves(text: str, moves: Iterable[str], *, version: str, date: str) -> str:
    """Return the file with `moves`, a line each, as the last part of the section on `version`, and of no other part of it."""
    head, *sections = _SECTION.split(text)
    newest = sections.pop(0) if sections and latest(sections[0]) == version else ""
    parts = newest.partition(f"\n{MOVED}\n")[0].rstrip("\n")
    if lines := list(moves):
        parts = f"{parts or f'## {version} ({date})'}\n\n{MOVED}\n\n" + "\n".join(
            f"* {line}" for line in lines
        )
    older = "\n".join(section.rstrip("\n") + "\n" for section in sections)
    return (
        head
        + (f"{parts}\n" if parts.count("\n") else "")
        + (f"\n{older}" if older and parts.count("\n") else older)
    )


def moves(text: str) -> str:
    """Return what the newest section says of classes that are called otherwise, empty when nothing."""
    newest = (_SECTION.split(text)[1:] or [""])[0]
    return newest.partition(f"\n{MOVED}\n")[2].strip("\n")


def released(text: str, version: str) -> str:
    """Return the file without the sections that are for later versions than `version`."""
    head, *sections = _SECTION.split(text)
    return head + "".join(
        section for section in sections if numbers(latest(section) or version) <= numbers(version)
    )


def latest(text: str) -> str | None:
    """Return the version that the newest section of the file proposes, None when there is no section."""
    match = _HEADING.search(text)
    return match[1] if match else None
