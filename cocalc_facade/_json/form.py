"""Plain JSON for whatever this package gives."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import singledispatch
from pathlib import PurePath
from typing import Any
from uuid import UUID

MOST_BYTES = 8_000_000
"""Bytes that are written into JSON; of more, only their number is."""

_LEAVES = frozenset({str, int, bool, type(None)})


def jsonable(value: Any) -> Any:
    """Plain JSON for whatever this package gives, however deep: what `json.dumps(answer, default=jsonable)` needs.

    Answers are the objects that the server sent, rows are lists of objects, errors are objects with a `type`. A `Decimal` becomes text, exact; a time
    ISO 8601 in UTC; bytes base64, and `{"omitted_bytes": …}` with their number above 8,000,000. A secret stays masked.

    Raises:
        TypeError: the value is of no kind that has a JSON form.
        ValueError: it contains itself.
    """
    top = [value]
    pending: list[tuple[Any, Any]] = [(top, 0)]
    around: dict[
        int, Any
    ] = {}  # what the value at hand is in, by identity, and kept alive so that no other gets it
    while pending:  # not by calling itself: there may be more levels than Python can follow
        holder, key = pending.pop()
        if holder is around:
            del around[key]
            continue
        one = holder[key]
        if type(one) in _LEAVES:
            continue
        made = holder[key] = form(one)
        if type(made) is dict or type(made) is list:
            if id(one) in around:
                raise ValueError(f"a {type(one).__name__} that contains itself has no JSON form")
            around[id(one)] = one
            pending.append((around, id(one)))
            pending += [(made, name) for name in (made if type(made) is dict else range(len(made)))]
        elif made is not one and type(made) not in _LEAVES:
            pending.append(
                (holder, key)
            )  # a form of a class of its own may be nearer to JSON, and not there yet
    return top[0]


@singledispatch
def form(value: Any) -> Any:
    """Give a value as one that is nearer to JSON. Classes may register a form of their own."""
    if isinstance(value, type):
        raise TypeError(f"the class {value.__name__} has no JSON form")
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(type(value), "__attrs_attrs__"):
        return fields(value)
    if hasattr(type(value), "__dataclass_fields__"):
        return {name: getattr(value, name) for name in type(value).__dataclass_fields__}
    raise TypeError(f"a {type(value).__name__} has no JSON form")


form.register(str, str.__str__)
form.register(Decimal, lambda value: f"{value:f}")
form.register(UUID, str)
form.register(PurePath, str)
form.register(date, date.isoformat)
form.register(timedelta, timedelta.total_seconds)
form.register(Enum, lambda value: value.value)


@form.register(int)
def _int(value: int) -> Any:
    return value.value if isinstance(value, Enum) else int(value)


@form.register(float)
def _float(value: float) -> float | None:
    return value if value - value == 0 else None  # JSON has neither NaN nor infinity


@form.register(datetime)
def _time(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


@form.register(Mapping)
def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {name if type(name) is str else _key(name): one for name, one in value.items()}


def _key(name: Any) -> str:
    """Give the name that json writes for a key, or the text of its form."""
    if name is None:
        return "null"
    return ("true" if name else "false") if isinstance(name, bool) else str(form(name))


@form.register(Sequence)
@form.register(Set)
def _sequence(value: Iterable[Any]) -> Any:
    names = getattr(value, "_fields", None)
    if names is not None:  # a named tuple
        return dict(zip(names, value, strict=True))
    return list(value)


@form.register(BaseException)
def _error(value: BaseException) -> dict[str, Any]:
    to_dict: Callable[[], dict[str, Any]] | None = getattr(value, "to_dict", None)
    return to_dict() if to_dict is not None else {"type": type(value).__name__, "message": str(value)}


@form.register(bytes)
@form.register(bytearray)
@form.register(memoryview)
def _bytes(value: bytes | bytearray | memoryview) -> Any:
    size = value.nbytes if isinstance(value, memoryview) else len(value)
    return b64encode(value).decode("ascii") if size <= MOST_BYTES else {"omitted_bytes": size}


def fields(value: Any) -> dict[str, Any]:
    """Give what an attrs object says: its fields but those that it does not show."""
    return {
        field.name: getattr(value, field.name)
        for field in type(value).__attrs_attrs__
        if field.repr and not field.name.startswith("_")
    }
