"""Faults of schemas: each is mended where it stands and where it is shared, and what only looks like one stays."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from scripts.pipeline.repair import repair
from scripts.pipeline.repair.schema_rules import SCHEMA_RULES
from tests.pipeline.documents import (
    answer_of,
    document,
    request_of,
)

PAIR = {
    "type": "array",
    "prefixItems": [{"type": "string"}, {"type": "number"}],
    "minItems": 2,
    "maxItems": 2,
}
NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}
SCHEMAS: list[tuple[str, Any, Any]] = [
    ("unknown_keyword", {"type": "string", "x-go-name": "N", "$defs": {}, "example": 1}, {"type": "string"}),
    ("our_keyword", {"type": "string", "x-cocalc-time": "iso"}, {"type": "string"}),
    ("malformed_keyword", {"type": "string", "minLength": "0", "format": 3}, {"type": "string"}),
    ("malformed_keyword", {"type": "integer", "minimum": True, "multipleOf": 0}, {"type": "integer"}),
    (
        "boolean_bound",
        {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        {"type": "number", "exclusiveMinimum": 0},
    ),
    (
        "boolean_bound",
        {"type": "number", "maximum": 9, "exclusiveMaximum": False},
        {"type": "number", "maximum": 9},
    ),
    ("foreign_reference", {"$ref": "#/components/schemas/Missing"}, {}),
    ("foreign_reference", {"$ref": "#/components/schemas/Known/properties/missing"}, {}),
    (
        "reference_sibling",
        {"$ref": "#/components/schemas/Known", "maxLength": 3, "description": "d"},
        {"allOf": [{"$ref": "#/components/schemas/Known"}], "maxLength": 3, "description": "d"},
    ),
    ("one_part", {"allOf": [{"type": "string"}], "description": "d"}, {"type": "string", "description": "d"}),
    ("one_part", {"anyOf": [{"type": "string"}], "nullable": True}, {"type": ["string", "null"]}),
    ("null_value", {"enum": [None]}, {"type": "null"}),
    ("null_value", {"const": None}, {"type": "null"}),
    ("null_value", {"type": "string", "nullable": True, "enum": [None]}, {"type": "null"}),
    (
        "never",
        {"anyOf": [{"not": {}}, {"type": "string"}, {"type": "number"}]},
        {"anyOf": [{"type": "string"}, {"type": "number"}]},
    ),
    ("never", {"type": "string", "not": {}}, {"not": {}}),
    ("idle_bound", {"type": "string", "minLength": 0}, {"type": "string"}),
    ("idle_bound", {"type": "string", "pattern": "^.*"}, {"type": "string"}),
    ("idle_bound", {"type": "array", "items": {}, "uniqueItems": False}, {"type": "array", "items": {}}),
    (
        "safe_integer",
        {"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991},
        {"type": "integer"},
    ),
    (
        "pattern_of_format",
        {
            "type": "string",
            "format": "uuid",
            "pattern": "^([0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})$",
        },
        {"type": "string", "format": "uuid"},
    ),
    ("null_as_text", {"enum": ["null"], "nullable": True}, {"type": "null"}),
    ("null_as_text", {"enum": ["null"]}, {"type": "null"}),
    ("nullable", {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ("nullable", {"type": "string", "nullable": False}, {"type": "string"}),
    ("nullable", {"nullable": True}, {}),
    (
        "nullable",
        {"type": "string", "enum": ["a"], "nullable": True},
        {"type": ["string", "null"], "enum": ["a", None]},
    ),
    (
        "nullable",
        {"anyOf": [{"type": "string"}, {"type": "number"}], "nullable": True},
        {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]},
    ),
    (
        "nullable",
        {"allOf": [{"$ref": "#/components/schemas/Known"}], "nullable": True},
        {"anyOf": [{"$ref": "#/components/schemas/Known"}, {"type": "null"}]},
    ),
    (
        "nullable",
        {"$ref": "#/components/schemas/Known", "nullable": True},
        {"anyOf": [{"$ref": "#/components/schemas/Known"}, {"type": "null"}]},
    ),
    ("nullable", {"const": "a", "nullable": True}, {"anyOf": [{"const": "a"}, {"type": "null"}]}),
    ("unknown_type", {"type": "date"}, {}),
    ("unknown_type", {"type": []}, {}),
    ("unknown_type", {"type": ["string", "string"]}, {"type": "string"}),
    ("unknown_type", {"type": ["integer", "number"]}, {"type": "number"}),
    ("missing_type", {"properties": {"a": {}}}, {"properties": {"a": {}}, "type": "object"}),
    ("missing_type", {"items": {}}, {"items": {}, "type": "array"}),
    ("array_of_pairs", {"type": "array", "maxItems": 125, "items": PAIR}, NUMBERS),
    (
        "array_of_pairs",
        {
            "type": "array",
            "maxItems": 125,
            "items": {"type": "array", "items": [{"type": "string"}, {"type": "number"}]},
        },
        NUMBERS,
    ),
    (
        "tuple_items",
        {"type": "array", "minItems": 2, "maxItems": 2, "items": [{"type": "string"}, {"type": "string"}]},
        {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "prefixItems": [{"type": "string"}, {"type": "string"}],
        },
    ),
    ("tuple_items", {"type": "array", "items": []}, {"type": "array", "items": {}}),
    ("bare_array", {"type": "array"}, {"type": "array", "items": {}}),
    ("bare_array", {"type": ["array", "null"]}, {"type": ["array", "null"], "items": {}}),
    ("malformed_enum", {"type": "string", "enum": ["a", "a", 3, None]}, {"type": "string", "enum": ["a"]}),
    ("malformed_enum", {"enum": [1, 1.0, True, {"a": 1}, {"a": 1.0}]}, {"enum": [1, True, {"a": 1}]}),
    ("malformed_enum", {"type": ["string", "number"], "enum": ["a"]}, {"type": "string", "enum": ["a"]}),
    ("malformed_enum", {"type": "boolean", "enum": [True, False]}, {"type": "boolean"}),
    ("malformed_enum", {"type": "string", "enum": "abc"}, {"type": "string"}),
    (
        "malformed_required",
        {"type": "object", "properties": {"a": {}}, "required": ["a", "a", "b", 3]},
        {"type": "object", "properties": {"a": {}}, "required": ["a", "b"]},
    ),
    ("malformed_required", {"type": "string", "required": True}, {"type": "string"}),
    ("malformed_additional", {"type": "object", "additionalProperties": []}, {"type": "object"}),
    ("closed_answer", {"type": "object", "additionalProperties": False}, {"type": "object"}),
    ("wrong_default", {"type": "integer", "default": "3"}, {"type": "integer"}),
    ("wrong_default", {"type": "array", "items": {}, "default": [1]}, {"type": "array", "items": {}}),
    ("wrong_default", {"type": "string", "minLength": 1, "default": ""}, {"type": "string", "minLength": 1}),
    (
        "not_a_schema",
        {"type": "object", "properties": {"a": None}},
        {"type": "object", "properties": {"a": {}}},
    ),
]


@pytest.mark.parametrize(("rule", "before", "after"), SCHEMAS)
def test_a_schema_is_mended_where_it_stands_and_where_it_is_shared(
    rule: str, before: Any, after: Any
) -> None:
    known = {"Known": {"type": "string"}}
    inline = repair(
        document(
            {"type": "array", "items": deepcopy(before)}, {"$ref": "#/components/schemas/Known"}, **known
        )
    )
    assert answer_of(inline.document)["items"] == after
    assert inline.counts[rule] >= 1
    shared = {**known, "Shared": deepcopy(before), "Uses": {"$ref": "#/components/schemas/Known"}}
    either = {"anyOf": [{"$ref": "#/components/schemas/Shared"}, {"$ref": "#/components/schemas/Uses"}]}
    by_name = repair(document(either, **shared))
    assert by_name.document["components"]["schemas"]["Shared"] == after
    assert by_name.counts[rule] >= 1


def test_every_rule_of_schemas_has_a_fault_that_it_mends() -> None:
    assert {rule.__name__ for rule in SCHEMA_RULES} | {"not_a_schema"} == {rule for rule, *_ in SCHEMAS}
    assert all(rule.__doc__ for rule in SCHEMA_RULES)


@pytest.mark.parametrize(
    "faultless",
    [
        {"type": "string", "enum": ["null"]},
        {"type": "array", "items": PAIR},
        {"type": "array", "items": PAIR, "minItems": 3, "maxItems": 3},
        {
            "type": "array",
            "prefixItems": [{"type": "string"}, {"type": "string"}],
            "minItems": 2,
            "maxItems": 2,
        },
        {"type": "number", "default": 5, "minimum": 1},
        {"enum": [1, True, "1", None]},
        {"type": "array", "items": {}, "default": []},
        {"type": "string", "format": "uuid", "pattern": "^[a-f]"},
        {"type": "integer", "maximum": 9007199254740990},
        {"type": "object", "properties": {"a": {"not": {}}}},
    ],
)
def test_what_only_looks_like_a_fault_stays(faultless: Any) -> None:
    result = repair(document(deepcopy(faultless)))
    assert result.counts == Counter()
    assert answer_of(result.document) == faultless


def test_beside_a_reference_of_an_older_document_only_notes_count() -> None:
    reference = {"$ref": "#/components/schemas/Known", "maxLength": 3, "description": "d", "nullable": True}
    given = {**document({"type": "array", "items": reference}, Known={"type": "string"}), "openapi": "3.0.3"}
    known = {"$ref": "#/components/schemas/Known"}
    assert answer_of(repair(given).document)["items"] == {
        "description": "d",
        "anyOf": [known, {"type": "null"}],
    }


def test_a_closed_request_stays_closed() -> None:
    closed = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
    assert request_of(repair(document({}, closed)).document) == closed
