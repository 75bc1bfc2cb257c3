"""The differences between two documents as a report: for people as text or Markdown, for programs as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

import attrs

from cocalc_facade._json.records import Record

from .change import Change, Severity, severity
from .changes import compare
from .contract import Contract

_ORDER = (Severity.BREAKING, Severity.NOTABLE, Severity.COMPATIBLE)
_NOTHING = "No change that a caller could notice."
_SPECIAL = re.compile(
    r"[\\*\[\]<>#@&]|(?<!\w)_|_(?!\w)"
)  # an underscore inside a word is none of their signs


@attrs.frozen
class Report(Record):
    """What changed from one document to another, for somebody who pins a client of the first.

    True when something did. `str()` of it is text for people.
    """

    changes: tuple[Change, ...]

    @property
    def severity(self) -> Severity:
        """How much the worst of the changes matters: `BREAKING`, `NOTABLE`, `COMPATIBLE` or `INVISIBLE`."""
        return severity(self.changes)

    @property
    def breaking(self) -> tuple[Change, ...]:
        """The changes that can break a caller."""
        return self._of(Severity.BREAKING)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        if not self.changes:
            return _NOTHING
        return "\n".join(f"{change.severity!s:<10}  {change.sentence}" for change in self._sorted())

    def counts(self) -> dict[str, int]:
        """Return how many changes there are of each severity that occurs."""
        return {str(level): len(found) for level in _ORDER if (found := self._of(level))}

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON."""
        changes = [change.to_dict() for change in self._sorted()]
        return {"severity": str(self.severity), "counts": self.counts(), "changes": changes}

    def json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def markdown(self) -> str:
        """Return the report as a Markdown list, the worst first, what can break marked."""
        if not self.changes:
            return _NOTHING
        return "\n".join(_item(change) for change in self._sorted())

    def _of(self, level: Severity) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.severity is level)

    def _sorted(self) -> Iterator[Change]:
        for level in _ORDER:
            yield from self._of(level)


def report(old: Contract, new: Contract, *, again: Collection[str] = ()) -> Report:
    """Return the report on what changed from `old` to `new`; the routes `again` of `old` had gone, and are judged as they were."""
    return Report(tuple(compare(old, new, again=again)))


def _item(change: Change) -> str:
    mark = "**Breaking:** " if change.severity is Severity.BREAKING else ""
    name, rest = change.name, change.sentence.removeprefix(change.name)
    return f"* {mark}`{name}`{_escaped(rest)}"


def _escaped(text: str) -> str:
    """`text` with what Markdown and GitHub would obey made harmless; names in backquotes stay as they are."""
    parts = text.split("`")
    parts[::2] = [_SPECIAL.sub(lambda found: f"&#{ord(found[0])};", part) for part in parts[::2]]
    return "`".join(parts)
