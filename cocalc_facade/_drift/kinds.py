"""The types of a contract, and how two become one: what either of them allows, and what both do.

A type is an object whose keys are the kinds of value that it allows (`string`, `object`, …) and whose values say more
of each; `{}` allows anything. Alternatives are merged kind by kind; the `ways` of an object keep which fields each of
its alternatives has and requires.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

Json: TypeAlias = Any
Type: TypeAlias = dict[str, Any]
Way: TypeAlias = dict[str, list[str]]

MAX_WAYS = 64

_LOW = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_HIGH = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


class ContractError(ValueError):
    """The document cannot be read as an API; the text is one line."""


def with_null(one: Type) -> Type:
    """Return what `one` allows, and null."""
    return one | {"null": {}}


def either(types: Iterable[Type]) -> Type:
    """Return what is allowed when a value fits one of `types`."""
    result: Type | None = None
    for other in types:
        if not other or result == {}:
            return {}
        if result is None:
            result = other
            continue
        result = result | {
            kind: _widest(kind, result[kind], more) if kind in result else more
            for kind, more in other.items()
        }
    result = result or {}
    if result.get("number") == {}:
        result = {kind: more for kind, more in result.items() if kind != "integer"}
    return result


def _widest(kind: str, one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    if one == other:
        return one
    if kind == "object":
        return _either_object(one, other)
    result: dict[str, Json] = {}
    for name in one.keys() & other.keys() - {"enum", "items", "tuple"}:
        if name in _LOW or name in _HIGH:
            result[name] = min(one[name], other[name]) if name in _LOW else max(one[name], other[name])
        elif one[name] == other[name]:
            result[name] = one[name]
    if "enum" in one and "enum" in other:
        values = {repr(value): value for value in [*one["enum"], *other["enum"]]}
        if kind != "boolean" or len(values) < 2:
            result["enum"] = sorted(values.values(), key=repr)
    if kind == "array":
        items = either([*_items(one), *_items(other)])
        result |= {"items": items} if items else {}
    return result


def _items(array: dict[str, Json]) -> list[Type]:
    return list(array["tuple"]) if "tuple" in array else [array.get("items", {})]


def _either_object(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    fields = dict(one["fields"])
    for name, field in other["fields"].items():
        mine = fields.get(name)
        fields[name] = (
            field if mine is None else {**field, **mine, "type": either([mine["type"], field["type"]])}
        )
    result: dict[str, Json] = {"fields": dict(sorted(fields.items()))}
    result["ways"] = _distinct([*one["ways"], *other["ways"]])
    rests = [part["rest"] for part in (one, other) if "rest" in part]
    if rests and (rest := either(rests)):
        result["rest"] = rest
    return result


def way(fields: Iterable[str], required: Iterable[str] = ()) -> Way:
    """Return an alternative of an object: the fields that it has, and those that it requires."""
    return {"fields": sorted(fields), "required": sorted(required)}


def _distinct(ways: Iterable[Way]) -> list[Way]:
    found = {repr(way): way for way in ways}
    if len(found) > MAX_WAYS:
        raise ContractError(f"an object has more than {MAX_WAYS} alternatives")
    return [way for _, way in sorted(found.items())]


def both(one: Type, other: Type) -> Type:
    """Return what is allowed when a value has to fit `one` and `other`."""
    if not one or not other:
        return one or other
    shared = [kind for kind in one if kind in other]
    result = {kind: _narrowest(kind, one[kind], other[kind]) for kind in shared}
    return result or one


def _narrowest(kind: str, one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    if kind != "object":
        result = {**one, **other}
        if "enum" in one and "enum" in other:
            result["enum"] = [value for value in one["enum"] if value in other["enum"]] or one["enum"]
        return result
    fields = dict(one["fields"])
    for name, field in other["fields"].items():
        mine = fields.get(name)
        fields[name] = field if mine is None else {**mine, **field, "type": both(mine["type"], field["type"])}
    ways = _distinct(
        way({*first["fields"], *second["fields"]}, {*first["required"], *second["required"]})
        for first in one["ways"]
        for second in other["ways"]
    )
    return {**one, **other, "fields": dict(sorted(fields.items())), "ways": ways}
