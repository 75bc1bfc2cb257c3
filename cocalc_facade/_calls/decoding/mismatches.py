"""Where answers departed from the schema: counted, never with the values."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import attrs
from cocalc_v2.tables import counted
from cocalc_v2.types import Answer, Lacking

from cocalc_facade._errors import SchemaMismatch
from cocalc_facade._json.records import Listed, Unpacked

MOST = 1000
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

    __slots__ = ("_counts", "_lock", "more")

    def __init__(self, seen: Iterable[Mismatch] = (), more: int = 0) -> None:
        self.more: int = more
        self._counts: dict[Mismatch, int] = {attrs.evolve(kind, times=1): kind.times for kind in seen}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[Mismatches], tuple[Any, ...]]:
        return type(self), (list(self), self.more)

    @overload
    def __getitem__(self, index: int) -> Mismatch: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mismatch]: ...
    def __getitem__(self, index: int | slice) -> Mismatch | Sequence[Mismatch]:
        return tuple(self)[index]

    def __iter__(self) -> Iterator[Mismatch]:
        with self._lock:
            counts = list(self._counts.items())
        return iter([attrs.evolve(mismatch, times=times) for mismatch, times in counts])

    def __len__(self) -> int:
        return len(self._counts)

    def __repr__(self) -> str:
        lines = [f"{mismatch} ({counted(mismatch.times, 'time')})" for mismatch in self]
        return "\n".join([f"<{counted(len(lines), 'kind')} of mismatches>", *lines])

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._counts.clear()
            self.more = 0

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
        for where, expected, got in found:
            mismatch = Mismatch(path, tuple("*" if isinstance(k, int) else k for k in where), expected, got)
            with self._lock:
                seen = self._counts.get(mismatch, 0)
                if seen or len(self._counts) < MOST:
                    self._counts[mismatch] = seen + 1
                else:
                    self.more += 1
            if not seen:
                _log.warning("%s", mismatch)
            if tell is not None:
                tell(mismatch)


def strict_error(path: str, found: tuple[tuple[str | int, ...], str, str]) -> SchemaMismatch:
    """Give the error that a departure is with `strict=True`."""
    where, expected, got = found
    place = ".".join(map(str, where)) or "the whole answer"
    return SchemaMismatch(
        f"{place}: expected {expected}, got {got}", path=path, where=where, expected=expected, got=got
    )


def with_route(result: Any, path: str) -> Any:
    """Give a result whose objects that lack a field know the route that they came from."""
    pending = [result]
    while pending:  # not by calling itself, for there may be more levels than Python can follow
        part = pending.pop()
        if isinstance(part, Answer):
            if isinstance(part, Lacking):
                part._noted().route = path
            pending += [getattr(part, name, None) for name, _, _ in part._fields]
        elif isinstance(part, dict | list):
            pending += part.values() if isinstance(part, dict) else part
    return result
