"""`openapi/CHANGES.md`: what changed upstream, newest first, in Python names."""

import re

from cocalc_facade._drift.report import Report

HEADER = """\
# What changed upstream

Newest first, in the names of the client; what can break a caller is marked. Written by `scripts/regenerate.py`.
"""
_HEADING = re.compile(r"^## (\d+\.\d+\.\d+) ", re.MULTILINE)


def entry(report: Report, *, version: str, date: str) -> str:
    """Return the section on `report`, for the release `version` that is proposed for it."""
    counts = ", ".join(f"{count} {level}" for level, count in report.counts().items())
    return f"## {version} ({date})\n\n{counts}\n\n{report.markdown()}\n"


def with_entry(text: str, section: str) -> str:
    """Return the whole file `text` with `section` before all older ones."""
    older = text.partition("\n## ")
    rest = f"\n## {older[2]}" if older[1] else ""
    return f"{HEADER}\n{section}{rest}"


def latest(text: str) -> str | None:
    """Return the version that the newest section of the file proposes, None when there is no section."""
    match = _HEADING.search(text)
    return match[1] if match else None
