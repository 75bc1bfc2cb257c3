"""A type of a contract, written as a schema again: for what the server no longer publishes and the client still has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cocalc_facade._drift.kinds import Json, Type, Way

Schema = dict[str, Any]


def schema_of(kind: Type) -> Schema:
    """A schema that says what the type `kind` of a contract says; where it stands inside itself, that says nothing."""
    if "never" in kind:
        return {"not": {}}
    arms = [arm for name, facts in kind.items() for arm in _arms(name, facts)]
    return arms[0] if len(arms) == 1 else {"anyOf": arms} if arms else {}


def _arms(name: str, facts: dict[str, Json]) -> Iterator[Schema]:
    if name == "again":
        yield {}
    elif name == "object":
        for way in facts["ways"]:
            yield _object(facts, way)
    elif "either" in facts:
        for alternative in facts["either"]:
            yield _arm(name, alternative)
    else:
        yield _arm(name, facts)


def _arm(name: str, facts: dict[str, Json]) -> Schema:
    schema: Schema = {} if name == "anything" else {"type": name}
    schema |= {key: value for key, value in facts.items() if key not in ("items", "tuple", "time", "where")}
    if "items" in facts:
        schema["items"] = schema_of(facts["items"])
    if "tuple" in facts:
        schema["prefixItems"] = [schema_of(part) for part in facts["tuple"]]
        size = len(facts["tuple"])
        if "minItems" not in facts:
            schema |= {"minItems": size, "maxItems": size}
    if "time" in facts:
        schema["x-cocalc-time"] = facts["time"]
    return _with_conditions(schema, facts.get("where", []))


def _object(facts: dict[str, Json], way: Way) -> Schema:
    said = {**facts, **way}
    fields = {
        wire: {**schema_of(way.get("types", {}).get(wire, field["type"])), **_notes(field)}
        for wire, field in facts["fields"].items()
        if wire in way["fields"]
    }
    schema: Schema = {"type": "object"}
    schema |= {key: said[key] for key in ("minProperties", "maxProperties") if key in said}
    schema |= {"properties": fields} if fields else {}
    schema |= {"required": way["required"]} if way["required"] else {}
    if "rest" in said:
        schema["additionalProperties"] = schema_of(said["rest"])
    elif said.get("closed"):
        schema["additionalProperties"] = False
    schema |= {"x-cocalc-name": said["name"]} if "name" in said else {}
    return _with_conditions(schema, said.get("where", []))


def _notes(field: dict[str, Json]) -> Schema:
    return {key: field[key] for key in ("default", "deprecated", "readOnly", "writeOnly") if key in field}


def _with_conditions(schema: Schema, where: list[Json]) -> Schema:
    """`schema` with its conditions: beside it where each keyword is there once, else in parts of their own."""
    parts = [_condition(*condition) for condition in where]
    keys = [key for part in parts for key in part]
    if len(set(keys)) == len(keys) and not schema.keys() & set(keys):
        for part in parts:
            schema |= part
        return schema
    return {**schema, "allOf": parts}


def _condition(keyword: str, *said: Json) -> Schema:
    match keyword:
        case "not" | "propertyNames" | "contentSchema":
            return {keyword: schema_of(said[0])}
        case "if":
            return {name: schema_of(part) for name, part in zip(("if", "then", "else"), said, strict=True)}
        case "allOf":
            return {"allOf": [schema_of(said[0])]}
        case "anyOf":
            return {"anyOf": [schema_of(part) for part in said]}
        case "oneOf":
            return {"oneOf": [schema_of(part) for part in said[0]]}
        case "contains":
            counts = {"minContains": said[0], "maxContains": said[1]}
            return {"contains": schema_of(said[2]), **{k: v for k, v in counts.items() if v is not None}}
        case "patternProperties" | "dependentSchemas":
            return {keyword: {said[0]: schema_of(said[1])}}
        case "dependentRequired":
            return {keyword: {said[0]: [said[1]]}}
    return {keyword: said[0]}
