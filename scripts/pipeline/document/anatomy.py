"""The parts of an API document: its limits, its operations, its schemas, and how to walk them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from cocalc_facade._drift.contract import METHODS
from cocalc_facade._drift.schema.pointer import followed
from scripts.pipeline.published import MAX_DEPTH, Document, DocumentError, printable

Json: TypeAlias = Any
Schema: TypeAlias = dict[str, Any]

PREFIX = "/api/v2/"
MAX_NODES = 2_000_000
MAX_TEXT = 100_000

SCHEMAS = "#/components/schemas/"
COMPONENT_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")

_ONE = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "contentSchema",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "x-cocalc-map",
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas")
_HOLDING = frozenset({*_ONE, *_LISTS, *_MAPS})


def check_bounds(document: Json) -> None:
    """Raise `DocumentError` unless `document` is JSON of bearable size, depth and text.

    Everything after this check may recurse and copy freely.
    """
    nodes = 0
    pending: list[tuple[Json, tuple[str, ...]]] = [(document, ())]
    while pending:
        node, place = pending.pop()
        nodes += 1
        if len(place) > MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", *place[:4], "…")
        if isinstance(node, dict):
            for key in node:
                if not isinstance(key, str):
                    raise DocumentError(f"the key {printable(key)} is not text", *place)
                if fault := _fault(key):
                    raise DocumentError(fault, *place)
            inside: Iterator[tuple[Any, Json]] = iter(node.items())
        elif isinstance(node, list):
            inside = enumerate(node)
        elif fault := _fault(node):
            raise DocumentError(fault, *place)
        else:
            continue
        for key, value in inside:
            if isinstance(value, str) and not _fault(value):  # most values; the way to them is not needed
                nodes += 1
            else:
                pending.append((value, (*place, str(key))))
        if nodes + len(pending) > MAX_NODES:
            raise DocumentError(f"the document has more than {MAX_NODES} values")


def _fault(value: Json) -> str | None:
    """What is wrong with a value that is no object and no list."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            return f"a text of more than {MAX_TEXT} characters"
        return (
            None
            if value.isascii() or not _SURROGATE.search(value)
            else "a text with half of a surrogate pair"
        )
    if isinstance(value, float):
        return None if math.isfinite(value) else "a number that is not finite"
    if isinstance(value, int):
        return "a number beyond 64 bits" if abs(value) > 2**63 else None
    return None if value is None else f"a {type(value).__name__} is not JSON"


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation as path, method and operation object, in the order of the document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield path, method, item[method]


def media(holder: Json) -> Iterator[tuple[str, dict[str, Any]]]:
    """The media type objects of a request body or a response."""
    content = holder.get("content") if isinstance(holder, dict) else None
    if isinstance(content, dict):
        yield from ((kind, entry) for kind, entry in content.items() if isinstance(entry, dict))


def children(schema: Schema) -> Iterator[tuple[dict[str, Any] | list[Any], Any, str]]:
    """The places inside `schema` that hold a schema: container, key, and the keyword that it stands under."""
    if _HOLDING.isdisjoint(schema):
        return
    for keyword in _ONE:
        if keyword in schema and not isinstance(schema[keyword], bool | list):
            yield schema, keyword, keyword
    for keyword in (*_LISTS, "items"):
        if isinstance(schema.get(keyword), list):
            for index in range(len(schema[keyword])):
                yield schema[keyword], index, keyword
    for keyword in _MAPS:
        if isinstance(schema.get(keyword), dict):
            for name in schema[keyword]:
                yield schema[keyword], name, keyword


def references(node: Json) -> Iterator[str]:
    """Every `$ref` of a schema, however deep."""
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        yield node["$ref"]
    for container, key, _ in children(node):
        yield from references(container[key])


def pointed_at(document: Document, ref: str) -> Json:
    """What a reference of the form `#/…` leads to in `document`; None where it leads nowhere."""
    found = followed(document, ref)
    return None if found is None else found[1]


def component(ref: str) -> str:
    """The name of the schema component that `ref` points to, or the empty text when it points elsewhere."""
    return ref.removeprefix(SCHEMAS) if ref.startswith(SCHEMAS) else ""


def reachable(start: Json, schemas: dict[str, Any]) -> set[str]:
    """The names of the components that a schema leads to."""
    found: set[str] = set()
    pending = [start]
    while pending:
        for ref in references(pending.pop()):
            name = component(ref)
            if name in schemas and name not in found:
                found.add(name)
                pending.append(schemas[name])
    return found
