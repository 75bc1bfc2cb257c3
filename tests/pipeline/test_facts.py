"""What is known of a route holds for every document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from scripts.pipeline.facts import read_facts, state
from scripts.pipeline.published import DocumentError
from scripts.pipeline.repair import repair
from tests.openapi.formats import EXTENSIONS

ROOT = Path(__file__).parents[2]
FACTS = read_facts(ROOT / "openapi" / "routes.yaml")
DOCUMENTS = sorted((ROOT / "tests" / "data" / "upstream").glob("*.json"))


def document(**routes: dict[str, Any]) -> dict[str, Any]:
    return {"paths": {f"/api/v2/{route}": {"post": operation} for route, operation in routes.items()}}


def test_what_a_document_says_of_its_own_safety_is_not_believed() -> None:
    told = {"x-cocalc-idempotent": True, "x-cocalc-auth": "none", "x-cocalc-confirm": "", "summary": "Stop"}
    found = state(document(exec=told, fresh=told), {"exec": {"auth": "account", "idempotent": False}})
    posts = {path: item["post"] for path, item in found.document["paths"].items()}
    assert posts["/api/v2/exec"] == {
        "summary": "Stop",
        "x-cocalc-auth": "account",
        "x-cocalc-idempotent": False,
    }
    assert posts["/api/v2/fresh"] == {"summary": "Stop"}
    assert found.unknown == ("fresh",)


def test_what_the_pipeline_says_stays() -> None:
    found = state(document(exec={"x-cocalc-published": False, "x-cocalc-retired": "2026-01-01"}), {})
    assert found.document["paths"]["/api/v2/exec"]["post"] == {
        "x-cocalc-published": False,
        "x-cocalc-retired": "2026-01-01",
    }


@pytest.mark.parametrize(
    ("schema", "pages"),
    [
        ({"properties": {"limit": {}, "offset": {}}}, True),
        ({"anyOf": [{"properties": {"limit": {}}}, {"allOf": [{"properties": {"offset": {}}}]}]}, True),
        ({"properties": {"limit": {}}}, False),
        ({}, False),
    ],
)
def test_paging_is_said_where_its_arguments_are(schema: dict[str, Any], pages: bool) -> None:
    body = {"content": {"application/json": {"schema": schema}}}
    facts = {"x": {"pagination": {"limit": "limit", "offset": "offset", "max": 5}}}
    found = state(document(x={"requestBody": body}), facts)
    assert ("x-cocalc-pagination" in found.document["paths"]["/api/v2/x"]["post"]) is pages


@pytest.mark.parametrize("place", DOCUMENTS, ids=lambda place: place.stem)
def test_every_document_gets_them_without_overlay_and_supplement(place: Path) -> None:
    found = state(repair(json.loads(place.read_text())).document, FACTS)
    for path, item in found.document["paths"].items():
        known = FACTS.get(path.removeprefix("/api/v2/"), {})
        for name in ("confirm", "charges", "idempotent", "mutates", "auth", "timeout"):
            assert item["post"].get(f"x-cocalc-{name}") == known.get(name), (path, name)


def test_all_that_is_known_is_in_the_vocabulary_and_in_order() -> None:
    assert list(FACTS) == sorted(FACTS)
    for route, row in FACTS.items():
        said = {f"x-cocalc-{name}": value for name, value in row.items()}
        assert set(said) <= set(EXTENSIONS["properties"]), route
        assert not list(Draft202012Validator(EXTENSIONS).iter_errors(said)), route


@pytest.mark.parametrize("text", ["- a", "a: b", "a: {x: 1}\na: {x: 2}", "a: ["])
def test_a_malformed_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "routes.yaml").write_text(text)
    with pytest.raises(DocumentError, match=r"routes\.yaml|twice"):
        read_facts(tmp_path / "routes.yaml")


def test_nothing_of_it_stands_in_overlay_or_supplement() -> None:
    for place in (ROOT / "openapi" / "overlay.yaml", *(ROOT / "openapi" / "supplement").glob("*.yaml")):
        text = place.read_text()
        assert yaml.safe_load(text)
        assert not [name for name in EXTENSIONS["properties"] if f"{name}:" in text], place.name


def test_what_is_known_of_a_route_holds_when_it_is_only_spelled_otherwise() -> None:
    stated = state(
        document(**{"accounts/Delete": {}}), {"accounts/delete": {"confirm": "deletes the account"}}
    )
    assert (
        stated.document["paths"]["/api/v2/accounts/Delete"]["post"]["x-cocalc-confirm"]
        == "deletes the account"
    )
    assert stated.unknown == ()
