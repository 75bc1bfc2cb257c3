"""Repair: whatever a server publishes becomes valid OpenAPI, by rules that say why and are counted."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.pipeline.document.anatomy import MAX_NODES
from scripts.pipeline.published import DocumentError
from scripts.pipeline.repair import repair
from scripts.pipeline.repair.operation_rules import DOCUMENT_RULES, unused_component
from scripts.pipeline.repair.schema_rules import SCHEMA_RULES
from scripts.pipeline.validate import check_openapi

UPSTREAM = Path(__file__).parent.parent / "data" / "upstream"
OPERATIONS = {
    "cocalc": 57,
    "2024-05-02-004": 4,
    "2024-06-09-006": 28,
    "2024-06-10-007": 28,
    "2024-07-06-012": 43,
    "2024-08-08-021": 49,
    "2024-08-11-022": 50,
    "2024-11-15-031": 58,
    "2025-08-18-038": 55,
}


def check_line(refusal: DocumentError) -> None:
    assert str(refusal)
    assert "\n" not in str(refusal)


def published(name: str) -> Any:
    return json.loads((UPSTREAM / f"{name}.json").read_text(encoding="utf-8"))


def document(answer: Any = None, request: Any = None, **components: Any) -> dict[str, Any]:
    """A document without fault, of one operation."""
    operation: dict[str, Any] = {
        "operationId": "x",
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer or {}}}}},
    }
    if request is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": request}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/api/v2/x": {"post": operation}},
        "components": {"schemas": components},
    }


def with_operation(**fields: Any) -> dict[str, Any]:
    result = document()
    result["paths"]["/api/v2/x"]["post"].update(fields)
    return result


def answer_of(repaired: dict[str, Any], path: str = "/api/v2/x") -> Any:
    return repaired["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]


def request_of(repaired: dict[str, Any], path: str = "/api/v2/x") -> Any:
    return repaired["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]


# All nine are validated on their way through the pipeline in tests/tracking/test_replay.py.
@pytest.mark.parametrize("name", ["2024-05-02-004", "2024-08-08-021", "2024-11-15-031", "cocalc"])
def test_a_published_document_becomes_valid_openapi_with_all_its_operations(name: str) -> None:
    repaired = repair(published(name)).document
    check_openapi(repaired)
    assert sum(len(item) for item in repaired["paths"].values()) == OPERATIONS[name]
    assert {method for item in repaired["paths"].values() for method in item} == {"post"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_repaired_document_needs_no_repair(name: str) -> None:
    once = repair(published(name)).document
    again = repair(once)
    assert again.counts == Counter()
    assert again.document == once


def test_the_input_is_left_as_it_is() -> None:
    given_document = published("cocalc")
    before = deepcopy(given_document)
    repair(given_document)
    assert given_document == before


def test_a_document_without_fault_is_not_touched() -> None:
    faultless = document({"type": "string"}, {"type": "object", "properties": {"a": {"type": "integer"}}})
    result = repair(faultless)
    assert result.counts == Counter()
    assert result.document["paths"] == faultless["paths"]


PAIR = {
    "type": "array",
    "prefixItems": [{"type": "string"}, {"type": "number"}],
    "minItems": 2,
    "maxItems": 2,
}
NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}
SCHEMAS: list[tuple[str, Any, Any]] = [
    ("unknown_keyword", {"type": "string", "x-cocalc-time": "iso", "example": 1}, {"type": "string"}),
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
    (
        "reference_sibling",
        {"$ref": "#/components/schemas/Known", "type": "object", "description": "d"},
        {"$ref": "#/components/schemas/Known", "description": "d"},
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
        {"anyOf": [{"allOf": [{"$ref": "#/components/schemas/Known"}]}, {"type": "null"}]},
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
    ("malformed_enum", {"enum": [{"a": 1}]}, {}),
    ("malformed_enum", {"type": "string", "enum": "abc"}, {"type": "string"}),
    (
        "malformed_required",
        {"type": "object", "properties": {"a": {}}, "required": ["a", "a", "b"]},
        {"type": "object", "properties": {"a": {}}, "required": ["a"]},
    ),
    ("malformed_required", {"type": "string", "required": True}, {"type": "string"}),
    ("malformed_additional", {"type": "object", "additionalProperties": []}, {"type": "object"}),
    ("closed_answer", {"type": "object", "additionalProperties": False}, {"type": "object"}),
    ("wrong_default", {"type": "integer", "default": "3"}, {"type": "integer"}),
    ("wrong_default", {"type": "array", "items": {}, "default": []}, {"type": "array", "items": {}}),
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
    ],
)
def test_what_only_looks_like_a_fault_stays(faultless: Any) -> None:
    result = repair(document(deepcopy(faultless)))
    assert result.counts == Counter()
    assert answer_of(result.document) == faultless


def test_a_closed_request_stays_closed() -> None:
    closed = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
    assert request_of(repair(document({}, closed)).document) == closed


def two_of_one_name() -> dict[str, Any]:
    result = document(
        Add200ResponseBody={"type": "string"}, AddRequestBody={"type": "object", "properties": {"a": {}}}
    )
    operation = {
        "operationId": "add",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AddRequestBody"}}},
        },
        "responses": {
            "200": {
                "description": "",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Add200ResponseBody"}}
                },
            }
        },
    }
    result["paths"] = {"/api/v2/a/add": {"post": operation}, "/api/v2/b/add": {"post": deepcopy(operation)}}
    return result


def text_answer(kind: str, schema: Any) -> dict[str, Any]:
    return with_operation(responses={"200": {"description": "", "content": {kind: {"schema": schema}}}})


def changed(**parts: Any) -> dict[str, Any]:
    return {**document(), **parts}


ID = {"name": "id", "in": "query", "required": True, "schema": {"type": "string"}}
OPERATION = document()["paths"]["/api/v2/x"]["post"]
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("unknown_part", changed(security=[{"BasicAuth": []}])),
    ("info_summary", changed(openapi="3.0.1", info={"title": "A", "version": "1", "summary": "s"})),
    ("info_field", changed(info={"title": 3})),
    (
        "server_variable",
        changed(servers=[{"url": "https://cocalc.com", "variables": {"apiKey": {"default": ""}}}]),
    ),
    ("version", changed(openapi="3.0.3")),
    ("path_prefix", changed(paths={"/projects/stop/": {"post": OPERATION}})),
    ("path_prefix", changed(paths={"/base/path/api/v2/projects/stop": {"post": OPERATION}})),
    ("path_item", changed(paths={"/api/v2/x": {"post": OPERATION, "summary": "s"}})),
    ("post_only", changed(paths={"/api/v2/x": {"get": OPERATION}})),
    ("post_only", changed(paths={"/api/v2/x": {"get": OPERATION, "post": OPERATION}})),
    ("operation_field", with_operation(**{"x-cocalc-idempotent": True})),
    ("operation_field", with_operation(tags=[1])),
    ("operation_field", with_operation(deprecated="yes")),
    ("indirect_part", {**with_operation(requestBody={"$ref": "#/components/requestBodies/B"})}),
    ("query_parameter", with_operation(parameters=[ID])),
    (
        "request_media",
        with_operation(requestBody={"content": {"text/plain": {"schema": {"type": "object"}}}}),
    ),
    ("request_media", with_operation(requestBody={})),
    ("optional_body", with_operation(requestBody={"content": {"application/json": {"schema": {}}}})),
    ("missing_answer", with_operation(responses={})),
    ("missing_answer", with_operation(responses={"ok": {"description": ""}})),
    ("answer_media", text_answer("application/octet-stream", {"type": "string"})),
    ("answer_media", text_answer("text/plain", {"type": "object"})),
    ("overwritten_schema", two_of_one_name()),
    ("operation_id", two_of_one_name()),
    ("component_section", changed(components={"schemas": {}, "responses": {}})),
    ("unused_component", document(Nobody={"type": "string"})),
]


@pytest.mark.parametrize(("rule", "broken"), DOCUMENTS)
def test_a_fault_around_the_schemas_is_mended_and_counted(rule: str, broken: dict[str, Any]) -> None:
    result = repair(broken)
    assert result.counts[rule] >= 1
    check_openapi(result.document)


def test_every_rule_has_a_fault_that_it_mends() -> None:
    rules = {rule.__name__ for rule in (*DOCUMENT_RULES, *SCHEMA_RULES, unused_component)}
    assert rules | {"not_a_schema"} == {rule for rule, *_ in SCHEMAS} | {rule for rule, _ in DOCUMENTS}
    assert all(rule.__doc__ for rule in (*DOCUMENT_RULES, *SCHEMA_RULES))


@pytest.mark.parametrize(
    "path",
    ["/projects/stop", "projects/stop", "/api/v2/projects/stop/", "/6a8b/port/5000/api/v2/projects/stop"],
)
def test_routes_get_their_one_prefix(path: str) -> None:
    assert list(repair(changed(paths={path: {"post": OPERATION}})).document["paths"]) == [
        "/api/v2/projects/stop"
    ]


def test_a_get_with_parameters_becomes_a_post_with_a_body() -> None:
    get = {"operationId": "x", "parameters": [ID], "responses": OPERATION["responses"]}
    result = repair(
        changed(paths={"/api/v2/x": {"get": get, "parameters": [{**ID, "name": "n", "required": False}]}})
    )
    assert request_of(result.document) == {
        "type": "object",
        "properties": {"id": {"type": "string"}, "n": {"type": "string"}},
        "required": ["id"],
    }


def test_parameters_join_a_body_that_is_already_there() -> None:
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {}}}}}}
    joined = request_of(repair(with_operation(parameters=[ID], requestBody=body)).document)
    assert [sorted(part["properties"]) for part in joined["allOf"]] == [["a"], ["id"]]


def test_of_schemas_that_overwrote_each_other_none_is_believed() -> None:
    result = repair(two_of_one_name())
    assert result.counts["overwritten_schema"] == 4
    for path in result.document["paths"]:
        assert answer_of(result.document, path) == {}
        assert request_of(result.document, path) == {"type": "object"}
    ids = [item["post"]["operationId"] for item in result.document["paths"].values()]
    assert len(set(ids)) == 2


def test_only_an_answer_of_text_that_is_said_to_be_text_stays_text() -> None:
    error = {"type": "object", "properties": {"error": {"type": "string"}}}
    script = repair(text_answer("text/plain", {"anyOf": [error, {"type": "string"}]})).document
    assert list(script["paths"]["/api/v2/x"]["post"]["responses"]["200"]["content"]) == ["text/plain"]
    for kind, schema in (
        ("text/plain", {"anyOf": [error, {"type": "object"}]}),
        ("application/octet-stream", error),
    ):
        content = repair(text_answer(kind, schema)).document["paths"]["/api/v2/x"]["post"]["responses"][
            "200"
        ]["content"]
        assert list(content) == ["application/json"]


def nested(levels: int) -> Any:
    schema: Any = {}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    ("hostile", "says"),
    [
        ([], "'paths'"),
        ({"openapi": "3.0.1"}, "'paths'"),
        ({"swagger": "2.0", "paths": {}}, "not an OpenAPI 3"),
        (changed(paths={}), "no operation"),
        (changed(paths={"/api/v2/x": {"summary": "s"}}), "no operation"),
        (changed(paths={"/api/v2/x": {"$ref": "other.json"}}), "/api/v2/x: the path is a reference"),
        (document({"$ref": "https://example.com/a.json"}), "does not point to a schema component"),
        (document({"$ref": "#/paths/~1api/x"}), "does not point to a schema component"),
        (
            document({"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/A"}),
            "refers to itself",
        ),
        (
            document(
                {"$ref": "#/components/schemas/A"},
                A={"anyOf": [{"$ref": "#/components/schemas/B"}]},
                B={"allOf": [{"$ref": "#/components/schemas/A"}]},
            ),
            "refers to itself",
        ),
        (with_operation(requestBody={"$ref": "#/components/schemas/A"}), "a reference that is not one"),
        (with_operation(parameters=[{"in": "path", "name": "id"}]), "a parameter that is part of the path"),
        (document(**{"a/../b": {}}), "a name that OpenAPI does not allow"),
        (document(nested(200)), "nested deeper"),
        (document({"enum": [0] * MAX_NODES}), "values"),
        (document({"description": "\ud800"}), "surrogate"),
        (document({"default": float("nan")}), "not finite"),
        (document({"default": 10**40}), "64 bits"),
        (document({1: "a"}), "not text"),
        (document({"default": {1, 2}}), "not JSON"),
    ],
)
def test_a_hostile_document_is_refused_in_one_line(hostile: Any, says: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        repair(hostile)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_component_may_hold_itself_in_a_field() -> None:
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    }
    assert repair(document({"$ref": "#/components/schemas/Tree"}, Tree=tree)).document["components"][
        "schemas"
    ] == {"Tree": tree}


KEYWORDS = [
    *(
        "type",
        "properties",
        "items",
        "prefixItems",
        "anyOf",
        "oneOf",
        "allOf",
        "enum",
        "const",
        "nullable",
        "required",
    ),
    *(
        "additionalProperties",
        "default",
        "minimum",
        "exclusiveMinimum",
        "maxItems",
        "minItems",
        "$ref",
        "format",
        "error",
    ),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 130),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from(
        [
            "string",
            "object",
            "array",
            "null",
            "number",
            "integer",
            "boolean",
            "a",
            "uuid",
            "date-time",
            "",
            "a-b",
            "日本",
        ]
    ),
    st.sampled_from(
        ["#/components/schemas/A", "#/components/schemas/B", "#/components/schemas/C", "x.json#/A"]
    ),
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*KEYWORDS, "a", "A", "a_", "status", "to_dict"]), inner, max_size=4),
    ),
    max_leaves=12,
)


def any_document() -> st.SearchStrategy[dict[str, Any]]:
    """Documents of random schemas, sensible enough to get past the first checks."""
    schema = st.one_of(ANY_JSON, st.fixed_dictionaries({"type": st.just("object"), "properties": ANY_JSON}))
    return st.builds(
        lambda answer, request, a, b: document(answer, request, A=a, B=b), schema, schema, schema, schema
    )


def mutated() -> st.SearchStrategy[dict[str, Any]]:
    """A real document with one value somewhere replaced by something else."""

    def replace(choices: list[int], value: Any) -> dict[str, Any]:
        result: dict[str, Any] = published("2024-05-02-004")
        node: Any = result
        for choice in choices:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = keys[choice % len(keys)]
            if not isinstance(node[key], dict | list) or choice % 7 == 0:
                node[key] = value
                break
            node = node[key]
        return result

    return st.builds(replace, st.lists(st.integers(0, 1000), min_size=2, max_size=14), ANY_JSON)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(any_document(), mutated()))
def test_any_document_becomes_valid_and_settled_or_is_refused(given_document: dict[str, Any]) -> None:
    try:
        result = repair(given_document)
    except DocumentError as refusal:
        check_line(refusal)
        return
    check_openapi(result.document)
    assert repair(result.document).counts == Counter()
