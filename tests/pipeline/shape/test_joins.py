"""What two schemas say together, or either of them, when they hold themselves, are parts of themselves, or have a default of neither."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.pipeline.published import Document
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.pipeline.shape.parts import obj
from tests.pipeline.shaped import TEXT, TRUTH, WHOLE, operation, ref

LIST_OF_ITSELF = {
    "type": "object",
    "properties": {"kids": {"type": "array", "items": ref("A")}, "name": TEXT},
}
OTHER = {"type": "object", "properties": {"kids": {"type": "array", "items": ref("B")}, "size": WHOLE}}


def made(wanted: Any, **components: Any) -> Document:
    """A repaired, shaped and valid document of a route that takes and gives `wanted` in a field."""
    whole = obj(here=wanted)
    document = repair(
        {
            "openapi": "3.1.0",
            "info": {"title": "A", "version": "1"},
            "paths": {"/api/v2/a/b": operation(whole, whole)},
            "components": {"schemas": components},
        }
    ).document
    shaped = shape(document)
    validate(shaped)
    return shaped


def field(shaped: Document) -> dict[str, Any]:
    """What the field of the request is."""
    found: dict[str, Any] = shaped["components"]["schemas"]["ABRequest"]["properties"]["here"]
    return found


@pytest.mark.parametrize(
    ("components", "means"),
    [
        ({"A": {"anyOf": [ref("A"), TEXT]}}, TEXT),
        ({"A": {"oneOf": [TEXT, ref("A"), WHOLE]}}, {"anyOf": [TEXT, WHOLE]}),
        ({"A": ref("A")}, {}),
        ({"A": {"allOf": [ref("A"), TEXT]}}, TEXT),
        ({"A": {**ref("A"), "type": "string", "minLength": 2}}, {"type": "string", "minLength": 2}),
        ({"A": {"anyOf": [ref("B"), TEXT]}, "B": {"anyOf": [ref("A"), WHOLE]}}, {"anyOf": [TEXT, WHOLE]}),
        ({"A": ref("B"), "B": ref("A")}, {}),
        ({"A": ref("C"), "C": {"anyOf": [WHOLE, {"anyOf": [TRUTH, ref("D")]}]}, "D": {"allOf": [ref("A")]}}, {"anyOf": [WHOLE, TRUTH]}),
    ],
)  # fmt: skip
def test_what_is_a_part_of_itself_says_the_rest(components: dict[str, Any], means: Any) -> None:
    assert made(ref("A"), **components) == made(means)


@pytest.mark.parametrize(
    "wanted",
    [
        {"allOf": [ref("A"), ref("B")]},
        {"anyOf": [ref("A"), ref("B")]},
        {"oneOf": [{"allOf": [ref("A"), ref("B")]}, TEXT]},
        {"anyOf": [ref("A"), {**ref("A"), "description": "The same in other words."}]},
        {"anyOf": [ref("A"), {"required": ["name"]}]},
        {"anyOf": [ref("A"), {"minLength": 1}, {"type": "null"}]},
        {"anyOf": [ref("C"), {"description": "Anything."}]},
        {"allOf": [ref("C"), ref("A")]},
        {"allOf": [{"anyOf": [ref("A"), {"not": TEXT}]}, {"required": ["kids"]}]},
    ],
)
def test_components_that_hold_themselves_are_joined_in_every_way(wanted: Any) -> None:
    one_or_list = {"anyOf": [TEXT, {"type": "array", "items": ref("C")}]}
    shaped = made(wanted, A=LIST_OF_ITSELF, B=OTHER, C=one_or_list)
    assert shape(shaped) == shaped


def test_a_shape_that_is_met_again_inside_what_it_holds_is_the_same_class() -> None:
    part = obj(title=obj(part=ref("B")))
    shaped = made(ref("A"), A={"oneOf": [{"required": ["kind"]}, part]}, B=obj(owner=ref("A")))
    again = made(part, B=obj(owner=part))
    for found in (shaped, again):
        assert len(found["components"]["schemas"]) < 12
        assert shape(found) == found


@pytest.mark.parametrize(
    ("schema", "default"),
    [
        (ref("A"), "x"),
        ({"anyOf": [WHOLE, TRUTH]}, "x"),
        ({"allOf": [{"anyOf": [WHOLE, {"type": "null"}]}, {"description": "d"}]}, "x"),
        ({"type": "string", "format": "ipv4"}, "x"),
        ({"anyOf": [{"type": "array"}, {"type": "string", "format": "uuid", "default": "x"}]}, 1),
        ({"anyOf": [ref("A"), {"type": "null"}]}, {"name": "x"}),
        ({"anyOf": [WHOLE, {"type": "array", "items": TEXT}]}, ["x"]),
    ],
)
def test_a_default_that_the_whole_does_not_allow_is_none(schema: Any, default: Any) -> None:
    assert "default" not in repr(field(made({**schema, "default": default}, A=LIST_OF_ITSELF)))


def test_a_default_that_the_whole_allows_stays() -> None:
    shaped = made({"anyOf": [WHOLE, {"type": "string", "format": "ipv4"}], "default": "127.0.0.1"})
    assert field(shaped)["default"] == "127.0.0.1"
