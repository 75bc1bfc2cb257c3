"""Repairs of references to parts of components: what is not a component is put where it is used."""

from __future__ import annotations

import unicodedata
from copy import deepcopy

from cocalc_facade._drift.schema.pointer import followed, written
from scripts.pipeline.document.anatomy import (
    COMPONENT_NAME,
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


def component_name(document: Document) -> int:
    """A component's name has letters, digits, dots and dashes; another one stands under such a name, and each reference is written in one way."""
    schemas = document["components"].get("schemas")
    if not isinstance(schemas, dict):
        return 0
    taken = {name for name in schemas if COMPONENT_NAME.fullmatch(name)}
    renamed: dict[str, str] = {}
    for name in sorted(schemas.keys() - taken):
        renamed[name] = _component_name(SCHEMAS + name)
        while renamed[name] in taken:
            renamed[name] += "_"
        taken.add(renamed[name])
    fired = len(renamed)
    for schema in _references(document):
        if (found := followed(document, schema["$ref"])) is not None:
            steps = list(found[0])
            if steps[:2] == ["components", "schemas"] and len(steps) > 2:
                steps[2] = renamed.get(steps[2], steps[2])
            wanted = written(tuple(steps))
            fired += wanted != schema["$ref"]
            schema["$ref"] = wanted
    document["components"]["schemas"] = {renamed.get(name, name): schema for name, schema in schemas.items()}
    return fired


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
    text = unicodedata.normalize("NFKD", ref.removeprefix(SCHEMAS).removeprefix("#/"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = text.replace("/properties/", ".").replace("/", ".")
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in text)[:200] or "Part"
