"""exec runs what the stand-in's own shell knows, and never the host's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade.testing import StandIn

from .conftest import Post, asker


@pytest.fixture
def run(standin: StandIn, post: Post) -> Any:
    def run(command: str | None = None, **more: Any) -> Any:
        asked = {
            "project_id": standin.project.project_id,
            **({} if command is None else {"command": command}),
            **more,
        }
        return post("exec", asked).json()

    return run


@pytest.mark.parametrize(
    ("line", "stdout", "stderr", "code"),
    [
        ("echo a; echo b", "a\nb\n", "", 0),
        ("echo a && false && echo b", "a\n", "", 1),
        ("false || echo b", "b\n", "", 0),
        ("echo a >&2; exit 3", "", "a\n", 3),
        ("echo x > f; echo y >> f; cat f", "x\ny\n", "", 0),
        ("(echo a)", "", "bash: -c: line 1: syntax error near unexpected token `('\n", 2),
        ("nope x", "", "bash: line 1: nope: command not found\n", 127),
        ("ls /nope 2>&1", "ls: cannot access '/nope': No such file or directory\n", "", 2),
        ("cat /nope 2>/dev/null; echo $?", "1\n", "", 0),
        ("seq 3 | tr '\\n' ' '", "1 2 3 ", "", 0),
        ("for i in a b; do echo $i; done", "a\nb\n", "", 0),
        ("if test -d /tmp; then echo yes; else echo no; fi", "yes\n", "", 0),
        ("X=1; echo \"$X and ${X}\" '$X'", "1 and 1 $X\n", "", 0),
        ("printf '%s-%d\\n' a 1 b 2", "a-1\nb-2\n", "", 0),
        ("mkdir -p d/e && cd d && pwd && ls", "/home/826cd844-c73b-47a4-bbf1-cc75a50cf5ee/d\ne\n", "", 0),
        ("echo hi # a comment", "hi\n", "", 0),
        ('echo "a b" | wc -w', "2\n", "", 0),
        ("bash -c 'exit 7'", "", "", 7),
        ("seq 1 20 | tail -n 2", "19\n20\n", "", 0),
        ("touch x y; rm x; ls", "y\n", "", 0),
    ],
)
def test_a_line_does_what_bash_does(run: Any, line: str, stdout: str, stderr: str, code: int) -> None:
    done = run(line, bash=True, err_on_exit=False)
    assert (done["stdout"], done["stderr"], done["exit_code"]) == (stdout, stderr, code)


def test_time_passes_on_the_clock_and_not_in_the_test(standin: StandIn, run: Any) -> None:
    run("true")
    before = standin.clock.now()
    run("sleep 30")
    assert standin.clock.now() - before == pytest.approx(30, abs=0.1)


def test_the_hub_stops_waiting_after_sixty_seconds(standin: StandIn, run: Any) -> None:
    assert run("sleep", args=["75"], timeout=90) == {"error": "undefined"}
    standin.oddities.cut_seconds = None
    assert run("sleep", args=["75"], timeout=90)["exit_code"] == 0


def test_a_command_is_killed_when_its_time_is_over(run: Any) -> None:
    assert run("sleep", args=["5"], timeout=1)["error"].endswith("-- killed command 'sleep 5'")


def test_output_is_cut_where_asked_and_says_so(run: Any) -> None:
    assert run("seq 100", max_output=4)["stdout"] == "1\n2\n (truncated at 4 characters)"


def test_thirty_megabytes_of_output_block_the_hub(run: Any) -> None:
    assert run("head -c 30000000 /dev/zero | tr '\\0' a", bash=True) == {"error": "undefined"}


def test_bytes_that_are_no_text_become_replacement_characters(run: Any) -> None:
    assert run("printf '\\xff'", bash=True)["stdout"] == "\ufffd"


def test_the_text_false_of_a_form_is_true(standin: StandIn, post: Post) -> None:
    form = f"project_id={standin.project.project_id}&command=exit+3&bash=true&err_on_exit=false".encode()
    answer = post("exec", form, content_type="application/x-www-form-urlencoded").json()
    assert "exited with nonzero code 3" in answer["error"]


def test_a_job_shows_its_output_as_it_grows(standin: StandIn, run: Any) -> None:
    job = run("for i in 1 2 3; do echo $i; sleep 10; done", bash=True, async_call=True)
    assert (job["status"], job["stdout"]) == ("running", "")
    standin.clock.advance(15)
    assert run(async_get=job["job_id"])["stdout"] == "1\n2\n"
    done = run(async_get=job["job_id"], async_await=True)
    assert (done["status"], done["stdout"], done["exit_code"]) == ("completed", "1\n2\n3\n", 0)
    assert done["elapsed_s"] == pytest.approx(30, abs=0.1)


def test_a_failed_job_hides_what_it_did(standin: StandIn, run: Any) -> None:
    job = run("echo x; sleep 1; exit 7", bash=True, async_call=True)
    standin.clock.advance(2)
    failed = run(async_get=job["job_id"])
    assert {key: failed[key] for key in ("status", "exit_code", "stderr")} == {
        "status": "error",
        "exit_code": 1,
        "stderr": "No result",
    }


def test_waiting_for_a_long_job_is_cut_too(run: Any) -> None:
    job = run("sleep 90", bash=True, async_call=True)
    assert run(async_get=job["job_id"], async_await=True) == {"error": "undefined"}


@pytest.mark.parametrize("hidden", [True, False])
def test_a_job_ends_at_once_when_its_group_is_killed(standin: StandIn, run: Any, hidden: bool) -> None:
    standin.oddities.signals_hidden = hidden
    job = run("sleep 50; echo done", bash=True, async_call=True, err_on_exit=False)
    standin.clock.advance(5)
    assert run(f"kill -- -{job['pid']}", bash=True)["exit_code"] == 0
    found = run(async_get=job["job_id"])
    assert (found["status"], found["stdout"], found["exit_code"]) == ("completed", "", 0 if hidden else 143)
    assert found["elapsed_s"] < 6
    assert "No such process" in run(f"kill -9 -- -{job['pid']}", bash=True, err_on_exit=False)["stderr"]


def test_the_child_of_a_killed_shell_runs_on(standin: StandIn, run: Any) -> None:
    job = run("echo a; sleep 50; echo done", bash=True, async_call=True)
    standin.clock.advance(5)
    run("kill", args=[str(job["pid"])])
    assert run(async_get=job["job_id"])["status"] == "running"
    standin.clock.advance(50)
    assert run(async_get=job["job_id"])["stdout"] == "a\n"


def test_a_command_without_a_shell_ends_by_its_own_pid(standin: StandIn, run: Any) -> None:
    job = run("sleep", args=["50"], async_call=True)
    standin.clock.advance(5)
    run("kill", args=["-KILL", str(job["pid"])])
    assert run(async_get=job["job_id"])["status"] == "completed"


def test_a_restart_loses_the_jobs(standin: StandIn, run: Any) -> None:
    job = run("sleep 90", bash=True, async_call=True)
    standin.restart(standin.project)
    assert run(async_get=job["job_id"])["error"].endswith(
        f"Async operation '{job['job_id']}' does not exist."
    )


def test_a_directory_is_listed_by_find(run: Any) -> None:
    run("mkdir d; echo abc > d/f; mkdir d/g", bash=True)
    form = "%y\\0%Y\\0%s\\0%f\\0%l\\0"
    found = run("find", args=["./d/", "-mindepth", "1", "-maxdepth", "1", "-printf", form])
    assert found["stdout"] == "f\0f\x004\0f\0\0d\0d\x004096\0g\0\0"
    missing = run("find", args=["./x/", "-mindepth", "1"], err_on_exit=False)
    assert (missing["exit_code"], missing["stderr"]) == (1, "find: ‘./x/’: No such file or directory\n")  # noqa: RUF001


WORDS = st.sampled_from(
    [
        "echo",
        "cat",
        "seq",
        "head",
        "tr",
        "for",
        "do",
        "done",
        "in",
        "if",
        "then",
        "fi",
        "exit",
        "kill",
        "find",
        "printf",
    ]
)
PIECES = st.one_of(WORDS, st.sampled_from([*";|&<>()'\"$\\ \n#{}*?[]-=0123456789", "2>&1", "&&", "||", "$?"]))


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=15).map(" ".join)))
def test_any_line_gets_an_answer(line: str) -> None:
    standin = SHARED
    answer = asker(standin)("exec", {"project_id": standin.project.project_id, "command": line, "bash": True})
    assert answer.status == 200
    assert set(answer.json()) in ({"error"}, {"stdout", "stderr", "exit_code", "type"})


SHARED = StandIn()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (5, "type number (5)"),
        (True, "type boolean (true)"),
        ({"a": 1}, "an instance of Object"),
        ("x" * 29, f"type string ('{'x' * 25}...')"),
    ],
)
def test_arguments_that_are_no_list_are_refused_in_the_words_of_node(
    standin: StandIn, post: Post, args: Any, words: str
) -> None:
    asked = {"project_id": standin.project.project_id, "command": "echo", "args": args}
    assert post("exec", asked).json()["error"].endswith(f"Received {words}")


@pytest.mark.parametrize(
    ("asked", "word"),
    [({"path": "a.tex"}, "project_id"), ({"path": "/tmp/a.tex", "project_id": "x"}, "/tmp")],
)
def test_only_reading_a_pdf_needs_a_project_and_a_lasting_place(post: Post, asked: Any, word: str) -> None:
    assert word in post("latex", {**asked, "only_read_pdf": True}).json()["error"]
