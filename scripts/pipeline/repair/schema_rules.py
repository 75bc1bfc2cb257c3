"""Repairs of one schema, whose sub-schemas are already in order.

Each rule changes the schema in place and returns how many faults it found. Its first line is the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from jsonschema import Draft202012Validator

from scripts.pipeline.document.anatomy import SCHEMAS, Json, Schema, component
from scripts.pipeline.published import DocumentError

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (int, float)),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), (int,)
    ),
    **dict.fromkeys(("format", "description", "title", "$ref"), (str,)),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), (bool,)),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), (list,)),
    "multipleOf": (int, float),
    "properties": (dict,),
}
_VOCABULARY = {
    *_KINDS,
    "type",
    "enum",
    "const",
    "default",
    "required",
    "items",
    "additionalProperties",
    "nullable",
    "x-cocalc-unknown",
}


@dataclass(frozen=True)
class Scope:
    """What a rule may know of the surroundings of a schema."""

    components: frozenset[str]
    answer: bool
    place: tuple[str, ...]


def unknown_keyword(schema: Schema, _: Scope) -> int:
    """Keywords outside the vocabulary of this project (examples, patterns, foreign extensions) tell the client nothing."""
    unknown = [key for key in schema if key not in _VOCABULARY]
    for key in unknown:
        del schema[key]
    return len(unknown)


def malformed_keyword(schema: Schema, _: Scope) -> int:
    """A keyword whose value has a type that OpenAPI does not allow makes the whole document invalid."""
    broken = [
        key for key, kinds in _KINDS.items() if key in schema and not _well_formed(key, schema[key], kinds)
    ]
    for key in broken:
        del schema[key]
    return len(broken)


def _well_formed(key: str, value: Json, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in kinds or key in ("exclusiveMinimum", "exclusiveMaximum")
    if isinstance(value, int | float):
        lowest = 0 if kinds == (int,) else -math.inf
        return isinstance(value, kinds) and (value > 0 if key == "multipleOf" else value >= lowest)
    return isinstance(value, kinds) and (bool(value) or not isinstance(value, list))


def boolean_bound(schema: Schema, _: Scope) -> int:
    """In OpenAPI 3.0 `exclusiveMinimum: true` sharpens `minimum`; since 3.1 the keyword is the bound itself."""
    fired = 0
    for sharp, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(sharp), bool):
            exclusive = schema.pop(sharp)
            if exclusive and plain in schema:
                schema[sharp] = schema.pop(plain)
            fired += 1
    return fired


def foreign_reference(schema: Schema, scope: Scope) -> int:
    """A reference to a component that does not exist says nothing; one that leads elsewhere is refused."""
    if "$ref" not in schema:
        return 0
    ref = schema["$ref"]
    if not ref.startswith(SCHEMAS) or "/" in component(ref):
        raise DocumentError(f"the reference {ref[:80]!r} does not point to a schema component", *scope.place)
    if component(ref) in scope.components:
        return 0
    del schema["$ref"]
    return 1


def reference_sibling(schema: Schema, _: Scope) -> int:
    """Before OpenAPI 3.1 whatever stands beside `$ref` is ignored, so only `nullable` and a description count."""
    if "$ref" not in schema:
        return 0
    siblings = [key for key in schema if key not in ("$ref", "description", "nullable")]
    for key in siblings:
        del schema[key]
    return len(siblings)


def null_as_text(schema: Schema, _: Scope) -> int:
    """The tool that writes the document renders the constant null as an enumeration of the text "null"."""
    if schema.get("enum") != ["null"] or ("type" in schema and schema.get("nullable") is not True):
        return 0
    schema.pop("nullable", None)
    del schema["enum"]
    schema["type"] = "null"
    return 1


def nullable(schema: Schema, _: Scope) -> int:
    """OpenAPI 3.1 has no `nullable`; null is one of the types."""
    if "nullable" not in schema:
        return 0
    if schema.pop("nullable") is not True:
        return 1
    null = {"type": "null"}
    wrapped = [key for key in ("$ref", "oneOf", "allOf", "const") if key in schema]
    if wrapped:
        inner = {key: schema.pop(key) for key in list(schema) if key not in ("description", "default")}
        schema["anyOf"] = [inner, null]
    elif "anyOf" in schema:
        schema["anyOf"].append(null)
    elif "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*kinds, "null"]
        if isinstance(schema.get("enum"), list):
            schema["enum"].append(None)
    elif isinstance(schema.get("enum"), list):
        schema["enum"].append(None)
    return 1


def unknown_type(schema: Schema, _: Scope) -> int:
    """A type that JSON Schema does not have, or that is listed twice, makes the document invalid, and so does a list of none."""
    if "type" not in schema:
        return 0
    given = schema["type"]
    listed = given if isinstance(given, list) else [given]
    kinds = [kind for kind in dict.fromkeys(k for k in listed if isinstance(k, str)) if kind in TYPES]
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    fixed = kinds[0] if len(kinds) == 1 else kinds
    if kinds and fixed == given:
        return 0
    if kinds:
        schema["type"] = fixed
    else:
        del schema["type"]
    return 1


def missing_type(schema: Schema, _: Scope) -> int:
    """`properties` without a type mean an object, `items` an array; tools differ on what they make of it unsaid."""
    if "type" in schema or any(key in schema for key in ("$ref", "anyOf", "oneOf", "allOf", "enum", "const")):
        return 0
    if "properties" in schema or "additionalProperties" in schema:
        schema["type"] = "object"
    elif "items" in schema or "prefixItems" in schema:
        schema["type"] = "array"
    else:
        return 0
    return 1


def _pair(items: Json) -> list[Json] | None:
    """The two schemas of an entry [key, value], when `items` describes one."""
    if not isinstance(items, dict):
        return None
    parts = items.get("prefixItems", items.get("items"))
    if not isinstance(parts, list) or len(parts) != 2 or items.get("maxItems", 2) != 2:
        return None
    return parts if isinstance(parts[0], dict) and parts[0].get("type") == "string" else None


def array_of_pairs(schema: Schema, _: Scope) -> int:
    """A map is published as a list of [key, value] pairs with a bound on its length; the wire has an object."""
    pair = _pair(schema.get("items"))
    if schema.get("type") != "array" or "maxItems" not in schema or schema.get("minItems") or pair is None:
        return 0
    for key in ("items", "maxItems", "minItems", "uniqueItems"):
        schema.pop(key, None)
    schema["type"] = "object"
    schema["additionalProperties"] = pair[1]
    return 1


def tuple_items(schema: Schema, _: Scope) -> int:
    """A list under `items` describes a tuple; since JSON Schema 2020-12 that is `prefixItems`."""
    if not isinstance(schema.get("items"), list):
        return 0
    parts = schema.pop("items")
    if parts:
        schema["prefixItems"] = parts
    return 1


def bare_array(schema: Schema, _: Scope) -> int:
    """An array has to say what its items are, be it anything."""
    kinds = schema.get("type")
    if not (kinds == "array" or (isinstance(kinds, list) and "array" in kinds)):
        return 0
    if "prefixItems" in schema or isinstance(schema.get("items"), dict | list):
        return 0
    schema["items"] = {}
    return 1


def malformed_enum(schema: Schema, _: Scope) -> int:
    """An enumeration lists different scalar values of the schema's type, null included where null is allowed."""
    if "enum" not in schema:
        return 0
    given = schema["enum"]
    values: list[Json] = []
    if isinstance(given, list) and not any(isinstance(value, dict | list) for value in given):
        kinds = {"type": schema["type"]} if "type" in schema else {}
        checker = Draft202012Validator(kinds)
        for value in given:
            same = any(type(value) is type(other) and value == other for other in values)
            if not same and checker.is_valid(value):
                values.append(value)
    if values and values == given and len(values) == len(given):
        return 0
    if values:
        schema["enum"] = values
    else:
        del schema["enum"]
    return 1


def malformed_required(schema: Schema, _: Scope) -> int:
    """`required` lists properties of the object, each once; a boolean or an unknown name there is an error."""
    if "required" not in schema:
        return 0
    given, known = schema["required"], schema.get("properties", {})
    names = [n for n in given if isinstance(n, str) and n in known] if isinstance(given, list) else []
    names = list(dict.fromkeys(names))
    if names == given and names:
        return 0
    if names:
        schema["required"] = names
    else:
        del schema["required"]
    return 1


def malformed_additional(schema: Schema, _: Scope) -> int:
    """`additionalProperties` is a schema or a boolean."""
    if isinstance(schema.get("additionalProperties", True), bool | dict):
        return 0
    del schema["additionalProperties"]
    return 1


def closed_answer(schema: Schema, scope: Scope) -> int:
    """`additionalProperties: false` on an answer is a default of the publishing tool; servers add fields freely."""
    if not scope.answer or schema.get("additionalProperties") is not False:
        return 0
    del schema["additionalProperties"]
    return 1


def wrong_default(schema: Schema, _: Scope) -> int:
    """A default that its own schema does not allow is no default."""
    if "default" not in schema:
        return 0
    simple = not any(
        key in schema for key in ("$ref", "anyOf", "oneOf", "allOf", "properties", "items", "prefixItems")
    )
    if simple and not isinstance(schema["default"], dict | list):
        shape = {key: value for key, value in schema.items() if key != "description"}
        if Draft202012Validator(shape).is_valid(schema["default"]):
            return 0
    del schema["default"]
    return 1


SCHEMA_RULES: tuple[Callable[[Schema, Scope], int], ...] = (
    unknown_keyword,
    malformed_keyword,
    boolean_bound,
    foreign_reference,
    reference_sibling,
    null_as_text,
    nullable,
    unknown_type,
    array_of_pairs,
    tuple_items,
    malformed_additional,
    missing_type,
    bare_array,
    malformed_enum,
    malformed_required,
    closed_answer,
    wrong_default,
)
