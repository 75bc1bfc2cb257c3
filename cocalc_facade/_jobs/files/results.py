"""What came of moving files, and how it is shown while it goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from cocalc_facade._errors import InvalidRequestError, printable
from cocalc_facade._json.records import Record

SMALL = 1_000_000
"""Bytes; of fewer, the bytes themselves are shown."""

Progress: TypeAlias = bool | Callable[[int, int], object]
"""True shows it; a function is called with the bytes that are done, and all that there are."""


@attrs.frozen
class Refused(Record):
    """A file that was not moved, by its path from the top of the tree, and why. What in the path cannot be shown is escaped."""

    path: str
    why: str


@attrs.frozen(repr=False)
class Transfer(Record):
    """Files that were moved, by their paths from the top of the tree (a file alone by its name).

    `same` were there already with the same content, `refused` were not moved, each with the reason. `size` is in bytes.
    """

    files: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    size: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing was refused."""
        return not self.refused

    def __repr__(self) -> str:
        left = f", {len(self.refused)} refused" if self.refused else ""
        return f"<Transfer {len(self.files)} files, {self.size} bytes, {len(self.same)} were the same{left}>"


def _of(done: int, total: int) -> str:
    if total < SMALL:
        return f"{done:,} of {total:,} bytes"
    return f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"


class Meter:
    """Counts bytes, and shows them: to a function, as a bar (with tqdm), or in ten lines."""

    def __init__(self, progress: Progress, label: str) -> None:
        if not (isinstance(progress, bool) or callable(progress)):
            raise InvalidRequestError(
                f"progress: expected True, False or a function, not {type(progress).__name__}",
                field="progress",
            )
        self._show = progress
        self._label = printable(label)
        self._done = self._total = self._shown = 0
        self._bar: Any = None

    def expect(self, size: int) -> None:
        """Count so many bytes among all."""
        self._total += size

    def add(self, size: int) -> None:
        """Count bytes that are done."""
        self._done = max(self._done + size, 0)
        if callable(self._show):
            self._show(min(self._done, self._total), self._total)
        elif self._show and self._total:
            tenth = min(self._done * 10 // self._total, 10)
            if tenth > self._shown:
                self._shown = tenth
                sys.stderr.write(f"{self._label}: {_of(self._done, self._total)}\n")
