"""What all results that are rows have in common."""

from __future__ import annotations

import csv
import json
import re
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pandas
import pytest
from cocalc_v2.models import ProjectSummary
from cocalc_v2.tables import Table

from cocalc_facade import CompletedCommand, QueryRows, Secret
from cocalc_facade._jobs.account.api_keys import ApiKeys
from cocalc_facade._jobs.many.outcomes import Outcome, Outcomes
from cocalc_facade._jobs.money.purchases import Purchase, Purchases
from cocalc_facade._jobs.values.rows import SHOWN, Rows
from tests.face.specimens import RESULTS, specimen


@attrs.frozen
class Point:
    x: int
    y: int | None = None


def test_rows_are_a_frozen_sequence() -> None:
    rows = Rows((Point(1), Point(2), Point(3)))
    assert (len(rows), rows[0], rows[-1], list(rows[1:])) == (3, Point(1), Point(3), [Point(2), Point(3)])
    assert Point(2) in rows
    assert [point.x for point in reversed(rows)] == [3, 2, 1]
    assert rows == Rows((Point(1), Point(2), Point(3)))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        rows.rows = ()  # type: ignore[misc]


def test_the_line_says_how_many_and_shows_the_first() -> None:
    assert repr(Rows((Point(1),))) == "<Rows: 1 row, first Point(x=1, y=None)>"
    assert repr(Rows(())) == "<Rows: 0 rows>"


def test_a_row_shows_the_fields_that_say_something() -> None:
    purchase = Purchase("license", 1.5, time=datetime(2026, 1, 1, tzinfo=UTC))
    assert repr(purchase) == "Purchase(service='license', cost=1.5, time=2026-01-01 00:00:00+00:00)"


def test_the_table_is_escaped_and_bounded() -> None:
    html = Rows(tuple({"<k>": f"<{number}>"} for number in range(SHOWN + 5)))._repr_html_()
    assert "&lt;k&gt;" in html
    assert "&lt;0&gt;" in html
    assert "<k>" not in html
    assert html.count("<tr>") == SHOWN + 1
    assert "… and 5 more" in html


def test_what_is_short_stays_in_one_line_and_what_is_long_has_room() -> None:
    html = Rows(({"id": "a" * 36, "much": "b " * 60, "count": 1},))._repr_html_()
    styles = dict(re.findall(r'<th style="([^"]*)">(\w+)</th>', html))
    assert styles == {
        "text-align: left; white-space: nowrap": "id",
        "text-align: left; min-width: 32em": "much",
        "white-space: nowrap": "count",
    }


def test_rows_become_a_data_frame() -> None:
    paid = Purchase("license", 1.5, time=datetime(2026, 1, 1, tzinfo=UTC))
    frame = Rows((paid, Purchase("voucher", None))).to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["service"]) == ["license", "voucher"]
    assert list(frame["cost"].isna()) == [False, True]
    assert frame["time"][0] == paid.time
    assert list(Rows(()).to_dataframe().columns) == []


@pytest.mark.parametrize(
    "kind", [kind for kind in RESULTS if issubclass(kind, Rows)], ids=lambda kind: kind.__name__
)
def test_a_table_of_no_rows_has_the_columns_of_one_with_rows(kind: type, tmp_path: Path) -> None:
    some = specimen(kind)
    none = attrs.evolve(some, rows=())
    columns = list(some.to_dataframe().columns)
    if kind is QueryRows:  # each table has its own, and one may be without any
        columns = []
    assert columns == list(none.to_dataframe().columns)
    assert none.to_csv(tmp_path / "a.csv").read_text("utf-8").strip() == ",".join(columns)


def test_money_that_was_not_spent_can_be_summed() -> None:
    frame = Purchases(()).to_dataframe()
    assert frame["cost"].sum() == 0
    assert "secret" not in ApiKeys(()).to_dataframe()


CELLS: list[tuple[Any, str]] = [
    (b"\xff\x00", "/wA="),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (timedelta(minutes=1, milliseconds=500), "60.5"),
    (Decimal("-0.10"), "-0.10"),
    ({"a": [Decimal("0.1"), b"x", None]}, '{"a": ["0.1", "eA==", null]}'),
    (frozenset({"only"}), '["only"]'),
    (CompletedCommand("ls", 0, "=1", "", job_id="é"), "JSON"),
    (Rows((Point(1),)), '[{"x": 1, "y": null}]'),
    (ProjectSummary(title="t"), '{"title": "t"}'),
    (ValueError("no\nsuch"), "no\nsuch"),
    (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
    (date(2026, 1, 1), "2026-01-01"),
    (True, "true"),
    (None, ""),
    (1j, "1j"),
    (Secret("sk-1", "sk-...1"), "Secret(sk-...1)"),
]


@pytest.mark.parametrize(("value", "written"), CELLS)
def test_whatever_a_cell_holds_is_written_as_it_is_in_json(value: Any, written: str, tmp_path: Path) -> None:
    path = Outcomes((Outcome("x", value), Outcome("y", "kept"))).to_csv(tmp_path / "a.csv")
    with path.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    if written == "JSON":
        assert json.loads(first["value"]) == value.to_dict()
    else:
        assert first["value"] == written
    assert second["value"] == "kept"


def test_a_row_that_is_null_has_no_column_of_its_own() -> None:
    table = Table([None, ProjectSummary(project_id="a"), None])
    assert [*table.to_dataframe().columns] == [*table.to_records()[1]]
    assert [one["project_id"] if one else None for one in table.to_records()] == [None, "a", None]


def test_without_pandas_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        Rows((Point(1),)).to_dataframe()
