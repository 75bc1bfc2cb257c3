"""What a document has and no client can have is left out by name; the rest of the document is kept."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._drift.contract import contract
from scripts.pipeline.published import DocumentError
from scripts.pipeline.repair import repair
from scripts.pipeline.run.progress import Summary
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.pipeline.documents import changed, document
from tests.pipeline.shape.parts import obj
from tests.pipeline.shaped import TEXT, operation

GOOD = operation(obj(a=TEXT, b=TEXT, c=TEXT))
NOWHERE = {"$ref": "#/components/responses/Nowhere"}


def beside(**paths: Any) -> dict[str, Any]:
    return changed(paths={"/api/v2/good": deepcopy(GOOD), **deepcopy(paths)})


def with_part(**parts: Any) -> dict[str, Any]:
    return beside(**{"/api/v2/x": {"post": {**GOOD["post"], **parts}}})


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        ({"/api/v2/projects/{id}": GOOD}, "/api/v2/projects/{id}: a parameter is part of the path"),
        (
            {"/api/v2/y": {**GOOD, "parameters": [{"in": "path", "name": "id"}]}},
            "/api/v2/y: a parameter is part of the path",
        ),
        ({"/api/v2/é": GOOD}, "/api/v2/é: the path is not made of letters"),
        ({"/api/v2/a b": GOOD}, "/api/v2/a b: the path is not made of letters"),
        ({"/api/v2/a.b/c": GOOD}, "/api/v2/a.b/c: the path is not made of letters"),
        ({"/api/v2/../etc": GOOD}, "/api/v2/../etc: the path is not made of letters"),
        ({"/api/v2/": GOOD}, "/api/v2/: the path is not made of letters"),
        ({"/api/v2/" + "a/" * 20: GOOD}, "the path is not made of letters"),
        ({"/api/v1/x": GOOD}, "/api/v1/x: the path does not begin with /api/v2/"),
        ({"/good": GOOD}, "/good: it is the same route as /api/v2/good"),
        ({"/api/v2/y": {"$ref": "other.json"}}, "/api/v2/y: the path is a reference that leads to none"),
        ({"/api/v2/y": {"$ref": "#/paths/~1api~1v2~1y"}}, "/api/v2/y: the path is a reference"),
    ],
)
def test_a_route_that_no_client_can_have_is_left_out_by_name(paths: dict[str, Any], says: str) -> None:
    found = repair(beside(**paths))
    assert list(found.document["paths"]) == ["/api/v2/good"]
    (line,) = found.left_out
    assert says in line
    assert f"left out: {line}" in list(Summary(left_out=found.left_out).told(1))


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"requestBody": {"$ref": "x.json"}}, "its request"),
        ({"requestBody": {"$ref": "#/components/schemas/A"}}, "its request"),
        ({"responses": {"200": NOWHERE}}, "its answer 200"),
        ({"parameters": [NOWHERE, {"in": "query", "name": "q"}]}, "a parameter"),
    ],
)
def test_a_part_that_is_referred_to_and_not_there_is_left_out_and_its_route_kept(
    parts: dict[str, Any], says: str
) -> None:
    given_document = {**with_part(**parts), "components": {"schemas": {"A": TEXT}}}
    found = repair(given_document)
    assert len(found.document["paths"]) == 2
    (line,) = found.left_out
    assert line == f"/api/v2/x: {says}, a reference that leads to none"
    assert contract(given_document) == contract(found.document)


FORM = {"multipart/form-data": {"schema": obj(a=TEXT)}}
IMAGE = {"image/png": {"schema": {"type": "string", "format": "binary"}}}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"parameters": [{"in": "header", "name": "X-Org", "required": True}]}, "the header X-Org, which no"),
        ({"parameters": [{"in": "cookie", "name": "sid", "schema": TEXT}]}, "the cookie sid, which no call"),
        ({"requestBody": {"content": FORM}}, "its request as multipart/form-data, because calls send JSON"),
        (
            {"requestBody": {"content": {"application/jsonl": {}, "text/csv": {}}}},
            "its request as application/jsonl, text/csv",
        ),
        ({"responses": {"200": {"content": IMAGE}}}, "its answer 200 as image/png, because answers are read"),
        ({"responses": {"2XX": {"content": {"application/json-seq": {}}}}}, "its answer 2XX as application"),
    ],
)
def test_what_a_call_cannot_carry_is_named_and_its_route_kept(parts: dict[str, Any], says: str) -> None:
    found = repair(with_part(**parts))
    assert len(found.document["paths"]) == 2
    (line,) = found.left_out
    assert line.startswith(f"/api/v2/x: {says}")


@pytest.mark.parametrize(
    "parts",
    [
        {"parameters": [{"in": "header", "name": name} for name in ("Authorization", "Accept", "content-type")]},
        {"requestBody": {"content": {**FORM, "application/problem+json": {"schema": obj(a=TEXT)}}}},
        {"responses": {"200": {"content": {"application/octet-stream": {"schema": obj(a=TEXT)}}}}},
        {"responses": {"200": {"content": {"text/plain": {"schema": TEXT}}}}},
        {"responses": {"404": {"content": IMAGE}}},
    ],
)  # fmt: skip
def test_what_a_call_carries_all_the_same_is_not_named(parts: dict[str, Any]) -> None:
    assert not repair(with_part(**parts)).left_out


@pytest.mark.parametrize(
    "form",
    [
        {"schema": {"type": "integer", "deprecated": True}},
        {"schema": {"type": "integer"}, "deprecated": True},
        {"content": {"application/json": {"schema": {"type": "integer"}}}, "deprecated": True},
    ],
)
def test_a_parameter_is_the_same_whatever_form_it_is_published_in(form: dict[str, Any]) -> None:
    given_document = with_part(parameters=[{"in": "query", "name": "q", **form}])
    said = contract(given_document)["x"]
    assert said["request"]["object"]["fields"]["q"] == {"type": {"integer": {}}, "deprecated": True}
    assert contract(repair(given_document).document)["x"] == said


def test_a_path_that_is_a_reference_is_what_it_refers_to() -> None:
    given_document = beside(**{"/api/v2/y": {"$ref": "#/paths/~1api~1v2~1good"}})
    found = repair(given_document)
    assert not found.left_out
    assert contract(found.document)["y"] == contract(found.document)["good"] == contract(given_document)["y"]


def test_a_document_of_nothing_else_is_refused_with_the_reason() -> None:
    with pytest.raises(
        DocumentError, match=r"no operation that a client can have: /api/v2/\{id\}: a parameter"
    ):
        repair(changed(paths={"/api/v2/{id}": GOOD}))


def escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


NAMES = ["Größe", "Ж", "with space", "a/b", "a~b", "100%", "x'); import os; ('", "日本", "", ".", "a\tb"]


@pytest.mark.parametrize("name", NAMES)
def test_a_component_may_have_any_name(name: str) -> None:
    thing = obj(a=TEXT, b=TEXT, next={"$ref": f"#/components/schemas/{escaped(name)}"})
    given_document = document({"$ref": f"#/components/schemas/{escaped(name)}"}, **{name: thing})
    found = repair(given_document)
    shaped = shape(found.document)
    validate(shaped)
    assert contract(given_document) == contract(found.document)
    assert any(
        {"a", "b", "next"} == set(one.get("properties", ()))
        for one in shaped["components"]["schemas"].values()
    )


def test_names_that_become_one_are_told_apart_whatever_their_order() -> None:
    names = ["a b", "a_b", "a/b", "ä b"]
    routes = {
        f"/api/v2/r{n}": operation({"$ref": f"#/components/schemas/{escaped(name)}"})
        for n, name in enumerate(names)
    }
    shapes = {name: obj(**{f"f{n}": TEXT, "p": TEXT, "q": TEXT}) for n, name in enumerate(names)}
    found = [
        shape(repair(changed(paths=routes, components={"schemas": {n: shapes[n] for n in order}})).document)
        for order in (names, names[::-1])
    ]
    assert found[0] == found[1]
    for n in range(4):
        answer = found[0]["paths"][f"/api/v2/r{n}"]["post"]["responses"]["200"]["content"]["application/json"]
        name = answer["schema"]["$ref"].removeprefix("#/components/schemas/")
        assert f"f{n}" in found[0]["components"]["schemas"][name]["properties"]


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4, unique=True))
def test_whatever_components_are_called_each_reference_leads_where_it_led(names: list[str]) -> None:
    shapes = {name: {"type": "string", "enum": [f"value {n}"]} for n, name in enumerate(names)}
    fields = {f"f{n}": {"$ref": f"#/components/schemas/{escaped(name)}"} for n, name in enumerate(names)}
    given_document = changed(paths={"/api/v2/x": operation(obj(**fields))}, components={"schemas": shapes})
    found = contract(repair(given_document).document)["x"]["answer"]["object"]["fields"]
    assert {name: field["type"]["string"]["enum"] for name, field in found.items()} == {
        f"f{n}": [f"value {n}"] for n in range(len(names))
    }


def deeper_than_anybody_reads() -> dict[str, Any]:
    levels = {f"L{n}": obj(a={"$ref": f"#/components/schemas/L{n + 1}"}) for n in range(120)}
    return {**levels, "L120": TEXT}


def test_an_operation_that_says_more_than_can_be_read_is_left_out_by_name() -> None:
    found = repair(
        changed(
            paths={
                "/api/v2/good": deepcopy(GOOD),
                "/api/v2/deep": operation({"$ref": "#/components/schemas/L0"}),
            },
            components={"schemas": deeper_than_anybody_reads()},
        )
    )
    assert list(found.document["paths"]) == ["/api/v2/good"]
    assert found.left_out == ("/api/v2/deep: the document is nested deeper than 100 levels",)
