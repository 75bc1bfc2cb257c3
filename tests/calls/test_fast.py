"""Large answers with the extra `fast`: the same objects and the same errors, only sooner."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

import httpx
import pytest
from cocalc_v2 import types
from cocalc_v2.operations import OPERATIONS
from cocalc_v2.types import encode
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import CoCalcError
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.decoding.fast import _decoder, typed
from cocalc_facade._calls.engine import LARGE
from cocalc_facade._calls.routes import Route
from cocalc_facade._wire.flow import Answer
from tests.wire.wires import connected

from .exchanges import ROUTES, recorded, route_of, without_key

PURCHASES = ROUTES["purchases/get-purchases"]
STATEMENTS = ROUTES["purchases/get-statements"]
JSON = {"content-type": "application/json"}

TEXT = st.text(max_size=5)
TIMES = st.sampled_from(
    ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05.678Z", "2026-01-02T24:00:00.000Z", "soon"]
)  # fmt: skip
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | st.lists(TEXT)
GOOD = {
    "cost": st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    "count": st.none() | st.integers(),
    "description": st.none() | st.dictionaries(TEXT, ANYTHING),
    "notes": st.none() | TEXT,
    "time": st.none() | TIMES,
    "period_end": TIMES,
}
ROWS = st.fixed_dictionaries({"service": TEXT}, optional=GOOD) | st.fixed_dictionaries(
    {}, optional=dict.fromkeys([*GOOD, "new", "error"], ANYTHING | TIMES)
)
ANSWERS = st.fixed_dictionaries(
    {}, optional={"purchases": st.lists(ROWS | st.none()), "balance": ANYTHING, "error": TEXT, "new": ANYTHING}
)  # fmt: skip


def ordinary(answer: Answer, route: Route) -> tuple[Any, Any]:
    """The typed result, or what is wrong with the answer."""
    value, error = judge(answer, route)
    if error is not None:
        return None, error
    found: list[Any] = []
    return route.decode(value, found), found


def check(answer: Answer, route: Route) -> bool:
    """Whether the answer has a result at once, which then is the ordinary one."""
    result = typed(answer, route)
    if result is None:
        return False
    expected, wrong = ordinary(answer, route)
    assert wrong == []
    assert result == expected
    assert repr(encode(result, "plain")) == repr(encode(expected, "plain"))
    return True


def test_every_recorded_answer_means_the_same() -> None:
    taken = set()
    for exchange in (*recorded(), *without_key()):
        if check(Answer(exchange.status, exchange.headers, exchange.body), route_of(exchange)):
            taken.add(exchange.path)
    assert taken >= {"purchases/get-purchases", "projects/get"}


def test_every_list_of_objects_has_the_fast_way() -> None:
    ways = {path for path in OPERATIONS if _decoder(ROUTES[path].reader) is not None}
    assert ways >= {
        "purchases/get-purchases",
        "purchases/get-statements",
        "projects/get",
        "compute/get-servers",
    }
    assert "projects/stop" not in ways


@given(ANSWERS)
def test_any_purchases_mean_the_same(value: Any) -> None:
    check(Answer(200, JSON, json.dumps(value).encode()), PURCHASES)


@given(
    st.lists(
        st.fixed_dictionaries({}, optional={"id": ANYTHING, "time": TIMES, "interval": ANYTHING, "new": TEXT})
    )
)
def test_any_list_at_the_top_means_the_same(value: Any) -> None:
    check(Answer(200, JSON, json.dumps(value).encode()), STATEMENTS)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, JSON, b'{"error": "no such account"}'),
        Answer(200, JSON, b'{"purchases": [], "error": "half done"}'),
        Answer(200, JSON, b'{"balance": 1, "purchases": [{"service": "x", "cost": "much"}]}'),
        Answer(200, JSON, b'{"balance": 1, "purchases": [{"service": "x", "cost": 1, "new": 2}]}'),
        Answer(200, JSON, b'{"balance": 1, "purchases": [{"service": "x", "time": "soon"}]}'),
        Answer(200, JSON, b'{"balance": 1, "purchases": [{"service": "x", "count": 1.0}]}'),
        Answer(200, JSON, b'{"balance": 1, "purchases": [null]}'),
        Answer(200, JSON, b'{"balance": 1, "purchases": [{"service": "x"}, {"cost": 1}]}'),
        Answer(200, JSON, b'{"balance": 1, "purchases": [{"service": null}]}'),
        Answer(200, JSON, b'{"purchases": []}'),
        Answer(200, JSON, b'{"purchases": [], "balance": "much"}'),
        Answer(200, JSON, b'{"purchases": []'),
        Answer(200, JSON, b'{"purchases": ' + b"[" * 100_000),
        Answer(200, JSON, b""),
        Answer(200, JSON, b"{}"),
        Answer(200, JSON, b'{"purchases": null, "balance": 2}'),
        Answer(200, {"content-type": "text/html"}, b'{"purchases": []}'),
        Answer(500, JSON, b'{"purchases": []}'),
    ],
)  # fmt: skip
def test_what_departs_from_the_schema_is_read_the_ordinary_way(answer: Answer) -> None:
    assert typed(answer, PURCHASES) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"purchases": [{"service": "x", "cost": 1.5, "time": "2026-01-02T03:04:05.678Z", "notes": null}], "balance": 0}',
        b'{"balance": 1, "purchases": [{"service": "x", "time": "2026-01-02T03:04:05Z"}]}',
        b'{"balance": 1.5, "purchases": [{"cost": 123456789012345678901234567890, "service": "x"}, {"service": ""}]}',
        b'{"purchases": [], "balance": 2}',
    ],
)
def test_what_is_as_the_schema_says_is_read_at_once(body: bytes) -> None:
    assert check(Answer(200, JSON, body), PURCHASES)


def many(number: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": index, "service": "x", "time": "2026-01-02T03:04:05.678Z", "notes": None, **more}
        for index in range(number)
    ]


@pytest.mark.parametrize("installed", [True, False], ids=["fast", "plain"])
def test_a_client_gives_the_same_with_and_without_the_extra(
    kind: str, installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not installed:
        monkeypatch.setitem(sys.modules, "msgspec", None)
        _decoder.cache_clear()
    answers = [
        {"purchases": many(1000), "balance": 2},
        {"purchases": many(1000, cost="much"), "balance": 2},
        {"error": "x" * LARGE},
    ]

    def answering(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[0])

    with connected(kind, answering) as both:
        result = both.do(lambda client: client.purchases.get_purchases())
        assert result.to_dict() == answers.pop(0)
        result = both.do(lambda client: client.purchases.get_purchases())
        assert result.to_dict() == answers.pop(0)
        [mismatch] = both.do(lambda client: client.mismatches)
        assert (mismatch.where, mismatch.times) == (("purchases", "*", "cost"), 1000)
        with pytest.raises(CoCalcError, match="xxx"):
            both.do(lambda client: client.purchases.get_purchases())
    _decoder.cache_clear()


def named(*wires: str) -> type[types.Answer]:
    """A class of objects that have texts by these names."""
    fields = tuple((f"field_{index}", wire, "") for index, wire in enumerate(wires))

    class Named(types.Answer):
        _fields = fields

        def __init__(self, values: Any) -> None:
            self.values = values

        @classmethod
        def _make(cls, values: Any, found: Any) -> Any:
            return cls(list(values))

        @classmethod
        def _readers(cls) -> tuple[types.Reader, ...]:
            return (types.read_string,) * len(wires)

    return Named


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", 'a"b', "a\\b", "a\nb", "a\0b", "ü", "\u2028", "😀", "type", "self", "f0", "f1", "__init__", "__slots__", "UNSET", "$ref"],
)  # fmt: skip
def test_any_name_of_a_field_has_the_fast_way_or_the_ordinary_one(name: str) -> None:
    decode = _decoder(types.Rows(named(name, "ok")))
    if decode is None:
        assert set(name) & set('"\\\n\0')
        return
    [row] = decode(json.dumps([{name: "x", "ok": "y"}]).encode())
    assert row.values == ["x", "y"]


def test_names_that_differ_in_case_alone_are_two_fields() -> None:
    decode = _decoder(types.Rows(named("Title", "title", "TITLE")))
    assert decode is not None
    [row] = decode(b'[{"title": "1", "TITLE": "2", "Title": "3"}]')
    assert row.values == ["3", "1", "2"]


@pytest.mark.parametrize("number", ["1e400", "-1E+400", "9" * 5000, "1" + "0" * 400])
def test_a_number_that_python_cannot_hold_is_read_the_ordinary_way(kind: str, number: str) -> None:
    row = '{"service": "x"}, '
    body = (
        f'{{"balance": {number}, "purchases": [{row * LARGE}{{"service": "x", "cost": {number}}}]}}'.encode()
    )
    with connected(kind, lambda request: httpx.Response(200, headers=JSON, content=body)) as both:
        result = both.do(lambda client: client.purchases.get_purchases())
        assert Decimal(result.balance) == Decimal(result.purchases[-1].cost) == Decimal(number)
        plain = both.call("purchases/get-purchases")
        assert plain["balance"] == result.to_dict()["balance"] == result.balance
        expected = [] if number == "1" + "0" * 400 else [("balance",), ("purchases", "*", "cost")]
        assert sorted(mismatch.where for mismatch in both.client.mismatches) == expected
