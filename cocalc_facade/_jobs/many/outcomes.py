"""What became of each item of a `map`, and what to make of it: a table, JSON, and the failures by their causes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import attrs
from cocalc_v2.tables import counted

from cocalc_facade._jobs.values.rows import Rows
from cocalc_facade._json.records import Record

from .plain import said

Item = TypeVar("Item")
Value = TypeVar("Value")

NAMED, SHOWN = 5, 20
"""How many items of a cause, and how many causes, a summary names."""
_ID = re.compile(r"\b(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16,})\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\w)\d+(?:\.\d+)?(?!\w)")


@attrs.frozen(repr=False)
class Outcome(Record, Generic[Item, Value]):
    """What became of one item: the `value` (of a route called by its path: the answer as plain JSON), or the `error`.

    `error` is a `CoCalcError`, or whatever else a function of yours raised.
    """

    item: Item
    value: Value | None = None
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.error is None

    def __repr__(self) -> str:
        return f"<Outcome {self.item!r}: {said(self.error) if self.error is not None else 'ok'}>"


@attrs.frozen
class Cause(Record):
    """Why items failed: the class of the `error`, its words with what differs from item to item as `…`, and the `items`.

    `maybe_executed` says that for some of them the server may have run the call.
    """

    error: str
    message: str
    items: tuple[Any, ...]
    maybe_executed: bool = False


@attrs.frozen(repr=False)
class Outcomes(Rows[Outcome[Item, Value]], Generic[Item, Value]):
    """The outcomes of `client.map`, in the order of the items. With a journal they are read from it when asked for."""

    @property
    def failed(self) -> tuple[Outcome[Item, Value], ...]:
        """The outcomes with an error."""
        return tuple(outcome for outcome in self if not outcome.ok)

    def values(self) -> list[Value]:
        """Give the values of all items; raises the first error, if any."""
        found: list[Any] = []
        for outcome in self:
            if outcome.error is not None:
                raise outcome.error
            found.append(outcome.value)
        return found

    def causes(self) -> tuple[Cause, ...]:
        """Give the failures by what caused them, the most frequent first."""
        groups: dict[tuple[str, str], list[Outcome[Item, Value]]] = {}
        for outcome in self:
            if outcome.error is not None:
                key = (type(outcome.error).__name__, _words(outcome.error, outcome.item))
                groups.setdefault(key, []).append(outcome)
        return tuple(
            Cause(
                error,
                words,
                tuple(outcome.item for outcome in found),
                any(getattr(outcome.error, "maybe_executed", False) for outcome in found),
            )
            for (error, words), found in sorted(groups.items(), key=lambda group: -len(group[1]))
        )

    def summary(self) -> str:
        """Say how many succeeded, which failed, and why, by cause: some lines to print or to send to somebody."""
        causes = self.causes()
        failed = sum(len(cause.items) for cause in causes)
        lines = [f"{counted(len(self), 'item')}: {len(self) - failed:,} ok, {failed:,} failed"]
        for cause in causes[:SHOWN]:
            doubt = " (may have been executed)" if cause.maybe_executed else ""
            lines.append(f"  {len(cause.items):,} of {cause.error}: {cause.message}{doubt}")
            lines += [f"      {_brief(item)}" for item in cause.items[:NAMED]]
            if len(cause.items) > NAMED:
                lines.append(f"      and {len(cause.items) - NAMED:,} more")
        if rest := causes[SHOWN:]:
            items = counted(sum(len(cause.items) for cause in rest), "item")
            lines.append(f"  {items} for {len(rest):,} other reasons, which `causes()` gives")
        return "\n".join(lines)

    def _caption(self) -> str:
        return f"{counted(len(self.rows), 'call')}, {len(self.failed)} failed"

    def __iter__(self) -> Iterator[Outcome[Item, Value]]:
        return iter(self.rows)


class MapInterrupted(KeyboardInterrupt):
    """Ctrl-C during `client.map`: `outcomes` holds what was done; give it to `resume=` to do the rest."""

    def __init__(self, outcomes: Outcomes[Any, Any]) -> None:
        super().__init__(
            f"interrupted after {counted(len(outcomes), 'call')}; `.outcomes` holds them, resume= continues"
        )
        self.outcomes = outcomes


def _words(error: Exception, item: Any) -> str:
    """Give an error's words without what differs from item to item."""
    text = " ".join(said(error).split())
    for part in sorted(_texts(item), key=len, reverse=True):
        text = text.replace(part, "…")
    text = _NUMBER.sub("…", _ID.sub("…", text))
    return text if len(text) <= 300 else text[:297] + "..."


def _texts(item: Any) -> set[str]:
    """Give the texts that an item consists of, such as the path in `{"path": …}`."""
    parts: Any = (item,)
    if isinstance(item, Mapping):
        parts = item.values()
    elif isinstance(item, list | tuple):
        parts = item
    elif attrs.has(type(item)):
        parts = attrs.asdict(item, recurse=False).values()
    return {part for part in parts if isinstance(part, str) and len(part) >= 3}


def _brief(item: Any) -> str:
    text = " ".join(str(item).split())
    return text if len(text) <= 100 else text[:97] + "..."
