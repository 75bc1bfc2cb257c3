"""A value that a schema of the shaped document allows."""

from __future__ import annotations

from typing import Any

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
        made = {name: example(part, schemas, within) for name, part in properties.items() if name != "error"}
        always: dict[str, Any] = {
            name: {} for name in schema.get("x-cocalc-always", ()) if made.get(name, 0) is None
        }
        return made | always  # a field that may be anything, but null
    if kind == "array":
        items = schema.get("items")
        if not items or str(items.get("$ref")).rpartition("/")[2] in within:  # it would have no end
            return []
        return [example(items, schemas, within)]
    return _plain(kind, schema)


def _plain(kind: Any, schema: dict[str, Any]) -> Any:
    if schema.get("x-cocalc-time") in ("epoch-ms", "epoch-s"):
        return 1_767_225_600 * (1000 if schema["x-cocalc-time"] == "epoch-ms" else 1)
    if kind == "string":
        time = schema.get("x-cocalc-time") == "iso"
        return TEXTS["date-time"] if time else TEXTS.get(schema.get("format", ""), "text")
    return {"integer": int(schema.get("minimum", 1)) or 1, "number": 1, "boolean": True}.get(str(kind))
