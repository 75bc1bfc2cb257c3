"""Reading an answer: the fast decoder changes nothing but the time, and not every `error` is one."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.meaning.payloads import load, loaded
from cocalc_facade._calls.routes import Route
from cocalc_facade._wire.flow import Answer

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "text",
    [
        "123456789012345678901234567890",
        "-9223372036854775809",
        "18446744073709551616",
        "[1, 10000000000000000000000]",
        "-1" + 400 * "0",
        "0.1234567890123456789012345678901234567890",
    ],
)
def test_no_digit_of_a_large_number_is_lost(text: str) -> None:
    assert repr(loaded(text.encode(), msgspec.json.decode)) == repr(json.loads(text))


@given(VALUES, st.booleans())
def test_both_decoders_give_the_same(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    given_by = []
    for fast in (None, msgspec.json.decode):
        try:
            given_by.append(repr(loaded(body, fast)))
        except ValueError:
            given_by.append("not JSON")
    assert given_by[0] == given_by[1]


@given(st.binary(max_size=30))
def test_whatever_the_bytes_both_decoders_agree(body: bytes) -> None:
    given_by = []
    for fast in (None, msgspec.json.decode):
        try:
            given_by.append(repr(loaded(body, fast)))
        except ValueError:
            given_by.append("not JSON")
    assert given_by[0] == given_by[1]


def test_an_empty_body_is_none() -> None:
    assert load(b"") is None


def test_a_legitimate_answer_that_has_a_field_named_error_is_a_value() -> None:
    route = Route("some/status", None)
    route.error_is_data = True
    headers = {"content-type": "application/json"}
    assert judge(Answer(200, headers, b'{"error":"inside","n":1}'), route) == (
        {"error": "inside", "n": 1},
        None,
    )
    _, error = judge(Answer(200, headers, b'{"error":"alone"}'), route)
    assert error is not None
    assert error.message == "alone"


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; Charset=UTF-8",
        "application/Json",
        " application/json ",
        "APPLICATION/JSON;charset=utf-8",
    ],
)
def test_a_media_type_is_read_in_any_case(kind: str) -> None:
    assert judge(Answer(200, {"content-type": kind}, b"[1]"), Route("made/up", None)) == ([1], None)
