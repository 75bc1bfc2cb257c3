"""What all results that are rows have in common."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import attrs
import pandas
import pytest

from cocalc_facade._jobs.money.purchases import Purchase
from cocalc_facade._jobs.values.rows import SHOWN, Rows


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


def test_rows_become_a_data_frame() -> None:
    paid = Purchase("license", 1.5, time=datetime(2026, 1, 1, tzinfo=UTC))
    frame = Rows((paid, Purchase("voucher", None))).to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["service"]) == ["license", "voucher"]
    assert list(frame["cost"].isna()) == [False, True]
    assert frame["time"][0] == paid.time
    assert list(Rows(()).to_dataframe().columns) == []


def test_without_pandas_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        Rows((Point(1),)).to_dataframe()
