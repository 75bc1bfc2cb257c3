"""Many projects brought to a state: few questions, and each project's own outcome."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

import pytest

from cocalc_facade import (
    AuthenticationError,
    InvalidRequestError,
    MapInterrupted,
    NotFoundError,
    PermissionDeniedError,
    ProjectState,
    ServerError,
    TimedOut,
)
from cocalc_facade.testing import Oddities, StandIn


@pytest.fixture
def projects(bench: Any) -> list[str]:
    return made(bench, 8)


def made(bench: Any, count: int) -> list[str]:
    world = bench.standin.world
    return [
        world.add_project(bench.standin.user.account_id, f"P{number}").project_id for number in range(count)
    ]


def states(outcomes: Any) -> list[Any]:
    return [outcome.value.state if outcome.ok else type(outcome.error) for outcome in outcomes]


def test_all_get_there_with_few_questions(bench: Any, client: Any, projects: list[str]) -> None:
    assert states(client.wait_for_projects(projects)) == ["running"] * 8
    assert len(bench.seen("projects/start")) == 8
    assert len(bench.seen("user-query")) <= 4
    before = len(bench.seen())
    assert states(client.wait_for_projects(projects, "running")) == ["running"] * 8
    assert len(bench.seen()) == before + 1
    assert states(client.wait_for_projects(projects, "stopped")) == ["opened"] * 8


@pytest.mark.parametrize("kind", ["async"])
def test_a_course_of_slow_projects_needs_a_start_each_and_few_questions(bench: Any, client: Any) -> None:
    bench.standin.start_seconds = 120.0
    assert states(client.wait_for_projects(made(bench, 300))) == ["running"] * 300
    assert len(bench.seen("projects/start")) == 300
    assert len(bench.seen()) <= 360


def test_each_project_has_its_own_outcome_in_the_order_of_the_ids(
    bench: Any, client: Any, projects: list[str]
) -> None:
    world = bench.standin.world
    world.projects[projects[1]].deleted = True
    nobodys = "00000000-0000-4000-8000-000000000000"
    theirs = bench.standin.second_project.project_id
    ids = [projects[0], projects[1], nobodys, theirs, projects[0], UUID(projects[2]), projects[3].upper()]
    told: list[Any] = []
    outcomes = client.wait_for_projects(ids, on_done=told.append)
    assert [outcome.item for outcome in outcomes] == ids
    assert states(outcomes) == [
        "running",
        NotFoundError,
        PermissionDeniedError,
        PermissionDeniedError,
        "running",
        "running",
        "running",
    ]
    assert len(told) == 7
    started = {params["project_id"] for params in bench.seen("projects/start")}
    assert started == {projects[0], projects[2], projects[3]}
    assert len(bench.seen("projects/start")) == 3


def test_a_deleted_project_that_is_at_rest_is_stopped(bench: Any, client: Any, projects: list[str]) -> None:
    bench.standin.world.projects[projects[0]].deleted = True
    assert states(client.wait_for_projects(projects, "stopped")) == ["opened"] * 8


def test_projects_that_cannot_start_are_asked_for_three_times(bench: Any, projects: list[str]) -> None:
    bench.standin.oddities.start_fails = True
    bench.standin.world.projects[projects[0]].start(bench.clock.now(), 0)
    outcomes = bench.client().wait_for_projects(projects[:3])
    assert states(outcomes) == ["running", ServerError, ServerError]
    assert 6 <= len(bench.seen("projects/start")) <= 8


def test_what_is_not_there_in_time_says_where_it_is(bench: Any, projects: list[str]) -> None:
    bench.standin.start_seconds = 500.0
    outcomes = bench.client().wait_for_projects(projects[:2], timeout=60)
    assert states(outcomes) == [TimedOut, TimedOut]
    assert "is starting after 60 s, not running" in str(outcomes[0].error)
    assert outcomes[0].error.maybe_executed
    watched = bench.client().wait_for_projects(projects[5:], request=False, timeout=20)
    assert states(watched) == [TimedOut] * 3
    assert not watched[0].error.maybe_executed
    assert len(bench.seen("projects/start")) == 2


def test_a_start_that_was_lost_is_asked_for_again(bench: Any, client: Any, projects: list[str]) -> None:
    """While a project stops the server answers ok to a start, and it ends stopped."""
    world = bench.standin.world
    for project in projects[:3]:
        world.projects[project].start(bench.clock.now(), 0)
        world.projects[project].stop(bench.clock.now(), 8)
    assert states(client.wait_for_projects(projects)) == ["running"] * 8
    assert len(bench.seen("projects/start")) == 8


def test_a_state_that_cannot_be_asked_for_a_while_is_waited_for(
    bench: Any, client: Any, projects: list[str]
) -> None:
    bench.standin.fail("user-query", kind="status", times=6)
    assert states(client.wait_for_projects(projects)) == ["running"] * 8
    bench.standin.fail("user-query", kind="status", times=None)
    outcomes = client.wait_for_projects(projects, "stopped", timeout=60)
    assert states(outcomes) == [TimedOut] * 8
    assert "503" in str(outcomes[0].error)


def test_at_most_so_many_are_started_at_a_time(bench: Any, kind: str) -> None:
    """With one at a time each start begins when the one before has its answer."""
    bench.standin.start_seconds = 1.0
    ids = made(bench, 5)
    outcomes = bench.client().wait_for_projects(ids, concurrency=1)
    assert states(outcomes) == ["running"] * 5
    began = [bench.standin.world.projects[project].begun for project in ids]
    assert all(later - before >= 1.0 for before, later in itertools.pairwise(began))


def test_bad_input_is_refused_before_anything_is_sent(bench: Any, client: Any, projects: list[str]) -> None:
    for arguments, words in (
        (([*projects, "P 1"],), r"project_ids\[8\]: 'P 1' is not a UUID"),
        (([projects[0], 5],), r"project_ids\[1\]: expected a UUID"),
        ((projects[0],), "project_ids: expected a list of ids"),
        ((projects, "runing"), "did you mean 'running'"),
    ):
        with pytest.raises((InvalidRequestError, TypeError), match=words):
            client.wait_for_projects(*arguments)
    for options in ({"timeout": 0}, {"concurrency": 0}, {"concurrency": 500}):
        with pytest.raises(InvalidRequestError, match=next(iter(options))):
            client.wait_for_projects(projects, **options)
    assert len(client.wait_for_projects([])) == 0
    assert bench.seen() == []


def test_a_wrong_key_is_no_outcome_of_a_project(bench: Any, projects: list[str]) -> None:
    with pytest.raises(AuthenticationError):
        bench.client("sk-0000000000000009").wait_for_projects(projects)
    assert bench.seen("projects/start") == []


@pytest.mark.parametrize("kind", ["sync"])
def test_ctrl_c_tells_which_got_there(bench: Any, projects: list[str]) -> None:
    bench.standin.world.projects[projects[2]].start(bench.clock.now(), 0)
    client = bench.client(script={"projects/start": [KeyboardInterrupt()]})
    with pytest.raises(MapInterrupted) as caught:
        client.wait_for_projects(projects, concurrency=1)
    assert [outcome.item for outcome in caught.value.outcomes] == [projects[2]]


def test_progress_is_shown(client: Any, projects: list[str], capsys: Any) -> None:
    client.wait_for_projects(projects, progress=True)
    assert capsys.readouterr().err.endswith("projects running: 8/8 done, 0 failed\n")


class TestNewerServers:
    """They have no tables for keys: each project is asked for its state."""

    @pytest.fixture
    def standin(self) -> StandIn:
        return StandIn(generation="ai", oddities=Oddities(rate_limits=False))

    def test_all_get_there(self, bench: Any) -> None:
        ids = made(bench, 5)
        mine = [bench.standin.world.projects[project] for project in ids]
        key = bench.standin.add_key(
            bench.standin.user, "project:exec", "project:read", projects=mine[:4]
        ).secret
        outcomes = bench.client(key).wait_for_projects(ids)
        assert states(outcomes) == ["running"] * 4 + [PermissionDeniedError]
        assert isinstance(outcomes[0].value, ProjectState)
        assert outcomes[4].error.capability == "project:read"
        assert states(bench.client(key).wait_for_projects(ids[:4], "stopped")) == ["opened"] * 4
        assert len(bench.seen("projects/start")) == len(bench.seen("projects/stop")) == 4

    def test_a_server_without_a_machine_leaves_them_where_they_are(self, bench: Any) -> None:
        ids = made(bench, 2)
        bench.standin.hosts = False
        mine = [bench.standin.world.projects[project] for project in ids]
        key = bench.standin.add_key(bench.standin.user, "project:exec", "project:read", projects=mine).secret
        outcomes = bench.client(key).wait_for_projects(ids, timeout=100)
        assert states(outcomes) == [TimedOut] * 2
        assert len(bench.seen("projects/start")) <= 12


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"request": "no"}, "request: expected True or False"),
        ({"progress": 1}, "progress: expected True or False"),
        ({"on_done": "print"}, "on_done: expected a function"),
    ],
)
def test_options_of_another_kind_are_refused_before_anything_is_sent(
    bench: Any, client: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError, match=words):
        client.wait_for_projects([bench.project_id], **options)
    assert bench.seen() == []
