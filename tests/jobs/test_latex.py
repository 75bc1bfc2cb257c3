"""LaTeX: the PDF, the failure that hides inside an answer, and where the PDF is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._errors import (
    AuthenticationError,
    CommandError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    TimedOut,
)
from cocalc_facade._jobs.latex import LatexMessage, LatexResult, messages
from cocalc_facade.testing import StandIn

GOOD = r"\documentclass{article}\begin{document}Hello\end{document}"
BAD = r"\documentclass{article}\begin{document}\undefinedmacro{"
PDF = b"%PDF-1.5\nfirst\n%%EOF\n"
NEWER = b"%PDF-1.5\nsecond\n%%EOF\n"
UUID = "2b0dfa6c-a307-4faf-a0a2-a6ba79db8f5e"
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


def test_a_pdf_that_expired_is_not_found(bench: Any) -> None:
    answer = {"compile": {"event": "project_exec_output", "stdout": LOG}, "pdf": {"data_uuid": UUID}}
    client = bench.client(script={"latex": [answer]})
    with pytest.raises(NotFoundError):
        client.compile_latex(GOOD)


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


def test_both_wordings_of_a_log_are_understood() -> None:
    log = (
        "(./a.tex\nLaTeX2e <2022-11-01>\n"
        "./chapters/one.tex:12: LaTeX Error: Environment foo undefined.\n\n"
        "! Undefined control sequence.\n<argument> \\foo \n               bar\nl.34 \\section{\\foo bar}\n"
        "! Emergency stop.\n"
        "LaTeX Warning: Reference `x' on page 1 undefined on input line 7.\n"
        "Package hyperref Warning: Token not allowed on input line 9.\n"
        "./chapters/one.tex:12: LaTeX Error: Environment foo undefined.\n"
    )
    errors, warnings = messages(log)
    assert errors == [
        LatexMessage("LaTeX Error: Environment foo undefined.", "chapters/one.tex", 12),
        LatexMessage("Undefined control sequence.", None, 34),
        LatexMessage("Emergency stop.", None, None),
    ]
    assert [warning.line for warning in warnings] == [7, 9]


@given(st.text(max_size=400))
def test_no_log_is_too_odd_to_be_read(log: str) -> None:
    errors, warnings = messages(log)
    assert all(error.message == error.message.strip() for error in errors + warnings)


def test_jupyter_shows_the_pdf_or_the_errors() -> None:
    good = LatexResult("a.tex", LOG, (), (), PDF)
    bad = LatexResult("a.tex", LOG, (LatexMessage("<b>bold</b>", "a.tex", 1),), (), None)
    assert 'type="application/pdf"' in good._repr_html_()
    assert "<embed" not in bad._repr_html_()
    assert "&lt;b&gt;bold" in bad._repr_html_()
    assert repr(bad) == "<LatexResult a.tex: no PDF, 1 errors: a.tex:1: <b>bold</b>>"
