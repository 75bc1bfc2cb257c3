"""Unions of very many alternatives: read, compared, and said by name, in a time that grows with their number."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import contract, readable, unreadable
from cocalc_facade._drift.report import report
from cocalc_facade._drift.schema.order import beginning, distinct_in_order
from scripts.pipeline.diff.unmodelled import unmodelled
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.tracking.forms import document


def alternative(number: int, **more: Any) -> dict[str, Any]:
    fields = {"kind": {"const": f"k{number}"}, f"f{number}": {"type": "string"}, **more}
    return {"type": "object", "properties": fields, "required": ["kind"]}


def flat() -> Any:
    return {"oneOf": [alternative(number) for number in range(300)]}


def multiplied() -> Any:
    return {"allOf": [{"anyOf": [alternative(10 * n), alternative(10 * n + 1)]} for n in range(10)]}


def lists() -> Any:
    return {"anyOf": [{"type": "array", "items": alternative(number)} for number in range(300)]}


def test_one_value_of_very_many_alternatives_is_modelled_and_said_by_name() -> None:
    for schema in (flat(), multiplied()):
        published = document({"type": "object", "properties": {"a": schema}}, {}, answer=schema)
        found = contract(published)
        assert any(line.startswith("anyOf in ") for line in unmodelled(found))
        made = shape(repair(published).document)
        validate(made)
        assert any("f1" in one.get("properties", ()) for one in made["components"]["schemas"].values())


@pytest.mark.parametrize("made", [flat, multiplied, lists])
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_narrowing_in_one_of_very_many_alternatives_is_a_change(made: Any, place: str) -> None:
    def promised(schema: Any) -> Any:
        return contract(document({"type": "object", "properties": {"a": schema}}, {}))

    schema, narrow = made(), made()
    arms = next(iter(narrow.values()))
    arm = arms[0 if place == "first" else -1]
    arm = arm["anyOf"][0] if "anyOf" in arm else arm.get("items", arm)
    arm["required"] = [*arm["required"], *(name for name in arm["properties"] if name != "kind")]
    found = report(promised(schema), promised(narrow))
    assert found.severity is Severity.BREAKING
    assert report(promised(narrow), promised(schema))
    assert not report(promised(schema), promised(deepcopy(schema)))


def test_what_multiplies_further_is_not_read_and_the_rest_is() -> None:
    inside: Any = {"type": "string"}
    for _ in range(3):
        arms = [[alternative(2 * n, x=inside), alternative(2 * n + 1, x=inside)] for n in range(8)]
        inside = {"allOf": [{"anyOf": pair} for pair in arms]}
    published = document(inside, {})
    published["paths"]["/api/v2/c"] = document({"type": "object"}, {})["paths"]["/api/v2/a/b"]
    found, unread = readable(published)
    assert unreadable(published) == unread
    assert list(found) == ["c"]
    assert list(unread) == ["a/b"]
    assert "more than 200000 values" in unread["a/b"]
    assert list(repair(published).document["paths"]) == ["/api/v2/c"]


def test_large_values_are_put_in_order_without_being_written_out() -> None:
    def doubled(value: Any) -> Any:
        for _ in range(60):  # written out, it has more characters than there are atoms in a hand
            value = {"a": value, "b": value}
        return value

    one, other = doubled("x"), doubled("y")
    assert beginning(one).startswith("{'a': {'a': {'a': ")
    assert distinct_in_order([[2, one], {"z": other}, [1, one], [2, one]]) == [
        [1, one],
        [2, one],
        {"z": other},
    ]


@pytest.mark.parametrize("values", [[3, 1, 2, 1], ["b", "a"], [[1], [True], {"a": 1}], [{}, [], None]])
def test_the_order_is_that_of_how_values_are_written(values: list[Any]) -> None:
    assert distinct_in_order(values) == [v for _, v in sorted({repr(v): v for v in values}.items())]
