"""Repairs of references to parts of components: what is not a component is put where it is used."""

from __future__ import annotations

from copy import deepcopy

from scripts.pipeline.document.anatomy import (
    SCHEMAS,
    Json,
    Schema,
    children,
    component,
    media,
    operations,
    pointed_at,
    references,
)
from scripts.pipeline.published import Document, DocumentError

MAX_COPIES = 20_000


def part_reference(document: Document) -> int:
    """A reference may lead to a part of a component; such a part is copied, or shared when it contains itself."""
    schemas = document["components"].setdefault("schemas", {})
    fired = 0
    while found := [schema for schema in _references(document) if _is_part(document, schema["$ref"])]:
        fired += len(found)
        if fired > MAX_COPIES:
            raise DocumentError(f"more than {MAX_COPIES} references to parts of components")
        for schema in found:
            _put_in_place(document, schema, schemas)
    if not schemas:
        del document["components"]["schemas"]
    return fired


def _is_part(document: Document, ref: str) -> bool:
    named = ref.startswith(SCHEMAS) and "/" not in component(ref)
    return ref.startswith("#/") and not named and pointed_at(document, ref) is not None


def _put_in_place(document: Document, schema: Schema, schemas: dict[str, Json]) -> None:
    ref = schema["$ref"]
    target = pointed_at(document, ref)
    holds_itself = _holds(document, target, ref)
    del schema["$ref"]
    if not isinstance(target, dict):
        return
    if holds_itself:
        name = _component_name(ref)
        schemas.setdefault(name, target)
        schema["$ref"] = SCHEMAS + name
        return
    rest = dict(schema)
    schema.clear()
    if rest.keys() & target.keys():
        schema.update({"allOf": [deepcopy(target)], **rest})
    else:
        schema.update({**deepcopy(target), **rest})


def _references(document: Document) -> list[Schema]:
    """Every schema of the document that is a reference, each once."""
    roots = list(document["components"]["schemas"].values())
    for _, _, operation in operations(document):
        for holder in (operation.get("requestBody"), *operation.get("responses", {}).values()):
            roots += [entry.get("schema") for _, entry in media(holder)]
    found: dict[int, Schema] = {}
    pending: list[Json] = roots
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                found[id(node)] = node
            pending.extend(container[key] for container, key, _ in children(node))
    return list(found.values())


def _holds(document: Document, target: Json, ref: str) -> bool:
    """Tell whether following what `target` refers to leads to `ref` again."""
    seen: set[str] = set()
    pending = [target]
    while pending:
        for other in references(pending.pop()):
            if other == ref:
                return True
            if other not in seen:
                seen.add(other)
                pending.append(pointed_at(document, other))
    return False


def _component_name(ref: str) -> str:
    """A component name for the place that `ref` points to."""
    text = ref.removeprefix(SCHEMAS).removeprefix("#/").replace("/properties/", ".").replace("/", ".")
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in text)[:200] or "Part"
