"""The columns of a list with what Python brings: rows are dicts, whose values are taken out and tested a column at a time."""

from __future__ import annotations

from operator import itemgetter
from types import NoneType

from cocalc_v2 import types
from cocalc_v2.types import UNSET, Reader, Unset

from .columns import Column, Load, Read, Values

_TYPES: dict[Reader, frozenset[type]] = {
    types.read_string: frozenset({str}),
    types.read_integer: frozenset({int}),
    types.read_number: frozenset({int, float}),
    types.read_boolean: frozenset({bool}),
    types.read_object: frozenset({dict}),
    types.read_array: frozenset({list}),
}


def dicts(columns: tuple[Column, ...]) -> Read:
    """Give what takes these columns out of rows; an error of `DEPARTURES` when they have others or a value is of another type."""
    always = [column.wire for column in columns if not column.optional]
    sometimes = [(place, column.wire) for place, column in enumerate(columns) if column.optional]
    pick = itemgetter(*always) if len(always) > 1 else lambda row: tuple(row[wire] for wire in always)
    tests: list[tuple[int, frozenset[type]]] = []
    for place, (_, reader, nullable, optional) in enumerate(columns):
        if reader in _TYPES:
            others = {kind for kind, may in ((NoneType, nullable), (Unset, optional)) if may}
            tests.append((place, _TYPES[reader] | others))

    def read(piece: bytes, load: Load) -> tuple[list[Values], int]:
        rows = load(piece)
        if not always and not {dict}.issuperset(map(type, rows)):
            raise TypeError  # of anything else no name can be asked
        found: list[Values] = list(zip(*map(pick, rows), strict=True))
        values = len(always) * len(rows)
        for place, wire in sometimes:
            column = [row.get(wire, UNSET) for row in rows]
            values += len(rows) - column.count(UNSET)
            found.insert(place, column)
        if sum(map(len, rows)) != values:
            raise ValueError
        for place, kinds in tests:
            if not kinds.issuperset(map(type, found[place])):
                raise TypeError
        return found, len(rows)

    return read
