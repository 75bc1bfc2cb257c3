"""The one order of JSON values, by how Python writes them, which looks no further into large ones than it has to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from cocalc_facade._drift.kinds import Json

_Value = TypeVar("_Value")
_FIRST, _LIMIT = 200, 4_000


def distinct_in_order(values: Iterable[_Value]) -> list[_Value]:
    """Return `values`, each once, in an order that does not depend on theirs."""
    return _distinct(list({_parts(value): value for value in values}.values()), _FIRST)


def _parts(value: Json) -> Json:
    """Return a key that two values share only when they are made of the very same parts."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return tuple(
        (key, id(part) if isinstance(part, dict | list) else repr(part)) for key, part in parts
    ) or repr(value)


def _distinct(values: list[_Value], limit: int) -> list[_Value]:
    if len(values) < 2 or (limit > _FIRST and all(value == values[0] for value in values[1:])):
        return values[:1]
    alike: dict[str, list[_Value]] = {}
    for value in values:
        alike.setdefault(beginning(value, limit), []).append(value)
    further = _distinct if limit < _LIMIT else _whole
    return [value for _, same in sorted(alike.items()) for value in further(same, _LIMIT)]


def _whole(values: list[_Value], _: int) -> list[_Value]:
    return [value for _, value in sorted({repr(value): value for value in values}.items())]


def beginning(value: Json, limit: int = _LIMIT) -> str:
    """Return the first characters of `repr(value)`; all of them when these are not more than `limit`."""
    found, size = [], 0
    for part in _written(value):
        found.append(part)
        size += len(part)
        if size > limit:
            break
    return "".join(found)


def _written(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for index, (key, inner) in enumerate(value.items()):
            yield f", {key!r}: " if index else f"{key!r}: "
            yield from _written(inner)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for index, inner in enumerate(value):
            if index:
                yield ", "
            yield from _written(inner)
        yield "]"
    else:
        yield repr(value)
