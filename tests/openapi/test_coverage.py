"""The table of all routes in the docs."""

import pytest

from scripts.pipeline import coverage as page
from tests.openapi.conftest import ROOT

ROUTE = {
    "x-cocalc-published": False,
    "x-cocalc-auth": "admin",
    "x-cocalc-pagination": {"limit": "limit", "default": 50},
    "responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {}}}}}},
}


def document(**operation):
    return {"paths": {"/api/v2/copy-all/import": {"post": {**ROUTE, **operation}}}}


def test_the_page_is_current(client):
    assert (ROOT / "docs" / "coverage.md").read_text() == page.coverage(client)


def test_it_has_a_row_for_every_route(client, facts):
    text = page.coverage(client)
    assert all(f"| `{path}` |" in text for path in facts)
    assert "191 routes, 57 of them published" in text


def test_what_is_not_said_of_a_route_is_taken_with_care():
    row = page.coverage(document()).splitlines()[-1]
    assert row == (
        "| `copy-all/import` | `client.copy_all.import_` | no | admin |  | no | 50, no further pages | `list[Any]` "
        "| changes state |"
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"x-cocalc-newer-servers": False}, "no"),
        ({"x-cocalc-newer-servers": True}, "yes"),
        ({"x-cocalc-newer-servers": True, "x-cocalc-capability": "none"}, "anyone"),
        ({"x-cocalc-newer-servers": True, "x-cocalc-capability": "never"}, "no key"),
        ({"x-cocalc-newer-servers": True, "x-cocalc-capability": ["a:b", "c:d"]}, "`a:b` and `c:d`"),
    ],
)
def test_who_may_call_on_newer_servers_is_told_beside_who_may_elsewhere(said, shown):
    assert f"| no | admin | {shown} |" in page.coverage(document(**said))


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({}, "Any"),
        ({"$ref": "#/components/schemas/Ok"}, "Ok"),
        ({"type": ["number", "null"]}, "float or None"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "integer", "x-cocalc-time": "epoch-ms"}, "datetime"),
        (
            {"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]},
            "bool or list[str]",
        ),
    ],
)
def test_the_answer_is_told_as_its_python_type(schema, answer):
    operation = document(responses={"200": {"content": {"application/json": {"schema": schema}}}})
    assert f"| `{answer}` |" in page.coverage(operation)
