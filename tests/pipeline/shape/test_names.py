"""Shape: one class for one shape, under a name that says where it is from or that somebody chose."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from scripts.pipeline.published import DocumentError
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.pipeline.documents import document
from tests.pipeline.shape.parts import ERROR, classes, obj, results, shaped
from tests.pipeline.shaped import TEXT, ref


def several(**answers: Any) -> dict[str, Any]:
    source = document()
    item = source["paths"].pop("/api/v2/x")
    for path, answer in answers.items():
        source["paths"][f"/api/v2/{path.replace('__', '/')}"] = deepcopy(item)
        media = source["paths"][f"/api/v2/{path.replace('__', '/')}"]["post"]["responses"]["200"]["content"]
        media["application/json"]["schema"] = answer
    result = shape(source)
    validate(result)
    return result


def test_done_has_one_name_however_it_is_worded() -> None:
    done = {word: obj(status={"type": "string", "enum": [word]}) for word in ("ok", "success")}
    result = several(a__stop=done["ok"], b__start=done["success"], c__see=obj(status=TEXT))
    assert list(results(result)) == ["CSeeResult", "Ok"]


def test_a_shape_held_by_one_property_in_many_places_is_one_class_named_after_it() -> None:
    proxy = obj(path=TEXT, target=TEXT)
    result = several(
        compute__a=obj(proxy=proxy), compute__b=obj(x=TEXT, proxy=proxy), compute__c=obj(y=TEXT, proxy=proxy)
    )
    assert list(results(result)) == ["ComputeAResult", "ComputeBResult", "ComputeCResult", "ComputeProxy"]


def test_rows_of_one_shape_in_one_group_are_one_class_and_small_coincidences_are_not() -> None:
    row = obj(id=TEXT, title=TEXT, color=TEXT)
    rows = {"type": "array", "items": row}
    assert list(results(several(compute__get=row, compute__get_all=rows))) == ["ComputeGetResult"]
    assert list(results(several(a__x=obj(result=TEXT), b__y=obj(result=TEXT)))) == ["AXResult", "BYResult"]


def test_a_chosen_name_is_honoured_and_shared() -> None:
    named = {**obj(a=TEXT), "x-cocalc-name": "Thing"}
    assert list(results(several(a__x=named, b__y={"type": "array", "items": named}))) == ["Thing"]


def test_a_component_of_our_own_keeps_its_name_in_answers_and_a_like_one_in_requests() -> None:
    result = shaped(
        ref("Settings"), obj(settings=ref("Settings")), Settings={**obj(a=TEXT), "required": ["a"]}
    )
    assert list(classes(result)) == ["ProjectsCopyPathRequest", "Settings", "SettingsInput"]
    assert "required" in classes(result)["SettingsInput"]


@pytest.mark.parametrize("name", ["lower", "With Space", "A.B", "x'); import os; ('", "", "List_"])
def test_a_chosen_name_that_is_no_class_name_is_refused(name: str) -> None:
    with pytest.raises(DocumentError, match="no class name"):
        shaped({**obj(a=TEXT), "x-cocalc-name": name})


def test_two_shapes_of_one_chosen_name_are_refused() -> None:
    with pytest.raises(DocumentError, match="two different shapes are both named Thing"):
        several(a={**obj(a=TEXT), "x-cocalc-name": "Thing"}, b={**obj(b=TEXT), "x-cocalc-name": "Thing"})


def test_the_name_of_the_shared_error_cannot_be_chosen() -> None:
    with pytest.raises(DocumentError, match="named Error"):
        shaped({**obj(a=TEXT), "x-cocalc-name": "Error"})


def test_a_shape_that_holds_itself_is_a_class_that_refers_to_itself() -> None:
    tree = obj(name=TEXT, children={"type": "array", "items": ref("Tree")}, up=ref("Tree"))
    result = shaped({"anyOf": [ref("Tree"), ERROR]}, obj(tree=ref("Tree")), Tree=tree)
    assert list(classes(result)) == ["ProjectsCopyPathRequest", "Tree", "TreeInput"]
    assert classes(result)["Tree"]["properties"]["up"] == {"anyOf": [ref("Tree"), {"type": "null"}]}
    assert classes(result)["TreeInput"]["properties"]["up"] == ref("TreeInput")
    assert shape(result) == result


def test_text_that_holds_itself_in_lists_can_be_anything() -> None:
    value = {"anyOf": [TEXT, {"type": "array", "items": ref("Value200ResponseBody")}]}
    assert classes(shaped(obj(v=ref("Value200ResponseBody")), Value200ResponseBody=value))[
        "ProjectsCopyPathResult"
    ]["properties"] == {"v": {}}


def test_references_that_multiply_without_end_are_refused() -> None:
    levels = {f"L{n}": obj(**{f"f{i}": ref(f"L{n + 1}") for i in range(8)}) for n in range(8)}
    with pytest.raises(DocumentError, match="parts when references are followed"):
        shaped(ref("L0"), L8=obj(a=TEXT), **levels)
