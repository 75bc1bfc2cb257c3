"""Repair: whatever a server publishes becomes valid OpenAPI, by rules that say why and are counted."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.pipeline.document.anatomy import MAX_NODES
from scripts.pipeline.published import DocumentError
from scripts.pipeline.repair import repair
from scripts.pipeline.validate import check_openapi
from tests.pipeline.documents import (
    OPERATIONS,
    any_document,
    changed,
    check_line,
    document,
    mutated,
    published,
    with_operation,
)


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
        (
            changed(paths={"/api/v2/x": {"$ref": "other.json"}}),
            "/api/v2/x: the path is a reference that leads to none",
        ),
        (document({"$ref": "https://example.com/a.json"}), "leads out of the document"),
        (document({"$ref": "other.json#/components/schemas/A"}), "leads out of the document"),
        (with_operation(parameters=[{"in": "path", "name": "id"}]), "a parameter is part of the path"),
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


@settings(max_examples=40)
@given(st.one_of(any_document(), mutated()))
def test_any_document_becomes_valid_and_settled_or_is_refused(given_document: dict[str, Any]) -> None:
    try:
        result = repair(given_document)
    except DocumentError as refusal:
        check_line(refusal)
        return
    check_openapi(result.document)
    assert repair(result.document).counts == Counter()
