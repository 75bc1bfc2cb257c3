"""Where answers departed from the schema: counted, never with the values."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import get_ident
from typing import Any, overload

import attrs
from cocalc_v2.tables import counted
from cocalc_v2.types import Answer, Found, Lacking

from cocalc_facade._errors import SchemaMismatch
from cocalc_facade._json.records import Listed, Unpacked

MOST = 1000
_HOLDING = (Answer, dict, list)
_log = logging.getLogger("cocalc_facade.schema")


@attrs.frozen
class Mismatch(Unpacked):
    """One kind of departure: in answers of `path`, at `where`, `expected` a type and `got` another one.

    `where` has only names that the schema knows; `*` stands for any index, and for any key of a map, which is data.
    """

    path: str
    where: tuple[str, ...]
    expected: str
    got: str
    times: int = 1

    def __str__(self) -> str:
        place = ".".join(self.where) or "the whole answer"
        return f"{self.path}: {place}: expected {self.expected}, got {self.got}"


class Mismatches(Listed[Mismatch]):
    """The departures seen so far, by kind; safe to share between threads. Beyond 1000 kinds new ones are only counted, in `more`.

    It goes on counting; a copy does not, and keeps what had been seen. In JSON it is a list of objects.
    """

    # There is no lock, which a signal could leave taken: each thread counts for itself.
    __slots__ = ("_counted", "_kinds")

    def __init__(self, seen: Iterable[Mismatch] = (), more: int = 0) -> None:
        times: dict[Mismatch | None, int] = {attrs.evolve(kind, times=1): kind.times for kind in seen}
        self._kinds: dict[Mismatch, object] = {kind: kind for kind in times if kind is not None}
        self._counted: dict[int, dict[Mismatch | None, int]] = {get_ident(): {**times, None: more}}

    @property
    def more(self) -> int:
        """How many departures were of other kinds than the first 1000."""
        return self._times().get(None, 0)

    def __reduce__(self) -> tuple[type[Mismatches], tuple[Any, ...]]:
        return type(self), (list(self), self.more)

    @overload
    def __getitem__(self, index: int) -> Mismatch: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mismatch]: ...
    def __getitem__(self, index: int | slice) -> Mismatch | Sequence[Mismatch]:
        return tuple(self)[index]

    def __iter__(self) -> Iterator[Mismatch]:
        times = self._times()
        return iter([attrs.evolve(kind, times=times[kind]) for kind in self._kinds.copy() if times.get(kind)])

    def __len__(self) -> int:
        return len(self._kinds)

    def __repr__(self) -> str:
        lines = [f"{mismatch} ({counted(mismatch.times, 'time')})" for mismatch in self]
        return "\n".join([f"<{counted(len(lines), 'kind')} of mismatches>", *lines])

    def clear(self) -> None:
        """Forget them."""
        self._kinds, self._counted = {}, {}

    def to_dict(self) -> dict[str, Any]:
        """Give them as plain JSON, as `rows`, with the number of further ones."""
        return {"rows": [mismatch.to_dict() for mismatch in self], "more": self.more}

    def to_jsonl(self) -> str:
        """One JSON object a line, as scripts/suggest_overlay.py reads them."""
        return "".join(json.dumps(mismatch.to_dict()) + "\n" for mismatch in self)

    def record(
        self,
        path: str,
        found: Iterable[tuple[tuple[str | int, ...], str, str]],
        tell: Callable[[Mismatch], object] | None = None,
    ) -> None:
        """Count what decoding one answer found; a new kind is logged, each is told to `tell`."""
        kinds, mine = self._kinds, self._counted.setdefault(get_ident(), {})
        for where, expected, got in found:
            mismatch = Mismatch(path, tuple("*" if isinstance(k, int) else k for k in where), expected, got)
            new = mismatch not in kinds
            if new and len(kinds) < MOST:
                mark = object()
                new = kinds.setdefault(mismatch, mark) is mark  # of two threads one is the first
            kind = mismatch if mismatch in kinds else None
            mine[kind] = mine.get(kind, 0) + 1
            if new:
                _log.warning("%s", mismatch)
            if tell is not None:
                tell(mismatch)

    def _times(self) -> dict[Mismatch | None, int]:
        times: dict[Mismatch | None, int] = {}
        for of_thread in self._counted.copy().values():
            for kind, number in of_thread.copy().items():
                times[kind] = times.get(kind, 0) + number
        return times


def noted(
    seen: Mismatches,
    path: str,
    result: Any,
    found: Found,
    tell: Callable[[Mismatch], object] | None,
    strict: bool,
) -> Any:
    """Record what departed from the schema in an answer, or raise it when that is `strict`; give the result, whose objects know their route."""
    seen.record(path, found, tell)
    if strict:
        raise strict_error(path, found[0])
    return with_route(result, path)


def strict_error(path: str, found: tuple[tuple[str | int, ...], str, str]) -> SchemaMismatch:
    """Give the error that a departure is with `strict=True`."""
    where, expected, got = found
    place = ".".join(map(str, where)) or "the whole answer"
    return SchemaMismatch(
        f"{place}: expected {expected}, got {got}", path=path, where=where, expected=expected, got=got
    )


def with_route(result: Any, path: str) -> Any:
    """Give a result whose objects that lack a field know the route that they came from."""
    pending = [result] if isinstance(result, _HOLDING) else []
    while pending:  # not by calling itself, for there may be more levels than Python can follow
        part = pending.pop()
        if isinstance(part, Answer):
            if isinstance(part, Lacking):
                part._noted().route = path
            inside: Iterable[Any] = (getattr(part, name, None) for name, _, _ in part._fields)
        else:
            inside = part.values() if isinstance(part, dict) else part
        pending += [value for value in inside if isinstance(value, _HOLDING)]
    return result
