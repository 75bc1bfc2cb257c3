"""Lists of objects with the extra `fast`: msgspec reads a piece into structs, and whole columns of these become objects.

msgspec tests types in C. It neither keeps unknown fields nor says how a time was written: so it is told to refuse the former, and to leave the
latter as text. What it refuses is read the ordinary way, and what fields that has it is told for the next piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from importlib import import_module
from itertools import repeat
from json import JSONDecoder
from typing import Annotated, Any

from cocalc_v2 import types
from cocalc_v2.types import DEPARTURES, UNSET, Answer, Found, Reader, Rows, new

LAYOUTS = 64
"""Which fields the objects of a list have mostly does not change; so many ways to read them are kept."""
REFUSALS = 3
"""So many pieces msgspec may refuse for another reason than their fields, before it is asked no more."""
LENGTH = 24
"""Characters of a time as `iso` writes it."""
MARKS = ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (23, "Z"))
BETWEEN = '","'

_NUMBER = int | float
_TYPES: dict[Reader, Any] = {
    types.read_any: Any,
    types.read_string: str,
    types.read_number: _NUMBER,
    types.read_boolean: bool,
    types.read_object: dict,
    types.read_array: list,
}
_EPOCHS: dict[Reader, Callable[[Any], datetime]] = {
    types.read_epoch_ms: types.exact_epoch_ms,
    types.read_epoch_s: types.exact_epoch_s,
}
_first = JSONDecoder().raw_decode

Column = Sequence[Any]
Convert = Callable[[Column], Column]
"""Makes what was read for a field what it means; an error of `DEPARTURES` when a value is not as the schema says, or not written so."""


def structs(rows: Rows, plain: Callable[[str], Any]) -> Structs | None:
    """Give what reads the pieces of a list, with `plain` for what msgspec refuses; `None` without msgspec, or when it cannot read such a list."""
    try:
        decode = import_module("msgspec").json.decode
        _layout(rows, rows.known, frozenset())
    except (ImportError, TypeError, ValueError):
        return None  # a field has a name that msgspec does not take, with a quote in it for example
    return Structs(rows, plain, decode)


class Structs:
    """What reads the pieces of one list."""

    __slots__ = ("_always", "_decode", "_left", "_plain", "_rows", "_sometimes")

    def __init__(self, rows: Rows, plain: Callable[[str], Any], decode: Callable[[str], Any]) -> None:
        self._rows = rows
        self._plain = plain
        self._decode = decode
        self._left = REFUSALS
        self._always: frozenset[str] | None = None
        self._sometimes: frozenset[str] = frozenset()

    def __call__(self, piece: str, found: Found) -> list[Any]:
        """Give the objects of a list; ValueError where the text is none."""
        if self._left:
            if self._always is None:
                self._learn([_first(piece, 1)[0]])
            made = _layout(self._rows, self._always or frozenset(), self._sometimes).objects(piece)
            if made is not None:
                return made
        value = self._value(piece)
        if self._left:
            self._learn(value)
        objects: list[Any] = self._rows(value, found)
        return objects

    def _value(self, piece: str) -> Any:
        try:
            return self._decode(piece)
        except (ValueError, RecursionError):
            return self._plain(piece)

    def _learn(self, values: list[Any]) -> None:
        """Take the fields of some objects for those that the next ones have."""
        before = self._always, self._sometimes
        for names in (self._rows.known.intersection(value) for value in values if type(value) is dict):
            always = names if self._always is None else self._always & names
            self._sometimes = (self._sometimes | (self._always or names) | names) - always
            self._always = always
        if before == (self._always, self._sometimes):
            self._left -= 1


class Layout:
    """A way to read lists of objects that always have some fields, sometimes others, and no more."""

    __slots__ = ("_given", "_model", "_places", "_read", "_values_of", "_work")

    def __init__(self, model: type[Answer], always: frozenset[str], sometimes: frozenset[str]) -> None:
        msgspec = import_module("msgspec")
        fields: list[tuple[Any, ...]] = []
        wires: dict[str, str] = {}
        self._model = model
        self._given = 0
        # For each field of the class the column that is read for it, none for one that is always absent.
        self._places: list[int | None] = []
        # The columns with which something is to be done, and the bits of those that may be absent.
        self._work: list[tuple[int, Convert | None, int]] = []
        for index, ((python, wire, form), reader) in enumerate(
            zip(model._fields, model._readers(), strict=True)
        ):
            needed = python in model._always
            if not needed and wire not in always and wire not in sometimes:
                self._places.append(None)
                continue
            place, bit = len(fields), 1 << index
            optional = not needed and wire in sometimes
            kind, convert = _reading(msgspec, reader, form, needed)
            wires[f"f{place}"] = wire
            fields.append((f"f{place}", kind, UNSET) if optional else (f"f{place}", kind))
            if optional or convert is not None:
                self._work.append((place, convert, bit if optional else 0))
            self._places.append(place)
            self._given |= bit
        options = {"rename": wires, "forbid_unknown_fields": True, "gc": False, "kw_only": True}
        struct = msgspec.defstruct(model.__name__, fields, **options)
        self._read = msgspec.json.Decoder(_list_of(struct)).decode
        self._values_of = msgspec.structs.astuple

    def objects(self, text: str) -> list[Any] | None:
        """Give the objects of a list; `None` when one of them is not as the schema says, or has other fields."""
        try:
            read = self._read(text)
            columns: list[Any] = list(zip(*map(self._values_of, read), strict=True))
            given = [self._given] * len(read)
            for place, convert, bit in self._work:
                column = columns[place]
                if bit and (absent := [index for index, value in enumerate(column) if value is UNSET]):
                    column = list(column)
                    for index in absent:
                        column[index] = None
                        given[index] -= bit
                columns[place] = column if convert is None else convert(column)
        except (*DEPARTURES, RecursionError):
            return None
        filled = [repeat(None) if place is None else columns[place] for place in self._places]
        return list(map(self._model._fill, map(new, repeat(self._model, len(read))), given, *filled))


@lru_cache(LAYOUTS)
def _layout(rows: Rows, always: frozenset[str], sometimes: frozenset[str]) -> Layout:
    return Layout(rows.model, always, sometimes)


def _list_of(item: Any) -> Any:
    return list[item]


def _reading(msgspec: Any, reader: Reader, form: str, never_null: bool) -> tuple[Any, Convert | None]:
    """Give the type of a field for msgspec, and what makes the field of what was read."""
    kind: Any = Any
    convert: Convert | None = None
    if reader in _TYPES:
        kind = _TYPES[reader]
    elif reader is types.read_integer:
        kind, convert = _NUMBER, _integers  # whether 1.0 is an integer is not for msgspec to say
    elif reader is types.read_iso:
        kind, convert = Annotated[str, msgspec.Meta(min_length=LENGTH, max_length=LENGTH)], _times
    elif reader in _EPOCHS:
        kind, convert = _NUMBER, partial(_each, _EPOCHS[reader])
    elif form in ("", "plain"):
        convert = partial(_decoded, reader)
    else:
        raise TypeError("times that are within a field are not kept as they were written")
    if kind is Any and never_null:
        return kind, partial(_never_null, convert)
    return kind if kind is Any or never_null else kind | None, convert


def _integers(column: Column) -> Column:
    if float in set(map(type, column)):
        raise TypeError
    return column


def times(texts: Column) -> list[datetime]:
    """Give the times that texts mean which are as `iso` writes them; ValueError when one of them is not."""
    joined, step = BETWEEN.join(texts), LENGTH + len(BETWEEN)
    for place, mark in MARKS:  # of all together, which is much cheaper
        if joined[place::step] != mark * len(texts):
            raise ValueError
    made = _decoder_of_times()(f'["{joined}"]' if texts else "[]")
    if len(made) != len(texts):
        raise ValueError
    return made


@cache
def _decoder_of_times() -> Callable[[str], list[datetime]]:
    return import_module("msgspec").json.Decoder(list[datetime]).decode  # type: ignore[no-any-return]


def _times(column: Column) -> Column:
    try:
        return times(column)
    except TypeError:
        made = iter(times([text for text in column if text is not None]))
        return [None if text is None else next(made) for text in column]


def _each(make: Callable[[Any], Any], column: Column) -> Column:
    return [None if value is None else make(value) for value in column]


def _decoded(reader: Reader, column: Column) -> Column:
    found: Found = []
    made = [None if value is None else reader(value, found) for value in column]
    if found:
        raise ValueError
    return made


def _never_null(convert: Convert | None, column: Column) -> Column:
    if None in column:
        raise ValueError
    return column if convert is None else convert(column)
