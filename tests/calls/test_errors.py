"""Errors as people and programs see them: legible, bounded, whole after a trip through pickle."""

from __future__ import annotations

import pickle
import typing
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cocalc_facade
from cocalc_facade import (
    APIError,
    CoCalcError,
    CommandError,
    ConflictError,
    NotAvailableError,
    PaymentRequiredError,
    PermissionDeniedError,
)

HARMLESS = {"Zs"}  # the spaces of typography


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("\x1b]0;title\x07\x1b[2J", r"\x1b]0;title\x07\x1b[2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066a\u2069\u200f\u061c", r"\u2066a\u2069\u200f\u061c"),
        ("\ud800", r"\ud800"),
        ("a\x00b\x7f\x9b", r"a\x00b\x7f\x9b"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\U000e0041\ufeff", r"\U000e0041\ufeff"),
        ("a\tb\nc\r\nd", "a b c\\r d"),
        ("größer \u00a0 ≥ 日本 🎉", "größer ≥ 日本 🎉"),
        ("C:\\x1b", "C:\\x1b"),
    ],
)
def test_what_would_steer_a_terminal_or_turn_the_text_is_escaped(words: str, shown: str) -> None:
    error = CoCalcError(words)
    assert str(error) == shown
    assert " ".join(error.message.split()) == shown
    assert error.args == (error.message,)


@given(st.text(st.characters(), max_size=50))
def test_any_words_can_be_printed_and_written(words: str) -> None:
    error = APIError(words, path="exec", hint="what to do")
    assert str(error).isprintable()
    error.message.encode()
    assert all(
        char.isprintable() or char in "\n\t" or unicodedata.category(char) in HARMLESS
        for char in error.message
    )


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=50))
def test_words_that_do_no_harm_stay_as_they_are(words: str) -> None:
    error = CoCalcError(words)
    assert [char for char in error.message if char.isprintable()] == [
        char for char in words if char.isprintable()
    ]


def test_very_long_words_keep_their_ends() -> None:
    error = CoCalcError("begin " + "x" * 5_000_000 + " end")
    assert len(error.message) == 10_000
    assert error.message.startswith("begin xxx")
    assert error.message.endswith("xxx end")
    assert "[5000010 characters in all]" in error.message
    whole = "y" * 10_000
    assert CoCalcError(whole).message == whole
    for words in ("\ud800" * 20_000, "\n" * 20_000, "x\x1b" * 5_001):
        error = CoCalcError(words)
        assert len(error.message) == 10_000
        assert pickle.loads(pickle.dumps(error)).args == error.args


@pytest.mark.parametrize("kind", [ConflictError, PaymentRequiredError, NotAvailableError])
def test_the_new_classes_are_answers_that_say_no(kind: type[APIError]) -> None:
    assert issubclass(kind, APIError)
    assert getattr(cocalc_facade, kind.__name__) is kind
    assert kind.__name__ in cocalc_facade.__all__
    assert kind("no").maybe_executed is False


@pytest.mark.parametrize(
    "error",
    [
        PaymentRequiredError("Please pay $5.01.", amount=Decimal("5.01"), path="purchases/edit-license"),
        PermissionDeniedError("no", capability="project:exec", path="exec"),
        CommandError("no \x1b", exit_code=3, stderr="\x1b[31mred", maybe_executed=True),
    ],
)
def test_a_trip_through_pickle_loses_nothing(error: CoCalcError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_what_an_error_tells_is_none_where_the_server_does_not_say() -> None:
    assert PaymentRequiredError("no").amount is None
    assert PermissionDeniedError("no").capability is None


def test_annotations_can_be_read_at_run_time() -> None:
    for name in cocalc_facade.__all__:
        kind = getattr(cocalc_facade, name)
        if isinstance(kind, type) and issubclass(kind, CoCalcError):
            typing.get_type_hints(kind)


def test_the_tree_is_drawn_where_people_look() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8")
    doc = cocalc_facade._errors.__doc__ or ""
    tree = doc[doc.index("CoCalcError\n") :].rstrip()
    assert tree in page
    for name, kind in vars(cocalc_facade._errors).items():
        if isinstance(kind, type) and issubclass(kind, CoCalcError):
            assert f" {name} " in tree or tree.startswith(name) or f" {name}\n" in tree
