"""Shape: a correct and complete document becomes the one that the generator reads, `openapi/client.json`.

Operations are named and grouped by their path, failures are split off into one shared shape, every object has a
class name, and answers promise nothing: any field may be absent or null, and any value may come that is not
known yet.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

from cocalc_facade._drift.contract import failing
from cocalc_facade._drift.schema.vocabulary import ANNOTATIONS
from scripts.pipeline.document.anatomy import SCHEMAS, Json, Schema, component, media, operations
from scripts.pipeline.document.names import group, route
from scripts.pipeline.document.released import Released, named
from scripts.pipeline.published import Document
from scripts.pipeline.shape.form import Plain
from scripts.pipeline.shape.hoist import ERROR, Hoist
from scripts.pipeline.shape.places import Root
from scripts.pipeline.shape.plain import known_values, unmarked

JSON_MEDIA = "application/json"
_ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "What the server answers instead of a result, nearly always with status 200.",
    "properties": {"error": {"type": "string", "description": "What went wrong, in the server's words."}},
}
ANSWER = "The answer."
_KEPT = ("summary", "description", "deprecated")


class Shaped(NamedTuple):
    """The document that the generator reads, and the components that are anything in it, because they hold themselves and no class can be one."""

    document: Document
    untyped: tuple[str, ...]


def shape(document: Document, released: Released | None = None) -> Document:
    """The document of `shaped`."""
    return shaped(document, released).document


def shaped(document: Document, released: Released | None = None) -> Shaped:
    """`document` as the generator needs it; the input is left as it is, and shaping twice changes nothing.

    Args:
        document: correct and complete.
        released: the names that are given away; without them everything is named anew.

    Raises:
        DocumentError: a path or a name that cannot be one in Python, two shapes of one chosen name, or schemas
            that grow beyond bounds.
    """
    released = released or Released()
    document = named(document, released)
    components = document.get("components", {}).get("schemas", {})
    request, answer = Plain(components, answer=False), Plain(components, answer=True)
    found = sorted(operations(document))
    roots: list[Root] = []
    for path, _, operation in found:
        name = route(path)
        body = [entry.get("schema", {}) for _, entry in media(operation.get("requestBody"))]
        roots.append(Root(name, unmarked(_request(request, body[0] if body else {})), answer=False))
        arms = [answer.of(arm) for schema in _answers(operation) for arm in _arms(schema, components)]
        # An answer that is known only by its failure can be anything.
        arms = [arm for arm in arms if not _is_failure(arm)] or [{}]
        said = [{"description": s["description"]} for s in _answers(operation) if "description" in s]
        whole = answer.union(arms)
        roots.append(Root(name, unmarked({**whole, **(said or [{}])[0]}), answer=True))
    hoisted, schemas = Hoist(request, answer, released).run(roots)
    paths: dict[str, Any] = {}
    for index, (path, _, operation) in enumerate(found):
        paths[path] = {"post": _operation(route(path), operation, schemas[2 * index], schemas[2 * index + 1])}
    info = document.get("info", {})
    result = {
        "openapi": "3.1.0",
        "info": deepcopy({key: info[key] for key in ("title", "version", "description") if key in info}),
        **({"servers": deepcopy(document["servers"])} if "servers" in document else {}),
        "paths": paths,
        "components": {"schemas": dict(sorted({**hoisted, ERROR: deepcopy(_ERROR_SCHEMA)}.items()))},
    }
    return Shaped(result, tuple(sorted(request.untyped | answer.untyped)))


def _request(plain: Plain, schema: Schema) -> Schema:
    """The object of a request's arguments, whatever else the body may be."""
    found = plain.of(schema)
    arms = [plain.opened(arm) for arm in found.get("anyOf", [found])]
    objects = [arm for arm in arms if arm.get("properties")]
    merged = plain.union(objects) if objects else {"type": "object"}
    if len(objects) < len([arm for arm in arms if arm != {"type": "null"}]):
        merged = {key: value for key, value in merged.items() if key != "required"}
    return {**merged, "properties": merged.get("properties", {})}


def _operation(name: str, operation: dict[str, Any], request: Schema, answer: Schema) -> dict[str, Any]:
    marked = {"x-cocalc-published": True, **operation}
    extensions = {key: deepcopy(marked[key]) for key in sorted(marked) if key.startswith("x-cocalc-")}
    kind = next((kind for status, r in _successes(operation) for kind, _ in media(r)), JSON_MEDIA)
    return {
        "operationId": name,
        "tags": [group(name)],
        **{key: operation[key] for key in _KEPT if key in operation},
        **extensions,
        "requestBody": {"required": True, "content": {JSON_MEDIA: {"schema": request}}},
        "responses": {
            "200": {"description": _what_is_given(operation), "content": {kind: {"schema": answer}}},
            "default": {
                "description": "A failure.",
                "content": {JSON_MEDIA: {"schema": {"$ref": SCHEMAS + ERROR}}},
            },
        },
    }


def _what_is_given(operation: dict[str, Any]) -> str:
    """The words for the answer, or `ANSWER` where the document only says that it is one."""
    words = [str(response.get("description", "")).strip() for _, response in _successes(operation)]
    return next((text for text in words if len(text.split()) > 1), ANSWER)


def _successes(operation: dict[str, Any]) -> list[tuple[str, Json]]:
    return [
        (status, response) for status, response in sorted(operation["responses"].items()) if status[0] == "2"
    ]


def _answers(operation: dict[str, Any]) -> list[Schema]:
    return [entry.get("schema", {}) for _, response in _successes(operation) for _, entry in media(response)]


def _arms(schema: Json, components: dict[str, Schema]) -> list[Schema]:
    """The alternatives of an answer, references and nested unions followed."""
    seen: set[str] = set()
    found: list[Schema] = []
    pending: list[Json] = [schema]
    while pending:
        node = pending.pop(0)
        if not isinstance(node, dict):
            continue
        said = node.keys() - ANNOTATIONS
        name = component(node.get("$ref", ""))
        parts = [part for part in node.get("allOf", ()) if part != {}]
        if said == {"$ref"} and _is_composed(components.get(name, {})):
            pending[:0] = [] if name in seen else [components[name]]
            seen.add(name)
        elif said <= {"anyOf", "oneOf"} and len(said) == 1:
            pending = [*node[said.pop()], *pending]
        elif said == {"allOf"} and len(parts) == 1:
            pending.insert(0, parts[0])
        else:
            found.append(node)
    return found


def _is_composed(schema: Schema) -> bool:
    """Tell whether a component is a union, or another schema under a name of its own."""
    parts = [part for part in schema.get("allOf", ()) if part != {}]
    alias = schema.keys() - ANNOTATIONS in ({"$ref"}, {"allOf"}) and len(parts) < 2
    return alias or "anyOf" in schema or "oneOf" in schema


def _is_failure(plain: Schema) -> bool:
    """Tell whether an alternative of an answer is a way to say no: nothing but an error, or marked as one."""
    fields = plain.get("properties", {})
    return failing(frozenset(fields), known_values(fields.get("status", {})))
