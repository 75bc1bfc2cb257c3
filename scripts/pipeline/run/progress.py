"""What a run shows: the step under way, and at the end what it made."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from scripts.pipeline import diff


@dataclass
class Progress:
    """Shows what is being done: on a terminal in one line that moves on, elsewhere a line for each step."""

    stream: TextIO
    began: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show that the step `name` is under way, and how long it took."""
        moving = self.stream.isatty()
        if moving:
            self._write(f"\r\x1b[K{name} …")
        began = time.monotonic()
        try:
            yield
        finally:
            if moving:
                self._write("\r\x1b[K")
            else:
                self._write(f"{name:<12}{time.monotonic() - began:6.2f} s\n")

    def say(self, line: str = "") -> None:
        """Show a line that stays."""
        self._write(f"{line}\n")

    def tell(self, summary: Summary) -> None:
        """Show what the run made, and how long it took."""
        for line in summary.told(time.monotonic() - self.began):
            self.say(line)

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


@dataclass
class Summary:
    """What a run tells at its end."""

    operations: int = 0
    models: int = 0
    files: int = 0
    lines: int = 0
    repairs: Mapping[str, int] = field(default_factory=dict)
    overlay_actions: int = 0
    lapsed: Mapping[str, int] = field(default_factory=dict)
    idle: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    redundant: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    lacking: int = 0
    left_out: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unmodelled: tuple[str, ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()
    behind: tuple[tuple[str, str], ...] = ()
    changed: tuple[str, ...] = ()
    difference: diff.Difference | None = None

    def told(self, seconds: float) -> Iterator[str]:
        """Give the lines of the summary."""
        kept = len(self.difference.retired["operations"]) if self.difference else 0
        yield f"operations       {self.operations} ({len(self.added)} of them from the supplement, {kept} retired)"
        if self.lacking:
            yield f"not here         {self.lacking} of the supplement, which servers of this generation do not have"
        yield f"models           {self.models}"
        yield f"generated        {self.files} files, {self.lines} lines"
        yield f"repairs          {sum(self.repairs.values())}"
        yield from (f"  {count:5}  {rule.replace('_', ' ')}" for rule, count in sorted(self.repairs.items()))
        yield from (f"left out: {line}" for line in self.left_out)
        yield f"overlay actions  {self.overlay_actions}"
        for route, count in self.lapsed.items():
            yield f"lapsed: {count} overlay action{'s' if count > 1 else ''} for {route}, which this document does not have"
        yield from (f"does not fit this document: {line}" for line in self.idle)
        yield from (
            f"not known: {route} is in no line of openapi/routes.yaml, so it counts as changing something, is never repeated,"
            " and asks for no confirm"
            for route in self.unknown
        )
        yield from (
            f"redundant: {path} is published now; remove it from the supplement" for path in self.redundant
        )
        yield from (
            f"unused: the supplement's component {name} is referred to by nothing" for name in self.unused
        )
        yield from (f"not modelled, left to the server: {line}" for line in self.unmodelled)
        yield from (f"lost: {line}" for line in self.lost)
        yield from (
            f"named otherwise: {route} is {name}, because the client or its iterators have a member of that name, or another route does"
            for route, name in self.behind
        )
        yield from (f"moved: the class of {place} is {new}, before {old}" for place, old, new in self.moved)
        yield f"changed          {', '.join(self.changed) or 'nothing'}"
        if self.difference and self.difference.report:
            counts = self.difference.report.counts()
            yield f"for callers      {', '.join(f'{count} {level}' for level, count in counts.items())}"
            yield f"next version     {self.difference.version} (proposed)"
        yield f"seconds          {seconds:.1f}"
