"""What the headers of an answer say: when to come again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._calls.meaning.headers import retry_after
from cocalc_facade._wire.flow import Answer

NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def wait(text: str) -> float | None:
    return retry_after(Answer(503, {"retry-after": text}, b""))


def forms(moment: datetime) -> dict[str, str]:
    """A moment in the three forms of HTTP, and in those that are met beside them."""
    day, month, clock = NAMES[moment.weekday()], MONTHS[moment.month - 1], f"{moment:%H:%M:%S}"
    fixdate = format_datetime(moment, usegmt=True)
    return {
        "IMF-fixdate": fixdate,
        "RFC 850": f"{day}, {moment.day:02}-{month}-{moment.year % 100:02} {clock} GMT",
        "asctime": f"{day[:3]} {month} {moment.day:2} {clock} {moment.year}",
        "without a zone": fixdate.removesuffix(" GMT"),
        "RFC 850 without a zone": f"{day}, {moment.day:02}-{month}-{moment.year % 100:02} {clock}",
        "with an unknown zone": fixdate.replace("GMT", "-0000"),
        "with UTC": fixdate.replace("GMT", "UTC"),
        "with another zone": format_datetime(moment.astimezone(tz=None)),
    }


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine is says nothing of a date that names no zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("form", forms(datetime.now(UTC)))
def test_every_form_of_a_date_means_the_same(zone: None, form: str) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=30)
    found = wait(forms(moment)[form])
    assert found is not None
    assert 0 <= 30 * 3600 - found < 60


def test_what_is_past_asks_for_no_wait() -> None:
    assert wait("Sun, 06 Nov 1994 08:49:37 GMT") == 0.0
    assert wait("Sunday, 06-Nov-94 08:49:37 GMT") == 0.0
    assert wait("Sun Nov  6 08:49:37 1994") == 0.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("007", 7.0),
        ("9" * 9, 999_999_999.0),
        ("9" * 10, 1e9),
        ("9" * 100_000, 1e9),
        ("0" * 100_000 + "5", 5.0),
        ("1." + "0" * 100_000, 1.0),
    ],
)
def test_a_number_is_seconds_however_large(text: str, seconds: float) -> None:
    assert wait(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "-5", "+5", "1e400", "1.2.3", ".", "٣", "inf", "nan", "5 seconds", "2026-11-06T08:49:37Z", "Sun", "Sun,",
        "Sun, 31 Feb 2094 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:61:61 GMT", "Sun, 06 Nov 1994 08:49:37 GMT" + " " * 100 + "x",
    ],
)  # fmt: skip
def test_what_is_neither_asks_for_nothing(text: str) -> None:
    assert wait(text) is None


def test_a_leap_second_is_a_moment() -> None:
    assert wait("Sat, 31 Dec 2016 23:59:60 GMT") == 0.0


@given(
    st.text(max_size=60)
    | st.from_regex(r"[A-Z][a-z]{2},? \d{1,2}[ -][A-Z][a-z]{2}[ -]\d{1,6} [\d:]{1,9}( .{0,6})?")
)
def test_any_text_is_a_wait_or_nothing(text: str) -> None:
    found = wait(text)
    assert found is None or found >= 0.0
