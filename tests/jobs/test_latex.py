"""LaTeX: the PDF, the failure that hides inside an answer, and where the PDF is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from cocalc_facade._errors import (
    AuthenticationError,
    CommandError,
    InvalidRequestError,
    PermissionDeniedError,
    ServerError,
    TimedOut,
    UnexpectedResponse,
)
from cocalc_facade._jobs.latex import LatexResult
from cocalc_facade._jobs.texlog import LatexMessage
from cocalc_facade.testing import StandIn

GOOD = r"\documentclass{article}\begin{document}Hello\end{document}"
BAD = r"\documentclass{article}\begin{document}\undefinedmacro{"
PDF = b"%PDF-1.5\nfirst\n%%EOF\n"
NEWER = b"%PDF-1.5\nsecond\n%%EOF\n"
LOG = "This is pdfTeX\nOutput written on b.pdf (1 page).\n"


def blob(standin: StandIn, content: bytes) -> str:
    from cocalc_facade.testing.world.state import Blob

    name = standin.world.uuid()
    standin.world.blobs[name] = Blob(content, "x.pdf", standin.world.now() + 1e6)
    return name


def read(standin: StandIn, content: bytes) -> dict[str, Any]:
    return {"pdf": {"event": "file_read_from_project", "id": "1", "data_uuid": blob(standin, content)}}


MISSING = {
    "pdf": {"event": "error", "id": "1", "error": "Error: ENOENT: no such file or directory, stat '/b.pdf'"}
}


def test_source_becomes_a_pdf(bench: Any, client: Any, tmp_path: Path) -> None:
    result = client.compile_latex(GOOD, project_id=bench.project_id)
    assert result.ok
    assert result.pdf.startswith(b"%PDF-")
    assert result.errors == ()
    assert "Output written on" in result.log
    assert result.save(tmp_path / "a.pdf").read_bytes() == result.pdf
    assert list(tmp_path.iterdir()) == [tmp_path / "a.pdf"]


def test_without_a_project_the_most_recent_one_is_used(bench: Any, client: Any) -> None:
    assert client.compile_latex(GOOD).ok


def test_a_file_of_the_project_is_compiled(bench: Any, client: Any) -> None:
    files = bench.standin.project.files
    files.write(files.resolve("thesis.tex"), GOOD.encode(), 0.0)
    assert client.compile_latex(path="thesis.tex", project_id=bench.project_id).pdf
    assert "content" not in bench.seen("latex")[-1]


def test_a_file_from_here_is_sent(bench: Any, client: Any, tmp_path: Path) -> None:
    source = tmp_path / "a.tex"
    source.write_text(GOOD, encoding="utf-8")
    assert client.compile_latex(source, path="a.tex", project_id=bench.project_id).pdf
    assert bench.seen("latex")[-1]["content"] == GOOD


def test_the_pdf_comes_from_the_server_one_talks_to_without_the_key(bench: Any) -> None:
    bench.standin = StandIn(base_path="/base/path")
    client = bench.client()
    assert client.compile_latex(GOOD).ok
    [fetched] = [
        (url, headers)
        for url, headers in zip(bench.transport.urls, bench.transport.headers, strict=True)
        if "/blobs/" in url.path
    ]
    assert str(fetched[0]).startswith("http://localhost/base/path/blobs/")
    assert "authorization" not in fetched[1]


def test_a_failure_inside_the_answer_is_a_failure(bench: Any, tmp_path: Path) -> None:
    recorded = {
        "compile": {
            "event": "error",
            "id": "1",
            "error": "Error executing command 'latexmk bad.tex' with args 'undefined' -- command 'latexmk bad.tex' exited "
            "with nonzero code 12 -- stderr='Failure to make 'bad.pdf'\n'",
        },
        "pdf": MISSING["pdf"],
    }
    client = bench.client(script={"latex": [recorded]})
    result = client.compile_latex(BAD, project_id=bench.project_id)
    assert not result.ok
    with pytest.raises(CommandError, match=r"latexmk exited with 12: Failure to make 'bad.pdf'"):
        result.pdf  # noqa: B018 - reading it is what raises
    with pytest.raises(CommandError):
        result.save(tmp_path / "bad.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_bad_source_names_file_and_line(bench: Any, client: Any) -> None:
    result = client.compile_latex(BAD, path="bad.tex", project_id=bench.project_id)
    assert result.errors
    assert result.errors[0].file == "bad.tex"
    assert result.errors[0].line is not None
    with pytest.raises(CommandError, match=r"bad.tex:\d+: "):
        client.compile_latex(BAD, path="bad.tex", project_id=bench.project_id, check=True)


def test_an_answer_without_url_still_gives_its_pdf(bench: Any) -> None:
    answer = {
        "compile": {"event": "project_exec_output", "stdout": LOG, "exit_code": 0},
        **read(bench.standin, PDF),
    }
    client = bench.client(script={"latex": [answer]})
    assert client.compile_latex(GOOD, project_id=bench.project_id).pdf == PDF


def test_an_answer_without_anything_is_a_failure(bench: Any) -> None:
    client = bench.client(script={"latex": [bench.cut({})]})
    result = client.compile_latex(GOOD, project_id=bench.project_id)
    with pytest.raises(CommandError, match="the server gave no PDF"):
        result.pdf  # noqa: B018 - reading it is what raises


@pytest.mark.parametrize(
    "answer", [{"account_id": None}, {"error": None}, {"compile": {}, "pdf": None, "url": ""}]
)
def test_an_answer_about_no_compilation_is_no_result(bench: Any, answer: Any) -> None:
    client = bench.client(script={"latex": [answer]})
    with pytest.raises(UnexpectedResponse, match="about no compilation") as caught:
        client.compile_latex(GOOD, project_id=bench.project_id)
    assert caught.value.maybe_executed


def test_errors_with_a_pdf_leave_both(bench: Any) -> None:
    log = "./b.tex:3: Undefined control sequence.\nl.3 \\foo\n" + "latexmk exit code: 12\n"
    answer = {
        "compile": {"event": "project_exec_output", "stdout": log, "exit_code": 0},
        **read(bench.standin, PDF),
    }
    client = bench.client(script={"latex": [answer]})
    result = client.compile_latex(GOOD, project_id=bench.project_id)
    assert result.pdf == PDF
    assert not result.ok
    assert result.errors == (LatexMessage("Undefined control sequence.", "b.tex", 3),)
    assert "latexmk exit code" not in result.log


@pytest.mark.parametrize(
    "cut", [{"error": "undefined"}, {}, {"compile": {"event": "project_exec_output", "stdout": LOG}}]
)
def test_a_compilation_cut_at_the_servers_minute_is_waited_for(bench: Any, cut: dict[str, Any]) -> None:
    standin = bench.standin
    client = bench.client(
        script={
            "latex": [
                lambda _: read(standin, PDF),  # the PDF of an earlier compilation
                bench.cut(cut),
                lambda _: read(standin, PDF),
                httpx.ReadError("reset"),
                lambda _: read(standin, NEWER[:-7]),  # half written
                lambda _: read(standin, NEWER),
                lambda _: read(standin, NEWER),
            ]
        }
    )
    result = client.compile_latex(path="b.tex", project_id=bench.project_id, timeout=600)
    assert result.pdf == NEWER


def test_a_compilation_that_never_ends_times_out(bench: Any) -> None:
    client = bench.client(script={"latex": [MISSING, bench.cut(), *[MISSING] * 500]})
    with pytest.raises(TimedOut, match="still not compiled after 300 s") as caught:
        client.compile_latex(path="b.tex", project_id=bench.project_id, timeout=300)
    assert caught.value.maybe_executed


def test_a_short_one_that_is_cut_is_a_timeout(bench: Any) -> None:
    client = bench.client(script={"latex": [bench.cut()]})
    with pytest.raises(TimedOut):
        client.compile_latex(GOOD)


def made(bench: Any, seconds: float) -> Any:
    """An answer whose PDF is at its address only after so many seconds."""

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        found = read(bench.standin, PDF)
        bench.standin.world.blobs[found["pdf"]["data_uuid"]].since = bench.clock.now() + seconds
        return {"compile": {"event": "project_exec_output", "stdout": LOG, "exit_code": 0}, **found}

    return answer


@pytest.mark.parametrize("seconds", [0.1, 1, 3, 8])
@pytest.mark.parametrize("where", [{"source": GOOD}, {"path": "a b/c.tex", "source": GOOD, "timeout": 600}])
def test_a_pdf_that_comes_a_moment_late_is_waited_for(
    bench: Any, seconds: float, where: dict[str, Any]
) -> None:
    answers = [made(bench, seconds)] if "path" not in where else [MISSING, made(bench, seconds)]
    client = bench.client(script={"latex": answers})
    begun = bench.clock.now()
    assert client.compile_latex(project_id=bench.project_id, **where).pdf == PDF
    assert bench.clock.now() - begun < seconds + 3


def test_a_pdf_that_never_comes_is_told_with_the_log_and_not_blamed_on_the_address(bench: Any) -> None:
    client = bench.client(script={"latex": [made(bench, 1e9)]})
    begun = bench.clock.now()
    result = client.compile_latex(GOOD, project_id=bench.project_id)
    assert 5 < bench.clock.now() - begun < 30
    assert not result.ok
    assert "Output written on" in result.log
    with pytest.raises(CommandError, match="made a PDF, but for 12 s the server had none") as caught:
        result.pdf  # noqa: B018 - reading it is what raises
    assert "base_url" not in str(caught.value)


def test_a_document_that_is_not_there_is_named(bench: Any) -> None:
    log = "Latexmk: This is Latexmk.\nLatexmk: Could not find file 'a (1)!.tex'\nlatexmk exit code: 11\n"
    answer = {"compile": {"event": "project_exec_output", "stdout": log, "exit_code": 0}, **MISSING}
    client = bench.client(script={"latex": [answer]})
    with pytest.raises(CommandError, match=r"Could not find file 'a \(1\)!.tex'"):
        client.compile_latex(path="a (1)!.tex", project_id=bench.project_id, check=True)


@pytest.mark.parametrize("timeout", [30, 600])
def test_nothing_is_compiled_in_a_project_that_does_not_start(bench: Any, timeout: float) -> None:
    bench.standin.oddities.start_fails = True
    bench.standin.project.stop(bench.clock.now(), 0.0)
    with pytest.raises(ServerError, match="could not be started, so nothing ran") as caught:
        bench.client().compile_latex(path="a.tex", project_id=bench.project_id, timeout=timeout)
    assert caught.value.maybe_executed is False


def test_a_projects_key_makes_no_project_that_belongs_to_nobody(bench: Any) -> None:
    client = bench.client(bench.standin.project_key.secret)
    before = len(bench.standin.world.projects)
    with pytest.raises(InvalidRequestError, match="its own project only, which has to be named"):
        client.compile_latex(GOOD)
    assert bench.seen("latex") == []
    assert len(bench.standin.world.projects) == before
    assert client.compile_latex(GOOD, project_id=bench.project_id).ok


def test_the_clients_timeout_bounds_the_whole_compilation(bench: Any) -> None:
    client = bench.client(script={"latex": [MISSING, bench.cut({}), *[MISSING] * 99]}, timeout=90)
    begun = bench.clock.now()
    with pytest.raises(TimedOut):
        client.compile_latex(path="b.tex", project_id=bench.project_id, timeout=900)
    assert bench.clock.now() - begun == pytest.approx(90, abs=2)


def test_strangers_are_refused(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="collaborator"):
        client.compile_latex(GOOD, project_id=bench.standin.second_project.project_id)
    with pytest.raises(AuthenticationError):
        bench.client("sk-aaaaaaaaaaaaaaaa000099").compile_latex(GOOD)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "source: give LaTeX source"),
        ({"source": "  "}, "source: must not be empty"),
        ({"source": "thesis.tex"}, "source: 'thesis.tex' looks like a path.*path= is for"),
        ({"path": "thesis.txt"}, "path: 'thesis.txt' must end in .tex"),
        ({"path": "../thesis.tex"}, r"path: '../thesis.tex' leaves"),
        ({"source": GOOD, "timeout": 1}, "timeout: must be at least 5"),
        ({"source": GOOD, "timeout": -1}, "timeout: must be above zero"),
        ({"source": GOOD, "timeout": 600}, "timeout: above 45 s needs path= and project_id="),
        ({"path": "a.tex", "timeout": 600}, "timeout: above 45 s needs project_id="),
        ({"source": GOOD, "ttl": 10}, "ttl: must be at least 60"),
        ({"source": GOOD, "project_id": "x"}, "project_id: 'x' is not a UUID"),
        ({"source": GOOD, "command": ""}, "command: must not be empty"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    bench: Any, client: Any, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.compile_latex(**arguments)
    assert bench.seen() == []


def test_jupyter_shows_the_pdf_or_the_errors() -> None:
    good = LatexResult("a.tex", LOG, (), (), PDF)
    bad = LatexResult("a.tex", LOG, (LatexMessage("<b>bold</b>", "a.tex", 1),), (), None)
    assert 'type="application/pdf"' in good._repr_html_()
    assert "<embed" not in bad._repr_html_()
    assert "&lt;b&gt;bold" in bad._repr_html_()
    assert repr(bad) == "<LatexResult a.tex: no PDF, 1 error: a.tex:1: <b>bold</b>>"
