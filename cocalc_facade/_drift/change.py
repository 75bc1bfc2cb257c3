"""One difference between two contracts: where it is, how much it matters, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple

import attrs

from cocalc_facade._json.records import Record

from .kinds import Json
from .names import field_name


class Severity(IntEnum):
    """How much a change matters to a caller who pins a release."""

    INVISIBLE = 0
    COMPATIBLE = 1
    NOTABLE = 2
    BREAKING = 3

    def __str__(self) -> str:
        return self.name.lower()


@attrs.frozen
class Change(Record):
    """One difference: where it is, what was and is there, how much it matters, and a sentence that says so."""

    route: str
    name: str
    where: str
    """`operation`, `request field` or `answer field`."""
    field: str
    """The place in the request or answer as on the wire, `description.cpu` or `[].title`; empty for all of it."""
    what: str
    """`added`, `removed`, `spelling`, `type`, `nullable`, `enum`, `required`, `default`, `limits`, `name`, `deprecated`, …"""
    old: Json
    new: Json
    severity: Severity
    sentence: str
    rename: str | None = None
    """The other half of what may be a renaming: what came when this went, or went when this came."""
    parts: tuple[str, ...] = attrs.field(default=(), repr=False)
    """The steps of `field`, which may itself hold dots and brackets."""

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain JSON."""
        return {**super().to_dict(), "severity": str(self.severity)}


def severity(changes: Iterable[Change]) -> Severity:
    """Return that of the worst of `changes`."""
    return max((change.severity for change in changes), default=Severity.INVISIBLE)


class Place(NamedTuple):
    """A place in the request or the answer of a route, and the changes that are found there."""

    route: str
    answer: bool
    method: str
    parts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    alternative: str = ""
    """Which alternative of a union the place is in, as a sentence names it; empty for all of them."""

    def __truediv__(self, part: str) -> Place:
        return self.named(part, part if part[:1] in ("[", "{") else field_name(part))

    def named(self, part: str, name: str) -> Place:
        """The place of the field `part`, which is called `name` in Python."""
        return self._replace(parts=(*self.parts, part), names=(*self.names, name))

    @property
    def field(self) -> str:
        """The place as on the wire: `description.cpu`, `[].title`."""
        return _joined(self.parts)

    @property
    def said(self) -> str:
        """How a sentence names the place, in Python names."""
        kind = "answer" if self.answer else "argument"
        python = _joined(self.names)
        whole = "the answer" if self.answer else "the arguments"
        said = f"{kind} `{python}`" if python else whole
        return f"{said} of {self.alternative}" if self.alternative else said

    def within(self, alternative: str) -> Place:
        """Return the place in one alternative; in all of them when that has no name."""
        return self._replace(alternative=alternative) if alternative else self

    def change(self, what: str, old: Json, new: Json, level: Severity, sentence: str) -> Change:
        """Return the change of this place that matters as much as `level`."""
        where = "answer field" if self.answer else "request field"
        text = f"{self.method}: {sentence}"
        return Change(
            self.route, self.method, where, self.field, what, old, new, level, text, parts=self.parts
        )

    def judged(
        self, what: str, old: Json, new: Json, sentence: str, *, request: Severity, answer: Severity
    ) -> Change:
        """Return the change of this place that matters as much as `request` in a request, and as `answer` in an answer."""
        return self.change(what, old, new, answer if self.answer else request, sentence)


def _joined(parts: tuple[str, ...]) -> str:
    text = ""
    for part in parts:
        text += part if part[:1] in ("[", "{") or not text else f".{part}"
    return text
