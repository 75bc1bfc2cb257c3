"""Commands run in projects, at once and in the background."""

from __future__ import annotations

import time

import pytest

from cocalc_facade import CoCalc, CommandError, NotFoundError


def test_commands_at_once(cocalc: CoCalc, project_id: str) -> None:
    done = cocalc.exec(
        project_id=project_id, command="echo a; echo b >&2; exit 3", bash=True, err_on_exit=False
    )
    assert (done.stdout, done.stderr, done.exit_code) == ("a\n", "b\n", 3)

    with pytest.raises(CommandError, match="exited with nonzero code 3"):
        cocalc.exec(project_id=project_id, command="exit 3", bash=True)
    with pytest.raises(CommandError, match="ENOENT"):
        cocalc.exec(project_id=project_id, command="no-such-command-xyz")
    with pytest.raises(CommandError, match="ENOENT"):
        cocalc.exec(project_id=project_id, command="pwd", path="/no/such/dir")
    with pytest.raises(CommandError, match="killed command"):
        cocalc.exec(project_id=project_id, command="sleep", args=["5"], timeout=1)

    # A line with spaces and without arguments is taken for one of bash.
    assert cocalc.exec(project_id=project_id, command="echo a; echo b").stdout == "a\nb\n"
    variables = cocalc.exec(project_id=project_id, command="echo $FOO", bash=True, env={"FOO": "bar"})
    assert variables.stdout == "bar\n"
    assert cocalc.exec(project_id=project_id, command="printf '\\377'", bash=True).stdout == "\ufffd"
    cut = cocalc.exec(project_id=project_id, command="seq 1000", bash=True, max_output=10)
    assert cut.stdout == "1\n2\n3\n4\n5\n (truncated at 10 characters)"


def test_commands_in_the_background(cocalc: CoCalc, project_id: str, pause: Pause) -> None:
    line = "echo first; sleep 4; echo second"
    job = cocalc.call("exec", {"project_id": project_id, "command": line, "bash": True, "async_call": True})
    assert (job["type"], job["status"], job["exit_code"]) == ("async", "running", 0)
    # The development build wants `command` and `async_stats` here too; production does not mind them.
    asked = {"project_id": project_id, "async_get": job["job_id"], "async_stats": False}
    pause(2)
    seen = cocalc.call("exec", asked)
    assert seen["status"] == "running"
    assert "first\n".startswith(seen["stdout"])
    done = cocalc.call("exec", {**asked, "async_await": True})
    assert (done["status"], done["stdout"], done["exit_code"]) == ("completed", "first\nsecond\n", 0)
    assert done["job_id"] == job["job_id"]
    assert done["elapsed_s"] >= 4

    with pytest.raises(NotFoundError, match="does not exist"):
        cocalc.call("exec", {**asked, "async_get": "00000000-0000-4000-8000-000000000000"})


def test_a_command_as_people_write_it(cocalc: CoCalc, project_id: str) -> None:
    done = cocalc.run(project_id, ["seq", "3"])
    assert (done.stdout, done.returncode) == ("1\n2\n3\n", 0)
    assert cocalc.run(project_id, "exit 7").returncode == 7


def test_a_source_becomes_a_pdf_and_a_bad_one_does_not(cocalc: CoCalc, project_id: str) -> None:
    good = "\\documentclass{article}\\begin{document}Hello $x^2$\\end{document}"
    compiled = cocalc.compile_latex(good, project_id=project_id)
    assert compiled.pdf.startswith(b"%PDF-")
    bad = "\\documentclass{article}\\begin{document}\\undefinedmacro{"
    with pytest.raises(CommandError):
        _ = cocalc.compile_latex(bad, project_id=project_id).pdf


def test_an_error_is_found_in_a_file_of_any_name(cocalc: CoCalc, project_id: str) -> None:
    path = "my papers/final (2)!.tex"
    bad = "\\documentclass{article}\n\\begin{document}\n\\undefinedmacro\n\\end{document}\n"
    compiled = cocalc.compile_latex(bad, project_id=project_id, path=path)
    first = compiled.errors[0]
    assert (first.file, first.line) == ("final (2)!.tex", 3)
    assert "Undefined control sequence" in first.message


def test_a_death_by_signal_is_told_for_a_list_and_hidden_otherwise(cocalc: CoCalc, project_id: str) -> None:
    killed = ["-c", "kill -9 $$"]
    bare = cocalc.exec(project_id=project_id, command="bash", args=killed, err_on_exit=False)
    assert bare.exit_code == 0
    for timeout in (10, 60):
        assert cocalc.run(project_id, ["bash", *killed], timeout=timeout).returncode == 137
    awkward = ["two words", "$HOME", "it's", '"', "", "a\nb", "*", "--", "-n", "é\U0001f600"]
    sent = cocalc.run(project_id, ["printf", "%s\\0", *awkward])
    assert sent.stdout.split("\0")[:-1] == awkward
    with pytest.raises(CommandError, match="could not be started"):
        cocalc.run(project_id, ["no-such-command-xyz"])


def test_output_that_fits_exactly_is_marked_as_cut_and_known_to_be_whole(
    cocalc: CoCalc, project_id: str
) -> None:
    raw = cocalc.exec(project_id=project_id, command="printf", args=["1234567890"], max_output=10)
    assert raw.stdout == "1234567890 (truncated at 10 characters)"
    done = cocalc.run(project_id, ["printf", "1234567890"], max_output=10)
    assert (done.stdout, done.truncated) == ("1234567890", False)
    done = cocalc.run(project_id, ["printf", "ab\U0001f600\U0001f600"], max_output=3)
    assert (done.stdout, done.truncated) == ("ab\ufffd", True)


def test_a_job_is_stopped_with_its_children(cocalc: CoCalc, project_id: str, pause: Pause) -> None:
    line = "sleep 300; echo end"
    job = cocalc.call("exec", {"project_id": project_id, "command": line, "bash": True, "async_call": True})
    pause(2)
    assert cocalc.stop_command(project_id, job["job_id"]) is True
    assert cocalc.stop_command(project_id, job["job_id"]) is False
    assert cocalc.wait_for_command(project_id, job["job_id"]).stdout == ""


def test_who_holds_the_output_is_waited_for(cocalc: CoCalc, project_id: str) -> None:
    done = cocalc.run(project_id, "sleep 4 & echo x", timeout=2)
    assert (done.stdout, done.returncode) == ("x\n", 0)


class Pause:
    """Waits on a real server; on the stand-in time passes at once."""

    def __init__(self, request: pytest.FixtureRequest, live: bool) -> None:
        self._live = live
        self._request = request

    def __call__(self, seconds: float) -> None:
        if self._live:
            time.sleep(seconds)
        else:
            self._request.getfixturevalue("cocalc_server").clock.advance(seconds)


@pytest.fixture
def pause(request: pytest.FixtureRequest, live: bool) -> Pause:
    return Pause(request, live)
