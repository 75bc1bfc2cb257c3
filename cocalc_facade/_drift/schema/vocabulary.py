"""The keywords of JSON Schema that say something here: what they are about, and what they have to be."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

from cocalc_facade._drift.kinds import Json

Schema: TypeAlias = dict[str, Any]

OURS = "x-cocalc-"
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
COMPOSED = ("$ref", "anyOf", "oneOf", "allOf")
# A schema under one of these is a part of another: what it does not say itself, the whole may.
PARTS = frozenset({"anyOf", "oneOf", "allOf", "not", "if", "then", "else", "dependentSchemas"})
ANNOTATIONS = frozenset(
    {"title", "description", "default", "deprecated", "readOnly", "writeOnly", "x-cocalc-name"}
)
BY_TYPE: dict[str, tuple[str, ...]] = {
    "object": (
        "properties",
        "additionalProperties",
        "required",
        "patternProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
    ),
    "array": (
        "items",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "unevaluatedItems",
    ),
    "string": ("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType", "contentSchema"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_COUNTS = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains",
)  # fmt: skip
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(BY_TYPE["number"], (int, float)),
    **dict.fromkeys(_COUNTS, (int,)),
    **dict.fromkeys(
        ("format", "pattern", "contentEncoding", "contentMediaType", "description", "title", "$ref"), (str,)
    ),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), (bool,)),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), (list,)),
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "dependentRequired"), (dict,)),
    **dict.fromkeys(
        (
            "not",
            "if",
            "then",
            "else",
            "contains",
            "contentSchema",
            "propertyNames",
            "unevaluatedItems",
            "unevaluatedProperties",
        ),
        (dict, bool),
    ),
}  # fmt: skip
VOCABULARY = frozenset(
    {
        *KINDS,
        *COMPOSED,
        *ANNOTATIONS,
        *(key for keys in BY_TYPE.values() for key in keys),
        "type",
        "enum",
        "const",
        "nullable",
    }
)


class Scope(NamedTuple):
    """What a rule may know of the surroundings of a schema."""

    answer: bool
    part: bool = False
    """Whether the schema is a part of another one, which may say what this one does not."""
    bare_references: bool = False
    """Whether the document is older than OpenAPI 3.1, where nothing may stand beside a reference."""
    arm: bool = False
    """Whether the schema is one of several alternatives."""

    def below(self, keyword: str) -> Scope:
        """Return the surroundings of a schema under `keyword`."""
        return self._replace(part=keyword in PARTS, arm=keyword in ("anyOf", "oneOf"))


def well_formed(key: str, value: Json, kinds: tuple[type, ...]) -> bool:
    """Tell whether `value` is one that OpenAPI allows for the keyword `key`."""
    if isinstance(value, bool):
        return bool in kinds or key in ("exclusiveMinimum", "exclusiveMaximum")
    if isinstance(value, int | float):
        lowest = 0 if kinds == (int,) else -math.inf
        return isinstance(value, kinds) and (value > 0 if key == "multipleOf" else value >= lowest)
    return isinstance(value, kinds) and (bool(value) or not isinstance(value, list))


def types_of(schema: Schema) -> list[str]:
    """Return the types that a schema lists, each once, and none that JSON Schema does not have."""
    given = schema.get("type")
    listed = given if isinstance(given, list) else [given]
    return [kind for kind in dict.fromkeys(k for k in listed if isinstance(k, str)) if kind in TYPES]


def implied(schema: Schema) -> str | None:
    """Return the type that the keywords of a schema speak of."""
    return next((kind for kind, keys in BY_TYPE.items() if any(key in schema for key in keys)), None)


def is_never(schema: Json) -> bool:
    """Tell whether no value at all fits `schema`."""
    return schema is False or (
        isinstance(schema, dict)
        and "not" in schema
        and schema["not"] in ({}, True)
        and schema.get("nullable") is not True
    )
