"""What a terminal gets: as wide as it is, and nothing of the data that it would obey."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cocalc_facade.cli.ending import say
from cocalc_facade.cli.output import Form, show
from cocalc_facade.cli.tables import across, lines, table
from cocalc_facade.testing import StandIn

from .conftest import Line

ID = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"
NASTY = "\x1b[31mred\x1b]0;title\x07 \x9b2J \x7f \u202eback\u200b\r\n\u2028 \ud800 end"
WORDS = st.text(
    st.characters(codec="utf-8") | st.sampled_from("普通话😀\u0301\u200d\x1b\x9b\u202e "), max_size=90
)
ROWS = st.lists(st.dictionaries(WORDS, WORDS | st.integers() | st.none() | st.lists(WORDS), max_size=4))
WIDTHS = st.sampled_from([40, 80, 120])


def obeyed(text: str) -> list[str]:
    return [sign for sign in text.replace("\n", "") if not sign.isprintable()]


@settings(max_examples=60)
@given(ROWS, WIDTHS)
@example([{"title": "普通话" * 20, "project_id": ID}], 40)
@example([{NASTY: NASTY}], 80)
def test_a_table_is_as_wide_as_the_terminal_at_most(rows: list[dict[str, Any]], width: int) -> None:
    shown = table(rows, width, False)
    assert all(across(line) <= width for line in shown.split("\n"))
    assert obeyed(shown) == []
    assert shown.count("\n") == (len(rows) + 1 if rows else 0)


@settings(max_examples=60)
@given(st.dictionaries(st.text("abc_", max_size=12), WORDS, max_size=4), WIDTHS)
@example({"sentence": "words " * 40}, 40)
@example({"nasty": NASTY}, 80)
def test_what_is_too_long_of_an_object_goes_on_below_and_nothing_is_lost(
    row: dict[str, str], width: int
) -> None:
    shown, whole = lines(row, width, False), lines(row, None, False)
    assert all(across(line) <= width for line in shown.split("\n"))
    assert obeyed(shown) == []
    assert "".join(shown.split()) == "".join(whole.split())


def test_what_goes_on_below_is_broken_between_words() -> None:
    assert lines({"reason": "it takes a word or two"}, 22, False).splitlines() == [
        "reason  it takes a",
        "        word or two",
    ]


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("普通", 4), ("e\u0301", 1), ("\u0939\u093f\u0928\u094d", 3), ("😀", 2)]
)
def test_columns_are_those_of_terminals(text: str, columns: int) -> None:
    assert across(text) == columns


@pytest.mark.parametrize("value", [{"a": NASTY}, [{"a": NASTY}], [NASTY], NASTY, {NASTY: [{NASTY: 1}]}])
@pytest.mark.parametrize("as_json", [True, False])
def test_no_form_of_a_result_has_what_a_terminal_obeys(
    value: Any, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    show(Form(json=as_json, fields=(), width=80, coloured=False), value)
    shown = capsys.readouterr().out
    assert obeyed(shown) == []
    assert not as_json or json.loads(shown) == value


def test_what_is_said_on_stderr_has_none_of_it_either(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"not copied: {NASTY}")
    shown = capsys.readouterr().err
    assert obeyed(shown) == []
    assert shown.count("\n") == 1


def test_titles_of_others_are_only_text(
    typed: Line, cocalc_server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    cocalc_server.project.title = NASTY.replace("\ud800", "")
    for words in (
        ("projects", "list"),
        ("query", "projects", "title", "--one"),
        ("projects", "list", "--json"),
    ):
        assert (
            obeyed(
                typed("--host", "http://localhost", *words).out.replace("\x1b[1m", "").replace("\x1b[0m", "")
            )
            == []
        )
