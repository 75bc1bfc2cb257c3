"""Values of every kind that people pass: sent as what it means, or refused before anything is sent, naming the field."""

from __future__ import annotations

import json
import math
import numbers
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import attrs
import pytest
from cocalc_v2.models import ProjectSummary
from cocalc_v2.operations import OPERATIONS
from cocalc_v2.types import UNSET
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade import ConfigurationError, InvalidRequestError, Timeout
from cocalc_facade._calls.arguments import body_of
from cocalc_facade._calls.routes import Route, Routes
from cocalc_facade._calls.timeouts import MOST
from tests.rows import every_row
from tests.wire.wires import PROJECT, Script, connected

ROUTES = Routes()
ANYWHERE = Route("appeared/yesterday", None)
PATHS_BY_KIND = {kind: path for path in OPERATIONS for kind in ROUTES[path].kinds.values()}
"""A route for each kind of argument."""


class Int64:
    """A whole number like numpy's."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Float32:
    """A number like numpy's."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __float__(self) -> float:
        return self.value


class Float64(float):
    """A number like numpy's, which is one of Python's."""


class bool_:  # noqa: N801 - as numpy calls it
    """A truth like numpy's."""

    def __init__(self, value: bool) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return self.value

    def __index__(self) -> int:
        return int(self.value)


class Complex64(Float32):
    """A number like numpy's, of which a float is not the whole."""

    imag = 2.0


class Broken:
    """A number that is none."""

    def __index__(self) -> int:
        raise ZeroDivisionError

    def __float__(self) -> float:
        raise ZeroDivisionError


class Level(IntEnum):
    HIGH = 3


class Mood(Enum):
    CALM = "calm"
    NUMBER = 3


class Word(StrEnum):
    CALM = "calm"


class Point(NamedTuple):
    x: int
    y: int


@attrs.define
class Box:
    width: Any


class Zone(tzinfo):
    """A time zone that somebody wrote."""

    def __init__(self, offset: Callable[[], Any]) -> None:
        self.offset = offset

    def utcoffset(self, when: datetime | None) -> Any:
        return self.offset()

    def dst(self, when: datetime | None) -> Any:
        return None


def sent(route: str, **arguments: Any) -> Any:
    return json.loads(body_of(ROUTES[route], arguments))


def refused(route: Route, arguments: Any, check: bool = True) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        pytest.fail(f"sent {body_of(route, arguments, check)!r}")
    assert "\n" not in str(caught.value)
    assert caught.value.path == route.path
    return caught.value


# Numbers


@pytest.mark.parametrize(
    "value",
    [3, Int64(3), 3.0, Float64(3), Float32(3.0), Decimal(3), Decimal("3.0"), Fraction(3), Fraction(6, 2), Level.HIGH, Mood.NUMBER],
)  # fmt: skip
def test_what_is_a_whole_number_is_sent_as_one(value: Any) -> None:
    assert body_of(ROUTES["projects/get"], {"limit": value}) == b'{"limit":3}'


@pytest.mark.parametrize(
    "value",
    [True, bool_(True), 3.5, Decimal("3.5"), Fraction(7, 2), Float32(3.5), "3", Broken(), [3], None, math.nan, math.inf, Decimal("NaN"),
     Decimal("sNaN"), Decimal("Infinity"), Float32(math.nan), Float64(math.inf), 3j, Complex64(3), b"3", object(), int, Decimal("1e5000")],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused_by_name(value: Any) -> None:
    assert refused(ROUTES["projects/get"], {"limit": value}).field == "limit"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.5, "2.5"), (Float32(2.5), "2.5"), (Float64(2.5), "2.5"), (Decimal("2.5"), "2.5"), (Fraction(5, 2), "2.5"), (Int64(2), "2"),
     (Decimal("1e400"), "1" + "0" * 400), (Decimal(2**70), str(2**70)), (Fraction(2**70), str(2**70)), (2**70, str(2**70)), (-0.0, "-0.0")],
)  # fmt: skip
def test_a_number_loses_nothing(value: Any, text: str) -> None:
    body = body_of(ROUTES["exec"], {"project_id": PROJECT, "command": "ls", "timeout": value})
    assert body.endswith(f'"timeout":{text}}}'.encode())


def test_numbers_that_only_say_that_they_are_one_are_taken() -> None:
    class Registered(Int64):
        pass

    numbers.Integral.register(Registered)
    assert sent("projects/get", limit=Registered(7)) == {"limit": 7}


@pytest.mark.parametrize("value", [True, bool_(True)])
def test_a_truth_is_sent_as_one(value: Any) -> None:
    assert sent("exec", project_id=PROJECT, command="ls", bash=value)["bash"] is True


@pytest.mark.parametrize("value", [1, 0, "true", Int64(1), [], 1.0])
def test_a_number_is_no_truth(value: Any) -> None:
    assert refused(ROUTES["exec"], {"project_id": PROJECT, "command": "ls", "bash": value}).field == "bash"


# Times

EDGES = {
    "naive": datetime(2026, 1, 1),  # noqa: DTZ001 - naive is the point
    "before year 1": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    "after year 9999": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
    "a zone without an offset": datetime(2026, 1, 1, tzinfo=Zone(lambda: None)),
    "a zone that raises": datetime(2026, 1, 1, tzinfo=Zone(lambda: 1 / 0)),
    "a zone that lies": datetime(2026, 1, 1, tzinfo=Zone(lambda: "two hours")),
    "a zone of two days": datetime(2026, 1, 1, tzinfo=Zone(lambda: timedelta(hours=48))),
}
TIME_FIELDS = [
    (row.path, field.wire)
    for row in OPERATIONS.values()
    for field in row.fields
    if field.kind.startswith("time-")
]


@pytest.mark.parametrize("value", EDGES.values(), ids=EDGES)
def test_a_time_that_is_none_is_refused_by_name_wherever_it_stands(value: Any) -> None:
    for path, field in [*TIME_FIELDS, ("appeared/yesterday", "when")]:
        assert refused(ROUTES[path], {field: value}).field == field
    assert refused(ANYWHERE, {"query": [{"time": {">=": value}}]}).field == "query.0.time.>="


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_any_time_with_a_zone_is_sent_as_the_same_moment_or_refused(value: datetime) -> None:
    try:
        body = json.loads(body_of(ANYWHERE, {"when": value}))
    except InvalidRequestError:
        assert value.year in (1, 9999)
        return
    found = datetime.fromisoformat(body["when"])
    assert found == value.astimezone(UTC)


@pytest.mark.parametrize("value", [True, [], {}, b"2026", math.nan, date(2026, 1, 1), timedelta(1)])
def test_what_is_no_time_is_refused_by_name(value: Any) -> None:
    for path, field in TIME_FIELDS:
        assert refused(ROUTES[path], {field: value}).field == field


# None


def test_none_is_refused_by_name_unless_the_server_has_a_meaning_for_it() -> None:
    allowed = set()
    for row in OPERATIONS.values():
        for field in row.fields:
            if field.null:
                allowed.add(f"{row.path} {field.wire}")
                assert json.loads(body_of(ROUTES[row.path], {field.wire: None})) == {field.wire: None}
            else:
                error = refused(ROUTES[row.path], {field.wire: None})
                assert error.field == field.wire
                assert "leave it out" in str(error)
                assert json.loads(body_of(ROUTES[row.path], {field.wire: None}, check=False)) == {
                    field.wire: None
                }
    assert {"api-keys expire", "user-query query", "accounts/sign-out all"} <= allowed
    assert "projects/get limit" not in allowed


# Values within values

LOOP: list[Any] = [1]
LOOP.append(LOOP)
RING: dict[str, Any] = {"a": {}}
RING["a"]["b"] = [RING]
CHAIN = Box(None)
CHAIN.width = {"inner": CHAIN}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"a": [{"b": {1, 2}}]}, "x.a.0.b"),
        ({"a": math.nan}, "x.a"),
        ([1, [2, math.inf]], "x.1.1"),
        ({"a": b"bytes"}, "x.a"),
        (bytearray(b"b"), "x"),
        (memoryview(b"b"), "x"),
        (frozenset(), "x"),
        (iter([]), "x"),
        (deque([1]), "x"),
        (range(3), "x"),
        (object(), "x"),
        (len, "x"),
        (3j, "x"),
        (timedelta(1), "x"),
        (Broken(), "x"),
        (Decimal("NaN"), "x"),
        ({"a": Float32(math.inf)}, "x.a"),
        ({"a": ["\ud800"]}, "x.a.0"),
        ({"\ud800": 1}, "x"),
        ({"a": UNSET}, "x.a"),
        ({1: "a", "1": "b"}, "x.1"),
        ({True: 1, "true": 2}, "x.true"),
        ({None: 1, "null": 2}, "x.null"),
        ({1.5: 1, "1.5": 2}, "x.1.5"),
        ({Int64(1): 1, "1": 2}, "x.1"),
        ({UUID(PROJECT): 1, PROJECT: 2}, f"x.{PROJECT}"),
        ({Word.CALM: 1, 5: {"5": 1, 5: 2}}, "x.5.5"),
        ({(1, 2): 1}, "x"),
        ({b"k": 1}, "x"),
        ({math.nan: 1}, "x"),
        (LOOP, "x.1"),
        (RING, "x.a.b.0"),
        (CHAIN, "x.width.inner"),
        pytest.param(10**5000, "x", id="huge"),
        ([{"a": 10**5000}], "x.0.a"),
    ],
)  # fmt: skip
def test_what_has_no_json_is_refused_by_its_place(value: Any, field: str) -> None:
    for route in (ANYWHERE, ROUTES["user-query"]):
        name = "x" if route is ANYWHERE else "query"
        error = refused(route, {name: value})
        assert error.field is not None
        assert error.field.encode("ascii", "backslashreplace").decode() == field.replace("x", name, 1)


def test_too_many_levels_are_refused_by_name() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    error = refused(ANYWHERE, {"x": deep})
    assert (error.field, error.message) == ("x", "x is nested too deeply")
    while deep:
        deep = deep.pop()


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        ((1, (2,)), [1, [2]]),
        (Point(1, 2), [1, 2]),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (defaultdict(list, a=[UUID(PROJECT)]), {"a": [PROJECT]}),
        (MappingProxyType({"a": Word.CALM}), {"a": "calm"}),
        ({7: "a", "b": 2, None: 3, True: 4, 2.5: 5}, {"7": "a", "b": 2, "null": 3, "true": 4, "2.5": 5}),
        ({UUID(PROJECT): Decimal("1.5"), Word.CALM: Level.HIGH}, {PROJECT: 1.5, "calm": 3}),
        (Box(Box(Mood.CALM)), {"width": {"width": "calm"}}),
        (ProjectSummary.from_dict({"project_id": PROJECT, "new": 1}), {"project_id": PROJECT, "new": 1}),
        (PurePosixPath("a/b"), "a/b"),
        (date(2026, 1, 2), "2026-01-02"),
        ([datetime(2026, 1, 2, tzinfo=UTC)], ["2026-01-02T00:00:00.000Z"]),
        ([Float64(1.5), bool_(False), Int64(2)], [1.5, False, 2]),
        ([[], {}, "", 0, None, False], [[], {}, "", 0, None, False]),
        ({"same": [LEAF := {"a": 1}, LEAF]}, {"same": [{"a": 1}, {"a": 1}]}),
    ],
)
def test_values_within_values_are_sent_as_what_they_mean(value: Any, json_value: Any) -> None:
    assert json.loads(body_of(ANYWHERE, {"x": value})) == {"x": json_value}


def test_what_is_passed_stays_as_it_is() -> None:
    value = {"a": [1, (2, UUID(PROJECT))], "b": {3: Decimal(4)}}
    before = repr(value)
    body_of(ANYWHERE, {"x": value})
    assert repr(value) == before


def test_somebody_elses_error_is_a_refusal_by_name() -> None:
    class Angry(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise OSError("no")

        def __iter__(self) -> Iterator[str]:
            raise OSError("no")

        def __len__(self) -> int:
            return 1

    assert refused(ANYWHERE, {"x": [Angry()]}).field == "x"
    with pytest.raises(KeyboardInterrupt):
        body_of(ANYWHERE, {"x": type("Stop", (), {"to_dict": lambda self: _interrupt()})()})


def _interrupt() -> Any:
    raise KeyboardInterrupt


class Unbound:
    """A proxy that nothing stands behind yet, as those of web frameworks outside of a request."""

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        raise RuntimeError("outside of a request")


class Lazy(dict[str, Any]):
    """A dict that has something to do before it tells what is in it, and cannot."""

    def items(self) -> Any:
        raise RuntimeError("closed")

    keys = __iter__ = items


@pytest.mark.parametrize("made", [Unbound, lambda: Lazy(a=1)], ids=["unbound", "lazy"])
def test_a_value_that_raises_when_it_is_asked_is_refused_by_name_for_every_kind(
    made: Callable[[], Any],
) -> None:
    value = made()
    for path in PATHS_BY_KIND.values():
        for name in ROUTES[path].kinds:
            with pytest.raises(InvalidRequestError) as caught:
                body_of(ROUTES[path], {name: value})
            assert caught.value.field == name
    with pytest.raises(InvalidRequestError) as caught:
        body_of(ANYWHERE, {"anything": {"at": [value]}})
    assert (caught.value.field or "").startswith("anything")


def test_a_mapping_of_any_kind_holds_arguments() -> None:
    assert body_of(ANYWHERE, MappingProxyType({"a": 1})) == body_of(ANYWHERE, OrderedDict(a=1)) == b'{"a":1}'
    for arguments in ([], 5, "text", [("a", 1)], object(), {1: 2}, {None: 1}, {b"a": 1}, {("a",): 1}):
        for check in (True, False):
            assert refused(ANYWHERE, arguments, check).field is None


# By name, for some cannot even be hashed or shown.
ODD: dict[str, Any] = {
    "unset": UNSET, "loop": LOOP, "ring": RING, "chain": CHAIN, "broken": Broken(), "nan": Float32(math.nan), "large": Int64(2**70),
    "member": Mood.CALM, "level": Level.HIGH, "object": object(), "function": len, "class": Broken, "huge": 10**5000,
    "beyond": Decimal("1e400"), **EDGES,
}  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.binary(max_size=3) | st.decimals() | st.fractions()
    | st.uuids() | st.datetimes() | st.datetimes(timezones=st.timezones()) | st.dates() | st.times() | st.timedeltas() | st.complex_numbers()
    | st.sampled_from(sorted(ODD)).map(lambda name: ODD[name]),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.frozensets(st.integers(), max_size=2) | st.builds(Box, inner)
    | st.dictionaries(st.text(max_size=3) | st.integers() | st.booleans() | st.none() | st.floats() | st.binary(max_size=2), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None)
@given(path=st.sampled_from(sorted(OPERATIONS)), data=st.data(), check=st.booleans())
def test_any_argument_is_sent_as_json_or_refused_by_name(path: str, data: st.DataObject, check: bool) -> None:
    names = [field.wire for field in OPERATIONS[path].fields] or ["x"]
    arguments = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=2))
    try:
        body = body_of(ROUTES[path], arguments, check)
    except InvalidRequestError as error:
        field = str(error.field).split(".")[0]
        assert field in arguments and field in error.message  # noqa: PT017, PT018 - either is right
    else:
        assert set(json.loads(body)) == {name for name, value in arguments.items() if value is not UNSET}


# Times to wait


@every_row(
    "value",
    [0, -1, math.nan, math.inf, -math.inf, 1e10, 10**10, MOST + 1, True, "5", b"5", [], 3j, Decimal("NaN"), Decimal("1e10"), Broken(),
     Float32(math.inf), Int64(-1), Fraction(-1, 2), object()],
)  # fmt: skip
@every_row("name", ["total", "connect", "read", "write", "pool"])
def test_a_time_limit_that_makes_no_sense_is_refused_by_name(value: Any, name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"timeout: {name} must be "):
        Timeout(**{name: value})


@pytest.mark.parametrize("value", [1e10, math.inf, math.nan, 0, "5"])
def test_it_is_refused_before_anything_is_sent(kind: str, value: Any) -> None:
    script = Script([])
    with connected(kind, script) as both:
        with pytest.raises(ConfigurationError, match="timeout"):
            both.call("projects/get", timeout=value)
        with pytest.raises(ConfigurationError, match="timeout"):
            both.client.with_options(timeout=value)
        with pytest.raises(ConfigurationError, match="timeout"):
            type(both.client)("sk-5ecReTpLaNtEdKeY00002a", "http://localhost:1", timeout=value)
    assert script.requests == []


@pytest.mark.parametrize("value", [5, 5.0, Int64(5), Float32(5.0), Decimal(5), Fraction(5), 1_000_000])
def test_a_time_limit_may_be_any_number(kind: str, value: Any) -> None:
    with connected(kind, Script([])) as both:
        assert both.call("projects/get", timeout=value) == []
    assert Timeout(value) == Timeout(float(value))
