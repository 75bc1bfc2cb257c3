"""Arguments of routes, conditions, fields and files as people type them: taken for what was meant, or refused in a line that names them."""

from __future__ import annotations

import json
import shlex
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocalc_facade.testing import StandIn

from .conftest import Line

NEVER = [
    ("call exec -f project_id=P -f command=ls -f args=x", "args is a list, and given as JSON"),
    ("call exec -f project_id=P -f command=ls -f env=a", "env is an object, and given as JSON"),
    ("call exec -f project_id=P -f command=ls -f timeout=NaN", "timeout must be a number"),
    ("call exec -f project_id=P -f command=ls -f timeout=1e999", "timeout must be a number"),
    ("call exec -f project_id=P -f command=ls -F timeout:=1e999", "1e999 is too large"),
    ("call exec -f project_id=P -f command=ls -F timeout:=-Infinity", "-Infinity is not JSON"),
    ("call exec -f project_id=P -f command=ls -f bash=True", "bash must be true or false"),
    ("call exec -f project_id=P -f command=ls -f 'args[]=x'", "did you mean 'args'"),
    ("call projects/stop -f 'project_id[a]=P'", "did you mean 'project_id'"),
    ("call projects/stop -F project_id:=5", "project_id must be a UUID, not a number"),
    ("call projects/stop -F project_id:=[]", "project_id must be a UUID, not a list"),
    ("call projects/stop -F project_id:=null", "project_id"),
    ("call projects/stop -F project_id=P", "a text is given as -f project_id=text"),
    ("call projects/stop project_id=P", "-f name=text"),
    ("call projects/stop --project-id P", "-f name=text"),
    ("call projects/stop -f =P", "'=P' is not name=text"),
    ("call projects/stop --input ''", "--input"),
    ("map projects/stop /dev/null --journal ''", "--journal"),
    ("query projects title --where 'last_edited>yesterday'", "last_edited: 'yesterday' is neither a time"),
    ("query projects title --where deleted=maybe", "deleted must be true or false"),
    ("query projects title --where state=running", "state is an object"),
    ("query projects title --where ephemeral=long", "ephemeral must be a number"),
    ("query projects title --where titel=x", "did you mean 'title'"),
    ("query projects title --where title=x", "FIELDS…: ask for at least one field that --where does not fix"),
    ("query projects title,titel", "did you mean 'title'"),
    ("projects list --where titel=x", "did you mean 'title'"),
    ("update accounts unlisted=yes", "unlisted must be true or false"),
    ("update accounts profile=x", "profile is an object"),
    ("update accounts first_name:=null", "first_name: is null"),
    ("purchases --csv ''", "--csv"),
    ("purchases --csv - --json", "--csv has its own form"),
    ("purchases --csv - --fields cost", "--csv has its own form"),
    ("purchases --since 5d --until 10d", "is not after --since"),
    ("latex /dev/null -o ''", "--output"),
]
FIELDS = [
    ("whoami --fields kind.x", "did you mean 'kind'"),
    ("projects list --fields TITLE", "did you mean 'title'"),
    ("projects list --fields '*'", "there are project_id, title"),
    ("query projects state --fields state.stat", "no field 'state.stat'"),
]


def split(line: str, project: str) -> list[str]:
    return [word.replace("=P", f"={project}") if "=P" in word else word for word in shlex.split(line)]


@pytest.mark.parametrize(("line", "says"), NEVER)
def test_nothing_is_sent_that_cannot_be_meant(
    line: str, says: str, typed: Line, project: str, cocalc_server: StandIn
) -> None:
    told = typed(*split(line, project))
    assert told.code in (2, 64), told
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert says.replace("=P", f"={project}") in told.err
    assert cocalc_server.requests == []


@pytest.mark.parametrize(("line", "says"), FIELDS)
def test_a_field_that_is_not_there_is_told(line: str, says: str, typed: Line) -> None:
    told = typed(*shlex.split(line))
    assert (told.code, told.out) == (2, "")
    assert says in told.err


def test_fields_are_names_or_lists_of_names(typed: Line) -> None:
    for words in (("title", "project_id"), ("title,project_id",)):
        assert list(typed("query", "projects", *words, "--json").json[0]) == ["title", "project_id"]
    for options in (("--fields", "title,project_id"), ("--fields", "title", "--fields", "project_id")):
        assert list(typed("projects", "list", "--json", *options).json[0]) == ["title", "project_id"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("last_edited>1h", True),
        ("last_edited<1h", False),
        ("last_edited>2025-12-31", True),
        ("deleted:=true", False),
        ('title:={"ILIKE": "%measured%"}', True),
        ("name:=null", True),
    ],
)
def test_a_condition_means_what_the_field_is(
    condition: str, found: bool, typed: Line, cocalc_server: StandIn
) -> None:
    cocalc_server.project.last_edited = time.time()
    told = typed("query", "projects_all", "project_id", "--where", condition, "--json")
    assert told.code == 0, told
    assert (cocalc_server.project.project_id in told.out) == found


def test_what_is_written_is_of_the_kind_of_its_field(typed: Line, cocalc_server: StandIn) -> None:
    assert typed("update", "accounts", "unlisted=true", "first_name=5").code == 0
    assert cocalc_server.requests[-1].params == {"query": {"accounts": {"unlisted": True, "first_name": "5"}}}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(max_size=20),
    sign=st.sampled_from(["=", ":=", "==", ">", "", "["]),
    value=st.text(max_size=20) | st.from_type(float).map(json.dumps),
    option=st.sampled_from(["-f", "-F"]),
)
def test_whatever_is_given_is_a_line_or_a_result(
    name: str, sign: str, value: str, option: str, typed: Line, project: str
) -> None:
    told = typed("call", "projects/stop", "-f", f"project_id={project}", f"{option}{name}{sign}{value}")
    assert told.code in (0, 2, 64), told
    assert told.err.count("\n") == (told.code != 0)
