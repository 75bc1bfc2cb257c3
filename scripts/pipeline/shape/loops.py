"""Components that hold themselves: which of them become classes that refer to themselves.

A class is an object with fields. Where such a component is an object or something else (null, a text), the object among its
alternatives becomes a component of its own, and the rest is written out wherever the whole is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scripts.pipeline.document.anatomy import SCHEMAS, Schema, component, reachable, references

_OBJECT = frozenset({"properties", "required", "additionalProperties", "minProperties", "maxProperties"})


class Loops(NamedTuple):
    """The components of a document, and those of them that are referred to instead of being written out."""

    components: dict[str, Schema]
    kept: frozenset[str]


def loops(components: Mapping[str, Schema]) -> Loops:
    """Return `components` with the objects among alternatives apart, and what stays a reference."""
    result = dict(components)
    for name, schema in components.items():
        if _holds_itself(name, components) and not _is_object(schema):
            result[name] = _apart(name, schema, result)
    recursive = {name for name in result if _holds_itself(name, result)}
    objects = {name for name in recursive if _is_object(result[name])}
    free = {name: schema for name, schema in result.items() if name not in objects}
    # A list of itself, a map, a text or a list of itself: no class can be one of these.
    others = {name for name in recursive - objects if _holds_itself(name, free)}
    return Loops(result, frozenset(objects | others))


def _holds_itself(name: str, components: Mapping[str, Schema]) -> bool:
    return name in reachable(components[name], dict(components))


def _is_object(schema: Schema) -> bool:
    """Tell whether a schema is an object with fields, whatever else it is made of, and nothing but an object."""
    if schema.keys() & {"anyOf", "oneOf", "$ref"} or schema.get("type", "object") != "object":
        return False
    return bool(schema.get("properties")) or any(map(_is_object, schema.get("allOf", ())))


def _apart(name: str, schema: Schema, components: dict[str, Schema]) -> Schema:
    """Return a schema of alternatives with its object, when there is one and it holds the whole, as a component beside the others."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and "object" in kinds and schema.get("properties"):
        others = {key: value for key, value in schema.items() if key not in _OBJECT}
        left = [kind for kind in kinds if kind != "object"]
        return {"anyOf": [_beside(name, {**schema, "type": "object"}, components), {**others, "type": left}]}
    keyword = next((key for key in ("anyOf", "oneOf") if key in schema), None)
    if keyword is None:
        return schema
    arms = schema[keyword]
    objects = [arm for arm in arms if _is_object(arm) and any(map(component, references(arm)))]
    if len(objects) != 1:
        return schema
    return {**schema, keyword: [_beside(name, arm, components) if arm is objects[0] else arm for arm in arms]}


def _beside(name: str, schema: Schema, components: dict[str, Schema]) -> Schema:
    own = f"{name}."  # as a class it is called like the whole
    while own in components:
        own += "."
    components[own] = schema
    return {"$ref": SCHEMAS + own}
