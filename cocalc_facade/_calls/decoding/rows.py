"""The rows of one list, piece by piece: which fields they have is learned from those before, and a piece that departs is read row by row."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from cocalc_v2.types import DEPARTURES, Found, Rows

from .columns import LAYOUTS, Layout, Load, Read
from .fast import structs
from .plain import dicts

PIECE = 64 * 1024
"""Bytes of a piece, to which those of one object are added."""
FIRST = 4 * 1024
"""Bytes of the first piece, from which the fields are learned."""
REFUSALS = 3
"""So many pieces may depart in another way than by their fields, before columns are tried no more."""


class Reading:
    """What reads the pieces of one list."""

    __slots__ = ("_decode", "_fields", "_left", "_plain", "_rows", "_size")

    def __init__(self, rows: Rows, plain: Load) -> None:
        self._rows = rows
        self._plain = plain
        self._decode = _msgspec()
        self._size = PIECE if self._decode is None else 2 * PIECE  # structs take less room than dicts
        self._left = REFUSALS
        # Which fields the rows had until now, in their order, and whether all had them.
        self._fields: dict[str, bool] | None = None

    @property
    def size(self) -> int:
        """How many bytes the next piece should have."""
        return min(FIRST, self._size) if self._fields is None else self._size

    def __call__(self, piece: bytes, found: Found) -> list[Any]:
        """Give the objects of a list; ValueError where the text is none."""
        if self._fields is not None and self._left:
            made = self._together(piece, self._fields)
            if made is not None:
                return made
        value = self._load(piece)
        if self._left:
            self._learn(value)
        objects: list[Any] = self._rows(value, found)
        return objects

    def _together(self, piece: bytes, fields: dict[str, bool]) -> list[Any] | None:
        """Give the objects by their columns; `None` when one of them is not as the schema says, or has other fields."""
        fast = self._decode is not None
        try:
            layout, read = _way(self._rows, tuple(fields.items()), fast)
            columns, number = read(piece, self._load)
            return layout.objects(columns, number)
        except (*DEPARTURES, RecursionError, StopIteration):
            return None

    def _load(self, piece: bytes) -> Any:
        if self._decode is not None:
            try:
                return self._decode(piece)
            except (ValueError, RecursionError):
                pass  # as with `load`, the standard decoder takes more
        return self._plain(piece)

    def _learn(self, values: list[Any]) -> None:
        """Take the fields of some objects for those that the next ones have."""
        before = self._fields and dict(self._fields)
        for row in {tuple(value): None for value in values if type(value) is dict}:
            names = [name for name in row if name in self._rows.known]
            if self._fields is None:
                self._fields = dict.fromkeys(names, True)
            else:
                fields = self._fields
                fields |= {name: False for name in fields if name not in row}
                fields |= {name: False for name in names if name not in fields}
        if before == self._fields:
            self._left -= 1


def _msgspec() -> Any:
    try:
        return import_module("msgspec").json.decode
    except ImportError:
        return None


@lru_cache(LAYOUTS)
def _way(rows: Rows, fields: tuple[tuple[str, bool], ...], fast: bool) -> tuple[Layout, Read]:
    """Give how such objects are made, and what reads their columns; TypeError for a list that has none."""
    layout = Layout(rows.model, dict(fields))
    if fast:
        try:
            return layout, structs(layout.columns)
        except ValueError:
            pass  # a field has a name that msgspec does not take, with a quote in it for example
    return layout, dicts(layout.columns)
