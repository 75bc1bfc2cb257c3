"""Faults around the schemas: envelope, paths, operations, bodies, answers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from scripts.pipeline.repair import DOCUMENT_RULES, repair
from scripts.pipeline.repair.document_rules import unused_component
from scripts.pipeline.validate import check_openapi
from tests.pipeline.documents import (
    answer_of,
    changed,
    document,
    request_of,
    text_answer,
    with_operation,
)


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
    (
        "indirect_part",
        {
            **with_operation(requestBody={"$ref": "#/components/requestBodies/B"}),
            "components": {"requestBodies": {"B": {"content": {}}}},
        },
    ),
    ("component_name", document({"$ref": "#/components/schemas/A B"}, **{"A B": {"type": "string"}})),
    ("component_name", document({"$ref": "#/components/schemas/%41"}, A={"type": "string"})),
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
    (
        "part_reference",
        document({"$ref": "#/components/schemas/A/properties/a"}, A={"properties": {"a": {}}}),
    ),
    ("component_section", changed(components={"schemas": {}, "responses": {}})),
    ("unused_component", document(Nobody={"type": "string"})),
]


@pytest.mark.parametrize(("rule", "broken"), DOCUMENTS)
def test_a_fault_around_the_schemas_is_mended_and_counted(rule: str, broken: dict[str, Any]) -> None:
    result = repair(broken)
    assert result.counts[rule] >= 1
    check_openapi(result.document)


def test_every_rule_of_documents_has_a_fault_that_it_mends() -> None:
    rules = (*DOCUMENT_RULES, unused_component)
    assert {rule.__name__ for rule in rules} == {rule for rule, _ in DOCUMENTS}
    assert all(rule.__doc__ for rule in rules)


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
        "additionalProperties": False,
    }


def test_parameters_join_a_body_that_is_already_there() -> None:
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {}}}}}}
    joined = request_of(repair(with_operation(parameters=[ID], requestBody=body)).document)
    assert [sorted(part["properties"]) for part in joined["allOf"]] == [["a"], ["id"]]


def test_of_schemas_that_overwrote_each_other_none_is_believed() -> None:
    result = repair(two_of_one_name())
    assert result.counts["overwritten_schema"] == 4
    for path in result.document["paths"]:
        assert answer_of(result.document, path) == {"x-cocalc-unknown": "Add200ResponseBody"}
        assert request_of(result.document, path) == {"type": "object", "x-cocalc-unknown": "AddRequestBody"}
    ids = [item["post"]["operationId"] for item in result.document["paths"].values()]
    assert len(set(ids)) == 2


def answers(**responses: Any) -> dict[str, Any]:
    """What is left of the answers of an operation that publishes these."""
    result = repair(with_operation(responses={status.strip("_"): said for status, said in responses.items()}))
    found = result.document["paths"]["/api/v2/x"]["post"]["responses"]
    return {status: entry["content"]["application/json"]["schema"] for status, entry in found.items()}


def test_an_answer_without_a_body_is_null_where_it_is_said_or_others_have_one() -> None:
    bare = {"description": ""}
    text = {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}
    assert answers(_204=bare) == {"204": {"type": "null"}}
    assert answers(_200=text, _204=bare) == {"200": {"type": "string"}, "204": {"type": "null"}}
    assert answers(_200=text, _201=bare) == {"200": {"type": "string"}, "201": {"type": "null"}}
    # Nobody says what comes, nor that nothing does.
    assert answers(_200=bare) == {"200": {}}
    assert answers(_200=bare, _201=bare) == {"200": {}, "201": {}}


def test_a_part_of_a_component_is_copied_to_where_it_is_used() -> None:
    whole = {
        "type": "object",
        "properties": {"id": {"type": "string", "maxLength": 3}, "a/b": {"type": "integer"}},
    }
    parts = {
        "#/components/schemas/Whole/properties/id": {"type": "string", "maxLength": 3},
        "#/components/schemas/Whole/properties/a~1b": {"type": "integer"},
        "#/paths/~1api~1v2~1x/post/responses/500/content/application~1json/schema": {"type": "boolean"},
    }
    for ref, expected in parts.items():
        broken = document({"type": "array", "items": {"$ref": ref}}, Whole=whole)
        broken["paths"]["/api/v2/x"]["post"]["responses"]["500"] = {
            "description": "", "content": {"application/json": {"schema": {"type": "boolean"}}}
        }  # fmt: skip
        assert answer_of(repair(broken).document)["items"] == expected


def test_a_part_that_contains_itself_becomes_a_component() -> None:
    ref = {"$ref": "#/components/schemas/Whole/properties/node"}
    node = {"type": "object", "properties": {"next": ref}}
    fixed = repair(
        document({"$ref": ref["$ref"]}, Whole={"type": "object", "properties": {"node": node}})
    ).document
    name = answer_of(fixed)["$ref"].rpartition("/")[2]
    assert fixed["components"]["schemas"][name]["properties"]["next"] == {
        "$ref": f"#/components/schemas/{name}"
    }
    check_openapi(fixed)


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
