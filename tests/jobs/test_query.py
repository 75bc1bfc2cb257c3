"""user-query: reads, writes, and what would be taken for the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import httpx
import pytest

from cocalc_facade._errors import (
    AuthenticationError,
    ConnectionFailed,
    InvalidRequestError,
    PermissionDeniedError,
    UnexpectedResponse,
)
from cocalc_facade._jobs.tables import TABLES, TableName
from cocalc_facade.testing import StandIn


def test_one_row_has_every_field_that_was_asked_for(client: Any) -> None:
    row = client.query("accounts", ["first_name", "name", "created"])
    assert row["first_name"] == "Uma"
    assert row["name"] is None
    assert row["created"] == datetime(2026, 1, 1, tzinfo=UTC)


def test_many_rows_have_the_fields_that_the_server_left_out_as_null(bench: Any, client: Any) -> None:
    rows = client.query("projects", ["project_id", "name"], many=True)
    assert {row["project_id"] for row in rows} >= {bench.project_id}
    assert all(row["name"] is None for row in rows)


def test_no_row_is_none(bench: Any) -> None:
    client = bench.client(script={"user-query": [{"query": {}}]})
    assert client.query("accounts", ["first_name"]) is None


def test_no_rows_are_an_empty_result(client: Any) -> None:
    rows = client.query("projects", ["project_id"], {"title": "no such title"}, many=True)
    assert len(rows) == 0
    assert not rows.cut


@pytest.mark.parametrize(
    "answer", [{}, {"projects": None}, {"projects": {}}, {"projects": [None]}, {"accounts": []}]
)
def test_no_list_is_not_no_rows(bench: Any, answer: Any) -> None:
    client = bench.client(script={"user-query": [{"query": answer}]})
    with pytest.raises(UnexpectedResponse):
        client.query("projects", ["project_id"], many=True)


@pytest.mark.parametrize(
    "answer", [{"accounts": {"account_id": None}}, {"projects": []}, {"projects": 5}, {"": {}}]
)
def test_another_answer_is_not_no_row(bench: Any, answer: Any) -> None:
    client = bench.client(script={"user-query": [{"query": answer}]})
    with pytest.raises(UnexpectedResponse):
        client.query("projects", ["project_id"])


def test_a_filter_selects(bench: Any, client: Any) -> None:
    row = client.query("projects", ["title"], {"project_id": bench.project_id})
    assert row["title"] == "Measured project"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"LIKE": "Measured%"}, True),
        ({"NOT ILIKE": "%PROJECT%"}, False),
        ({"!=": "Measured project"}, False),
        ({"IS NOT": None}, True),
        ({"IS": None}, False),
    ],
)
def test_operators_are_the_servers(bench: Any, client: Any, condition: dict[str, Any], found: bool) -> None:
    rows = client.query("projects", ["project_id"], {"title": condition}, many=True)
    assert (bench.project_id in {row["project_id"] for row in rows}) is found


def test_a_timedelta_is_relative_to_the_servers_now(bench: Any, client: Any) -> None:
    bench.standin.clock.advance(3600)
    recent = client.query(
        "projects", ["project_id"], {"last_edited": {">=": timedelta(minutes=-30)}}, many=True
    )
    older = client.query("projects", ["project_id"], {"last_edited": {">=": timedelta(hours=-2)}}, many=True)
    assert len(recent) == 0
    assert len(older) == 2


def test_a_datetime_is_sent_as_the_server_writes_times(bench: Any, client: Any) -> None:
    client.query("projects", ["title"], {"created": {">=": datetime(2026, 1, 1, 12, tzinfo=UTC)}}, many=True)
    assert bench.seen("user-query")[-1]["query"]["projects"][0]["created"] == {
        ">=": "2026-01-01T12:00:00.000Z"
    }


def test_a_query_that_the_server_would_take_for_a_write_is_refused(bench: Any, client: Any) -> None:
    with pytest.raises(InvalidRequestError, match="ask for at least one field that `where` does not fix"):
        client.query("projects", ["project_id"], {"project_id": bench.project_id})
    with pytest.raises(InvalidRequestError, match="ask for at least one field"):
        client.query("accounts", [])
    assert bench.seen() == []


@pytest.mark.parametrize(
    ("table", "fields", "where", "words"),
    [
        (
            "project",
            ["title"],
            None,
            "table: 'project' is unknown, did you mean 'projects'.*known are account_profiles",
        ),
        (
            "projects",
            ["titel"],
            None,
            "titel: projects has no such field, did you mean 'title'.*it has project_id",
        ),
        ("projects", ["title"], {"nme": "x"}, "nme: projects has no such field"),
        ("projects", ["title"], {"name": None}, "name: None cannot be compared"),
        ("projects", ["title"], {"name": {"~": "x"}}, "name: '~' is no operator; known are !="),
        ("projects", ["title"], {"name": {"<": 1, ">": 2}}, "name: expected one operator"),
        ("projects", ["title"], {"name": {"==": None}}, "name: None cannot be compared with =="),
        (
            "projects",
            ["title"],
            {"created": {">": datetime(2026, 1, 1)}},  # noqa: DTZ001 - the fault under test
            "created: the datetime has no time zone",
        ),
        ("projects", ["title"], {"ephemeral": float("nan")}, "ephemeral: nan is not a number that JSON has"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    bench: Any, client: Any, table: str, fields: list[str], where: Any, words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.query(table, fields, where)
    assert bench.seen() == []


def test_a_bare_string_of_fields_is_refused(bench: Any, client: Any) -> None:
    with pytest.raises(TypeError, match="fields: expected a list"):
        client.query("projects", "title")
    assert bench.seen() == []


def test_an_unknown_table_is_sent_when_told_so(client: Any) -> None:
    with pytest.raises(InvalidRequestError, match="get queries not allowed for table 'no_such_table'"):
        client.query("no_such_table", ["id"], check=False)


def test_a_refusal_of_the_server_says_what_the_table_gives(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="members of the project") as caught:
        client.query(
            "project_log", ["event"], {"project_id": bench.standin.second_project.project_id}, many=True
        )
    assert "read access" in caught.value.message


def test_a_key_that_is_not_accepted_is_an_authentication_error(bench: Any) -> None:
    with pytest.raises(AuthenticationError):
        bench.client("sk-aaaaaaaaaaaaaaaa000099").query("accounts", ["first_name"])


def test_the_tables_limit_is_told(bench: Any, client: Any) -> None:
    rows = [{"title": str(number)} for number in range(300)]
    client = bench.client(script={"user-query": [{"query": {"projects": rows}}]})
    result = client.query("projects", ["title"], many=True)
    assert result.cut
    assert "300 rows, the limit of projects: there may be more" in repr(result)


def test_a_development_build_that_drops_fields_is_asked_in_the_other_form(bench: Any) -> None:
    development = StandIn(build="development")
    development.oddities.rate_limits = False
    bench.standin = development
    row = bench.client().query("accounts", ["account_id", "email_address", "first_name"])
    assert row["first_name"] == "Uma"


def test_a_read_is_repeated_after_a_lost_connection(bench: Any) -> None:
    client = bench.client(script={"user-query": [httpx.ReadError("reset")]})
    assert client.query("accounts", ["first_name"]) == {"first_name": "Uma"}


def test_a_write_is_not_repeated_after_a_lost_connection(bench: Any) -> None:
    client = bench.client(script={"user-query": [httpx.ReadError("reset")] * 5})
    with pytest.raises(ConnectionFailed) as caught:
        client.update("accounts", {"first_name": "Ursula"})
    assert caught.value.maybe_executed
    assert len(bench.transport.urls) == 1


def test_a_write_sets_the_fields(client: Any) -> None:
    client.update("accounts", {"first_name": "Ursula", "other_settings": {"dark_mode": True}})
    row = client.query("accounts", ["first_name", "other_settings"])
    assert row["first_name"] == "Ursula"
    assert row["other_settings"]["dark_mode"] is True


def test_a_write_to_a_project_names_it(bench: Any, client: Any) -> None:
    client.update("projects", {"project_id": bench.project_id, "title": "New"})
    assert bench.standin.project.title == "New"


@pytest.mark.parametrize(
    ("table", "values", "words"),
    [
        ("accounts", {"first_name": None}, "first_name: is None, which the server takes for a question"),
        ("accounts", {"profile": {"color": None}}, "profile: is None"),
        ("accounts", {}, "values: must name at least one field"),
        ("accounts", {"groups": ["admin"]}, "groups: accounts has no such field"),
        ("projects", {"title": "x"}, "project_id: a write to projects must give it"),
        ("listings", {"path": ""}, "table: listings can only be read"),
        ("nothing", {"a": 1}, "table: 'nothing' is unknown"),
    ],
)
def test_a_write_that_would_be_misread_is_refused(
    bench: Any, client: Any, table: str, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.update(table, values)
    assert bench.seen() == []


def test_a_write_to_somebody_elses_project_is_refused(bench: Any, client: Any) -> None:
    project_id = bench.standin.second_project.project_id
    with pytest.raises(PermissionDeniedError):
        client.update("projects", {"project_id": project_id, "title": "mine"})
    assert bench.standin.second_project.title == "Second's project"


def test_the_tables_are_those_of_the_stand_in() -> None:
    from cocalc_facade.testing.routes.query.tables import TABLES as SERVED

    for name, table in TABLES.items():
        served = SERVED[name]
        assert set(table.read) == served.get, name
        assert set(table.write) <= served.set | served.key, name
        assert (table.limit or 100_000, table.anonymous) == (served.limit, served.anonymous), name


def test_every_table_can_be_completed() -> None:
    assert set(get_args(TableName)) == set(TABLES)
    assert all(table.name == name and table.scope and table.read for name, table in TABLES.items())
