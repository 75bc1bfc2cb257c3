"""Supplement: routes that are not published are added, and what is published wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts.pipeline.overlay import overlay
from scripts.pipeline.published import DocumentError
from scripts.pipeline.supplement import meaning_ours, read_supplement, supplement

DOCUMENT = {
    "paths": {"/api/v2/x": {"post": {"responses": {}}}},
    "components": {"schemas": {"Taken": {"type": "string"}}},
}


def route(**fields: Any) -> dict[str, Any]:
    return {"post": {"responses": {"200": {"description": "", "content": {}}}, **fields}}


def answering(ref: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{ref}"}
    return route(responses={"200": {"description": "", "content": {"application/json": {"schema": schema}}}})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "`paths`"),
        ({}, "neither paths nor components"),
        ({"paths": {"/api/v2/y": route()}, "info": {}}, "`paths`"),
        ({"paths": {"/y": route()}}, "does not begin with /api/v2/"),
        ({"paths": {"/api/v2/y": {"get": {}}}}, "a post and nothing else"),
        ({"paths": {"/api/v2/y": {"post": {}}}}, "says nothing of its answer"),
        ({"paths": {"/api/v2/y": route(**{"x-cocalc-published": True})}}, "for the pipeline to set"),
        ({"components": {"schemas": {"A": 3}}}, "no object of schemas"),
        ({"components": {"responses": {}}}, "are schemas"),
    ],
)
def test_a_malformed_supplement_is_refused_by_name(content: Any, says: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        supplement(DOCUMENT, {"a.yaml": content})
    assert says in str(refusal.value)
    assert "a.yaml" in str(refusal.value)


def test_one_path_or_component_in_two_files_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"b\.yaml//api/v2/y: the path is already in a\.yaml"):
        supplement(
            DOCUMENT,
            {"a.yaml": {"paths": {"/api/v2/y": route()}}, "b.yaml": {"paths": {"/api/v2/y": route()}}},
        )
    shared = {"components": {"schemas": {"A": {}}}}
    with pytest.raises(DocumentError, match=r"exists already in a\.yaml"):
        supplement(DOCUMENT, {"a.yaml": shared, "b.yaml": shared})


def test_an_added_route_is_marked_as_unpublished() -> None:
    result = supplement(DOCUMENT, {"a.yaml": {"paths": {"/api/v2/y": route()}}})
    assert result.added == ("/api/v2/y",)
    assert result.document["paths"]["/api/v2/y"]["post"]["x-cocalc-published"] is False
    assert "/api/v2/y" not in DOCUMENT["paths"]


def test_an_entry_that_is_now_published_is_redundant_and_changes_nothing() -> None:
    result = supplement(DOCUMENT, {"a.yaml": {"paths": {"/api/v2/x": route(summary="ours")}}})
    assert (result.added, result.redundant) == ((), ("/api/v2/x",))
    assert result.document["paths"] == DOCUMENT["paths"]


def test_a_component_that_no_route_leads_to_is_reported_and_left_out() -> None:
    schemas = {
        "Used": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Deep"}}},
        "Deep": {},
        "Idle": {},
    }
    files = {
        "a.yaml": {"paths": {"/api/v2/y": answering("Used")}},
        "b.yaml": {"components": {"schemas": schemas}},
    }
    result = supplement(DOCUMENT, files)
    assert result.unused == ("Idle",)
    assert sorted(result.document["components"]["schemas"]) == ["Deep", "Taken", "Used"]


def test_the_files_of_a_folder_are_read_in_order(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "ignored.txt"):
        (tmp_path / name).write_text("paths: {}\n", encoding="utf-8")
    assert list(read_supplement(tmp_path)) == ["a.yaml", "b.yaml"]


def test_a_component_whose_name_the_document_has_given_to_another_one_stands_under_a_name_of_its_own() -> (
    None
):
    files = {
        "a.yaml": {
            "paths": {"/api/v2/y": answering("Taken")},
            "components": {
                "schemas": {"Taken": {"type": "array", "items": {"$ref": "#/components/schemas/Taken"}}}
            },
        }
    }
    found = supplement(DOCUMENT, files)
    schemas = found.document["components"]["schemas"]
    assert schemas["Taken"] == {"type": "string"}
    answer = found.document["paths"]["/api/v2/y"]["post"]["responses"]["200"]["content"]["application/json"]
    name = answer["schema"]["$ref"].removeprefix("#/components/schemas/")
    assert schemas[name] == {
        "x-cocalc-known-as": "Taken",
        "type": "array",
        "items": {"$ref": f"#/components/schemas/{name}"},
    }
    assert not found.unused


def test_routes_that_a_server_is_known_not_to_have_are_left_out_unless_it_publishes_them() -> None:
    files = {
        "a.yaml": {
            "paths": {"/api/v2/x": route(), "/api/v2/old": answering("Old"), "/api/v2/y": route()},
            "components": {"schemas": {"Old": {"type": "string"}}},
        }
    }
    found = supplement(DOCUMENT, files, without={"x", "old"})
    assert found.added == ("/api/v2/y",)
    assert found.redundant == ("/api/v2/x",)
    assert found.left_out == ("/api/v2/old",)
    assert not found.unused, "it is used, by what other servers have"
    assert found.document["components"] == DOCUMENT["components"]


def pointing(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def corrected(schemas: dict[str, Any], *, files: dict[str, Any]) -> dict[str, Any]:
    """What a route answers, by the keys of a schema, when a correction gives it a shared shape and one of its own."""
    document = {"paths": {"/api/v2/x": answering("Answer")}, "components": {"schemas": schemas}}
    corrections = {
        "overlay": "1.0.0",
        "info": {"title": "t", "version": "1"},
        "actions": [
            {
                "target": "$.components.schemas",
                "description": "One for two.",
                "update": {"Both": {"items": pointing("Done")}},
            },
            {
                "target": "$.components.schemas.Answer",
                "description": "As it is.",
                "update": {"anyOf": [pointing("Done"), pointing("Both")]},
            },
        ],
    }
    lent = {"components": {"schemas": {"Done": {"title": "ours"}, "Idle": {}}}}
    applied = overlay(document, meaning_ours(corrections, lent, document)).document
    return supplement(applied, files, lent=lent).document["components"]["schemas"]


@pytest.mark.parametrize("files", [{}, {"a.yaml": {"paths": {"/api/v2/y": route()}}}])
@pytest.mark.parametrize("theirs", [(), ("Done",), ("Both",), ("Done", "Both", "Done.supplement")])
def test_what_a_correction_refers_to_is_ours_whatever_the_document_calls_so(
    theirs: tuple[str, ...], files: dict[str, Any]
) -> None:
    published = {"Answer": {}, **{name: {"title": "theirs"} for name in theirs}}
    schemas = corrected(published, files=files)
    done, both = (schemas[one["$ref"].rpartition("/")[2]] for one in schemas["Answer"]["anyOf"])
    assert done["title"] == "ours"
    assert schemas[both["items"]["$ref"].rpartition("/")[2]] is done
    assert all(schemas[name] == {"title": "theirs"} for name in theirs)
    assert "Idle" not in schemas


def test_a_supplement_of_ones_own_may_have_its_own_form_of_a_shared_component() -> None:
    files = {
        "a.yaml": {
            "paths": {"/api/v2/y": answering("Done")},
            "components": {"schemas": {"Done": {"title": "mine"}}},
        }
    }
    assert corrected({"Answer": {}}, files=files)["Done"] == {"title": "mine"}
