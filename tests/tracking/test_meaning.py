"""One meaning, whatever the form: what says the same is the same contract and the same client, what says less is a change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.changes import compare
from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.report import report
from scripts.pipeline.diff.unmodelled import closed_parts
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape, shaped
from tests.tracking.forms import REQUESTS, SCHEMAS, document, narrowings, rewritten


def client(published: dict[str, Any]) -> Any:
    """The document that the client is generated from, but for words."""
    made = shape(repair(published).document)
    return json.dumps([made["paths"], made["components"]], sort_keys=True)


@given(st.data(), REQUESTS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_document_in_another_form_is_the_same_contract_and_the_same_client(data, request, older):
    plain = document(request, {}, answer=request)
    parts: dict[str, Any] = {}
    forms = [rewritten(data.draw, request, parts, older) for _ in range(2)]
    other = document(forms[0], parts, "3.0.3" if older else "3.1.0", answer=forms[1])
    assert contract(other) == contract(plain)
    assert contract(repair(other).document) == contract(plain)
    assert client(other) == client(plain)


@given(st.data(), SCHEMAS)
@settings(max_examples=100, deadline=None)
def test_a_narrowing_is_never_no_change(data, schema):
    narrow = data.draw(st.sampled_from(narrowings(schema)))
    parts: dict[str, Any] = {}
    before = document({"type": "object", "properties": {"a": schema}}, {})
    after = document({"type": "object", "properties": {"a": rewritten(data.draw, narrow, parts)}}, parts)
    there, back = compare(contract(before), contract(after)), compare(contract(after), contract(before))
    assert max(change.severity for change in there) is Severity.BREAKING, there
    assert back
    assert contract(repair(after).document) == contract(after)


def request_of(schema: dict[str, Any], version: str = "3.1.0", **components: Any) -> Any:
    """What a contract says that a field of this schema takes."""
    found = contract(document({"type": "object", "properties": {"a": schema}}, components, version))
    return found["a/b"]["request"]["object"]["fields"]["a"]["type"]


TEXT_OR_NULL = {"string": {}, "null": {}}
NULLS = [
    {"type": "string", "nullable": True},
    {"type": ["string", "null"]},
    {"type": ["null", "string"]},
    {"anyOf": [{"type": "string"}, {"type": "null"}]},
    {"oneOf": [{"type": "null"}, {"type": "string"}]},
    {"anyOf": [{"type": "string"}, {"enum": [None]}]},
    {"anyOf": [{"type": "string"}, {"const": None}]},
    {"anyOf": [{"type": "string"}, {"enum": ["null"], "nullable": True}]},
    {"anyOf": [{"type": "string"}, {"type": "string", "nullable": True, "enum": [None]}]},
    {"anyOf": [{"not": {}}, {"type": "string", "nullable": True}]},
    {"anyOf": [{"type": "string"}], "nullable": True},
    {"allOf": [{"$ref": "#/components/schemas/Text"}], "nullable": True},
    {"$ref": "#/components/schemas/Text", "nullable": True},
    {"anyOf": [{"$ref": "#/components/schemas/Text"}, {"type": "null"}]},
    {"$ref": "#/components/schemas/TextOrNull"},
    {"allOf": [{"$ref": "#/components/schemas/TextOrNull"}, {"minLength": 0}]},
]


@pytest.mark.parametrize("schema", NULLS, ids=json.dumps)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_null_is_null_however_it_is_spelled(schema, version):
    shared = {"Text": {"type": "string"}, "TextOrNull": {"type": "string", "nullable": True}}
    assert request_of(schema, version, **shared) == TEXT_OR_NULL
    published = document({"type": "object", "properties": {"a": schema}}, shared, version)
    (field,) = (
        schema["properties"]["a"]
        for schema in shape(repair(published).document)["components"]["schemas"].values()
        if "a" in schema.get("properties", ())
    )
    assert field == {"type": ["string", "null"]}


def test_what_both_generations_of_the_publishing_tool_write_is_the_same():
    older = {"type": "integer", "exclusiveMinimum": True, "minimum": 0}
    newer = {"type": "integer", "exclusiveMinimum": 0, "maximum": 9007199254740991}
    assert request_of(older, "3.0.1") == request_of(newer) == {"integer": {"minimum": 1}}
    digits = "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$"
    newer = {"type": "string", "format": "uuid", "pattern": digits}
    assert request_of({"type": "string", "format": "uuid"}, "3.0.1") == request_of(newer)


def test_required_stands_anywhere_and_means_the_same():
    thing = {"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "string"}}}
    ref = {"$ref": "#/components/schemas/Thing"}
    expected = request_of({**thing, "required": ["x"]})
    for form in (
        {"allOf": [ref, {"required": ["x"]}]},
        {"allOf": [ref, {"type": "object", "required": ["x"]}]},
        {"allOf": [ref], "required": ["x"]},
        {**ref, "required": ["x"]},
        {"anyOf": [{"allOf": [{"required": ["x"]}, ref]}]},
        {"oneOf": [{**thing, "required": ["x"]}, {"not": {}}]},
    ):
        assert request_of(form, Thing=thing) == expected
    # What is required and nowhere described may be anything, and is required.
    assert request_of({**thing, "required": ["z"]})["object"]["fields"]["z"] == {"type": {}}


def test_what_only_an_answer_gives_is_not_required_of_a_caller():
    thing = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "key": {"type": "string", "writeOnly": True},
        },
        "required": ["id", "key"],
    }
    for form in (thing, {"allOf": [{"$ref": "#/components/schemas/Thing"}, {"required": ["id"]}]}):
        published = document(form, {"Thing": thing}, answer=form)
        found = contract(published)["a/b"]
        assert found["request"]["object"]["ways"][0]["required"] == ["key"]
        assert found["answer"]["object"]["ways"][0]["required"] == ["id"]
        classes = shape(repair(published).document)["components"]["schemas"]
        assert [schema["required"] for schema in classes.values() if "required" in schema] == [["key"]]


def test_fields_of_a_condition_are_fields():
    base = {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}
    extra = {"properties": {"size": {"type": "integer"}}, "required": ["size"]}
    for form in (
        {**base, "if": {"properties": {"kind": {"const": "disk"}}}, "then": extra},
        {**base, "dependentSchemas": {"kind": extra}},
    ):
        found = request_of(form)["object"]
        assert sorted(found["fields"]) == ["kind", "size"]
        classes = shape(repair(document({"type": "object", "properties": {"a": form}}, {})).document)
        (one,) = [s for s in classes["components"]["schemas"].values() if "size" in s.get("properties", ())]
        assert one["required"] == ["kind"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"v": {"type": "string"}}, {"v": {"type": "number"}}, "argument `v` of the alternative where `kind` is 'a' is now number"),
        ({"v": {"type": "string"}}, {}, "argument `v` of the alternative where `kind` is 'a' is no longer taken"),
        ({}, {"v": {"type": "string", "maxLength": 3}}, "argument `v` of the alternative where `kind` is 'a' is new"),
    ],
)  # fmt: skip
def test_a_line_about_an_alternative_names_it(old, new, said):
    def union(fields: dict[str, Any]) -> dict[str, Any]:
        other = {"kind": {"const": "b"}, "v": {"anyOf": [{"type": "string"}, {"type": "number"}]}}
        arms = [{"kind": {"const": "a"}, **fields}, other]
        return {"oneOf": [{"type": "object", "properties": arm, "required": ["kind"]} for arm in arms]}

    (change,) = compare(contract(document(union(old), {})), contract(document(union(new), {})))
    assert said in change.sentence


def test_becoming_required_in_one_alternative_names_it():
    def union(*required: str) -> dict[str, Any]:
        first = {"type": "object", "properties": {"job": {}, "wait": {}}, "required": ["job", *required]}
        second = {"type": "object", "properties": {"command": {}}, "required": ["command"]}
        return document({"anyOf": [first, second]}, {})

    (change,) = compare(contract(union()), contract(union("wait")))
    assert change.severity is Severity.BREAKING
    assert "argument `wait` of the alternative with `job`" in change.sentence


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("way_back", [False, True])
def test_a_field_that_comes_into_one_alternative_is_said_once_and_of_that_one(elsewhere, way_back):
    def union(*mine: str) -> dict[str, Any]:
        others = {"v": {"type": "string"}} if elsewhere else {}
        arms = [("a", {name: {"type": "string"} for name in mine}, mine), ("b", others, ())]
        return document(
            {
                "oneOf": [
                    {
                        "type": "object",
                        "properties": {"kind": {"const": kind}, **fields},
                        "required": ["kind", *needed],
                    }
                    for kind, fields, needed in arms
                ]
            },
            {},
        )

    old, new = (union("v"), union()) if way_back else (union(), union("v"))
    (change,) = compare(contract(old), contract(new))
    assert change.severity is Severity.BREAKING
    if way_back and not elsewhere:
        assert change.sentence.endswith("argument `v` is no longer taken.")
    else:
        what = "is no longer taken" if way_back else "is new and required"
        assert change.sentence.endswith(f"argument `v` of the alternative where `kind` is 'a' {what}.")


def test_several_answers_are_one_of_them_and_none():
    published = document(
        {"type": "object"}, {}, answer={"type": "object", "properties": {"a": {"type": "string"}}}
    )
    responses = published["paths"]["/api/v2/a/b"]["post"]["responses"]
    responses["204"] = {"description": "Nothing to say"}
    found = contract(published)["a/b"]["answer"]
    assert set(found) == {"object", "null"}
    assert contract(repair(published).document)["a/b"]["answer"] == found
    responses["202"] = {
        "description": "",
        "content": {"application/json": {"schema": {"type": "array", "items": {}}}},
    }
    assert set(contract(published)["a/b"]["answer"]) == {"object", "null", "array"}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_recursion_through_alternatives_comes_to_an_end(keyword):
    node: dict[str, Any] = {"$ref": "#/components/schemas/Node"}
    tree = {
        "type": "object",
        "properties": {
            "child": {keyword: [{"type": "object", "additionalProperties": True}, node]},
            "name": {"type": "string"},
        },
    }
    published = document({"type": "object", "properties": {"tree": node}}, {"Node": tree}, answer=node)
    assert contract(repair(published).document) == contract(published)
    assert "ABRequest" in shape(repair(published).document)["components"]["schemas"]


TEXT = {"type": "string"}


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def tree(kid, **more):
    return {"type": "object", "properties": {"kids": {"type": "array", "items": kid}, "name": TEXT, **more}}


@pytest.mark.parametrize(
    ("request_", "components"),
    [
        (ref("Tree"), {"Tree": tree(tree(ref("Tree")))}),
        (ref("Tree"), {"Tree": tree(ref("Branch")), "Branch": tree(ref("Tree"))}),
        (tree(ref("Tree")), {"Tree": tree(ref("Tree"))}),
        (tree(tree(tree(ref("Tree")))), {"Tree": tree({**tree(ref("Tree")), "description": "Again."})}),
        (ref("Tree"), {"Tree": tree({**ref("Branch"), "description": "d"}), "Branch": ref("Tree")}),
        (ref("Branch"), {"Tree": tree(ref("Branch")), "Branch": {"allOf": [ref("Tree")], "x-go-name": "B"}}),
        (ref("Tree"), {"Tree": {"allOf": [{}, {"anyOf": [tree({**ref("Tree"), "x-order": 1})]}]}}),
        (ref("Tree"), {"Tree": tree({"allOf": [{}, {"oneOf": [{"allOf": [ref("Tree"), {}]}]}]})}),
    ],
    ids=[
        "once inside",
        "two in turn",
        "once outside",
        "everywhere",
        "by another name",
        "aliases",
        "parts outside",
        "parts inside",
    ],
)
def test_recursion_that_is_written_out_further_means_the_same(request_, components):
    plain = document(ref("Tree"), {"Tree": tree(ref("Tree"))})
    other = document(request_, components)
    assert contract(other) == contract(plain)
    assert contract(repair(other).document) == contract(plain)


@pytest.mark.parametrize(
    "components",
    [
        {"Tree": tree(tree(ref("Tree"), size={"type": "integer"}))},
        {"Tree": tree({**tree(ref("Tree")), "required": ["name"]})},
        {"Tree": tree(ref("Branch")), "Branch": tree(ref("Branch"), size={"type": "integer"})},
        {"Tree": tree({"anyOf": [ref("Tree"), {"type": "null"}]})},
    ],
    ids=["a field more", "a field required", "another recursion", "or null"],
)
def test_recursion_that_differs_further_inside_is_another(components):
    plain = document(ref("Tree"), {"Tree": tree(ref("Tree"))})
    assert report(contract(plain), contract(document(ref("Tree"), components))).changes


@pytest.mark.parametrize(
    ("components", "wanted"),
    [
        ({"A": {"oneOf": [ref("A"), TEXT]}}, {"string": {}}),
        ({"A": {"oneOf": [ref("A"), {}]}}, {}),
        ({"A": {"anyOf": [{"allOf": [ref("B"), {"maxLength": 2}]}, TEXT]}, "B": ref("A")}, {"string": {}}),
        ({"A": ref("B"), "B": {"allOf": [ref("A")], "nullable": True}}, {"null": {}}),
        ({"A": ref("A")}, {}),
    ],
    ids=["an alternative", "of anything", "with more said", "or null", "nothing else"],
)
def test_what_is_an_alternative_of_itself_adds_nothing(components, wanted):
    published = document({"type": "object", "properties": {"a": ref("A")}}, components)
    assert request_of(ref("A"), **components) == wanted
    assert contract(repair(published).document) == contract(published)


SAME = [
    ("3.1.0", {"oneOf": [{"title": "T", "deprecated": True}], "x-order": 1}, {"deprecated": True}),
    ("3.0.3", {"oneOf": [{"not": {}, "nullable": True}, TEXT]}, {**TEXT, "nullable": True}),
    ("3.0.3", {**ref("Missing"), "maxItems": 2}, {}),
    ("3.1.0", {**ref("Text"), "x-order": 1, "examples": ["a"], "$defs": {"q": {}}}, TEXT),
    ("3.1.0", {"oneOf": [TEXT, {"allOf": [TEXT, {"type": "number"}]}]}, TEXT),
    ("3.0.3", {"anyOf": [{"allOf": [{"required": ["t"]}], "nullable": True}]}, {"type": "object", "required": ["t"], "nullable": True}),
]  # fmt: skip


@pytest.mark.parametrize(("version", "schema", "plain"), SAME, ids=json.dumps)
def test_what_says_nothing_changes_nothing(version, schema, plain):
    published = document({"type": "object", "properties": {"a": schema}}, {"Text": TEXT}, version)
    found = contract(published)
    assert found == contract(document({"type": "object", "properties": {"a": plain}}, {}, version))
    assert contract(repair(published).document) == found


@pytest.mark.parametrize(
    ("parameters", "fields", "required"),
    [
        ([{"in": "query"}, {"in": "query", "name": 3}], [], []),
        ([{"name": "a"}, {"in": "header", "name": "b", "required": True}], ["a"], []),
        ([{"in": "query", "name": "a"}, {"in": "query", "name": "a", "required": True}], ["a"], []),
        ([{"in": "query", "name": "a", "required": True}], ["a"], ["a"]),
    ],
    ids=["no name", "elsewhere", "twice", "required"],
)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_parameters_are_arguments(parameters, fields, required, method):
    published = document({}, {})
    operation = published["paths"]["/api/v2/a/b"].pop("post")
    del operation["requestBody"]
    published["paths"]["/api/v2/a/b"][method] = {**operation, "parameters": parameters}
    found = contract(published)
    said = found["a/b"]["request"]["object"]
    assert (sorted(said["fields"]), said["ways"][0]["required"]) == (fields, required)
    assert contract(repair(published).document) == found


def test_an_answer_that_never_comes_is_none_of_the_answers():
    published = document({}, {}, answer=False)
    published["paths"]["/api/v2/a/b"]["post"]["responses"]["204"] = {"description": ""}
    assert contract(published)["a/b"]["answer"] == {"null": {}}
    assert contract(repair(published).document) == contract(published)


def test_closed_parts_that_exclude_each_other_are_read_as_one_and_said_by_name():
    closed = [
        {"type": "object", "properties": {name: TEXT}, "additionalProperties": False} for name in ("a", "b")
    ]
    whole = {"allOf": [closed[0], ref("B")]}
    published = document({"type": "object", "properties": {"w": whole}}, {"B": closed[1]})
    assert closed_parts(published) == ("closed parts of one whole, read as one, in /api/v2/a/b",)
    assert closed_parts(document(closed[0], {"B": {"allOf": closed}})) == (
        "closed parts of one whole, read as one, in the component B",
    )
    open_parts = {"allOf": [closed[0], {"properties": {"c": TEXT}}]}
    assert closed_parts(document(open_parts, {})) == ()


def test_fields_beside_what_holds_itself_are_said_by_name():
    more = {"type": "object", "properties": {"more": TEXT}}
    published = document(ref("Tree"), {"Tree": tree({"allOf": [ref("Tree"), more]})}, answer=ref("Tree"))
    assert shaped(repair(published).document).untyped == ("Tree",)
