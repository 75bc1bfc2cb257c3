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
