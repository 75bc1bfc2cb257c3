"""How commands end: by signals, by us, at a limit of time or of output, or never begun; shown on real processes and on the stand-in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocalc_facade import CommandError, NotFoundError, ServerError, TimedOut
from cocalc_facade._jobs.values.commands import through_a_shell, within
from cocalc_facade.testing import Oddities, StandIn

ARGUMENTS = [
    "two words",
    "$HOME `id`",
    "it's",
    '"',
    "",
    "a\nb\n",
    "*",
    "--",
    "-n",
    "é\U0001f600",
    "\\",
    "x=1",
]


def started(args: list[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What is sent for a list of words, run here as the server runs it."""
    request = through_a_shell(tuple(args))
    return subprocess.run(
        [request["command"], *request["args"]], capture_output=True, text=True, cwd=folder, check=False
    )


def program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_arguments_arrive_as_they_are() -> None:
    done = started([*program("import sys; print(ascii(sys.argv[1:]))"), *ARGUMENTS])
    assert (done.stdout, done.returncode) == (f"{ARGUMENTS!a}\n", 0)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=5))
def test_any_arguments_arrive_as_they_are(args: list[str]) -> None:
    done = started([*program("import sys; print(ascii(sys.argv[1:]))"), *args])
    assert done.stdout == f"{args!a}\n"


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM", "SIGINT", "SIGABRT", "SIGHUP"])
def test_a_death_by_signal_is_128_and_the_signal(name: str) -> None:
    done = started(program(f"import os, signal; os.kill(os.getpid(), signal.{name})"))
    assert done.returncode == 128 + getattr(signal, name)


def test_a_program_runs_that_a_shell_has_a_command_of_the_same_name_for(tmp_path: Path) -> None:
    echo = tmp_path / "echo"
    echo.write_text("#!/bin/sh\nprintf 'program %s' \"$1\"\n")
    echo.chmod(0o755)
    request = through_a_shell(("echo", "x"))
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [request["command"], *request["args"]],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
        check=False,
    )
    assert done.stdout == "program x"


@pytest.mark.parametrize("words", [["cd", "/"], ["no-such-program"], ["echo hi"], ["-n"], ["exit"]])
def test_what_is_no_program_is_told_apart_from_a_program_that_ends_with_127(words: list[str]) -> None:
    assert started(words).stderr == "cocalc-facade: no such command"
    assert started(program("raise SystemExit(127)")).stderr == ""


@pytest.mark.parametrize("timeout", [10, 100])
def test_a_killed_command_is_no_success(bench: Any, client: Any, timeout: float) -> None:
    code = "import os; os.kill(os.getpid(), 11)"
    done = client.run(bench.project_id, ["python3", "-c", code], timeout=timeout)
    assert done.returncode == 139
    with pytest.raises(CommandError) as caught:
        client.run(bench.project_id, ["python3", "-c", code], timeout=timeout, check=True)
    assert caught.value.exit_code == 139


@pytest.mark.parametrize("timeout", [10, 100])
def test_an_exit_with_127_is_an_exit(bench: Any, client: Any, timeout: float) -> None:
    done = client.run(bench.project_id, ["bash", "-c", "exit 127"], timeout=timeout)
    assert done.returncode == 127


def begin(bench: Any, client: Any, command: str) -> Any:
    return client.call(
        "exec", {"project_id": bench.project_id, "command": command, "async_call": True, "timeout": 900}
    )["job_id"]


def test_a_job_is_stopped_with_all_that_it_started(bench: Any, client: Any) -> None:
    job = begin(bench, client, "sleep 500; echo one; sleep 300; echo two")
    begun = bench.clock.now()
    assert client.stop_command(bench.project_id, job) is True
    assert bench.clock.now() - begun < 20
    [sent] = [params["command"] for params in bench.seen("exec") if "kill" in str(params.get("command"))]
    assert sent.startswith("kill -TERM -- -")
    assert client.wait_for_command(bench.project_id, job).stdout == ""


def test_who_follows_a_list_of_words_that_was_stopped_is_told(bench: Any, client: Any) -> None:
    job = client.call(
        "exec", {"project_id": bench.project_id, "async_call": True, "err_on_exit": False}
        | through_a_shell(("sleep", "500"))
    )["job_id"]  # fmt: skip
    assert client.stop_command(bench.project_id, job) is True
    assert client.wait_for_command(bench.project_id, job).returncode == 143


@pytest.mark.parametrize("line", ["echo ready; exec sleep 50", "echo ready; sleep 50; echo late"])
def test_a_group_that_is_told_to_end_says_so_in_truth(line: str) -> None:
    request = through_a_shell(("bash", "-c", line))
    with subprocess.Popen(
        [request["command"], *request["args"]], start_new_session=True, stdout=subprocess.PIPE
    ) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == b"ready\n"
        os.killpg(shell.pid, signal.SIGTERM)
        assert shell.wait(timeout=60) == 143


def test_a_job_that_ended_is_left_alone(bench: Any, client: Any) -> None:
    job = begin(bench, client, "true")
    bench.standin.clock.advance(10)
    assert client.project(bench.project_id).stop_command(job) is False
    assert len(bench.seen("exec")) == 2


def test_a_job_that_nobody_knows_is_not_stopped(bench: Any, client: Any) -> None:
    with pytest.raises(NotFoundError):
        client.stop_command(bench.project_id, "nope")


def test_a_job_that_ignores_the_first_signal_gets_the_second(bench: Any) -> None:
    running = {"status": "running", "pid": 77, "job_id": "j-1", "exit_code": 0, "stdout": "", "stderr": ""}
    killed = {"stdout": "", "stderr": "", "exit_code": 0, "type": "blocking"}
    sent: list[str] = []

    def answer(params: dict[str, Any]) -> Any:
        if "async_get" in params:
            return running if "kill -KILL -- -77" not in sent else running | {"status": "completed"}
        sent.append(params["command"])
        return killed

    client = bench.client(script={"exec": [answer] * 100})
    assert client.stop_command(bench.project_id, "j-1") is True
    assert sent == ["kill -TERM -- -77", "kill -KILL -- -77"]


def test_a_job_that_cannot_be_ended_is_told(bench: Any) -> None:
    running = {"status": "running", "pid": 77, "exit_code": 0, "stdout": "", "stderr": ""}
    client = bench.client(script={"exec": [running] * 1000})
    with pytest.raises(TimedOut, match="still runs 30 s after it was told to end"):
        client.stop_command(bench.project_id, "j-1", timeout=30)


@pytest.mark.parametrize("pid", [None, 0, 1, -5])
def test_no_other_group_is_ended(bench: Any, pid: int | None) -> None:
    running = {"status": "running", "pid": pid, "exit_code": 0, "stdout": "", "stderr": ""}
    client = bench.client(script={"exec": [running]})
    with pytest.raises(CommandError, match="does not tell its process"):
        client.stop_command(bench.project_id, "j-1")


@pytest.mark.parametrize(("length", "cut"), [(99, False), (100, False), (101, True), (500, True)])
@pytest.mark.parametrize("timeout", [10, 100])
def test_output_of_exactly_the_limit_is_whole(
    bench: Any, client: Any, length: int, cut: bool, timeout: float
) -> None:
    done = client.run(bench.project_id, ["printf", "x" * length], max_output=100, timeout=timeout)
    assert (done.stdout, done.truncated) == ("x" * min(length, 100), cut)


def test_output_cut_inside_a_character_can_be_written(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, ["printf", "ab\U0001f600\U0001f600"], max_output=3)
    assert done.truncated
    assert done.stdout == "ab\ufffd"
    done.stdout.encode()


@given(st.text(max_size=30), st.integers(1, 30))
def test_at_most_so_many_units_are_kept_and_all_can_be_written(output: str, limit: int) -> None:
    units = output.encode("utf-16-le")
    sent = output
    if len(units) >= 2 * (limit + 1):
        sent = units[: 2 * (limit + 1)].decode("utf-16-le", "surrogatepass")
        sent += f" (truncated at {limit + 1} characters)"
    kept, cut = within(sent, limit)
    assert cut is (len(units) > 2 * limit)
    assert len(kept.encode("utf-16-le")) <= 2 * limit
    assert output.startswith(kept.removesuffix("\ufffd") if cut else kept)


def test_the_clients_timeout_bounds_the_whole_job(bench: Any) -> None:
    client = bench.client(timeout=20)
    begun = bench.clock.now()
    with pytest.raises(TimedOut) as caught:
        client.run(bench.project_id, "sleep 500", timeout=900)
    assert bench.clock.now() - begun == pytest.approx(20, abs=1)
    assert any("client.wait_for_command" in note for note in caught.value.__notes__)


def test_the_clients_timeout_bounds_polls_that_nobody_answers(bench: Any) -> None:
    job = {"stdout": "", "stderr": "", "exit_code": 0, "job_id": "j-1", "status": "running", "pid": 77}
    client = bench.client(
        script={"exec": [job, *[httpx.ConnectError("refused")] * 500]}, max_retries=0, timeout=30
    )
    begun = bench.clock.now()
    with pytest.raises(Exception, match=r"refused|is over"):
        client.run(bench.project_id, "make", timeout=900)
    assert bench.clock.now() - begun <= 31


def test_a_child_that_holds_the_output_is_waited_for(bench: Any, client: Any) -> None:
    begun = bench.clock.now()
    done = client.run(bench.project_id, "sleep 20 & echo x", timeout=10)
    assert (done.stdout, done.returncode) == ("x\n", 0)
    assert bench.clock.now() - begun >= 20


@pytest.mark.parametrize("timeout", [10, 100])
def test_nothing_ran_in_a_project_that_does_not_start(bench: Any, timeout: float) -> None:
    bench.standin = StandIn(oddities=Oddities(rate_limits=False, start_fails=True))
    project = bench.standin.project
    project.stop(bench.clock.now(), 0.0)
    client = bench.client()
    for command in ("echo hi", ["echo", "hi"]):
        with pytest.raises(ServerError, match="could not be started, so nothing ran") as caught:
            client.run(project.project_id, command, timeout=timeout)
        assert caught.value.maybe_executed is False


def test_a_job_whose_project_stopped_for_good_is_not_said_to_go_on(bench: Any) -> None:
    job = {"stdout": "", "stderr": "", "exit_code": 0, "job_id": "j-1", "status": "running", "pid": 77}
    client = bench.client(script={"exec": [job, *[bench.after(1, {"error": "undefined"})] * 500]})
    with pytest.raises(ServerError, match="could not be started") as caught:
        client.run(bench.project_id, "make", timeout=900)
    assert any("what became of job j-1 is not known" in note for note in caught.value.__notes__)
