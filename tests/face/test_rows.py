"""A table that is tried in one test hides no row that fails."""

from __future__ import annotations

import inspect

import pytest

from tests.rows import every_row


@every_row("number", [1, 2, 3, 4], ids=lambda number: f"number {number}")
def small(number: int, most: int) -> None:
    assert number <= most
    with pytest.raises(ZeroDivisionError):
        _ = 1 / (number - 4)


def test_every_row_is_tried_and_each_that_fails_is_named() -> None:
    assert list(inspect.signature(small).parameters) == ["most"], "what is left are fixtures"
    with pytest.raises(BaseExceptionGroup, match="4 of 4 rows") as caught:
        small(most=3)
    assert [(type(error).__name__, error.__notes__) for error in caught.value.exceptions] == [
        ("Failed", ["of the row number 1"]),
        ("Failed", ["of the row number 2"]),
        ("Failed", ["of the row number 3"]),
        ("AssertionError", ["of the row number 4"]),
    ]


def test_tables_multiply() -> None:
    tried: list[tuple[int, str]] = []

    @every_row("number", [1, 2])
    @every_row(("word", "length"), [("a", 1), pytest.param("bc", 2, id="two")])
    def each(number: int, word: str, length: int) -> None:
        tried.append((number, word))
        assert len(word) == length

    each()
    assert tried == [(1, "a"), (1, "bc"), (2, "a"), (2, "bc")]


def test_a_table_has_rows() -> None:
    with pytest.raises(AssertionError, match="tests nothing"):
        every_row("number", [])
