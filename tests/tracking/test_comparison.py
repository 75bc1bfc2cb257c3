"""What holds of the comparison whatever the documents are."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade._drift.change import Severity, severity
from cocalc_facade._drift.changes import compare
from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.kinds import ContractError
from cocalc_facade._drift.names import field_name, method_name
from cocalc_facade._drift.report import report
from tests.tracking.test_mutations import KINDS, TODAY, base_of, promised

SCALARS = st.sampled_from(
    [
        {},
        {"type": "string"},
        {"type": "string", "nullable": True},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "enum": ["b", "c"]},
        {"type": "string", "format": "uuid"},
        {"type": ["integer", "null"]},
        {"type": "integer", "minimum": 1},
        {"type": "number", "maximum": 5},
        {"type": "boolean"},
        {"enum": ["null"], "nullable": True},
        {"$ref": "#/components/schemas/Tree"},
    ]
)
NAMES = st.sampled_from(["a", "b", "c", "camelCase"])


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(NAMES, inner, max_size=3)
    objects = st.builds(
        lambda p, r: {"type": "object", "properties": p, "required": r}, fields, st.lists(NAMES, unique=True)
    )
    return (
        objects
        | st.builds(lambda i: {"type": "array", "items": i}, inner)
        | st.builds(lambda i: {"type": "object", "additionalProperties": i}, inner)
        | st.builds(lambda arms: {"anyOf": arms}, st.lists(inner | objects, min_size=1, max_size=3))
        | st.builds(lambda parts: {"allOf": parts}, st.lists(objects, min_size=1, max_size=2))
    )  # fmt: skip


SCHEMAS = st.recursive(SCALARS, nested, max_leaves=8)


def document(request: Any, answer: Any) -> dict[str, Any]:
    tree = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Tree"}, "a": {"type": "string"}},
    }
    body = {"content": {"application/json": {"schema": request}}}
    response = {"content": {"application/json": {"schema": answer}}}
    post = {"requestBody": body, "responses": {"200": response}}
    return {"paths": {"/api/v2/route": {"post": post}}, "components": {"schemas": {"Tree": tree}}}


DOCUMENTS = st.builds(document, SCHEMAS, SCHEMAS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "properties", "anyOf", "allOf", "items", "enum", "required", "$ref", "x"]), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(DOCUMENTS)
def test_nothing_changed_between_a_document_and_itself(one):
    assert compare(contract(one), contract(one)) == []


@given(DOCUMENTS, DOCUMENTS)
def test_every_change_is_mirrored_on_the_way_back(one, other):
    swapped = {"added": "removed", "removed": "added"}
    first, second = contract(one), contract(other)
    there = sorted(
        (c.where, c.field, swapped.get(c.what, c.what), str(c.new), str(c.old))
        for c in compare(first, second)
    )
    back = sorted((c.where, c.field, c.what, str(c.old), str(c.new)) for c in compare(second, first))
    assert there == back


@given(DOCUMENTS, DOCUMENTS)
def test_contracts_that_differ_in_more_than_form_give_changes_or_allow_the_same(one, other):
    for change in compare(contract(one), contract(other)):
        assert change.severity is not Severity.INVISIBLE
        assert change.sentence.startswith(change.name)
        assert change.sentence.isprintable()


@given(
    st.sets(
        st.sampled_from([kind for kind in KINDS if base_of(kind) is TODAY and KINDS[kind][0] > 0]),
        min_size=2,
        max_size=4,
    )
)
@settings(max_examples=40)
def test_severity_never_falls_when_changes_are_added(kinds):
    before = promised()
    parts = {kind: promised(kind) for kind in kinds}
    touched: set[str] = set()
    after, expected = dict(before), Severity.INVISIBLE
    for found in parts.values():
        routes = {route for route in before.keys() | found.keys() if before.get(route) != found.get(route)}
        if routes & touched:
            continue
        touched |= routes
        for route in routes:
            after.pop(route, None)
            if route in found:
                after[route] = found[route]
        now = severity(compare(before, after))
        expected = max(expected, severity(compare(before, found)))
        assert now is expected


@given(JSON, JSON)
def test_whatever_the_schemas_are_a_contract_is_read_or_refused(request, answer):
    try:
        found = contract(document(request, answer))
    except ContractError as error:
        found = {"refused": str(error)}
    assert found


def test_a_schema_that_holds_itself_differs_only_where_it_does():
    tree = document({"$ref": "#/components/schemas/Tree"}, {})
    other = document({"$ref": "#/components/schemas/Tree"}, {})
    other["components"]["schemas"]["Tree"]["properties"]["a"] = {"type": "number"}
    found = compare(contract(tree), contract(other))
    assert [(change.field, change.what) for change in found] == [("a", "type")]


@pytest.mark.parametrize("depth", [30, 300])
def test_a_document_that_grows_without_bound_is_refused(depth):
    schemas = {f"S{n}": {"anyOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2} for n in range(depth)}
    hostile = document({"$ref": "#/components/schemas/S0"}, {})
    hostile["components"]["schemas"] = schemas | {f"S{depth}": {"type": "string"}}
    with pytest.raises(ContractError, match=r"more than|deeper"):
        contract(hostile)


def test_a_report_cannot_speak_markdown_for_a_stranger():
    hostile = document(
        {"type": "object", "properties": {"a`\n@all [x](https://evil) <img>": {"type": "string"}}}, {}
    )
    hostile["paths"]["/api/v2/a`b/<script>"] = hostile["paths"]["/api/v2/route"]
    text = report(contract(document({"type": "object"}, {})), contract(hostile)).markdown()
    for part in ("@all", "[x]", "<img>", "<script>"):
        assert part not in text
    assert len(text.splitlines()) == 2


@given(st.text(st.characters(codec="ascii", exclude_characters="/"), min_size=1, max_size=12))
def test_names_are_python_names(wire):
    assert field_name(wire).isidentifier()
    assert all(part.isidentifier() for part in method_name(f"x{wire}").split(".") if wire.isalnum())


WHOLE_VALUES: list[Any] = [{"a": 1}, {"object": 1}, {"a": {"fields": {}}}, [1], [{"a": 1}], [], {}]


@pytest.mark.parametrize("value", WHOLE_VALUES)
def test_a_value_that_looks_like_a_type_is_told_as_a_value(value: Any) -> None:
    kind = "object" if isinstance(value, dict) else "array"
    free, listed = (
        {"type": "object", "properties": {"v": one}} for one in ({"type": kind}, {"enum": [value]})
    )
    found = report(contract(document(free, free)), contract(document(listed, listed)))
    assert f"enum {value!r}" in str(found)
    assert {change.severity for change in found.changes if change.where == "request field"} == {
        Severity.BREAKING
    }
    assert str(report(contract(document(listed, listed)), contract(document(free, free))))


@pytest.mark.parametrize(("more", "less"), [(2, 4), (1, 3), (5, 10)])
def test_multiples_of_a_multiple_are_fewer(more: int, less: int) -> None:
    wide, narrow = (
        {"type": "object", "properties": {"v": {"type": "integer", "multipleOf": n}}} for n in (more, less)
    )
    assert judged(wide, narrow) == (Severity.BREAKING, Severity.COMPATIBLE)
    assert judged(narrow, wide) == (Severity.COMPATIBLE, Severity.NOTABLE)


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ({"type": "string"}, Severity.COMPATIBLE),
        ({"type": ["integer", "null"]}, Severity.COMPATIBLE),
        ({"type": "array", "items": {"enum": ["a"]}}, Severity.COMPATIBLE),
        ({"type": "object", "additionalProperties": {"type": "number"}}, Severity.COMPATIBLE),
        ({"type": "object", "properties": {"a": {}}}, Severity.BREAKING),  # a class now, before a dict
        ({"type": "array", "items": {"type": "object", "properties": {"a": {}}}}, Severity.BREAKING),
        ({"type": "string", "format": "date-time"}, Severity.BREAKING),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}, Severity.BREAKING),
    ],
)
def test_what_was_anything_and_is_known_now_breaks_whom_it_gives_another_python_value(
    known: Any, answer: Severity
) -> None:
    free, said = ({"type": "object", "properties": {"v": one}} for one in ({}, known))
    assert judged(free, said) == (Severity.BREAKING, answer)
    assert judged(said, free)[0] is Severity.COMPATIBLE


def judged(old: Any, new: Any) -> tuple[Severity, Severity]:
    """How much a change matters in a request, and in an answer."""
    plain = {"type": "object", "properties": {"q": {"type": "string"}}}
    request = report(contract(document(old, plain)), contract(document(new, plain)))
    return request.severity, report(contract(document(plain, old)), contract(document(plain, new))).severity
