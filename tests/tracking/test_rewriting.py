"""The published documents, rewritten by chance into other forms of the same meaning: one contract, one client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade._drift.contract import contract
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from tests.tracking.rewritings import FORMS, Rewriter

PUBLISHED = sorted((Path(__file__).parent.parent / "data" / "upstream").glob("*.json"))


def client(repaired: dict[str, Any]) -> Any:
    made = shape(repaired)
    return json.dumps([made["paths"], made["components"]], sort_keys=True)


@pytest.mark.parametrize("place", PUBLISHED, ids=lambda place: place.stem)
def test_a_published_document_in_another_form_is_the_same_contract_and_the_same_client(place: Path) -> None:
    published = json.loads(place.read_text(encoding="utf-8"))
    promised = contract(published)
    other = Rewriter(published, PUBLISHED.index(place)).document()
    assert contract(other) == promised
    repaired = repair(other).document
    assert contract(repaired) == promised
    assert client(repaired) == client(repair(published).document)


def test_every_form_is_used() -> None:
    used: set[str] = set()
    for place in PUBLISHED:
        rewriter = Rewriter(json.loads(place.read_text(encoding="utf-8")), 1, share=0.5)
        rewriter.document()
        used |= set(rewriter.used)
    assert used == {form.__name__ for form in FORMS}


@pytest.mark.parametrize(
    ("schema", "plain"),
    [
        ({"not": {"allOf": [{}, {"description": "anything"}]}}, {"not": {}}),
        ({"enum": [1, 0.5]}, {"anyOf": [{"const": 0.5}, {"const": 1}]}),
        ({"type": "array", "maxItems": 9, "items": {"allOf": [{"x-order": 1, "type": "array", "items": [{"type": "string"}, {"type": "number"}]}]}}, {"type": "object", "additionalProperties": {"type": "number"}}),
        ({"type": "string", "nullable": True, "enum": ["null", "null"]}, {"type": "null"}),
    ],
    ids=["never", "numbers", "a map in pairs", "null twice"],
)  # fmt: skip
def test_forms_that_no_published_document_has_yet(schema: Any, plain: Any) -> None:
    def of(one: Any) -> Any:
        return {
            "openapi": "3.1.0",
            "info": {"title": "A", "version": "1"},
            "paths": {
                "/api/v2/a": {
                    "post": {
                        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": one}}}}},
                        "responses": {"200": {"description": "", "content": {"application/json": {"schema": one}}}},
                    }
                }
            },
        }  # fmt: skip

    assert contract(of(schema)) == contract(of(plain)) == contract(repair(of(schema)).document)


@pytest.mark.parametrize(
    "answer",
    [
        {"anyOf": [{"$ref": "#/components/schemas/Done"}, {"$ref": "#/components/schemas/No"}]},
        {"allOf": [{"oneOf": [{"$ref": "#/components/schemas/No"}, {"allOf": [{"$ref": "#/components/schemas/Done"}, {}]}]}, {}]},
        {"$ref": "#/components/schemas/Other"},
        {"allOf": [{"properties": {"status": {"const": "ok"}}}, {"type": "object", "required": ["status"]}]},
    ],
)  # fmt: skip
def test_what_says_that_it_was_done_is_so_however_it_is_put_together(answer: Any) -> None:
    done = {"type": "object", "properties": {"status": {"type": "string", "enum": ["success"]}}}
    no = {"allOf": [{"type": "object", "properties": {"error": {"type": "string"}}}, {"required": ["error"]}]}
    ref = {"$ref": "#/components/schemas/Done"}
    published = {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/api/v2/a": {"post": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": answer}}}}}}},
        "components": {"schemas": {"Done": done, "No": no, "Other": {"anyOf": [{"$ref": "#/components/schemas/No"}, ref, ref]}}},
    }  # fmt: skip
    made = shape(repair(published).document)
    (found,) = made["paths"]["/api/v2/a"]["post"]["responses"]["200"]["content"].values()
    assert found["schema"] == {"$ref": "#/components/schemas/Ok"}
