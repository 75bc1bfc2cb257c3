"""Generated code and what JSON can hold at its edges: it is kept as it came, recorded, and written back as it came."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
from cocalc_v2.models import ApiKeysResult, ProjectSummary, Purchase, Purchases
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade._calls.meaning.payloads import load
from tests.pipeline.shaped import made_up, package
from tests.rows import every_row

GOOD = "2026-01-02T03:04:05.678Z"
Found = list[tuple[tuple[str | int, ...], str, str]]


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """A class that holds itself, times in lists, maps and unions, which CoCalc does not send."""
    folder = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(folder))
    package(made_up(), folder, "edges_v2")
    yield import_module("edges_v2.models")
    sys.path.remove(str(folder))


def there_and_back(model: Any, source: dict[str, Any]) -> Found:
    """Decode and encode; gives where the object departs from the schema."""
    found: Found = []
    wire = repr(source) if depth(source) < 100 else None
    instance = model.from_dict(source, found)
    assert same(instance.to_dict(), source)
    assert wire is None or repr(source) == wire  # it stays as it is
    assert isinstance(repr(instance), str)
    return found


def depth(value: Any) -> int:
    deepest, pending = 0, [(value, 0)]
    while pending:
        one, level = pending.pop()
        deepest = max(deepest, level)
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        pending += [(part, level + 1) for part in inner]
    return deepest


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same, however deep they are."""
    pending = [(one, other)]
    while pending:
        left, right = pending.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, dict):
            if left.keys() != right.keys():
                return False
            pending += [(left[key], right[key]) for key in left]
        elif isinstance(left, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
        elif left != right:
            return False
    return True


def nested(levels: int, inside: Any, key: str | None = None) -> Any:
    for _ in range(levels):
        inside = [inside] if key is None else {key: inside}
    return inside


# Times

CANONICAL = list(GOOD)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from(list("\0Z0123456789-+:.,TtW \u0660é\ud800"))),
        max_size=4,
    )
)
def test_any_text_in_the_place_of_a_time_is_written_back_as_it_came(changes: list[tuple[int, str]]) -> None:
    letters = list(CANONICAL)
    for place, letter in changes:
        letters[place : place + 1] = letter
    there_and_back(Purchase, {"time": "".join(letters)})
    there_and_back(Purchases, {"purchases": [{"time": "".join(letters)}] * 2})


@pytest.mark.parametrize(
    "text", [f"{GOOD}\0", f"{GOOD}\0 and all that follows", "2026-01-02T03:04:05.6\0008Z", "2026-01-02\0T03:04:05.678Z", "2026-01-02T03:04:05\0"]
)  # fmt: skip
def test_a_time_with_nul_in_it_is_no_time(animals: ModuleType, text: str) -> None:
    assert there_and_back(Purchase, {"service": "x", "time": text}) == [
        (("time",), "time (ISO 8601)", "string")
    ]
    found = there_and_back(animals.Animal, {"born": text, "feedings": [GOOD, text]})
    assert found == [(("born",), "time (ISO 8601)", "string"), (("feedings", 1), "time (ISO 8601)", "string")]


# Numbers


@pytest.mark.parametrize(
    "digits", ["1e400", "-1E+400", "9" * 5000, "-" + "1" * 10_000, "1e999999", "0.1e310"]
)
@pytest.mark.parametrize(
    "place", [("cost",), ("count",), ("time",), ("description", "n"), ("new",), ("notes",)]
)
def test_a_number_that_python_cannot_hold_is_kept_as_it_is_written(
    digits: str, place: tuple[str, ...]
) -> None:
    source = load(("{" + "{".join(f'"{key}": ' for key in place) + digits + "}" * len(place)).encode())
    source["service"] = "x"
    found = there_and_back(Purchase, source)
    kept: Any = Purchase.from_dict(source).to_dict()
    for key in place:
        kept = kept[key]
    assert kept == Decimal(digits)
    expected = {"cost": "number", "count": "integer", "time": "time (ISO 8601)", "notes": "string"}
    if place[0] in expected:
        assert found == [(place, expected[place[0]], "number that is too large")]


# Depth


@every_row("levels", [10, 400, 3_000])
@every_row("key", [None, "x", "mother"])
@every_row("field", ["any", "feedings", "keeper", "notes", "mother", "tags", "name", "born", "new"])
def test_depth_is_kept_wherever_it_is(animals: ModuleType, levels: int, key: str | None, field: str) -> None:
    source = {"legs": 4, field: nested(levels, 1, key)}
    found = there_and_back(animals.Animal, source)
    assert animals.Animal.from_dict(source).legs == 4
    if field in ("feedings", "notes", "tags", "name", "born"):
        assert {where[0] for where, _, _ in found} == {field}
    _let_go(source)


def test_an_object_that_holds_itself_very_often_is_decoded_as_far_as_python_can_follow(
    animals: ModuleType,
) -> None:
    source: dict[str, Any] = {"name": "x"}
    for _ in range(5_000):
        source = {"name": "x", "mother": source, "feedings": [GOOD]}
    found: Found = []
    animal = animals.Animal.from_dict(source, found)
    [(where, expected, got)] = found
    assert (expected, got) == ("value of bounded depth", "object")
    assert set(where) == {"mother"}
    assert animal.feedings == [datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)]
    assert animal.mother.mother.name == "x"
    _let_go(source)


def _let_go(value: Any) -> None:
    """Take deep JSON apart; Python's own way of doing it is recursive on some versions."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending += one.values()
            one.clear()
        elif isinstance(one, list):
            pending += one
            one.clear()


# Null where a list or a map holds values


def test_null_among_objects_is_a_departure_unless_the_server_was_seen_to_send_it(animals: ModuleType) -> None:
    source = {"balance": 0, "purchases": [None, {"id": 1, "service": "x"}]}
    assert there_and_back(Purchases, source) == [(("purchases", 0), "object", "null")]
    assert there_and_back(ApiKeysResult, {"response": [None]}) == []
    found = there_and_back(
        animals.Animal, {"tags": ["a", None], "notes": {"a": None}, "feedings": [None], "keeper": [None]}
    )
    assert {where for where, _, _ in found} == {("feedings", 0), ("keeper", 0), ("notes", "*"), ("tags", 1)}
    assert all(got == "null" for _, _, got in found)


# Everything at once

EDGES = st.sampled_from(
    [
        GOOD,
        f"{GOOD}\0x",
        "\0",
        "\ud800",
        Decimal("1e400"),
        Decimal("9" * 5000),
        10**30,
        1e308,
        -0.0,
        nested(50, {}),
        nested(50, [], "error"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4) | EDGES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_whatever_an_object_holds_it_is_written_back(animals: ModuleType, data: st.DataObject) -> None:
    models = import_module("cocalc_v2.models")
    name = data.draw(st.sampled_from([*models.__all__, *["Animal"] * 40]))
    model = animals.Animal if name == "Animal" else getattr(models, name)
    fields = [field[1] for field in model._fields]
    source = data.draw(st.dictionaries(st.sampled_from([*fields, "new", "", "\ud800"]), VALUES, max_size=5))
    there_and_back(model, source)


def test_values_that_are_like_each_other_are_told_apart() -> None:
    for one, other in pairwise([1, 1.0, True, "1", None, [], {}]):
        assert not same(ProjectSummary.from_dict({"title": one}).to_dict(), {"title": other})
    assert json.loads(json.dumps(ProjectSummary.from_dict({"title": None}).to_dict())) == {"title": None}
