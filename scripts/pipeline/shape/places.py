"""The places of a document that hold shapes, and how a class is named after one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from scripts.pipeline.document.anatomy import Json, Schema
from scripts.pipeline.document.names import class_name, singular, words

REQUEST, RESULT = "Request", "Result"


class Use(NamedTuple):
    """Where a shape is used: the class around it (empty at the root of a body), the words for it, the path, the place.

    The place is the key under which `openapi/names.yaml` has the class.
    """

    parent: str
    tail: tuple[str, ...]
    path: tuple[str, ...]
    place: str

    @property
    def name(self) -> str:
        """The class name by place."""
        return class_name([self.parent or words_of(self.path), *self.tail])


@dataclass(frozen=True)
class Root:
    """The body or the answer of one operation."""

    name: str
    schema: Schema
    answer: bool


def words_of(segments: tuple[str, ...]) -> str:
    """The words of a path, joined as in a class name."""
    return "".join(word for segment in segments for word in words(segment))


def is_class(plain: Schema) -> bool:
    """Tell whether a plain schema becomes a component: an object with fields, or an enumeration."""
    return "properties" in plain or "enum" in plain


def shape(plain: Schema) -> str:
    """What makes two shapes one: all but the prose."""
    return json.dumps(_bare(plain), sort_keys=True)


def _bare(node: Json) -> Json:
    if isinstance(node, dict):
        result: Schema = {}
        for key, value in node.items():
            if key == "properties":
                result[key] = {name: _bare(inner) for name, inner in value.items()}
            elif key == "x-cocalc-known-as":
                result["x-cocalc-name"] = value
            elif key not in ("description", "default", "deprecated", "x-note"):
                result[key] = _bare(value)
        return result
    return [_bare(item) for item in node] if isinstance(node, list) else node


def inside(plain: Schema, use: Use) -> list[tuple[Schema, Use]]:
    """The schemas inside one that is no class, with the words for their place."""
    if "anyOf" in plain:
        return [(arm, use) for arm in plain["anyOf"]]
    if plain.get("type") == "object":
        return [(plain["additionalProperties"], _one_of(use, "Value", "{}"))]
    if "prefixItems" in plain:
        item = _one_of(use, "Item", "")
        return [
            (part, item._replace(tail=(*item.tail, str(number)), place=f"{use.place} [{number}]"))
            for number, part in enumerate(plain["prefixItems"], 1)
        ]
    if plain.get("type") == "array":
        return [(plain["items"], _one_of(use, "Item", "[]"))]
    return []


def _one_of(use: Use, role: str, step: str) -> Use:
    use = use._replace(place=f"{use.place} {step}")
    if not use.parent and use.tail == (RESULT,):
        return use._replace(tail=(role,))
    return use._replace(tail=tuple(singular(list(use.tail)) or (*use.tail, role)))


def fields(schema: Schema, name: str, path: tuple[str, ...]) -> list[tuple[Schema, Use]]:
    """The fields of the class `name`, each with the place that it is."""
    if "properties" not in schema:
        return []
    return [
        (inner, Use(name, tuple(words(wire)) or ("Value",), path, f"{name}.{wire}"))
        for wire, inner in sorted(schema["properties"].items())
    ]


def common(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The segments that all paths begin with."""
    found: list[str] = []
    for segments in zip(*paths, strict=False):
        if len(set(segments)) > 1:
            break
        found.append(segments[0])
    return tuple(found)
