"""Commands on a server of the newer generation: how jobs end there, and that limits of time and output hold as on the older one."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_facade import CommandError, NotFoundError, PermissionDeniedError, ServerError, TimedOut
from cocalc_facade.testing import Oddities, StandIn


@pytest.fixture
def standin() -> StandIn:
    return StandIn(generation="ai", oddities=Oddities(rate_limits=False))


def begin(bench: Any, client: Any, command: str, **more: Any) -> str:
    request = {"project_id": bench.project_id, "command": command, "async_call": True, "timeout": 900, **more}
    return str(client.call("exec", request)["job_id"])


def answered(**more: Any) -> dict[str, Any]:
    return {"type": "async", "job_id": "j-1", "stdout": "", "stderr": "", "start": 1, "pid": 77, **more}


# Ending jobs.


def test_a_stopped_job_is_no_success_for_who_follows_it(bench: Any, client: Any) -> None:
    job = begin(bench, client, "sleep 500; echo one")
    begun = bench.clock.now()
    assert client.stop_command(bench.project_id, job) is True
    assert bench.clock.now() - begun < 20
    assert [params["async_cancel"] for params in bench.seen("exec") if "async_cancel" in params] == [job]
    with pytest.raises(CommandError, match="was ended by somebody else") as caught:
        client.wait_for_command(bench.project_id, job)
    assert caught.value.killed
    assert client.stop_command(bench.project_id, job) is False


def test_a_job_that_is_not_ended_by_asking_gets_a_signal(bench: Any) -> None:
    sent: list[Any] = []

    def answer(params: dict[str, Any]) -> Any:
        if "command" in params:
            sent.append(params["command"])
            return {"type": "blocking", "stdout": "", "stderr": "", "exit_code": 0}
        if "async_cancel" in params:
            sent.append(params["async_cancel"])
        status = "completed" if "kill -KILL -- -77" in sent else "running"
        return answered(status=status, exit_code=0)

    client = bench.client(script={"exec": [answer] * 100})
    assert client.stop_command(bench.project_id, "j-1") is True
    assert sent == ["j-1", "kill -KILL -- -77"]


def test_a_job_that_nobody_knows_is_not_stopped(bench: Any, client: Any) -> None:
    with pytest.raises(NotFoundError):
        client.stop_command(bench.project_id, "nope")


# How jobs ended.


def test_the_exit_code_of_a_job_that_counts_it_as_an_error_is_told(bench: Any, client: Any) -> None:
    job = begin(bench, client, "echo out; echo err >&2; exit 3")
    bench.standin.clock.advance(5)
    done = client.wait_for_command(bench.project_id, job)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ({"status": "error", "exit_code": 1, "stderr": "No result", "elapsed_s": 1.0}, "neither its output"),
        ({"status": "error", "exit_code": 0, "elapsed_s": 1.0}, "neither its output"),
        ({"status": "error", "exit_code": 1, "elapsed_s": 300.1}, "timeout of 300 s"),
        ({"status": "error", "exit_code": 1, "stderr": "killed command 'make'", "elapsed_s": 1.0}, "killed"),
        ({"status": "killed", "exit_code": 1, "elapsed_s": 300.1}, "ended by somebody else"),
        ({"status": "error", "exit_code": 1, "stderr": "error Error: spawn E2BIG", "elapsed_s": 0.1}, "spawn E2BIG"),
        ({"status": "error", "exit_code": 1, "stderr": "command 'x' exited with nonzero code 3", "elapsed_s": 0.1}, "code 3"),
    ],
)  # fmt: skip
def test_a_job_without_a_result_is_never_a_success(bench: Any, ended: dict[str, Any], words: str) -> None:
    client = bench.client(script={"exec": [answered(status="running", exit_code=0), answered(**ended)]})
    with pytest.raises(CommandError, match=words):
        client.run(bench.project_id, "make", timeout=300)
    client = bench.client(script={"exec": [answered(status="running", exit_code=0), answered(**ended)]})
    with pytest.raises(CommandError, match=words):
        client.wait_for_command(bench.project_id, "j-1", timeout=300)


def test_the_exit_code_of_a_job_that_runs_is_not_believed(bench: Any) -> None:
    steps = [answered(status="running", exit_code=0)] * 3
    client = bench.client(
        script={"exec": [*steps, answered(status="completed", exit_code=4, elapsed_s=2.0, stdout="x")]}
    )
    done = client.run(bench.project_id, "make", timeout=300)
    assert (done.returncode, done.stdout) == (4, "x")


@pytest.mark.parametrize("timeout", [10, 100])
def test_a_death_by_signal_is_no_success(bench: Any, client: Any, timeout: float) -> None:
    code = "import os; os.kill(os.getpid(), 9)"
    assert client.run(bench.project_id, ["python3", "-c", code], timeout=timeout).returncode == 137


@pytest.mark.parametrize("timeout", [10, 100])
@pytest.mark.parametrize("command", [["no-such-program"], ["no-such-program", "x"]])
def test_a_command_that_does_not_exist_is_told(
    bench: Any, client: Any, timeout: float, command: list[str]
) -> None:
    with pytest.raises(CommandError, match="no such command"):
        client.run(bench.project_id, command, timeout=timeout)


# Limits.


@pytest.mark.parametrize(("length", "cut"), [(99, False), (100, False), (101, True)])
@pytest.mark.parametrize("timeout", [10, 100])
def test_output_of_exactly_the_limit_is_whole(
    bench: Any, client: Any, length: int, cut: bool, timeout: float
) -> None:
    done = client.run(bench.project_id, ["printf", "x" * length], max_output=100, timeout=timeout)
    assert (done.stdout, done.truncated) == ("x" * min(length, 100), cut)


@pytest.mark.parametrize("timeout", [10, 100])
def test_output_cut_inside_a_character_can_be_written(bench: Any, client: Any, timeout: float) -> None:
    done = client.run(bench.project_id, ["printf", "ab\U0001f600"], max_output=3, timeout=timeout)
    assert (done.stdout, done.truncated) == ("ab\ufffd", True)


@pytest.mark.parametrize("timeout", [10, 100])
def test_a_child_that_holds_the_output_is_waited_for(bench: Any, client: Any, timeout: float) -> None:
    begun = bench.clock.now()
    done = client.run(bench.project_id, "sleep 12 & echo x", timeout=timeout)
    assert (done.stdout, done.returncode) == ("x\n", 0)
    assert bench.clock.now() - begun >= 12


def test_the_clients_timeout_bounds_the_whole_job(bench: Any, client: Any) -> None:
    begun = bench.clock.now()
    with pytest.raises(TimedOut) as caught:
        bench.client(timeout=20).run(bench.project_id, "sleep 500", timeout=900)
    assert bench.clock.now() - begun == pytest.approx(20, abs=1)
    assert any("client.stop_command" in note for note in caught.value.__notes__)


def test_nothing_ran_in_a_project_that_no_host_runs(bench: Any) -> None:
    bench.standin.hosts = False
    for timeout in (10, 100):
        with pytest.raises(ServerError, match="has no assigned host") as caught:
            bench.client().run(bench.project_id, "true", timeout=timeout)
        assert caught.value.maybe_executed is False


def test_a_key_that_may_not_run_commands_is_told_what_it_lacks(bench: Any) -> None:
    key = bench.standin.world.add_newer_key(
        bench.standin.user.account_id, "x", ("file:read",), (bench.project_id,)
    )
    client = bench.client(str(key.secret))
    for ask in (
        lambda: client.run(bench.project_id, "true"),
        lambda: client.run(bench.project_id, "true", timeout=900),
        lambda: client.wait_for_command(bench.project_id, "j-1"),
        lambda: client.stop_command(bench.project_id, "j-1"),
        lambda: client.list_directory(bench.project_id),
        lambda: client.project(bench.project_id).write_text("a.txt", "x"),
    ):
        with pytest.raises(PermissionDeniedError) as caught:
            ask()
        assert caught.value.capability == "project:exec"
