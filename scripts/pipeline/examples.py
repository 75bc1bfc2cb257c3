"""The stand-in's data that follow from the documents: an example answer for every route, and what is published."""

from __future__ import annotations

import json
from typing import Any

from scripts.pipeline.document.anatomy import PREFIX

TARGETS = ("cocalc_facade/testing/data/examples.json", "cocalc_facade/testing/data/published.json")
TEXTS = {
    "uuid": "00000000-0000-4000-8000-000000000001",
    "date-time": "2026-01-01T00:00:00.000Z",
    "email": "user@example.com",
}


def example(schema: Any, schemas: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    """A value that a schema allows, the fullest one that is not endless."""
    if not isinstance(schema, dict):
        return None
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return None if name in within else example(schemas[name], schemas, (*within, name))
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return next((item for item in schema["enum"] if item is not None), None)
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return example(next(iter(schema[word])), schemas, within)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((item for item in kind if item != "null"), "null")
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        return {name: example(part, schemas, within) for name, part in properties.items() if name != "error"}
    if kind == "array":
        return [example(schema["items"], schemas, within)] if schema.get("items") else []
    return _plain(kind, schema)


def _plain(kind: Any, schema: dict[str, Any]) -> Any:
    if schema.get("x-cocalc-time") in ("epoch-ms", "epoch-s"):
        return 1_767_225_600 * (1000 if schema["x-cocalc-time"] == "epoch-ms" else 1)
    if kind == "string":
        time = schema.get("x-cocalc-time") == "iso"
        return TEXTS["date-time"] if time else TEXTS.get(schema.get("format", ""), "text")
    return {"integer": int(schema.get("minimum", 1)) or 1, "number": 1, "boolean": True}.get(str(kind))


def examples(document: dict[str, Any]) -> dict[str, Any]:
    """For each route who may call it, what it needs, and an example of its answer."""
    schemas = document["components"]["schemas"]
    found = {}
    for path, item in document["paths"].items():
        operation = item["post"]
        (media,) = operation["responses"]["200"]["content"].values()
        body = (
            operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        )
        if "$ref" in body:
            body = schemas[body["$ref"].rpartition("/")[2]]
        found[path.removeprefix(PREFIX)] = {
            "auth": operation.get("x-cocalc-auth", "account"),
            "required": sorted(body.get("required", ())),
            "example": example(media["schema"], schemas),
        }
    return found


def files(document: dict[str, Any], published: dict[str, Any]) -> dict[str, str]:
    """The files, by their place in the repository, and what belongs in them.

    Args:
        document: `client.json`, with all routes.
        published: the document as the server publishes it.
    """
    made = json.dumps(examples(document), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return dict(
        zip(
            TARGETS,
            (made, json.dumps(published, separators=(",", ":"), ensure_ascii=False) + "\n"),
            strict=True,
        )
    )
