"""Overlay: corrections are data with a reason, and a correction without effect fails the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.pipeline.overlay import overlay, read_yaml
from scripts.pipeline.published import DocumentError
from tests.pipeline.documents import check_line

DOCUMENT = {"paths": {"/api/v2/x": {"post": {"tags": ["A"], "summary": "s"}}}, "list": [1, 2, 3]}


def corrections(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [*actions]}


def action(target: str = "$.paths", **fields: Any) -> dict[str, Any]:
    return {"target": target, "description": "because", **fields}


POST = "$.paths['/api/v2/x'].post"


@pytest.mark.parametrize(
    ("given_action", "says"),
    [
        (action("$.nothing", remove=True), "nothing matches overlay action 0 ($.nothing): because"),
        (action(POST, update={"summary": "s"}), f"nothing changes by overlay action 0 ({POST}): because"),
        (action("$.paths[", remove=True), "overlay action 0 ($.paths[)"),
        (action("$", update={"a": 1}), "the whole document"),
        ({"target": "$.paths", "remove": True}, "overlay/0: the action has no description"),
        ({"description": "because", "remove": True}, "overlay/0: the action has no target"),
        (action(), "either update or remove"),
        (action(update={"a": 1}, remove=True), "either update or remove"),
        (action(updates={}), "an action is an object of"),
    ],
)
def test_an_action_without_effect_or_sense_is_an_error_that_names_it(
    given_action: dict[str, Any], says: str
) -> None:
    with pytest.raises(DocumentError) as refusal:
        overlay(DOCUMENT, corrections(given_action))
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "given_document", [None, [], {}, {"overlay": "2.0.0"}, {**corrections(), "info": {}}, corrections()]
)
def test_what_is_no_overlay_is_refused(given_document: Any) -> None:
    with pytest.raises(DocumentError):
        overlay(DOCUMENT, given_document)


def test_objects_merge_lists_grow_and_the_rest_is_replaced() -> None:
    result = overlay(
        DOCUMENT, corrections(action(POST, update={"tags": ["B"], "summary": "t", "new": {"a": 1}}))
    )
    assert result.document["paths"]["/api/v2/x"]["post"] == {
        "tags": ["A", "B"],
        "summary": "t",
        "new": {"a": 1},
    }
    assert result.actions == 1


def test_a_whole_object_is_replaced_by_removing_it_first() -> None:
    fresh = {"post": {"summary": "new"}}
    steps = corrections(
        action("$.paths['/api/v2/x']", remove=True),
        action("$.paths", update={"/api/v2/x": fresh}),
    )
    assert overlay(DOCUMENT, steps).document["paths"] == {"/api/v2/x": fresh}


def test_removing_several_items_of_one_list_removes_just_these() -> None:
    assert overlay(DOCUMENT, corrections(action("$.list[0:2]", remove=True))).document["list"] == [3]


def test_the_documents_are_left_as_they_are() -> None:
    before, steps = repr(DOCUMENT), corrections(action(POST, update={"new": {"deep": []}}))
    result = overlay(DOCUMENT, steps)
    result.document["paths"]["/api/v2/x"]["post"]["new"]["deep"].append(1)
    assert repr(DOCUMENT) == before
    assert steps["actions"][0]["update"] == {"new": {"deep": []}}


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "x: {b: 1, b: 2}\n",
        "a: !!python/object/apply:os.getcwd []\n",
        "a: [\n",
        "1: 2\n",
        "a: .nan\n",
        "? [a]\n: 1\n",
    ],
)
def test_yaml_that_means_two_things_or_too_much_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "overlay.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as refusal:
        read_yaml(file)
    assert "\n" not in str(refusal.value)


def test_yaml_is_read_as_json(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: [1, null, yes, 'é']\n", encoding="utf-8")
    assert read_yaml(file) == {"a": [1, None, True, "é"]}


@given(st.text(max_size=40), st.one_of(st.none(), st.text(max_size=5), st.lists(st.integers(), max_size=2)))
def test_any_target_is_applied_or_refused(target: str, update: Any) -> None:
    try:
        overlay(DOCUMENT, corrections(action(target, update=update)))
    except DocumentError as refusal:
        check_line(refusal)


ROUTES = {
    "paths": {
        "/api/v2/projects/stop": {"post": {"requestBody": {}, "responses": {}}},
        "/api/v2/user-query": {"post": {"requestBody": {}, "responses": {}}},
    },
    "components": {"schemas": {"StopRequest": {"type": "object"}}},
}


def test_what_corrects_a_route_that_is_gone_lapses_with_it() -> None:
    steps = corrections(
        action("$.paths['/api/v2/projects/stop'].post", update={"summary": "Stop"}),
        action("$.paths['/api/v2/accounts/ban'].post", update={"summary": "Ban"}),
        action("$.paths['/api/v2/accounts/ban'].post.requestBody.x", remove=True),
        {**action("$.components.schemas.BanRequest", update={"x": 1}), "x-cocalc-route": "accounts/ban"},
        {
            **action("$.components.schemas.StopRequest", update={"x": 1}),
            "x-cocalc-route": ["projects/stop", "accounts/ban"],
        },
    )
    result = overlay(ROUTES, steps)
    assert result.lapsed == {"accounts/ban": 3}
    assert (result.actions, result.idle) == (2, ())
    assert result.document["components"]["schemas"]["StopRequest"] == {"type": "object", "x": 1}
    assert "/api/v2/accounts/ban" not in result.document["paths"]


@pytest.mark.parametrize("now", ["projects/Stop", "projects/s-top", "projects_/stop", "Projects/stop"])
def test_what_corrects_a_route_goes_with_it_when_it_is_only_spelled_otherwise(now: str) -> None:
    document = {"paths": {f"/api/v2/{now}": {"post": {}}}}
    result = overlay(
        document, corrections(action("$.paths['/api/v2/projects/stop'].post", update={"summary": "Stop"}))
    )
    assert result.document["paths"][f"/api/v2/{now}"]["post"] == {"summary": "Stop"}
    assert result.lapsed == {}


IDLE = corrections(
    action("$.paths['/api/v2/projects/stop'].post['not-there']", update={"x": 1}),
    action("$.paths['/api/v2/user-query'].post", update={"requestBody": {}}),
    {**action("$.components.schemas.Gone", update={"x": 1}), "x-cocalc-route": "projects/stop"},
    action("$.paths['/api/v2/user-query'].post", update={"summary": "Query"}),
)


def test_all_that_have_no_effect_are_named_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        overlay(ROUTES, IDLE)
    for said in ("action 0", "not-there", "action 1", "nothing changes by", "action 2", "schemas.Gone"):
        assert said in str(caught.value)
    assert "action 3" not in str(caught.value)


def test_on_another_servers_document_the_corrections_that_fit_are_used() -> None:
    result = overlay(ROUTES, IDLE, any_server=True)
    assert result.document["paths"]["/api/v2/user-query"]["post"]["summary"] == "Query"
    assert [line.partition(" (")[0] for line in result.idle] == [
        "nothing matches overlay action 0",
        "nothing changes by overlay action 1",
        "nothing matches overlay action 2",
    ]


@pytest.mark.parametrize("route", [1, None, {}, [1], [["a"]]])
def test_the_route_of_an_action_is_a_name_or_several(route: object) -> None:
    with pytest.raises(DocumentError, match="x-cocalc-route"):
        overlay(ROUTES, corrections({**action("$.paths", update={"x": 1}), "x-cocalc-route": route}))
