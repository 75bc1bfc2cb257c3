"""Large answers, which are read in pieces, with and without the extra `fast`: the same objects and the same departures, only sooner."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from cocalc_v2 import types
from cocalc_v2.operations import OPERATIONS
from cocalc_v2.types import encode, iso
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import CoCalcError, UnexpectedResponse
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.decoding import rows as reading
from cocalc_facade._calls.decoding.columns import LENGTH, Layout, Read, times
from cocalc_facade._calls.decoding.fast import structs
from cocalc_facade._calls.decoding.pieces import _parts, typed
from cocalc_facade._calls.decoding.plain import dicts
from cocalc_facade._calls.decoding.rows import Reading
from cocalc_facade._calls.engine import LARGE
from cocalc_facade._calls.routes import Route
from cocalc_facade._wire.flow import Answer
from tests.wire.wires import connected

from .exchanges import ROUTES, recorded, route_of, without_key

PURCHASES = ROUTES["purchases/get-purchases"]
STATEMENTS = ROUTES["purchases/get-statements"]
JSON = {"content-type": "application/json"}

WITH = pytest.mark.parametrize("extra", [True, False], ids=["fast", "plain"])

# What looks like the end of a piece, or of a list, and is not.
TEXT = st.text(max_size=5) | st.sampled_from(['},{"service":', '"}]', "},{", '\\"},{\\"service":', "NaN"])
TIMES = st.sampled_from(
    ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05.678Z", "2026-01-02T24:00:00.000Z", "soon"]
)  # fmt: skip
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | TEXT
    | st.lists(TEXT)
    | st.lists(st.dictionaries(st.sampled_from(["service", "purchases"]), TEXT))
)
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
ALIKE = st.sets(st.sampled_from(sorted(GOOD))).flatmap(
    lambda names: st.lists(
        st.fixed_dictionaries({"service": TEXT, **{name: GOOD[name] for name in sorted(names)}})
    )
)
ANSWERS = st.fixed_dictionaries(
    {}, optional={"purchases": ALIKE | st.lists(ROWS | st.none()), "balance": ANYTHING, "error": TEXT, "new": ANYTHING}
)  # fmt: skip


def ordinary(answer: Answer, route: Route) -> tuple[Any, Any]:
    """The typed result, or what is wrong with the answer."""
    value, error = judge(answer, route)
    if error is not None:
        return None, error
    found: list[Any] = []
    return route.decode(value, found), found


def check(answer: Answer, route: Route, extra: bool = True, size: int = reading.PIECE) -> bool:
    """Whether the answer is read in pieces, which then are what the whole of it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "PIECE", size)
        if not extra:
            patch.setitem(sys.modules, "msgspec", None)
        read = typed(answer, route)
    if read is None:
        return False
    result, found = read
    expected, departures = ordinary(answer, route)
    assert found == departures
    assert result == expected
    assert repr(encode(result, "plain")) == repr(encode(expected, "plain"))
    return True


SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n\t", " : ")])


def written(value: Any, spaces: tuple[str, str] = (",", ":"), ascii_only: bool = True) -> bytes:
    """JSON as some program writes it."""
    return json.dumps(value, separators=spaces, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


@WITH
def test_every_recorded_answer_means_the_same(extra: bool) -> None:
    taken = set()
    for exchange in (*recorded(), *without_key()):
        answer = Answer(exchange.status, exchange.headers, exchange.body)
        for size in (0, reading.PIECE):
            if check(answer, route_of(exchange), extra, size):
                taken.add(exchange.path)
    assert taken >= {"accounts/search", "projects/get"}


def test_every_list_of_objects_is_read_in_pieces() -> None:
    ways = {path: _parts(ROUTES[path].reader) for path in OPERATIONS}
    for path in (
        "purchases/get-purchases",
        "purchases/get-statements",
        "projects/get",
        "compute/get-servers",
    ):
        assert ways[path]
        rows = ways[path][0].rows
        layout = Layout(rows.model, dict.fromkeys(rows.wires, True))
        assert structs(layout.columns)
        assert dicts(layout.columns)
    assert not ways["projects/stop"]


@WITH
@given(value=ANSWERS, size=st.integers(0, 200), spaces=SPACES, ascii_only=st.booleans())
def test_any_purchases_mean_the_same(
    extra: bool, value: Any, size: int, spaces: tuple[str, str], ascii_only: bool
) -> None:
    check(Answer(200, JSON, written(value, spaces, ascii_only)), PURCHASES, extra, size)


@WITH
@given(
    value=st.lists(
        st.fixed_dictionaries({}, optional={"id": ANYTHING, "time": TIMES, "interval": ANYTHING, "new": TEXT})
    ),
    size=st.integers(0, 200),
    spaces=SPACES,
)
def test_any_list_at_the_top_means_the_same(
    extra: bool, value: Any, size: int, spaces: tuple[str, str]
) -> None:
    check(Answer(200, JSON, written(value, spaces)), STATEMENTS, extra, size)


@WITH
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, JSON, b'{"error":"no such account"}'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"}],"error":"half done"}'),
        Answer(200, JSON, b'{"purchases":[],"balance":2}'),
        Answer(200, JSON, b'{"purchases":[null],"balance":2}'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"}'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"}]'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"},],"balance":2}'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"}],"balance":NaN}'),
        Answer(200, JSON, b'{"balance":Infinity,"purchases":[{"service":"x"}]}'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"}],"purchases":[{"service":"y"}]}'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"}],"purchases":2}'),
        Answer(200, JSON, b'{"new":{"purchases":[{"service":"x"}]},"purchases":[{"service":"y"}]}'),
        Answer(200, JSON, b'{"purchases":[{"service":"x"}],"balance":2} 3'),
        Answer(200, JSON, b'{"purchases":[{' + b'"a":[{' * 100_000),
        Answer(200, JSON, b'{"purchases":[{"service":"\xff"}],"balance":2}'),
        Answer(200, JSON, b""),
        Answer(200, JSON, b"{}"),
        Answer(200, JSON, b'{"purchases":null,"balance":2}'),
        Answer(200, {"content-type": "text/html"}, b'{"purchases":[{"service":"x"}],"balance":2}'),
        Answer(500, JSON, b'{"purchases":[{"service":"x"}],"balance":2}'),
    ],
)  # fmt: skip
def test_what_is_no_answer_with_a_list_of_objects_is_read_the_ordinary_way(
    answer: Answer, extra: bool
) -> None:
    assert not check(answer, PURCHASES, extra)


@WITH
@pytest.mark.parametrize("size", [0, 60, reading.PIECE])
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"])
@pytest.mark.parametrize(
    "row", [b'{"service":"BAD"}', b'{"service":"x","BAD":1}', b'{"service":"x","description":{"a":["BAD"]}}']
)
def test_what_is_not_utf_8_is_never_read(row: bytes, bad: bytes, size: int, extra: bool) -> None:
    for rows in ([GOOD_ROW, row, GOOD_ROW], [row], [*[GOOD_ROW] * 5, row]):
        body = b'{"purchases":[' + b",".join(rows).replace(b"BAD", bad) + b'],"balance":1}'
        assert not check(Answer(200, JSON, body), PURCHASES, extra, size)


GOOD_ROW = b'{"service":"x","time":"2026-01-02T03:04:05.678Z"}'


@WITH
@pytest.mark.parametrize("size", [0, 60, reading.PIECE])
@pytest.mark.parametrize(
    "body",
    [
        b'{"purchases":[{"service":"x","cost":1.5,"time":"2026-01-02T03:04:05.678Z","notes":null}],"balance":0}',
        b'{"balance":1.5,"purchases":[{"cost":123456789012345678901234567890,"service":"x"},{"service":""}]}',
        b'{"balance":1,"purchases":[{"service":"x","time":"2026-01-02T03:04:05Z"},ROW]}',
        b'{"balance":1,"purchases":[ROW,{"service":"x","cost":"much"},ROW],"new":[{"service":"y"}]}',
        b'{"balance":1,"purchases":[ROW,{"service":"x","cost":1,"new":2},ROW]}',
        b'{"balance":1,"purchases":[ROW,{"service":"x","time":"soon"},ROW]}',
        b'{"balance":1,"purchases":[ROW,{"service":"x","count":1.0},ROW]}',
        b'{"balance":1,"purchases":[ROW,null,ROW]}',
        b'{"balance":1,"purchases":[ROW,{"cost":1},{"service":null},ROW,{},ROW]}',
        b'{"balance":"much","purchases":[ROW,{"service":2}],"new":{"purchases":[{}]}}',
        b'{"purchases":[{"service":"x","description":{"a":[{"service":"y"},{"service":"z"}]}},ROW],"balance":1}',
        b'{"purchases":[{"service":"x},{","notes":"\\"}]"},{"service":"\\ud800"},ROW],"balance":1}\n',
        '{"purchases":[ROW,{"service":"😀"},ROW],"balance":1}'.encode(),
    ],
)  # fmt: skip
def test_a_list_is_read_in_pieces_whatever_departs_in_it(body: bytes, size: int, extra: bool) -> None:
    assert check(Answer(200, JSON, body.replace(b"ROW", GOOD_ROW)), PURCHASES, extra, size)


@WITH
@given(
    st.lists(st.sets(st.sampled_from(["cost", "notes", "time", "count", "new"])), min_size=1),
    st.integers(0, 300),
)
def test_rows_that_differ_in_their_fields_mean_the_same(
    extra: bool, names: list[set[str]], size: int
) -> None:
    values = {"cost": 1.5, "notes": None, "time": "2026-01-02T03:04:05.678Z", "count": 3, "new": "?"}
    rows = [{"service": "x", **{name: values[name] for name in sorted(some)}} for some in names]
    answer = Answer(200, JSON, written({"purchases": rows, "balance": 2}))
    assert check(answer, PURCHASES, extra, size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "PIECE", size)
        read = typed(answer, PURCHASES)
    assert read is not None
    assert read[0].to_dict() == {"purchases": rows, "balance": 2}


WRITTEN = st.datetimes(timezones=st.just(UTC)).map(iso)
ALMOST = WRITTEN.flatmap(
    lambda text: st.tuples(st.integers(0, LENGTH - 1), st.sampled_from('0T tzZ+-:.,W\0"\\\u0669')).map(
        lambda change: text[: change[0]] + change[1] + text[change[0] + 1 :]
    )
)


@given(st.lists(WRITTEN | ALMOST | st.text(min_size=LENGTH, max_size=LENGTH), max_size=4))
def test_times_read_together_are_each_written_back_as_they_came(texts: list[str]) -> None:
    try:
        found = times(texts)
    except ValueError:
        return
    assert list(map(iso, found)) == texts
    assert found == list(map(datetime.fromisoformat, texts))


@given(st.lists(WRITTEN, max_size=5))
def test_times_as_the_server_writes_them_are_read_together(texts: list[str]) -> None:
    assert times(texts) == list(map(datetime.fromisoformat, texts))


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


def named(*wires: str) -> type[types.Answer]:
    """A class of objects that have texts by these names."""
    fields = tuple((f"field_{index}", wire, "") for index, wire in enumerate(wires))

    class Named(types.Answer):
        _fields = fields
        values: tuple[Any, ...]

        def _fill(self, given: int, *values: Any) -> Any:
            assert given == (1 << len(wires)) - 1
            self.values = values
            return self

        @classmethod
        def _readers(cls) -> tuple[types.Reader, ...]:
            return (types.read_string,) * len(wires)

    return Named


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", 'a"b', "a\\b", "a\nb", "a\0b", "ü", "\u2028", "😀", "type", "self", "f0", "f1", "__init__", "__slots__", "UNSET", "$ref"],
)  # fmt: skip
def test_any_name_of_a_field_has_the_fast_way_or_the_ordinary_one(name: str) -> None:
    layout = Layout(named(name, "ok"), {"ok": True, name: True})
    ways: list[Read] = [dicts(layout.columns)]
    try:
        ways.append(structs(layout.columns))
    except ValueError:
        assert set(name) & set('"\\\n\0')
    for read in ways:
        columns, number = read(json.dumps([{name: "x", "ok": "y"}]).encode(), json.loads)
        [row] = layout.objects(columns, number)
        assert row.values == ("x", "y")


def test_names_that_differ_in_case_alone_are_two_fields() -> None:
    names = ("Title", "title", "TITLE")
    layout = Layout(named(*names), dict.fromkeys(names, True))
    for way in (dicts, structs):
        columns, number = way(layout.columns)(b'[{"title": "1", "TITLE": "2", "Title": "3"}]', json.loads)
        [row] = layout.objects(columns, number)
        assert row.values == ("3", "1", "2")


@pytest.mark.parametrize("number", ["1e400", "-1E+400", "9" * 5000, "1" + "0" * 400])
def test_a_number_that_python_cannot_hold_is_read_the_ordinary_way(kind: str, number: str) -> None:
    row = '{"service":"x"},'
    body = f'{{"balance":{number},"purchases":[{row * LARGE}{{"service":"x","cost":{number}}}]}}'.encode()
    with connected(kind, lambda request: httpx.Response(200, headers=JSON, content=body)) as both:
        result = both.do(lambda client: client.purchases.get_purchases())
        assert Decimal(result.balance) == Decimal(result.purchases[-1].cost) == Decimal(number)
        plain = both.call("purchases/get-purchases")
        assert plain["balance"] == result.to_dict()["balance"] == result.balance
        expected = [] if number == "1" + "0" * 400 else [("balance",), ("purchases", "*", "cost")]
        assert sorted(mismatch.where for mismatch in both.client.mismatches) == expected


@pytest.mark.parametrize(
    "number", ["1e99999999999999999999999", "-1E+99999999999999999999", "0.1e-99999999999999999999999"]
)
@pytest.mark.parametrize("rows", [1, LARGE])
def test_a_number_that_not_even_a_decimal_holds_is_no_answer(kind: str, number: str, rows: int) -> None:
    row = '{"service":"x"},'
    body = f'{{"balance":1,"purchases":[{row * rows}{{"service":"x","cost":{number}}}]}}'.encode()
    with connected(kind, lambda request: httpx.Response(200, headers=JSON, content=body)) as both:
        if float(number) == 0:
            assert both.call("purchases/get-purchases")["purchases"][-1]["cost"] == 0
            return
        with pytest.raises(UnexpectedResponse):
            both.do(lambda client: client.purchases.get_purchases())
        with pytest.raises(UnexpectedResponse):
            both.call("purchases/get-purchases")


@WITH
@pytest.mark.parametrize(
    "body",
    [
        b'{"purchases": [ ROW , ROW ] , "balance": 1}',
        b'{\n  "balance": 1,\n  "purchases":\n  [\n    ROW,\n    ROW\n  ]\n}\n',
        b'{"purchases":[{"service":"x","description":{"a":[{"service":1},{"service":2}]}},ROW,ROW],"balance":1}',
    ],
)
def test_space_and_what_looks_like_an_end_are_no_reason_to_read_all_at_once(
    body: bytes, extra: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    ordinary_rows = Reading.__call__

    def counted(self: Reading, piece: bytes, found: Any) -> Any:
        made = ordinary_rows(self, piece, found)
        rows.append(len(made))
        return made

    monkeypatch.setattr(Reading, "__call__", counted)
    assert check(Answer(200, JSON, body.replace(b"ROW", GOOD_ROW)), PURCHASES, extra, 0)
    assert sum(rows) == len(json.loads(body.replace(b"ROW", GOOD_ROW))["purchases"])
