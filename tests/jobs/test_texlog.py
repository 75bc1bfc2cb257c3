"""LaTeX logs: the last run decides, names of every kind are found, and lines that TeX broke are read whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._jobs.latex import _result
from cocalc_facade._jobs.texlog import LatexMessage, messages

BANNER = (
    "This is pdfTeX, Version 3.141592653-2.6-1.40.24 (TeX Live 2022/Debian) (preloaded format=pdflatex)\n"
)
UNDEFINED = "LaTeX Warning: Reference `a' on page 1 undefined on input line 3.\n"
RERUN = "LaTeX Warning: Label(s) may have changed. Rerun to get cross-references right.\n"
NAMES = [
    "main.tex",
    "my paper (final) [2].tex",
    "wow!.tex",
    "!a.tex",
    "a/b c/d (e)/f.g.tex",
    "größe/日本.tex",
    "../up/x.sty",
    "/usr/share/texmf/x y.cls",
    "l.3 x.tex",
]


def run(document: str, said: str, number: int = 0, rule: str = "pdflatex") -> str:
    """What one run writes, with latexmk's words around it when it is numbered."""
    said = f"{BANNER} restricted \\write18 enabled.\nentering extended mode\n(./{document}\nLaTeX2e <2022-11-01>\n{said})\n"
    said += f"Output written on x.pdf (1 page).\nTranscript written on {document[:-4]}.log.\n"
    if not number:
        return said
    line = "------------\n"
    return (
        f"Latexmk: applying rule '{rule}'...\n\n{line}Run number {number} of rule '{rule}'\n{line}{line}"
        f"Running 'pdflatex  -file-line-error -recorder  \"{document}\"'\n{line}{said}Latexmk: Examining 'x.log'\n"
    )


def other(number: int = 1) -> str:
    return (
        f"------------\nRun number {number} of rule 'bibtex x'\n------------\nThis is BibTeX, Version 0.99d\n"
    )


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("runs", [2, 3, 5])
@pytest.mark.parametrize("document", ["x.tex", "my paper (1)!.tex"])
def test_what_the_last_run_does_not_complain_of_is_settled(document: str, runs: int, numbered: bool) -> None:
    bad = f"./{document}:3: Undefined control sequence.\nl.3 \\foo\n{UNDEFINED}{RERUN}"
    parts = [run(document, bad, 1 if numbered else 0)]
    parts += [
        (other() if numbered and n == 2 else "") + run(document, "", n if numbered else 0)
        for n in range(2, runs + 1)
    ]
    assert messages("".join(parts)) == ([], [])


@pytest.mark.parametrize("numbered", [True, False])
def test_what_the_last_run_complains_of_stays(numbered: bool) -> None:
    bad = "./x.tex:3: Undefined control sequence.\nl.3 \\foo\n"
    log = run("x.tex", UNDEFINED + RERUN, int(numbered)) + run("x.tex", bad + UNDEFINED, 2 if numbered else 0)
    errors, warnings = messages(log + (other() if numbered else ""))
    assert errors == [LatexMessage("Undefined control sequence.", "x.tex", 3)]
    assert [warning.line for warning in warnings] == [3]


@pytest.mark.parametrize("numbered", [True, False])
def test_every_document_of_a_command_has_its_own_last_run(numbered: bool) -> None:
    bad = "./a.tex:1: Undefined control sequence.\n"
    one, two = (1, 2) if numbered else (0, 0)
    log = (
        run("a.tex", UNDEFINED, one) + run("a.tex", bad, two) + run("b.tex", bad, one) + run("b.tex", "", two)
    )
    assert messages(log) == ([LatexMessage("Undefined control sequence.", "a.tex", 1)], [])


def test_a_corrected_document_is_ok_whatever_the_first_run_found() -> None:
    log = run("b.tex", "./b.toc:1: Undefined control sequence.\n", 1) + run("b.tex", "", 2)
    answer = {"compile": {"stdout": log + "latexmk exit code: 0\n", "stderr": "", "exit_code": 0}}
    assert _result("b.tex", answer, b"%PDF-").ok


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["./{}:12: {}", "{}:12: {}", '"./{}":12: {}'])
def test_a_file_is_found_by_any_name(name: str, form: str) -> None:
    if name.startswith(("/", "..")) or (name.startswith(("!", "l.")) and "./" not in form):
        form = form.replace("./", "") if name.startswith(("/", "..")) else "./" + form
    [error], _ = messages(run("m.tex", form.format(name, "Undefined control sequence.") + "\n"))
    assert error == LatexMessage("Undefined control sequence.", name, 12)


@pytest.mark.parametrize("missing", ["pic (1) [2]!.png", "a/b c.tex", "größe.sty", "x.tex:3: y.tex"])
def test_a_missing_file_is_named_and_not_taken_for_the_place(missing: str) -> None:
    words = f"LaTeX Error: File `{missing}' not found."
    errors, _ = messages(run("m.tex", f"./m.tex:4: {words}\n! {words}\n\nType X to quit\nl.4 x\n"))
    assert errors == [LatexMessage(words, "m.tex", 4), LatexMessage(words, None, 4)]


def broken(line: str, width: int = 79, *, octets: bool = False) -> str:
    """A line as TeX breaks it."""
    parts = [""]
    for character in line:
        size = len(parts[-1].encode()) if octets else len(parts[-1])
        if size >= width:
            parts.append("")
        parts[-1] += character
    return "\n".join(parts) + "\n"


@pytest.mark.parametrize("length", [20, 70, 79, 100, 200])
@pytest.mark.parametrize("number", [1, 12345])
def test_lines_that_tex_broke_are_read_whole(length: int, number: int) -> None:
    name = "a (b)/" + "c d" * (length // 3) + ".tex"
    words = "LaTeX Error: Environment something-that-is-long undefined, " + "and so on " * 9 + "."
    log = broken(f"./{name}:{number}: {words}") + "l.5 x\n" + broken(UNDEFINED.strip() + " " + "x" * 90)
    errors, [warning] = messages(run("m.tex", log))
    assert errors == [LatexMessage(words, name, number)]
    assert warning.message.endswith("x" * 90)


def test_a_line_is_broken_by_its_bytes_too() -> None:
    name = "ü" * 30 + "/" + "ä" * 20 + ".tex"
    errors, _ = messages(run("m.tex", broken(f"./{name}:7: Undefined control sequence.", octets=True)))
    assert errors == [LatexMessage("Undefined control sequence.", name, 7)]


def test_whole_messages_that_are_as_long_as_a_line_are_kept_apart() -> None:
    first = "./m.tex:1: " + "x" * (79 - len("./m.tex:1: "))
    second = "! " + "y" * 77
    errors, _ = messages(run("m.tex", f"{first}\n{second}\n./m.tex:2: Undefined control sequence.\n"))
    assert [str(error) for error in errors] == [
        "m.tex:1: " + "x" * 68,
        "y" * 77,
        "m.tex:2: Undefined control sequence.",
    ]


def test_further_lines_of_a_package_belong_to_its_message() -> None:
    log = "Package foo Warning: Something is odd\n(foo)                here on input line 9.\n\n"
    _, warnings = messages(run("m.tex", log))
    assert warnings == [LatexMessage("Something is odd here on input line 9.", None, 9)]


def test_names_written_as_bytes_are_read() -> None:
    [error], _ = messages("./gr^^c3^^b6^^c3^^9fe.tex:3: Undefined control sequence.\n")
    assert error.file == "größe.tex"


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


@given(
    st.text(max_size=400)
    | st.lists(
        st.sampled_from([BANNER, UNDEFINED, other(), run("a.tex", RERUN, 1), "! \n", "!\n", "x" * 79 + "\n"])
    ).map("".join)
)
def test_no_log_is_too_odd_to_be_read(log: str) -> None:
    errors, warnings = messages(log)
    assert all(error.message == error.message.strip() for error in errors + warnings)
