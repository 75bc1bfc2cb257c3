"""The odd ways of the real server come when they are switched on, and go when they are switched off."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_facade.testing import Oddities, StandIn

from .conftest import Post, asker

SOURCE = "\\documentclass{article}\\begin{document}x\\end{document}"


@pytest.mark.parametrize(
    ("path", "more", "said"),
    [
        ("projects/start", {}, {}),
        ("projects/touch", {}, {}),
        ("exec", {"command": "echo hi"}, {"error": "undefined"}),
        ("projects/write-text-file", {"path": "a.txt", "content": "x"}, {}),
        ("projects/call", {"mesg": {"event": "ping"}}, {}),
        ("latex", {"path": "a.tex", "content": SOURCE}, {}),
        ("jupyter/execute", {"input": "1", "kernel": "python3"}, {"error": "undefined"}),
    ],
)
def test_what_needs_a_project_that_cannot_start_says_nothing_long_before_the_cut(
    path: str, more: dict[str, Any], said: Any
) -> None:
    standin = StandIn(oddities=Oddities(start_fails=True))
    response = asker(standin)(path, {"project_id": standin.project.project_id, **more})
    assert response.json() == said
    assert 1 <= response.seconds < 10
    assert standin.project.state(standin.clock.now()) == "opened"
    assert not standin.project.files.files


def test_a_project_that_runs_already_is_not_touched_by_failing_starts(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id, "command": "echo hi"}
    post("exec", asked)
    standin.oddities.start_fails = True
    assert post("exec", asked).json()["stdout"] == "hi\n"
    post("projects/stop", asked)
    assert post("exec", asked).json() == {"error": "undefined"}


def test_a_late_pdf_is_not_there_for_a_moment() -> None:
    standin = StandIn(oddities=Oddities(pdf_seconds=3))
    post = asker(standin)
    made = post("latex", {"path": "a.tex", "content": SOURCE}).json()
    address = f"/blobs/a.pdf?uuid={made['pdf']['data_uuid']}"
    missing = post(address, key=None, method="GET")
    assert (missing.status, missing.body.decode()) == (404, f"blob {made['pdf']['data_uuid']} not found")
    standin.clock.advance(3)
    assert post(address, key=None, method="GET").body.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("command", "hidden", "shown"),
    [
        ({"command": "kill -9 $$", "bash": True}, 0, 137),
        ({"command": "echo a; kill -s SEGV $$; echo b", "bash": True}, 0, 139),
        ({"command": "bash", "args": ["-c", "kill $$"]}, 0, 143),
        ({"command": "python3", "args": ["-c", "import os;os.kill(os.getpid(), 9)"]}, 0, 137),
        # A shell in between tells it, whatever the server does.
        ({"command": "bash", "args": ["-c", '"$@"; exit $?', "x", "bash", "-c", "kill -9 $$"]}, 137, 137),
        ({"command": "bash -c 'kill -9 $$'; exit $?", "bash": True}, 137, 137),
        ({"command": "python3 -c 'import os;os.kill(os.getpid(), 11)'", "bash": True}, 139, 139),
    ],
)
@pytest.mark.parametrize("as_job", [False, True])
def test_a_death_by_signal_is_exit_code_0_unless_a_shell_says_otherwise(
    command: dict[str, Any], hidden: int, shown: int, as_job: bool
) -> None:
    codes = []
    for oddities in (Oddities(), Oddities(signals_hidden=False)):
        standin = StandIn(oddities=oddities)
        post = asker(standin)
        base = {"project_id": standin.project.project_id}
        found = post("exec", {**base, **command, "err_on_exit": False, "async_call": as_job}).json()
        if as_job:
            standin.clock.advance(1)
            found = post("exec", {**base, "async_get": found["job_id"]}).json()
        codes.append(found["exit_code"])
    assert codes == [hidden, shown]


def test_the_arguments_of_a_list_reach_the_command_behind_a_shell_unchanged(
    standin: StandIn, post: Post
) -> None:
    given = ["-c", '"$@"; exit $?', "x", "printf", "[%s]", "a  b", "$HOME", "", "*"]
    asked = {"project_id": standin.project.project_id, "command": "bash", "args": given}
    assert post("exec", asked).json()["stdout"] == "[a  b][$HOME][][*]"


@pytest.mark.parametrize(
    ("line", "seconds"), [("sleep 20 & echo x", 20), ("sleep 20 >/dev/null 2>&1 & echo x", 0)]
)
def test_the_server_waits_for_whoever_holds_the_output(
    standin: StandIn, post: Post, line: str, seconds: int
) -> None:
    post("projects/start", {"project_id": standin.project.project_id})
    asked = {"project_id": standin.project.project_id, "command": line, "bash": True, "timeout": 10}
    response = post("exec", asked)
    assert response.json() == {"stdout": "x\n", "stderr": "", "exit_code": 0, "type": "blocking"}
    assert seconds <= response.seconds < seconds + 1


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("abc", 4, "abc"),
        ("abcd", 4, "abcd (truncated at 4 characters)"),
        ("abcde", 4, "abcd (truncated at 4 characters)"),
        ("abc\U0001f600", 4, "abc\ud83d (truncated at 4 characters)"),
        ("ab\U0001f600", 4, "ab\U0001f600 (truncated at 4 characters)"),
    ],
)
def test_output_is_cut_by_halves_of_characters_and_when_it_just_fits(
    standin: StandIn, post: Post, text: str, limit: int, kept: str
) -> None:
    asked = {"project_id": standin.project.project_id, "command": "printf", "args": ["%s", text]}
    assert post("exec", {**asked, "max_output": limit}).json()["stdout"] == kept


@pytest.mark.parametrize(
    ("oddities", "more", "kept"),
    [
        (Oddities(), {}, "work of a student"),
        (Oddities(), {"overwrite_newer": True}, "template"),
        (Oddities(copies_skip_newer=False), {}, "template"),
    ],
)
@pytest.mark.parametrize("whole", [False, True])
def test_a_copy_leaves_what_is_newer_in_its_target(
    oddities: Oddities, more: dict[str, Any], kept: str, whole: bool
) -> None:
    standin = StandIn(oddities=oddities)
    post = asker(standin)
    source, target = (standin.project, standin.world.add_project(standin.user.account_id, "student"))
    for project, content in ((source, "template"), (target, "work of a student")):
        asked = {"project_id": project.project_id, "path": "hw/1.txt", "content": content}
        post("projects/write-text-file", asked)
        standin.clock.advance(1)
    asked = {"src_project_id": source.project_id, "target_project_id": target.project_id}
    answer = post("projects/copy-path", {**asked, "path": "hw" if whole else "hw/1.txt", **more})
    assert answer.json() == {"copy_id": ""}
    assert target.files.read(target.files.resolve("hw/1.txt")) == kept.encode()
