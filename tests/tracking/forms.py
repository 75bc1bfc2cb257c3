"""Schemas of every kind, each in many forms that mean the same, and with narrowings of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]
PREFIX = "#/components/schemas/"


def document(
    request: Any, components: dict[str, Any], version: str = "3.1.0", answer: Any = None
) -> dict[str, Any]:
    """A document of one route, which takes `request` and answers `answer`."""
    answer = {"type": "object", "properties": {"done": {"type": "boolean"}}} if answer is None else answer
    post = {
        "operationId": "x",
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer}}}},
    }
    return {
        "openapi": version,
        "info": {"title": "A", "version": "1"},
        "paths": {"/api/v2/a/b": {"post": post}},
        "components": {"schemas": components},
    }


SCALARS: st.SearchStrategy[Schema] = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "maxLength": 9, "minLength": 2},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"type": "string", "enum": ["a", "b", "c"]},
        {"type": "string", "format": "uuid"},
        {"type": "integer", "minimum": 1, "maximum": 9},
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "number", "multipleOf": 2},
        {"type": "boolean"},
        {"type": ["string", "null"]},
        {"type": ["integer", "null"], "enum": [1, 2, None]},
    ]
)
NAMES = ("alpha", "beta", "gamma")


def _object(fields: dict[str, Schema], required: list[str], rest: bool | None) -> Schema:
    result: Schema = {"type": "object", "properties": fields}
    if needed := [name for name in required if name in fields]:
        result["required"] = needed
    return result if rest is None else {**result, "additionalProperties": rest}


def _composed(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    objects = st.builds(
        _object,
        st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=3),
        st.lists(st.sampled_from(NAMES), unique=True),
        st.sampled_from([None, None, True]),
    )
    lists = st.builds(
        lambda items, bounds: {"type": "array", "items": items, **bounds},
        inner,
        st.sampled_from([{}, {"minItems": 1}, {"uniqueItems": True}]),
    )
    maps = st.builds(lambda rest: {"type": "object", "additionalProperties": rest}, inner)
    unions = st.builds(
        lambda one, other: {"anyOf": [one, other]},
        objects,
        st.sampled_from([{"type": "string"}, {"type": "array", "items": {"type": "boolean"}}]),
    )
    return objects | lists | maps | unions


SCHEMAS = st.recursive(SCALARS, _composed, max_leaves=6)
REQUESTS = st.builds(
    _object,
    st.dictionaries(st.sampled_from(NAMES), SCHEMAS, min_size=1, max_size=3),
    st.lists(st.sampled_from(NAMES), unique=True),
    st.none(),
)


def rewritten(draw: Draw, schema: Schema, components: dict[str, Any], older: bool = False) -> Schema:
    """`schema` in another form of the same meaning, drawn for each of its parts; new components are added."""
    result = dict(schema)
    for key in ("items", "additionalProperties"):
        if isinstance(result.get(key), dict):
            result[key] = rewritten(draw, result[key], components, older)
    if "properties" in result:
        fields = [
            (name, rewritten(draw, inner, components, older)) for name, inner in result["properties"].items()
        ]
        result["properties"] = dict(draw(st.permutations(fields)))
    if "anyOf" in result:
        result["anyOf"] = draw(
            st.permutations([rewritten(draw, arm, components, older) for arm in result["anyOf"]])
        )
    forms = [form for form in FORMS if form is not _beside_a_reference or not older]
    for form in draw(st.lists(st.sampled_from(forms), max_size=2)):
        result = form(result, components)
    return _as_older(result) if older else result


def _reference(schema: Schema, components: dict[str, Any]) -> Schema:
    name = f"Part{len(components)}RequestBody"
    components[name] = schema
    return {"$ref": PREFIX + name}


def _part_of_a_component(schema: Schema, components: dict[str, Any]) -> Schema:
    name = f"Part{len(components)}RequestBody"
    components[name] = {"type": "object", "properties": {"in/side": schema}}
    return {"$ref": f"{PREFIX}{name}/properties/in~1side"}


def _beside_a_reference(schema: Schema, components: dict[str, Any]) -> Schema:
    kept = {key: schema[key] for key in ("required", "maxLength", "minimum", "maxItems") if key in schema}
    if not kept or "type" not in schema:
        return schema
    return {
        **_reference({key: value for key, value in schema.items() if key not in kept}, components),
        **kept,
    }


def _required_in_a_part(schema: Schema, components: dict[str, Any]) -> Schema:
    if "required" not in schema or schema.get("type") != "object":
        return schema
    bare = {key: value for key, value in schema.items() if key != "required"}
    return {"allOf": [bare, *({"required": [name]} for name in schema["required"])]}


def _fields_in_parts(schema: Schema, components: dict[str, Any]) -> Schema:
    if schema.get("type") != "object" or len(schema.get("properties", ())) < 2:
        return schema
    bare = {key: value for key, value in schema.items() if key != "properties"}
    return {**bare, "allOf": [{"properties": {name: inner}} for name, inner in schema["properties"].items()]}


def _bounds_in_a_part(schema: Schema, components: dict[str, Any]) -> Schema:
    moved = {
        key: schema[key] for key in schema if key.startswith(("min", "max", "exclusive", "pattern", "unique"))
    }
    if not moved or "type" not in schema:
        return schema
    bare = {key: value for key, value in schema.items() if key not in moved}
    return {"allOf": [bare, *({key: value} for key, value in moved.items())]}


def _types_apart(schema: Schema, components: dict[str, Any]) -> Schema:
    kinds = schema.get("type")
    if not isinstance(kinds, list) or "enum" in schema:
        return schema
    return {"anyOf": [{**schema, "type": kind} if kind != "null" else {"enum": [None]} for kind in kinds]}


def _values_apart(schema: Schema, components: dict[str, Any]) -> Schema:
    return {"oneOf": [{"const": value} for value in schema["enum"]]} if "enum" in schema else schema


FORMS: list[Callable[[Schema, dict[str, Any]], Schema]] = [
    _reference,
    _part_of_a_component,
    _beside_a_reference,
    _required_in_a_part,
    _fields_in_parts,
    _bounds_in_a_part,
    _types_apart,
    _values_apart,
    lambda schema, _: {"allOf": [schema]},
    lambda schema, _: {"anyOf": [schema]},
    lambda schema, _: {"oneOf": [schema, {"not": {}}]},
    lambda schema, _: {"allOf": [schema, {}]},
    lambda schema, _: {"anyOf": [schema, schema]},
    lambda schema, _: {**schema, "minLength": 0} if schema == {"type": "string"} else schema,
]


def _as_older(schema: Schema) -> Schema:
    """A schema as OpenAPI 3.0 writes null and bounds."""
    kinds = schema.get("type")
    result = dict(schema)
    if isinstance(kinds, list) and "null" in kinds and len(kinds) == 2:
        result = {**result, "type": next(kind for kind in kinds if kind != "null"), "nullable": True}
        if "enum" in result:
            result["enum"] = [value for value in result["enum"] if value is not None]
    if "exclusiveMinimum" in result:
        result = {**result, "minimum": result["exclusiveMinimum"], "exclusiveMinimum": True}
    return result


def narrowings(schema: Schema) -> list[Schema]:
    """`schema` with one more thing said, in every way that JSON Schema has: some calls that it took are refused."""
    anything: list[Schema] = [
        {"allOf": [schema, {"not": {"const": "zz9"}}]},
        {"allOf": [schema, {"if": {"type": "string"}, "then": {"minLength": 8}}]},
    ]
    kinds = schema.get("type")
    more: dict[str, list[Schema]] = {
        "string": [{"format": "ipv4"}, {"pattern": "^q"}, {"maxLength": 1}, {"minLength": 8}, {"enum": ["a"]}, {"const": "b"}],
        "number": [{"maximum": 3}, {"minimum": 5}, {"multipleOf": 3}, {"const": 4}, {"type": "integer"}],
        "integer": [{"maximum": 3}, {"exclusiveMinimum": 5}, {"multipleOf": 7}, {"enum": [4, 6]}],
        "boolean": [{"const": True}],
        "array": [{"maxItems": 2}, {"minItems": 4}, {"contains": {"const": 1}}, {"items": {"not": {"const": 3}}}, {"prefixItems": [{"const": 2}]}],
        "object": [
            {"required": ["alpha", "beta", "gamma", "delta"]},
            {"minProperties": 2},
            {"maxProperties": 1},
            {"propertyNames": {"maxLength": 4}},
            {"patternProperties": {"^x": {"type": "string"}}},
            {"dependentRequired": {"alpha": ["zeta"]}},
            {"dependentSchemas": {"alpha": {"minProperties": 3}}},
            {"if": {"required": ["alpha"]}, "then": {"required": ["zeta"]}},
            {"not": {"required": ["zeta"]}},
        ],
    }  # fmt: skip
    if "enum" in schema and isinstance(kinds, str):
        more = {
            kinds: [{"enum": schema["enum"][:1]}, {"pattern": "^q"}, {"not": {"const": schema["enum"][0]}}]
        }
    if isinstance(kinds, str):
        anything += [{"allOf": [schema, one]} for one in more.get(kinds, [])]
        if kinds == "object" and "additionalProperties" not in schema:
            anything.append({**schema, "additionalProperties": {"type": "boolean", "const": True}})
    if isinstance(kinds, list):
        anything.append({"allOf": [schema, {"type": next(kind for kind in kinds if kind != "null")}]})
    return anything
