"""Tables as files: whole or not at all, harmless in a spreadsheet, and readable whatever is in them."""

from __future__ import annotations

import csv
import os
import stat
from pathlib import Path

import pytest
from cocalc_v2.models import ProjectSummary
from cocalc_v2.tables import Table
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import every_row


def table(*titles: str) -> Table[ProjectSummary]:
    return Table([ProjectSummary(project_id=str(number), title=title) for number, title in enumerate(titles)])


def titles(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["title"] for row in csv.DictReader(file)]


@every_row("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@every_row("before", ["", " ", "\t", "\n", "\r", "\ufeff", "\u00a0", "\u200b", " \ufeff\t"])
def test_no_text_of_others_is_a_formula(tmp_path: Path, sign: str, before: str) -> None:
    text = f"{before}{sign}HYPERLINK(A1)"
    assert titles(table(text, "a=b").to_csv(tmp_path / "a.csv")) == [f"'{text}", "a=b"]
    assert titles(table(text).to_csv(tmp_path / "a.csv", escape_formulas=False)) == [text]


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_every_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("kept") / "a.csv"
    assert titles(table(text, "next").to_csv(path, escape_formulas=False)) == [text, "next"]


def test_half_a_character_does_not_spoil_the_file(tmp_path: Path) -> None:
    assert titles(table("a\ud800b").to_csv(tmp_path / "a.csv")) == ["a\\ud800b"]


def test_a_field_that_the_server_left_out_is_an_empty_cell(tmp_path: Path) -> None:
    rows = Table([ProjectSummary.from_dict({"title": "x"}), ProjectSummary(project_id="a")])
    assert rows.to_csv(tmp_path / "a.csv").read_text().splitlines()[1:] == [",,,x", ",,a,"]
    assert "x" in str(rows)
    assert "<td" in rows._repr_html_()
    assert rows.to_records()[0]["project_id"] is None


def test_what_was_there_stays_when_the_file_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/a\.csv'$"):
        table("x").to_csv(tmp_path / "nowhere" / "a.csv")
    with pytest.raises(IsADirectoryError):
        table("x").to_csv(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="modes, links and devices are those of POSIX")
def test_a_file_that_is_there_keeps_its_mode_and_a_link_its_goal(tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "link.csv"
    file.write_text("old")
    file.chmod(0o600)
    link.symlink_to(file)
    table("x").to_csv(link)
    assert link.is_symlink()
    assert titles(file) == ["x"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    table("x").to_csv(tmp_path / ("long" * 62 + ".csv"))  # the file beside it has a name of its own
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.skipif(os.name != "posix", reason="links are those of POSIX")
def test_a_link_that_leads_nowhere_is_filled_and_one_in_a_circle_replaced(tmp_path: Path) -> None:
    link, circle = tmp_path / "link.csv", tmp_path / "circle.csv"
    link.symlink_to(tmp_path / "a.csv")
    circle.symlink_to(circle)
    for place in (link, circle):
        table("x").to_csv(place)
        assert titles(place) == ["x"]
    assert link.is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="pipes are those of POSIX")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert table("x").to_csv(pipe) == pipe
        assert b"x" in os.read(reader, 1000)
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
