"""Commands: in one call, as jobs past the server's 60 seconds, and what becomes of them when something breaks."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._errors import (
    AuthenticationError,
    CoCalcError,
    CommandError,
    ConnectionFailed,
    InvalidRequestError,
    PermissionDeniedError,
    TimedOut,
)
from cocalc_facade._jobs.values.commands import CompletedCommand, untruncated

JOB = {
    "stdout": "",
    "stderr": "",
    "exit_code": 0,
    "type": "async",
    "job_id": "j-1",
    "status": "running",
    "pid": 77,
}


def polls(bench: Any) -> int:
    return sum("async_get" in params for params in bench.seen("exec"))


def test_a_short_command_is_one_call(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert len(bench.seen("exec")) == 1


def test_a_list_of_words_sees_no_shell(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, ["echo", "$HOME; exit 1", "a  b"])
    assert done.stdout == "$HOME; exit 1 a  b\n"
    assert done.args == ("echo", "$HOME; exit 1", "a  b")


def test_one_word_with_a_space_is_not_taken_for_a_line(bench: Any, client: Any) -> None:
    with pytest.raises(CommandError) as caught:
        client.run(bench.project_id, ["echo hi"], check=True)
    assert caught.value.exit_code == 127


def test_stdout_survives_a_failure(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, "echo kept; false")
    assert done.returncode == 1
    assert done.stdout == "kept\n"


def test_a_failure_raises_only_when_it_is_to_be_checked(bench: Any, client: Any) -> None:
    with pytest.raises(CommandError, match=r"'echo bad >&2; exit 4' exited with 4: bad") as caught:
        client.run(bench.project_id, "echo bad >&2; exit 4", check=True)
    assert (caught.value.exit_code, caught.value.stderr) == (4, "bad\n")
    client.run(bench.project_id, "true", check=True).check_returncode()


def test_every_command_has_an_end_and_a_bound_on_its_output(bench: Any, client: Any) -> None:
    client.run(bench.project_id, "true")
    client.run(bench.project_id, "true", timeout=300)
    for params in bench.seen("exec"):
        if "command" in params:
            assert params["max_output"] == 100_001  # one more, to know whether there was more
            assert params["err_on_exit"] is False
            assert params["timeout"] > 0


def test_directory_and_environment_are_given_on(bench: Any, client: Any) -> None:
    bench.standin.project.files.make_directory(bench.standin.project.files.resolve("sub"), 0.0)
    done = client.run(bench.project_id, "pwd; echo $COLOUR", cwd="sub", env={"COLOUR": "blue"})
    assert done.stdout.endswith("/sub\nblue\n")


@pytest.mark.parametrize("timeout", [30, 100])
def test_a_missing_command_or_directory_is_said_so(bench: Any, client: Any, timeout: float) -> None:
    for arguments in ({"command": ["no-such-command"]}, {"command": "pwd", "cwd": "no/such/dir"}):
        with pytest.raises(CommandError, match="could not be started: no such command, or no such directory"):
            client.run(bench.project_id, timeout=timeout, **arguments)


def test_a_command_that_is_cut_says_that_output_is_missing(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, "seq 1000", max_output=100)
    assert done.truncated
    assert len(done.stdout) == 100
    assert done.stdout.startswith("1\n2\n3\n")


def test_a_command_that_prints_the_servers_words_itself_is_not_truncated(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, ["echo", "-n", "short (truncated at 100 characters)"], max_output=100)
    assert not done.truncated
    assert done.stdout == "short (truncated at 100 characters)"


@given(st.text(max_size=50), st.integers(1, 40))
def test_the_mark_of_truncation_is_taken_off_only_behind_full_output(text: str, limit: int) -> None:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    found, cut = untruncated(f"{text} (truncated at {limit} characters)", limit)
    assert cut is (units >= limit)
    assert found == (text if cut else f"{text} (truncated at {limit} characters)")
    assert untruncated(text, limit) == (text, False)


def test_a_command_beyond_its_timeout_was_killed(bench: Any, client: Any) -> None:
    with pytest.raises(CommandError, match=r"'sleep 20' was killed after its timeout of 5 s"):
        client.run(bench.project_id, "sleep 20", timeout=5)
    with pytest.raises(CommandError, match=r"'sleep 500' was killed after its timeout of 100 s"):
        client.run(bench.project_id, "sleep 500", timeout=100)


def test_a_command_longer_than_the_servers_minute_runs_to_its_end(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, "echo begin; sleep 200; echo end; exit 7", timeout=3600)
    assert (done.returncode, done.stdout) == (7, "begin\nend\n")
    assert done.seconds == pytest.approx(200, abs=1)
    assert sum("command" in params for params in bench.seen("exec")) == 1


def test_lines_are_streamed_as_they_come(bench: Any, client: Any) -> None:
    lines: list[tuple[float, str]] = []
    begin = bench.clock.now()
    done = client.run(
        bench.project_id,
        "echo one; sleep 20; echo two; sleep 20; echo -n three",
        timeout=100,
        stream=lambda line: lines.append((bench.clock.now() - begin, line)),
    )
    assert [line for _, line in lines] == ["one", "two", "three"]
    assert lines[0][0] < 20 < lines[1][0] < 40 < lines[2][0]
    assert done.stdout == "one\ntwo\nthree"


@pytest.mark.parametrize("name", ["stream", "stream_stderr"])
@pytest.mark.parametrize("receiver", [[], "print", io.StringIO()])
def test_what_takes_no_lines_is_refused_before_anything_runs(
    bench: Any, client: Any, name: str, receiver: Any
) -> None:
    with pytest.raises(InvalidRequestError, match=f"^{name}: must be a function"):
        client.run(bench.project_id, "echo a", **{name: receiver})
    with pytest.raises(InvalidRequestError, match=f"^{name}: must be a function"):
        client.wait_for_command(bench.project_id, "j-1", timeout=5, **{name: receiver})
    assert bench.seen("exec") == []


def test_errors_are_streamed_apart(bench: Any, client: Any) -> None:
    out: list[str] = []
    err: list[str] = []
    client.run(bench.project_id, "echo a; echo b >&2", stream=out.append, stream_stderr=err.append)
    assert (out, err) == (["a"], ["b"])


def test_a_connection_lost_while_polling_does_not_lose_the_command(bench: Any) -> None:
    client = bench.client(script={"exec": [..., ..., *[httpx.ReadError("reset")] * 4]}, max_retries=0)
    done = client.run(bench.project_id, "sleep 100; echo end", timeout=300)
    assert done.stdout == "end\n"
    assert sum("command" in params for params in bench.seen("exec")) == 1


def test_a_poll_cut_by_the_hub_does_not_lose_the_command(bench: Any) -> None:
    client = bench.client(script={"exec": [..., bench.cut()]})
    assert client.run(bench.project_id, "sleep 100; echo end", timeout=300).stdout == "end\n"


@pytest.mark.parametrize("words", [{"error": "must be signed in"}, "<html>", {}, []])
def test_a_poll_answered_with_nonsense_does_not_lose_the_command(bench: Any, words: Any) -> None:
    client = bench.client(script={"exec": [..., ..., words, words]})
    assert client.run(bench.project_id, "sleep 100; echo end", timeout=300).stdout == "end\n"
    assert sum("command" in params for params in bench.seen("exec")) == 1


def test_a_key_that_is_refused_while_its_command_runs_is_told_and_the_command_was_started(bench: Any) -> None:
    client = bench.client(script={"exec": [JOB, *[{"error": "must be signed in"}] * 500]})
    with pytest.raises(AuthenticationError) as caught:
        client.run(bench.project_id, "make", timeout=3600)
    assert caught.value.maybe_executed
    assert any("job j-1 goes on" in note for note in caught.value.__notes__)


def test_a_key_that_was_never_taken_is_told_at_once(bench: Any) -> None:
    client = bench.client(script={"exec": [{"error": "must be signed in"}] * 500})
    with pytest.raises(AuthenticationError) as caught:
        client.wait_for_command(bench.project_id, "j-1")
    assert not caught.value.maybe_executed
    assert len(bench.transport.urls) == 1


def test_a_server_that_stays_away_is_given_up_with_the_jobs_whereabouts(bench: Any) -> None:
    client = bench.client(script={"exec": [JOB, *[httpx.ConnectError("refused")] * 500]}, max_retries=0)
    with pytest.raises(ConnectionFailed) as caught:
        client.run(bench.project_id, "make", timeout=3600)
    [note] = caught.value.__notes__
    assert "job j-1 goes on" in note
    assert "client.wait_for_command" in note
    assert "client.stop_command" in note


def test_a_hub_that_cuts_every_poll_is_given_up_with_the_jobs_whereabouts(bench: Any) -> None:
    client = bench.client(script={"exec": [JOB, *[bench.cut()] * 500]})
    with pytest.raises(TimedOut) as caught:
        client.run(bench.project_id, "make", timeout=3600)
    assert any("job j-1 goes on" in note for note in caught.value.__notes__)


def test_a_start_whose_answer_was_lost_is_not_repeated(bench: Any) -> None:
    client = bench.client(script={"exec": [httpx.ReadError("reset")] * 5})
    with pytest.raises(ConnectionFailed) as caught:
        client.run(bench.project_id, "make", timeout=300)
    assert caught.value.maybe_executed
    assert len(bench.transport.urls) == 1


def test_a_job_lost_to_a_restart_is_said_so_and_not_run_again(bench: Any, client: Any) -> None:
    def restarted(_: Any) -> Any:
        bench.standin.project.jobs.clear()
        return ...

    client = bench.client(script={"exec": [..., ..., restarted]})
    with pytest.raises(CommandError, match=r"the result of 'sleep 100' is lost.*restarts"):
        client.run(bench.project_id, "sleep 100", timeout=300)
    assert sum("command" in params for params in bench.seen("exec")) == 1


def test_a_job_that_the_server_kept_no_result_of_is_not_given_a_made_up_exit_code(bench: Any) -> None:
    failed = JOB | {"status": "error", "exit_code": 1, "stderr": "No result", "elapsed_s": 1.0}
    client = bench.client(script={"exec": [JOB, failed]})
    with pytest.raises(CommandError, match="kept neither its output nor its exit code"):
        client.run(bench.project_id, "exit 7", timeout=300)


def test_a_job_that_never_ends_times_out(bench: Any) -> None:
    client = bench.client(script={"exec": [JOB] * 500})
    with pytest.raises(TimedOut, match=r"'make' did not end; job j-1 goes on") as caught:
        client.run(bench.project_id, "make", timeout=100)
    assert caught.value.maybe_executed


def test_an_interruption_says_where_the_job_is(bench: Any) -> None:
    client = bench.client(script={"exec": [JOB, KeyboardInterrupt()]})
    with pytest.raises(KeyboardInterrupt) as caught:
        client.run(bench.project_id, "make", timeout=3600)
    assert any("job j-1 goes on" in note and "client.stop_command" in note for note in caught.value.__notes__)


def test_an_interrupted_short_command_may_still_run(bench: Any) -> None:
    client = bench.client(script={"exec": [KeyboardInterrupt()]})
    with pytest.raises(KeyboardInterrupt) as caught:
        client.run(bench.project_id, "sleep 10")
    assert any("'sleep 10' may still be running" in note for note in caught.value.__notes__)


def test_a_job_whose_start_was_interrupted_may_run(bench: Any) -> None:
    client = bench.client(script={"exec": [KeyboardInterrupt()]})
    with pytest.raises(KeyboardInterrupt) as caught:
        client.run(bench.project_id, "make", timeout=600)
    (note,) = caught.value.__notes__
    assert "'make' may still be running" in note
    assert "at most 600 s" in note


def test_an_interrupted_job_can_be_followed_again(bench: Any, client: Any) -> None:
    job = client.call(
        "exec", {"project_id": bench.project_id, "command": "sleep 90; echo end", "async_call": True}
    )
    done = client.wait_for_command(bench.project_id, job["job_id"])
    assert (done.stdout, done.job_id) == ("end\n", job["job_id"])


def test_the_cut_of_the_hub_on_a_short_command_is_a_timeout_that_may_have_run(bench: Any) -> None:
    client = bench.client(script={"exec": [bench.cut()]})
    with pytest.raises(TimedOut) as caught:
        client.run(bench.project_id, "true")
    assert caught.value.maybe_executed


def test_a_development_build_takes_the_polls(bench: Any) -> None:
    from cocalc_facade.testing import Oddities, StandIn

    bench.standin = StandIn("development", oddities=Oddities(rate_limits=False))
    bench.project_id = bench.standin.project.project_id
    assert bench.client().run(bench.project_id, "sleep 70; echo end", timeout=300).stdout == "end\n"


def test_a_stranger_is_refused(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="collaborator"):
        client.run(bench.standin.second_project.project_id, "true")
    with pytest.raises(AuthenticationError):
        bench.client("sk-aaaaaaaaaaaaaaaa000099").run(bench.project_id, "true")


def test_a_project_key_runs_commands_in_its_own_project(bench: Any) -> None:
    assert bench.client(bench.standin.project_key.secret).run(bench.project_id, "echo hi").stdout == "hi\n"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"project_id": "x"}, "project_id"),
        ({"command": ""}, "command: must not be empty"),
        ({"command": "  "}, "command: must not be empty"),
        ({"command": []}, "command: must not be empty"),
        ({"command": ["", "a"]}, "command: must not be empty"),
        ({"command": ["a", "b\0c"]}, "command: must not contain a NUL"),
        ({"command": "a\0b"}, "command: must not contain a NUL"),
        ({"timeout": 0}, "timeout: must be above zero"),
        ({"timeout": float("inf")}, "timeout: must be above zero"),
        ({"max_output": 0}, "max_output: must be 1 to 1000000"),
        ({"max_output": 30_000_000}, "max_output: must be 1 to 1000000"),
        ({"cwd": "../.."}, "cwd: '../..' leaves"),
        ({"compute_server_id": -1}, "compute_server_id: must be at least 0"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    bench: Any, client: Any, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.run(**{"project_id": bench.project_id, "command": "true", **changes})
    assert bench.seen() == []


@pytest.mark.parametrize(
    "changes", [{"command": 7}, {"command": ["a", 1]}, {"env": {"A": 1}}, {"timeout": "9"}]
)
def test_wrong_types_are_refused_before_anything_is_sent(
    bench: Any, client: Any, changes: dict[str, Any]
) -> None:
    with pytest.raises(TypeError):
        client.run(**{"project_id": bench.project_id, "command": "true", **changes})
    assert bench.seen() == []


def test_a_result_shows_what_matters_in_a_line() -> None:
    done = CompletedCommand("make " + "x" * 200, 2, "o" * 10, "", truncated=True)
    assert len(repr(done)) < 200
    assert "returncode=2" in repr(done)
    assert "truncated" in repr(done)


def test_a_key_that_is_called_none_while_the_database_is_away_does_not_end_the_following(bench: Any) -> None:
    away = {"error": "must be signed in"}
    client = bench.client(script={"exec": [..., away, away]})
    assert client.run(bench.project_id, "sleep 40; echo ok", timeout=90).stdout == "ok\n"
    assert sum("async_call" in request for request in bench.seen("exec")) == 1


def test_an_error_of_a_question_about_a_job_does_not_say_that_nothing_ran(bench: Any) -> None:
    refused = {"error": "must be a collaborator on the project"}
    client = bench.client(script={"exec": [..., *[refused] * 3]})
    with pytest.raises(CoCalcError) as failed:
        client.run(bench.project_id, "sleep 40", timeout=90)
    assert failed.value.maybe_executed
