"""What the client cannot say is said by name at the end of a run."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_facade._drift.contract import contract
from scripts.pipeline.diff.unmodelled import unmodelled
from scripts.pipeline.run.progress import Summary
from tests.pipeline.documents import document, published

S = {"type": "string"}
SAID: list[tuple[str, Any]] = [
    ("pattern", {**S, "pattern": "^a"}),
    ("not", {**S, "not": {"const": "a"}}),
    ("if", {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}}),
    ("contains", {"type": "array", "contains": S}),
    ("propertyNames", {"type": "object", "propertyNames": {"maxLength": 3}}),
    ("patternProperties", {"type": "object", "patternProperties": {"^a": S}}),
    ("dependentRequired", {"type": "object", "dependentRequired": {"a": ["b"]}}),
    ("dependentSchemas", {"type": "object", "dependentSchemas": {"a": {"required": ["b"]}}}),
    ("contentSchema", {**S, "contentSchema": {"type": "object"}}),
    ("multipleOf", {"type": "number", "multipleOf": 3}),
    ("uniqueItems", {"type": "array", "uniqueItems": True}),
    ("maxProperties", {"type": "object", "maxProperties": 3}),
    ("oneOf", {"oneOf": [{**S, "maxLength": 5}, {**S, "minLength": 3}]}),
    ("enum", {"enum": [{"a": 1}]}),
]


@pytest.mark.parametrize(("keyword", "schema"), SAID, ids=[keyword for keyword, _ in SAID])
@pytest.mark.parametrize("side", ["request", "answer"])
def test_a_keyword_that_no_type_models_is_named_with_its_place(keyword: str, schema: Any, side: str) -> None:
    deep = {
        "type": "object",
        "properties": {"list": {"type": "array", "items": {"type": "object", "properties": {"f": schema}}}},
    }
    found = unmodelled(contract(document(deep) if side == "answer" else document({}, deep)))
    assert found == (f"{keyword} in x list.f",)
    assert f"not modelled, left to the server: {found[0]}" in list(Summary(unmodelled=found).told(1))


def test_many_places_are_counted() -> None:
    fields = {f"f{n}": {**S, "pattern": "^a"} for n in range(9)}
    assert unmodelled(contract(document({}, {"type": "object", "properties": fields}))) == (
        "pattern in x f0, x f1, x f2, and 6 more",
    )


def test_of_the_pinned_document_all_is_modelled() -> None:
    assert unmodelled(contract(published("cocalc"))) == ()
