"""What every success has: read from a file of routes, put on operations and classes of any document, counted in recorded successes."""

from pathlib import Path
from typing import Any

import pytest

from scripts.pipeline.published import DocumentError
from scripts.pipeline.required import Entry, promise, read_required
from scripts.pipeline.shape import shape
from tests.openapi import evidence as command

TEXT = {"type": "string"}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def document(**answers: Any) -> dict[str, Any]:
    paths = {
        f"/api/v2/{route.replace('_', '/')}": {
            "post": {
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer}}}}
            }
        }
        for route, answer in answers.items()
    }
    return shape(
        {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": paths,
            "components": {"schemas": {}},
        }
    )


def operation(found: dict[str, Any], route: str) -> dict[str, Any]:
    post: dict[str, Any] = found["paths"][f"/api/v2/{route}"]["post"]
    return post


def test_a_route_and_its_classes_are_told_what_is_sure() -> None:
    rows = {"type": "array", "items": obj(id=TEXT, name=TEXT, more=obj(x=TEXT))}
    found = promise(
        document(a_list=rows, a_map=obj(by={"type": "object", "additionalProperties": obj(id=TEXT)})),
        {
            "a/list": Entry(3, {"answer[]": {"id": 7}, "answer[].more": {"x": 7}}),
            "a/map": Entry(1, {"answer": {"by": 1}, "answer.by{}": {"id": 2}}),
        },
    )
    always = {
        name: s["x-cocalc-always"]
        for name, s in found["components"]["schemas"].items()
        if "x-cocalc-always" in s
    }
    assert sorted(always.values()) == [["by"], ["id"], ["id"], ["x"]]
    assert "x-cocalc-some" not in operation(found, "a/list")
    assert operation(found, "a/map")["x-cocalc-some"] == ["by"]


def test_what_only_says_that_it_worked_counts_when_there_is_nothing_else() -> None:
    done = {"type": "string", "enum": ["success"]}
    found = promise(
        document(
            a_one=obj(status=done, rows=TEXT),
            a_two=obj(status=done, more=TEXT),
            a_three=obj(ok={"type": "boolean"}),
        ),
        {
            "a/one": Entry(1, {"answer": {"status": 1, "rows": 1}}),
            "a/two": Entry(1, {"answer": {"status": 1}}),
            "a/three": Entry(0, {"answer": {"ok": 0}}),
        },
    )
    assert operation(found, "a/one")["x-cocalc-some"] == ["rows"]
    assert operation(found, "a/two")["x-cocalc-some"] == ["status"]
    assert operation(found, "a/three")["x-cocalc-some"] == ["ok"]


def test_of_a_shared_class_only_that_is_sure_which_is_sure_everywhere() -> None:
    shared = {**obj(id=TEXT, name=TEXT), "x-cocalc-name": "Thing"}
    found = promise(
        document(a_one=shared, a_many={"type": "array", "items": shared}),
        {"a/one": Entry(1, {"answer": {"id": 1, "name": 1}}), "a/many": Entry(1, {"answer[]": {"id": 4}})},
    )
    assert found["components"]["schemas"]["Thing"]["x-cocalc-always"] == ["id"]
    assert operation(found, "a/one")["x-cocalc-some"] == ["id", "name"]


def test_what_the_document_does_not_have_lapses() -> None:
    before = document(a_one=obj(other=TEXT), a_two={"type": "array", "items": TEXT})
    entries = {
        "a/one": Entry(
            1, {"answer": {"gone": 1}, "answer.gone[]": {"id": 1}}, some=("lost",), present=("missed",)
        ),
        "a/two": Entry(1, {"answer": {"id": 1}, "answer[]": {"id": 1}}),
        "a/three": Entry(1, {"answer": {"id": 1}}),
    }
    assert promise(before, entries) == before


def test_a_class_that_holds_itself_has_an_end() -> None:
    doc = document(a_one=obj(next=TEXT))
    schemas = doc["components"]["schemas"]
    name = "AOneResult"
    schemas[name]["properties"]["next"] = {
        "anyOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "null"}]
    }
    schemas["Loop"] = {"anyOf": [{"$ref": "#/components/schemas/Loop"}]}
    schemas[name]["properties"]["loop"] = {"$ref": "#/components/schemas/Loop"}
    found = promise(
        doc,
        {"a/one": Entry(1, {"answer": {"next": 1}, "answer.next": {"next": 1}, "answer.loop.x": {"y": 1}})},
    )
    assert found["components"]["schemas"][name]["x-cocalc-always"] == ["next"]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "a/b: 5",
        "a/b: {successes: many, always: {}}",
        "a/b: {successes: 1, always: {answer: {x: true}}}",
        "a/b: {successes: 1, always: {answer: [x]}}",
        "a/b: {successes: 1, always: {rows: {x: 1}}}",
        "a/b: {successes: 1, always: {}, some: [1]}",
        "a/b: {successes: 1, always: {}, more: 1}",
        "a/b: {always: {}}",
        "a/b: {successes: 1, always: {}}\na/b: {successes: 2, always: {}}",
    ],
)
def test_a_file_of_another_form_is_refused_by_name(tmp_path: Path, text: str) -> None:
    place = tmp_path / "required.yaml"
    place.write_text(text)
    with pytest.raises(DocumentError, match=r"required\.yaml"):
        read_required(place)


def test_a_field_that_one_success_lacks_is_not_sure() -> None:
    entries = {
        "a/list": Entry(0, {"answer[]": {"id": 0, "name": 0, "time": 0}}),
        "a/none": Entry(5, {"answer": {"x": 5}}),
    }
    rows = [
        [{"id": 1, "name": "x", "time": 1}, {"id": 2, "name": None, "time": 2}],
        [{"id": 3, "time": 3}],
        [],
    ]
    counted = command.count(entries, [command.Success("a/list", value) for value in rows])
    assert counted["a/list"] == Entry(3, {"answer[]": {"id": 3, "time": 3}})
    assert counted["a/none"] == Entry(0, {"answer": {"x": 0}})


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    entries = {
        "a/b": Entry(3, {"answer": {"id": 3}, "answer.rows[]": {}, "answer.map{}": {"x": 1}}),
        "a/c": Entry(0, {}, some=("x", "y"), present=("z",)),
    }
    place = tmp_path / "required.yaml"
    place.write_text(command.written(entries))
    assert read_required(place) == entries


def test_the_table_is_that_of_the_recorded_successes() -> None:
    assert command.TABLE.read_text("utf-8") == command.table(), "python -m tests.openapi.evidence"


def test_the_counts_are_those_of_the_recorded_successes() -> None:
    assert command.TARGET.read_text("utf-8") == command.text(), "python -m tests.openapi.evidence"
