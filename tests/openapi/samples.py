"""Values that fit a schema of the finished document: the smallest one, and one with everything in it."""

from typing import Any

_ID = "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70"
_TIMES = {"iso": "2026-01-02T03:04:05.678Z", "epoch-ms": 1767323045678, "epoch-s": 1767323045}
_SCALARS = {"integer": 3, "number": 2.5, "boolean": True, "null": None}


def sample(schema: dict[str, Any], components: dict[str, Any], *, full: bool) -> Any:
    """A value of `schema`; with `full` every property, item and alternative's first arm is there."""
    if "$ref" in schema:
        return sample(components[schema["$ref"].rpartition("/")[2]], components, full=full)
    for arm in schema.get("anyOf", schema.get("oneOf", ())):
        return sample(arm, components, full=full)
    if "enum" in schema:
        return schema["enum"][0]
    if "x-cocalc-time" in schema:
        return _TIMES[schema["x-cocalc-time"]]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        least = schema.get("required", schema.get("x-cocalc-always", ()))
        names = schema.get("properties", {}) if full else least
        return {name: sample(schema["properties"][name], components, full=full) for name in names}
    if kind == "array":
        return [sample(schema["items"], components, full=full)] if full and "items" in schema else []
    if kind == "string":
        uuid = "uuid" in (schema.get("format"), schema.get("x-cocalc-format"))
        return _ID if uuid else "text".ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
    return _SCALARS[kind]
