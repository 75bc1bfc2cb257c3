"""Lists of objects by their columns: what is to be done with a field is done for all rows at once, and the columns then become objects.

What departs from the schema is not told here: the rows are then read one by one, which finds out where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from cocalc_v2 import types
from cocalc_v2.types import UNSET, Answer, Found, Reader, new

LAYOUTS = 64
"""Which fields the objects of a list have mostly does not change; so many ways to read them are kept."""
LENGTH = 24
"""Characters of a time as `iso` writes it."""
MARKS = ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (23, "Z"))

_EPOCHS: dict[Reader, Callable[[Any], datetime]] = {
    types.read_epoch_ms: types.exact_epoch_ms,
    types.read_epoch_s: types.exact_epoch_s,
}
_TESTED = frozenset(
    {
        types.read_string,
        types.read_integer,
        types.read_number,
        types.read_boolean,
        types.read_object,
        types.read_array,
    }
)
"""What reads these fields leaves them as they are; their types are tested when columns are read."""

Values = Sequence[Any]
Convert = Callable[[Values], Values]
"""Makes what was read for a field what it means; an error of `DEPARTURES` when a value is not as the schema says, or not written so."""
Load = Callable[[bytes], Any]
"""Gives the JSON value that some bytes are; ValueError or StopIteration when they are none."""
Read = Callable[[bytes, Load], tuple[list[Values], int]]
"""Gives the columns of the rows in some bytes, and how many rows there are; an error of `DEPARTURES` when they are other ones, or a value
is not of the type that the reader of its column takes."""


class Column(NamedTuple):
    """A field that is read: its name on the wire, what decodes it, whether it may be null, and whether it may be absent."""

    wire: str
    reader: Reader
    nullable: bool
    optional: bool


class Layout:
    """How objects are made of columns, when their rows have these fields, some perhaps not always, and no more."""

    __slots__ = ("_given", "_model", "_places", "_texts", "_work", "columns")

    def __init__(self, model: type[Answer], fields: Mapping[str, bool]) -> None:
        """Learn the ways of all fields.

        Args:
            model: the class of the objects.
            fields: names on the wire in the order in which rows have them, which is the one that they are found in soonest; and whether all rows do.
        """
        columns: list[Column] = []
        self._model = model
        self._given = 0
        # For each field of the class the column that is read for it, none for one that is always absent.
        self._places: list[int | None] = [None] * len(model._fields)
        # The columns with which something is to be done, and the bits of those that may be absent.
        self._work: list[tuple[int, Convert | None, int]] = []
        self._texts: list[int] = []
        known = {wire: index for index, (_, wire, _) in enumerate(model._fields)}
        needed = [wire for python, wire, _ in model._fields if python in model._always]
        readers = model._readers()
        for place, wire in enumerate(dict.fromkeys([*fields, *needed])):
            index = known[wire]
            reader, optional = readers[index], wire not in needed and not fields[wire]
            columns.append(Column(wire, reader, wire not in needed, optional))
            convert = _convert(reader, model._fields[index][2], wire in needed)
            if optional or convert is not None:
                self._work.append((place, convert, 1 << index if optional else 0))
            if reader is types.read_string:
                self._texts.append(place)
            self._places[index] = place
            self._given |= 1 << index
        self.columns: tuple[Column, ...] = tuple(columns)

    def objects(self, columns: list[Values], number: int) -> list[Any]:
        """Give the objects; an error of `DEPARTURES` when a value is not as the schema says."""
        given: list[int] = []  # for each object, when they differ
        for place, convert, bit in self._work:
            column = columns[place]
            if bit and (absent := [index for index, value in enumerate(column) if value is UNSET]):
                column = list(column)
                given = given or [self._given] * number
                for index in absent:
                    column[index] = None
                    given[index] -= bit
            columns[place] = column if convert is None else convert(column)
        for place in self._texts:  # to say one text in place of many that are alike costs nothing
            column = columns[place]
            if column[0] == column[-1] and column.count(column[0]) == number:
                columns[place] = [column[0]] * number
        filled = [repeat(None) if place is None else columns[place] for place in self._places]
        bits = given or repeat(self._given)
        return list(map(self._model._fill, map(new, repeat(self._model, number)), bits, *filled))


def _convert(reader: Reader, form: str, never_null: bool) -> Convert | None:
    """Give what makes the field of what was read; none for what is already."""
    convert: Convert | None = None
    if reader in _TESTED:
        return None
    if reader is types.read_iso:
        return times if never_null else _times
    if reader in _EPOCHS:
        convert = partial(_each, _EPOCHS[reader])
    elif form not in ("", "plain"):
        raise TypeError("times that are within a field are not kept as they were written")
    elif reader is not types.read_any:
        convert = partial(_decoded, reader)
    return partial(_never_null, convert) if never_null else convert


def times(texts: Values) -> list[datetime]:
    """Give the times that texts mean which are as `iso` writes them; an error of `DEPARTURES` when one of them is not."""
    joined, number = "".join(texts), len(texts)
    for place, mark in MARKS:  # of all together, which is much cheaper
        if joined[place::LENGTH] != mark * number:
            raise ValueError
    if len(joined) != LENGTH * number or "\0" in joined:
        raise ValueError  # Python leaves out what follows a null character
    return list(map(types.parse_iso, texts))


def _times(column: Values) -> Values:
    if None not in column:
        return times(column)
    made = iter(times([text for text in column if text is not None]))
    return [None if text is None else next(made) for text in column]


def _never_null(convert: Convert | None, column: Values) -> Values:
    if None in column:
        raise ValueError
    return column if convert is None else convert(column)


def _each(make: Callable[[Any], Any], column: Values) -> Values:
    return [None if value is None else make(value) for value in column]


def _decoded(reader: Reader, column: Values) -> Values:
    found: Found = []
    made = [None if value is None else reader(value, found) for value in column]
    if found:
        raise ValueError
    return made
