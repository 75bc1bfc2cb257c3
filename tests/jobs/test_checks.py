"""What people give to the jobs: made right, or refused with the name of the field."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._errors import InvalidRequestError
from cocalc_facade._jobs.values import checks

PARTS = st.sampled_from(["..", ".", "a", "b c", "~", "", "...", "-x", "ü", "..a"])


@given(st.uuids())
def test_a_uuid_is_taken_in_each_of_its_forms(value: UUID) -> None:
    assert checks.identifier(value) == checks.identifier(str(value).upper()) == str(value)


@given(st.text() | st.uuids().map(lambda value: value.hex) | st.uuids().map(lambda value: f"{{{value}}}"))
def test_what_is_no_uuid_is_refused_in_a_line(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="project_id") as caught:
        checks.identifier(value)
    assert "\n" not in str(caught.value)


@given(st.lists(PARTS, max_size=6).map("/".join))
def test_a_path_never_leaves_its_directory(value: str) -> None:
    try:
        path = checks.location(value, empty=True)
    except InvalidRequestError:
        assert ".." in value.split("/")
        return
    assert not {"..", "."} & set(path.split("/"))
    assert path in {"", "/"} or not path.endswith("/")
    assert path.startswith("/") == value.startswith("/")


def test_a_path_may_be_given_as_one() -> None:
    assert checks.location(PurePosixPath("a/b.txt")) == "a/b.txt"
    assert checks.location("~/a/") == "a"
    assert checks.location("./a") == "a"
    assert checks.location("/tmp/a") == "/tmp/a"


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - the bounds are naive by contract
def test_a_time_is_the_same_moment_on_the_wire(value: datetime) -> None:
    text = checks.instant(value, "since")
    assert text.endswith("Z")
    found = checks.parsed_time(text)
    assert found is not None
    assert abs(found - value) <= timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-01T00:00:00.000Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T02:00:00+02:00", datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))),
        (1_767_225_600_000, datetime(2026, 1, 1, tzinfo=UTC)),
        ("soon", None),
        (None, None),
        (True, None),
        (10**30, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_times_are_read_in_both_wire_forms(value: Any, expected: datetime | None) -> None:
    assert checks.parsed_time(value) == expected


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (checks.identifier, None),
        (checks.location, b"a"),
        (lambda value: checks.positive(value, "timeout"), "1"),
        (lambda value: checks.positive(value, "timeout"), True),
        (lambda value: checks.whole(value, "cpu"), 1.0),
        (lambda value: checks.plain_text(value, "name"), 1),
        (lambda value: checks.choice(value, "user", ["a"]), 1),
        (lambda value: checks.instant(value, "since"), "2026-01-01"),
    ],
)
def test_a_wrong_type_is_a_type_error_that_names_the_field(check: Any, value: Any) -> None:
    with pytest.raises(TypeError, match=r"^\w+: expected "):
        check(value)


class Whole:
    """A whole number like numpy's."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


@pytest.mark.parametrize("value", [3, Whole(3), Decimal(3), Fraction(3)])
def test_numbers_of_any_class_are_taken(value: Any) -> None:
    assert checks.whole(value, "cpu") == 3
    assert repr(checks.positive(value, "timeout")) == "3.0"


@pytest.mark.parametrize(
    "value", [0, -1.5, math.nan, math.inf, Fraction(-1, 3), Whole(0), 1e10, Decimal("1e10"), 10**400]
)
def test_seconds_that_make_no_sense_are_refused_by_name(value: Any) -> None:
    with pytest.raises((InvalidRequestError, TypeError), match=r"^timeout: "):
        checks.positive(value, "timeout")


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001 - naive is the point
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
    ],
)
def test_a_time_at_an_end_of_the_calendar_is_refused_by_name(value: datetime) -> None:
    with pytest.raises(InvalidRequestError, match=r"^expire: ") as caught:
        checks.instant(value, "expire")
    assert caught.value.field == "expire"


def test_a_time_with_nul_in_it_is_none() -> None:
    assert checks.parsed_time("2026-01-01T00:00:00.000Z\0junk") is None


@pytest.mark.parametrize("value", [[], "print", 5, io.StringIO(), {"write": 1}])
def test_what_takes_no_lines_is_refused_by_name(value: Any) -> None:
    with pytest.raises(
        InvalidRequestError,
        match=r"^stream: must be a function that takes a line, not \w+ \(.*\.(write|append)\)$",
    ):
        checks.receiver(value, "stream")


def test_a_file_is_told_to_give_its_method() -> None:
    with pytest.raises(InvalidRequestError, match=r"pass its method \.write"):
        checks.receiver(io.StringIO(), "stream")
    checks.receiver(io.StringIO().write, "stream")
    checks.receiver([].append, "stream")
    checks.receiver(None, "stream")
