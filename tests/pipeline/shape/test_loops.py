"""Components that hold themselves are classes wherever an object is among what they may be; what else they are is named."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shaped
from scripts.pipeline.validate import validate
from tests.pipeline.documents import document
from tests.pipeline.shape.parts import classes, obj
from tests.pipeline.shaped import TEXT, ref

NULL = {"type": "null"}


def listed(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def made(side: str, **components: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The classes of a document that holds the component `Tree`, and those that are anything."""
    whole = obj(v=ref("Tree"))
    found = shaped(
        repair(
            document(whole if side == "answer" else None, whole if side == "request" else None, **components)
        ).document
    )
    validate(found.document)
    return classes(found.document), found.untyped


@pytest.mark.parametrize("side", ["request", "answer"])
@pytest.mark.parametrize(
    ("tree", "beside"),
    [
        (obj(n=TEXT, kids=listed(ref("Tree"))), set()),
        ({"anyOf": [NULL, obj(n=TEXT, kids=listed(ref("Tree")))]}, {"null"}),
        ({"oneOf": [TEXT, obj(n=TEXT, kids=listed(ref("Tree")))]}, {"string"}),
        ({"type": ["object", "null"], "properties": {"n": TEXT, "kids": listed(ref("Tree"))}}, {"null"}),
        ({"anyOf": [ref("Node"), NULL]}, {"null"}),
        ({"allOf": [obj(n=TEXT), obj(kids=listed(ref("Tree")))]}, set()),
    ],
)
def test_an_object_that_holds_itself_is_a_class_whatever_stands_beside_it(
    side: str, tree: Any, beside: set[str]
) -> None:
    found, untyped = made(side, Tree=tree, Node=obj(n=TEXT, kids=listed(ref("Tree"))))
    assert not untyped
    (name,) = (name for name, one in found.items() if set(one["properties"]) == {"n", "kids"})
    kids = found[name]["properties"]["kids"]
    items = next(arm for arm in kids.get("anyOf", [kids]) if "items" in arm)["items"]
    arms = items.get("anyOf", [items])
    assert ref(name) in arms
    assert {arm["type"] for arm in arms if "type" in arm} == beside


@pytest.mark.parametrize("side", ["request", "answer"])
@pytest.mark.parametrize(
    "tree",
    [
        listed(ref("Tree")),
        {"anyOf": [TEXT, listed(ref("Tree"))]},
        {"type": "object", "additionalProperties": ref("Tree")},
        {"anyOf": [TEXT, {"type": "object", "additionalProperties": ref("Tree")}, listed(ref("Tree"))]},
    ],
)
def test_what_holds_itself_and_has_no_fields_can_be_anything_and_is_named(side: str, tree: Any) -> None:
    found, untyped = made(side, Tree=tree)
    assert untyped == ("Tree",)
    (holder,) = (one for one in found.values() if "v" in one["properties"])
    assert holder["properties"]["v"] == {}
