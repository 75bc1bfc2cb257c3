"""Projects change their states in their own time, with the races of the real server."""

from __future__ import annotations

import pytest

from cocalc_facade.testing import StandIn

from .conftest import Post


def state(post: Post, standin: StandIn) -> str:
    query = {"projects": {"project_id": standin.project.project_id, "state": None}}
    return str(
        post("user-query", {"query": query}, waits=False).json()["query"]["projects"]["state"]["state"]
    )


def test_a_start_takes_seconds_and_then_the_project_runs(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id}
    assert post("projects/start", asked, waits=False).seconds == pytest.approx(2.5, abs=0.01)
    assert state(post, standin) == "starting"
    standin.clock.advance(2.5)
    assert state(post, standin) == "running"
    assert post("projects/start", asked).seconds < 0.1


def test_a_stop_takes_seconds_and_a_second_one_none(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id}
    post("projects/start", asked)
    assert post("projects/stop", asked, waits=False).seconds == pytest.approx(8, abs=0.01)
    assert state(post, standin) == "stopping"
    assert post("projects/stop", asked, waits=False).json() == {"status": "ok"}
    standin.clock.advance(8)
    assert state(post, standin) == "opened"


def test_a_start_during_a_stop_answers_ok_and_the_project_ends_stopped(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id}
    post("projects/start", asked)
    post("projects/stop", asked, waits=False)
    started = post("projects/start", asked)
    assert started.json() == {"status": "ok"}
    assert started.seconds < 0.1
    standin.clock.advance(20)
    assert state(post, standin) == "opened"


def test_a_start_during_a_stop_can_be_made_to_work(standin: StandIn, post: Post) -> None:
    standin.oddities.start_races = False
    asked = {"project_id": standin.project.project_id}
    post("projects/start", asked)
    post("projects/stop", asked, waits=False)
    post("projects/start", asked)
    assert state(post, standin) == "running"


def test_of_three_starts_at_once_one_fails_on_a_directory_that_exists(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id}
    answers = [post("projects/start", asked, waits=False) for _ in range(3)]
    assert [answer.json() for answer in answers[:2]] == [{"status": "ok"}] * 2
    assert answers[2].json()["error"].startswith("EEXIST: file already exists, mkdir")
    assert [round(answer.seconds, 1) for answer in answers] == [2.5, 0.1, 0.0]


def test_a_command_starts_a_stopped_project(standin: StandIn, post: Post) -> None:
    post("exec", {"project_id": standin.project.project_id, "command": "pwd"})
    assert state(post, standin) == "running"


def test_a_deleted_project_is_not_listed_but_can_be_started(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id}
    post("projects/delete", asked)
    assert [row["project_id"] for row in post("projects/get").json()] != [standin.project.project_id]
    assert post("projects/start", asked).json() == {"status": "ok"}
    post("projects/restore", asked)
    assert standin.project.project_id in [row["project_id"] for row in post("projects/get").json()]


def test_a_get_of_projects_create_makes_a_project(standin: StandIn, post: Post) -> None:
    before = len(standin.world.projects)
    made = post("projects/create", {"title": "ignored"}, method="GET")
    assert len(standin.world.projects) == before + 1
    assert standin.world.projects[made.json()["project_id"]].title == "No Title"


def test_limits_are_read_as_postgresql_reads_them(post: Post) -> None:
    assert post("projects/get", {"limit": 1.5}).json() == {
        "error": 'invalid input syntax for type bigint: "1.5"'
    }
    assert post("projects/get", {"limit": None}).json() == []
    assert post("projects/get", {"limit": -1}).json() == []
    assert post("projects/get", {"limit": ""}).json() == []
    assert post("projects/get", {"limit": 10**20}).json() == {
        "error": 'value "100000000000000000000" is out of range for type bigint'
    }
    assert post("projects/get", {"limit": [1]}).json() == {
        "error": 'invalid input syntax for type bigint: "{"1"}"'
    }
    assert post("purchases/get-purchases", {"limit": -1}).json() == {"error": "LIMIT must not be negative"}
    assert len(post("projects/get", {"limit": "1"}).json()) == 1


def test_a_stranger_is_refused_and_a_collaborator_is_not(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id}
    refused = post("projects/stop", asked, key=standin.second.key).json()
    assert refused == {"error": "must be a collaborator to stop project"}
    post("projects/collaborators/add", {**asked, "account_id": standin.second.account_id})
    assert post("projects/stop", asked, key=standin.second.key).json() == {"status": "ok"}
    post("projects/collaborators/remove", {**asked, "account_id": standin.second.account_id})
    assert post("projects/stop", asked, key=standin.second.key).json() == refused


def test_files_are_written_read_and_copied(standin: StandIn, post: Post) -> None:
    mine, other = standin.project, standin.world.projects_of(standin.user.account_id)[1]
    post("projects/write-text-file", {"project_id": mine.project_id, "path": "a/b.txt", "content": "hello\n"})
    post("projects/start", {"project_id": other.project_id})
    copy = {"src_project_id": mine.project_id, "target_project_id": other.project_id, "path": "a"}
    assert post("projects/copy-path", copy).json() == {"copy_id": ""}
    read = post("exec", {"project_id": other.project_id, "command": "cat", "args": ["a/b.txt"]})
    assert read.json()["stdout"] == "hello\n"


def test_nothing_can_be_copied_into_a_project_that_never_ran(standin: StandIn, post: Post) -> None:
    mine, other = standin.project, standin.world.projects_of(standin.user.account_id)[1]
    post("projects/write-text-file", {"project_id": mine.project_id, "path": "a.txt", "content": "hello\n"})
    copy = {"src_project_id": mine.project_id, "target_project_id": other.project_id, "path": "a.txt"}
    assert (
        'copy exited with an error -- undefined -- "rsync '
        in post("projects/copy-path", copy).json()["error"]
    )


def test_who_is_no_member_sees_no_members(standin: StandIn, post: Post) -> None:
    assert len(post("projects/collaborators/list", {"project_id": standin.project.project_id}).json()) == 1
    strange = standin.second_project.project_id
    assert post("projects/collaborators/list", {"project_id": strange}).json() == []
    assert (
        len(post("projects/collaborators/list", {"project_id": strange}, key=standin.admin.key).json()) == 1
    )
    assert post("projects/collaborators/list", {"project_id": "nope"}).json() == {
        "error": 'invalid input syntax for type uuid: "nope"'
    }


def test_an_update_without_changes_is_ok_without_a_look_at_the_project(standin: StandIn, post: Post) -> None:
    strange = standin.second_project.project_id
    assert post("projects/update", {"project_id": strange, "title": ""}).json() == {"status": "ok"}
    assert "error" in post("projects/update", {"project_id": strange, "title": "x"}).json()
    assert post("projects/update", {"project_id": standin.project.project_id, "title": ""}).json() == {
        "status": "ok"
    }
    assert standin.project.title == "Measured project"
