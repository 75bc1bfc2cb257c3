"""Numbers and times of numpy and pandas: sent as what they mean, or refused by name, before anything is sent."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cocalc_facade import CoCalc, ConfigurationError, InvalidRequestError
from cocalc_facade._calls.arguments import body_of
from cocalc_facade._calls.routes import Route, Routes
from tests.wire.wires import PROJECT, Script, connected

ROUTES = Routes()
ANYWHERE = Route("appeared/yesterday", None)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (np.int8(-3), -3),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.float16(1.5), 1.5),
        (np.float64(0.1), 0.1),
        (np.longdouble(3), 3),
        (np.bool_(False), False),
        (np.str_("a"), "a"),
        (np.array(5), 5),
        (np.array(5.5), 5.5),
        ({np.int64(1): np.array(2.5)}, {"1": 2.5}),
        ([np.float32(0.5), np.True_], [0.5, True]),
        (pd.Timestamp("2026-03-01T12:00:00.25", tz="Europe/Berlin"), "2026-03-01T11:00:00.250Z"),
        (pd.Series({"a": np.int64(1)}), {"a": 1}),
    ],
    ids=repr,
)
def test_what_has_a_meaning_as_json_is_sent(value: Any, sent: Any) -> None:
    assert json.loads(body_of(ANYWHERE, {"x": value})) == {"x": sent}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (np.float64("nan"), "no finite number"),
        (np.float32("-inf"), "no finite number"),
        (np.complex64(1 + 2j), "no finite number"),
        (np.datetime64("2026-01-01"), "cannot be sent as JSON: it is datetime64"),
        (np.datetime64("NaT"), "cannot be sent as JSON: it is datetime64"),
        (np.array([1]), r"pass its .tolist\(\)"),
        (np.array([[1.5]]), r"pass its .tolist\(\)"),
        (np.array([1, 2]), r"pass its .tolist\(\)"),
        (np.void(b"ab"), "cannot be sent as JSON"),
        (pd.NA, "cannot be sent as JSON: it is NAType"),
        (pd.NaT, "no time but NaTType"),
        (pd.Timestamp("2026-01-01"), "with a time zone"),
        (pd.Timedelta("5s"), "cannot be sent as JSON: it is Timedelta"),
        ({np.int64(1): 1, "1": 2}, "is there twice"),
    ],
    ids=repr,
)
def test_what_has_none_is_refused_by_name(value: Any, why: str) -> None:
    with pytest.raises(InvalidRequestError, match=why) as caught:
        body_of(ANYWHERE, {"x": {"y": value}})
    assert (caught.value.field or "").startswith("x.y")


@pytest.mark.parametrize(
    "value", [np.int64(7), np.float32(7), np.array(7), Decimal(7), Fraction(7)], ids=repr
)
@pytest.mark.parametrize(
    "option", ["timeout", "max_retries", "max_rate_wait", "max_response_bytes", "max_connections"]
)
def test_an_option_may_be_such_a_number(option: str, value: Any) -> None:
    options: dict[str, Any] = {option: value}
    client = CoCalc("sk-made-up", "http://localhost:1", **options)
    kept = getattr(client._session.options, option, 7)
    assert (kept if option != "timeout" else kept.total) == 7
    assert type(kept) is not type(value)


@pytest.mark.parametrize(
    "value",
    [np.float64("nan"), np.bool_(True), np.str_("7"), np.int64(-7), np.array([7, 7]), pd.NA],
    ids=repr,
)
@pytest.mark.parametrize(
    "option", ["timeout", "max_retries", "max_rate_wait", "max_response_bytes", "max_connections"]
)
def test_an_option_that_is_none_is_refused_by_name(option: str, value: Any) -> None:
    options: dict[str, Any] = {option: value}
    with pytest.raises(ConfigurationError, match=option):
        CoCalc("sk-made-up", "http://localhost:1", **options)


def test_a_row_of_a_table_is_a_call(kind: str) -> None:
    table = pd.DataFrame({"project_id": [PROJECT], "limit": [3], "title": ["x"]})
    server = Script([])
    with connected(kind, server) as both:
        both.do(lambda client: client.projects.get(limit=table["limit"].iloc[0]))
        both.call("projects/get", dict(table[["limit"]].iloc[0]))
    assert server.bodies == [{"limit": 3}, {"limit": 3}]
