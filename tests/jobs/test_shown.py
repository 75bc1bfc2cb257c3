"""Results as people see them: in a terminal, on a page, in a file."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cocalc_v2 import models
from cocalc_v2.tables import IN_A_TERMINAL, Table, counted

from cocalc_facade import CoCalc, CompletedCommand, NotFoundError, Purchase, Purchases, QueryRows
from cocalc_facade._jobs.latex import EMBEDDED, LatexResult
from cocalc_facade._jobs.values.commands import MOST_SHOWN


@pytest.mark.parametrize(
    ("done", "shown"),
    [
        (CompletedCommand("true", 0, "", ""), "[no output]"),
        (CompletedCommand("echo a", 0, "a\n", ""), "a"),
        (CompletedCommand("x", 2, "a\n", "b\n"), "a\nb\n[exit code 2]"),
        (CompletedCommand("x", 0, "a", "", truncated=True), "a\n[further output was dropped: max_output]"),
    ],
)
def test_a_command_shows_its_output(done: CompletedCommand, shown: str) -> None:
    assert str(done) == shown


def test_of_long_output_both_ends_are_shown() -> None:
    done = CompletedCommand("x", 0, "a" * MOST_SHOWN + "b" * MOST_SHOWN, "")
    assert str(done).startswith("aaa")
    assert str(done).endswith("bbb")
    assert "10,000 characters left out" in str(done)
    assert max(len(str(done)), len(done._repr_html_())) < MOST_SHOWN + 300
    assert len(repr(done)) < 200


def test_output_on_a_page_is_text() -> None:
    html = CompletedCommand("x", 1, "<script>\x1b[31m", "<b>")._repr_html_()
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html
    assert "<script>" not in html
    assert "\x1b" not in html


def test_a_pdf_is_given_as_one_and_linked() -> None:
    bundle = LatexResult("a<b>.tex", "", (), (), b"%PDF-1.4")._repr_mimebundle_()
    assert bundle["application/pdf"] == "JVBERi0xLjQ="
    assert 'download="a&lt;b&gt;.pdf"' in bundle["text/html"]
    large = LatexResult("a.tex", "", (), (), b"x" * (EMBEDDED + 1))._repr_mimebundle_()
    assert "application/pdf" not in large
    assert len(large["text/html"]) < 1000


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1200, "1,200 rows")]
)
def test_plural_forms(count: int, words: str) -> None:
    assert counted(count, "row") == words


ROWS = QueryRows(
    tuple({"title": f"t{number}", "deleted": None, "size": number, "users": {}} for number in range(30)),
    "projects",
)


def test_a_table_has_the_columns_that_hold_something() -> None:
    lines = str(ROWS).split("\n")
    assert lines[0] == "projects: 30 rows"
    assert lines[1].split() == ["title", "size"]
    assert lines[-1] == "… and 10 more"
    assert len(lines) == IN_A_TERMINAL + 3
    assert "deleted" not in ROWS._repr_html_()


def test_a_cell_is_one_bounded_line_without_controls() -> None:
    rows = QueryRows(({"title": "a\nb\x1b[2J" + "x" * 500},), "projects")
    [_, _, cell] = str(rows).split("\n")
    assert cell.startswith("a b\\x1b[2J")
    assert len(cell) <= 40


def test_the_rows_of_a_typed_method_are_a_table(cocalc: CoCalc) -> None:
    projects = cocalc.projects.get()
    assert isinstance(projects, list)
    assert projects.to_records()[0]["project_id"] == projects[0].project_id
    assert str(projects).startswith(f"ProjectSummary: {counted(len(projects), 'row')}\n")
    assert "<table>" in projects._repr_html_()
    many = Table([models.ProjectSummary(title="x") for _ in range(300)])
    assert len(repr(many)) < 2000


def read(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_file_of_rows_is_exact_and_replaced_as_a_whole(tmp_path: Path) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    bought = Purchase(
        "license", Decimal("-35.50"), 1, at, description={"cost": Decimal("0.10"), "who": "Zoë"}
    )
    target = tmp_path / "bought.csv"
    target.write_text("old")
    assert Purchases((bought,), None).to_csv(target) == target
    [row] = read(target)
    assert (row["cost"], row["time"], row["notes"]) == ("-35.50", "2026-01-01T00:00:00+00:00", "")
    assert json.loads(row["description"]) == {"cost": "0.10", "who": "Zoë"}
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_kept_from_it(tmp_path: Path, text: str) -> None:
    rows = QueryRows(({"title": text, "size": -1},), "projects")
    [row] = read(rows.to_csv(tmp_path / "a.csv"))
    assert row == {"title": f"'{text}", "size": "-1"}
    [row] = read(rows.to_csv(tmp_path / "b.csv", escape_formulas=False))
    assert row["title"] == text


def test_an_error_in_a_notebook_says_first_what_happened_and_shows_no_frame_of_ours(cocalc: CoCalc) -> None:
    with pytest.raises(NotFoundError) as caught:
        cocalc.call("projects/stoop", {})
    caught.value.add_note("a note")
    first, note, *places = caught.value._render_traceback_()
    assert first == f"NotFoundError: {caught.value}"
    assert note == "a note"
    assert [line.strip() for line in places[1::2]] == ['cocalc.call("projects/stoop", {})']
    assert not any("cocalc_facade/_" in line for line in places)
