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
