"""user-query: reads, writes, operators, who may, and how many rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cocalc_facade.testing import StandIn

from .conftest import Post

Query = Callable[..., Any]


@pytest.fixture
def query(post: Post) -> Query:
    def query(wanted: Any, **more: Any) -> Any:
        said = post("user-query", {"query": wanted}, **more).json()
        return said.get("query", said)

    return query


def test_null_means_read_and_values_filter(standin: StandIn, query: Query) -> None:
    title = "Measured project"
    assert query({"projects": [{"title": title, "project_id": None}]}) == {
        "projects": [{"title": title, "project_id": standin.project.project_id}]
    }
    assert query({"projects": {"title": "nothing like it", "project_id": None}}) == {}
    assert query({"projects": [{"title": "nothing like it", "project_id": None}]}) == {"projects": []}


@pytest.mark.parametrize(
    ("test", "count"),
    [
        ({"==": "Measured project"}, 1),
        ({"!=": "Measured project"}, 1),
        ({"<": "Mf"}, 1),
        ({">=": "M"}, 2),
        ({"LIKE": "M%project"}, 1),
        ({"ILIKE": "%PROJECT"}, 2),
        ({"NOT LIKE": "Measured%"}, 1),
        ({"IS": None}, 0),
    ],
)
def test_operators_compare(query: Query, test: Any, count: int) -> None:
    if test == {"IS": None}:
        assert query({"projects": [{"name": test, "project_id": None}]})["projects"] != []
    else:
        assert len(query({"projects": [{"title": test, "project_id": None}]})["projects"]) == count


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ({"MINLEN": 17}, "function array_length(text, integer) does not exist"),
        ({"MAXLEN": 16}, "function array_length(text, integer) does not exist"),
        ({"ANY": ["a"]}, "op ANY/ALL (array) requires array on right side"),
    ],
)
def test_operators_of_arrays_fail_on_texts(query: Query, test: Any, words: str) -> None:
    found = query({"projects": [{"title": test, "project_id": None}]})
    assert found == {"error": f"postgresql error: {words}"}


def test_times_can_be_relative(standin: StandIn, query: Query) -> None:
    recent = {"last_edited": {">=": {"relative_time": -1, "unit": "hours"}}, "project_id": None}
    assert len(query({"projects": [recent]})["projects"]) == 2
    standin.clock.advance(7200)
    assert query({"projects": [recent]})["projects"] == []


def test_the_projects_table_forgets_after_six_weeks_and_projects_all_does_not(
    standin: StandIn, query: Query
) -> None:
    standin.clock.advance(43 * 86_400)
    assert query({"projects": [{"project_id": None}]})["projects"] == []
    assert len(query({"projects_all": [{"project_id": None}]})["projects_all"]) == 2


def test_a_write_merges_maps_and_is_read_again(query: Query) -> None:
    assert query({"accounts": {"editor_settings": {"a": 1}}}) == {}
    assert query({"accounts": {"editor_settings": {"b": 2}}}) == {}
    settings = query({"accounts": {"editor_settings": None}})["accounts"]["editor_settings"]
    assert (settings["a"], settings["b"]) == (1, 2)
    assert settings["theme"] == "cocalc-light"  # what was never set has the server's default


def test_an_action_can_be_asked_for_by_a_write(standin: StandIn, query: Query) -> None:
    project_id = standin.project.project_id
    query({"projects": {"project_id": project_id, "action_request": {"action": "start"}}})
    standin.clock.advance(3)
    found = query({"projects": {"project_id": project_id, "state": None}})
    assert found["projects"]["state"]["state"] == "running"


def test_the_listings_table_has_what_somebody_looked_at(standin: StandIn, query: Query, post: Post) -> None:
    project_id = standin.project.project_id
    wanted = {"project_id": project_id, "path": None, "listing": None, "error": None}
    assert query({"listings": [wanted]}) == {"listings": []}
    post("projects/write-text-file", {"project_id": project_id, "path": "d/f", "content": "abc"})
    standin.view(standin.project, "d")
    standin.view(standin.project, "gone")
    rows = {row["path"]: row for row in query({"listings": [wanted]})["listings"]}
    assert [(entry["name"], entry["size"]) for entry in rows["d"]["listing"]] == [("f", 3)]
    assert "ENOENT" in rows["gone"]["error"]
    assert "listing" not in rows["gone"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "FATAL: invalid user_query of 'undefined' -- query must be an object"),
        ({"site_licenses": [{"id": None}]}, "FATAL: user must be an admin"),
        ({"stats": {"id": None}}, "FATAL: get queries not allowed for table 'stats'"),
        (
            {"projects": [{"project_id": None}, {"title": None}]},
            "FATAL: array of length > 1 not yet implemented",
        ),
    ],
)
def test_refusals_have_the_servers_words(query: Query, wanted: Any, said: str) -> None:
    assert query(wanted) == {"error": said}


def test_the_first_failure_of_several_queries_fails_all(query: Query) -> None:
    assert query([{"accounts": {"account_id": None}}, {"nope": {"id": None}}]) == {
        "error": "FATAL: get queries not allowed for table 'nope'"
    }


def test_nobody_reads_news_and_writes_nothing(query: Query) -> None:
    assert query({"news": [{"id": None}]}, key=None) == {"news": []}
    assert query({"accounts": {"first_name": "x"}}, key=None) == {"error": "FATAL: no anonymous set queries"}


def test_a_message_is_made_by_a_read(standin: StandIn, query: Query) -> None:
    made = {"id": None, "to_ids": [standin.second.account_id], "subject": "s", "body": "b"}
    assert query({"create_message": made})["create_message"]["id"] == 1
    assert query({"messages": [{"id": None, "subject": None}]}, key=standin.second.key) == {
        "messages": [{"id": 1, "subject": "s"}]
    }
