"""Values of JSON as JSON Schema compares them, and whether a schema allows one."""

from __future__ import annotations

import math

from cocalc_facade._drift.kinds import Json

from .vocabulary import COMPOSED, Schema, types_of


def identity(value: Json) -> tuple[str, Json]:
    """Return a key that two values share when JSON Schema takes them for equal: 1 and 1.0, not 1 and true."""
    if isinstance(value, dict):
        return "object", tuple(sorted((key, identity(inner)) for key, inner in value.items()))
    if isinstance(value, list):
        return "array", tuple(identity(inner) for inner in value)
    if isinstance(value, bool) or value is None:
        return "constant", str(value)
    return ("text" if isinstance(value, str) else "number"), value


def fits(value: Json, kind: str) -> bool:
    """Tell whether `value` is of the type `kind`."""
    match value:
        case None:
            return kind == "null"
        case bool():
            return kind == "boolean"
        case str():
            return kind == "string"
        case int():
            return kind in ("integer", "number")
        case float():
            return kind == "number" or (kind == "integer" and value.is_integer())
    return kind == ("array" if isinstance(value, list) else "object")


def is_wrong(value: Json, schema: Schema) -> bool:
    """Tell whether the keywords of `schema` itself do not allow `value`; a list or an object has to be an empty one."""
    if isinstance(value, dict | list) and (value or any(key in schema for key in (*COMPOSED, "enum"))):
        return True
    kinds = types_of(schema)
    if kinds and not any(fits(value, kind) for kind in kinds):
        return True
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(values, list) and all(identity(value) != identity(other) for other in values):
        return True
    if isinstance(value, dict):
        return bool(schema.get("required")) or schema.get("minProperties", 0) > 0
    if isinstance(value, str | list):
        low, high = ("minLength", "maxLength") if isinstance(value, str) else ("minItems", "maxItems")
        return not schema.get(low, 0) <= len(value) <= schema.get(high, math.inf)
    if isinstance(value, bool) or value is None:
        return False
    return (
        not schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf)
        or value <= schema.get("exclusiveMinimum", -math.inf)
        or value >= schema.get("exclusiveMaximum", math.inf)
    )
