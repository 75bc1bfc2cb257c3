"""What outlives a change among classes: their names and their fields, whoever shares them and whatever they are by now."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from scripts.pipeline.document.released import KEPT
from scripts.pipeline.generate import generate
from scripts.pipeline.published import DocumentError
from scripts.pipeline.reconcile import reconcile
from scripts.pipeline.retire import classes
from tests.pipeline.shaped import NOWHERE, obj, ref
from tests.tracking.test_outliving import TEXT, WHOLE, Said


def document(said: Said, **schemas: Any) -> dict[str, Any]:
    """A shaped document whose routes take and answer what `said` says."""
    paths = {}
    for route, (request, answer) in said.items():
        bodies = [{"application/json": {"schema": one}} for one in (request or ref("Nothing"), answer)]
        post = {
            "operationId": route,
            "tags": ["root"],
            "requestBody": {"required": True, "content": bodies[0]},
            "responses": {
                "200": {"description": "", "content": bodies[1]},
                "default": {"description": "", "content": {"application/json": {"schema": ref("Error")}}},
            },
        }
        paths[f"/api/v2/{route}"] = {"post": post}
    components = {"schemas": {"Nothing": obj(), "Error": obj(error=TEXT), **schemas}}
    info = {"title": "t", "version": "1"}
    return deepcopy({"openapi": "3.1.0", "info": info, "paths": paths, "components": components})


def after(
    old: dict[str, Any], new: dict[str, Any], *, version: str = "1.1.0", last: str = "1.0.0"
) -> classes.Kept:
    before = classes.read(classes.text(classes.of(old, last)))
    given = deepcopy(new)
    found = classes.kept(new, before, date="2026-11-27", version=version)
    assert new == given
    again = classes.kept(found.document, before, date="2026-11-27", version=version)
    assert again.document == found.document
    return found


def fields(found: classes.Kept, name: str) -> dict[str, Any]:
    properties: dict[str, Any] = found.document["components"]["schemas"][name]["properties"]
    return properties


def test_a_class_that_lost_the_field_of_a_neighbour_keeps_it() -> None:
    old = document({"a": (None, ref("Both")), "b": (None, ref("Both"))}, Both=obj(x=TEXT, y=WHOLE))
    new = document(
        {"a": (None, ref("Both")), "b": (None, ref("BResult"))}, Both=obj(x=TEXT), BResult=obj(y=WHOLE)
    )
    found = after(old, new)
    y = fields(found, "Both")["y"]
    assert (y["type"], y["deprecated"]) == ("integer", True)
    assert y["description"].startswith("Deprecated since 2026-11-27")
    assert list(fields(found, "BResult")) == ["y", "x"]


def test_a_field_of_what_holds_itself_is_kept() -> None:
    old = document({"a": (None, ref("Tree"))}, Tree=obj(kids={"type": "array", "items": ref("Tree")}, x=TEXT))
    new = document({"a": (None, ref("Tree"))}, Tree=obj(kids={"type": "array", "items": ref("Tree")}))
    assert list(fields(after(old, new), "Tree")) == ["kids", "x"]


@pytest.mark.parametrize(
    "inside", [lambda s: {"type": "array", "items": s}, lambda s: {"anyOf": [s, {"type": "null"}]},
               lambda s: {"type": "object", "additionalProperties": s},
               lambda s: {"type": "array", "prefixItems": [TEXT, s]}],
)  # fmt: skip
def test_what_is_at_a_place_keeps_its_fields_when_its_class_is_another(inside: Any) -> None:
    old = document({"a": (None, inside(ref("Old")))}, Old=obj(x=TEXT, y=WHOLE))
    new = document({"a": (None, inside(ref("New")))}, New=obj(x=TEXT))
    found = after(old, new)
    assert list(fields(found, "New")) == ["x", "y"]
    assert list(fields(found, "Old")) == ["x", "y"]
    assert found.classes == ("Old",)


def test_a_class_whose_value_is_of_another_kind_stays_until_a_major_version() -> None:
    old = document(
        {"a": (ref("Asked"), ref("Got"))}, Asked=obj(k=ref("Inner")), Inner=obj(x=TEXT), Got=obj(y=TEXT)
    )
    new = document({"a": (ref("Asked"), TEXT)}, Asked=obj(k=TEXT))
    found = after(old, new, version="2.0.0")
    kinds = {n: s.get(KEPT) for n, s in found.document["components"]["schemas"].items()}
    assert (kinds["Inner"], kinds["Got"], kinds["Asked"]) == ("request", "answer", None)
    assert (
        "leaves the client in version 3.0.0" in found.document["components"]["schemas"]["Got"]["description"]
    )
    assert list(found.told([])) == [
        f"`{name}` is at no place any more; it is there until the next major version"
        for name in ("Got", "Inner")
    ]
    later = after(found.document, new, last="2.0.0", version="2.1.0")
    assert later.document["components"] == found.document["components"]
    assert (later.classes, later.left) == ((), ())
    gone = after(found.document, new, last="2.0.0", version="3.0.0")
    assert gone.document == new
    assert gone.left == ("Got", "Inner")


def test_what_only_a_retired_route_has_leaves_with_it() -> None:
    old = document({"a": (None, TEXT), "b": (None, ref("BResult"))}, BResult=obj(x=TEXT))
    old["paths"]["/api/v2/b"]["post"] |= {"deprecated": True, "x-cocalc-retired": "2026-01-01"}
    new = document({"a": (None, TEXT)})
    assert after(old, new, version="2.0.0").document == new
    assert list(fields(after(old, new), "BResult")) == ["x"]


def test_a_deprecated_field_leaves_with_a_major_version() -> None:
    old = document(
        {"a": (None, ref("R"))}, R=obj(x=TEXT, y={**TEXT, "deprecated": True, "description": "Since then."})
    )
    new = document({"a": (None, ref("R"))}, R=obj(x=TEXT))
    assert fields(after(old, new), "R")["y"]["description"] == "Since then."
    assert list(fields(after(old, new, version="2.0.0"), "R")) == ["x"]


def test_an_earlier_name_of_a_class_stays_until_a_major_version() -> None:
    named = {**obj(x=TEXT), classes.ALIASES: ["Before"]}
    old, new = (document({"a": (None, ref("R"))}, R=one) for one in (named, obj(x=TEXT)))
    assert after(old, new).document == old
    assert after(old, old, version="2.0.0").document == new


def test_a_spelling_keeps_its_name_and_a_name_that_is_taken_is_told() -> None:
    old = document({"a": (None, ref("R"))}, R=obj(fooBar=TEXT, ID={**TEXT, "x-cocalc-python": "id_"}))
    new = document({"a": (None, ref("R"))}, R=obj(foo_bar=TEXT, ID=TEXT))
    found = after(old, new)
    assert list(fields(found, "R")) == ["foo_bar", "ID"]
    assert found.lost == ("R.id_: it was what is `id` now",)


def test_a_list_of_values_is_there_where_a_kept_field_needs_it() -> None:
    colour = {"type": "string", "enum": ["red", "blue"]}
    old = document({"a": (ref("Q"), TEXT)}, Q=obj(x=TEXT, c=ref("Colour")), Colour=colour)
    new = document({"a": (ref("Q"), TEXT)}, Q=obj(x=TEXT))
    assert after(old, new).document["components"]["schemas"]["Colour"] == colour


def test_a_class_without_a_place_is_generated_as_what_it_was(tmp_path: Path) -> None:
    old = document(
        {"a": (ref("Asked"), ref("Got"))}, Asked=obj(k=ref("Inner")), Inner=obj(x=TEXT), Got=obj(y=TEXT)
    )
    new = document({"a": (ref("Asked"), TEXT)}, Asked=obj(k=TEXT))
    kept = after(old, new).document
    generate(kept, tmp_path / "cocalc_v2", NOWHERE)
    reconcile(kept, tmp_path / "cocalc_v2")
    models = tmp_path / "cocalc_v2" / "models"
    assert "class Inner(Request):" in (models / "inner.py").read_text()
    assert "class Got(Answer):" in (models / "got.py").read_text()


def test_the_file_is_read_as_it_was_written_and_nothing_else(tmp_path: Path) -> None:
    found = classes.of(document({"a": (None, ref("R"))}, R=obj(x=TEXT)), "1.0.0")
    assert classes.read(classes.text(found)) == found
    dangling = classes.text(found).replace("schemas/R", "schemas/S")
    shapeless = classes.text(found).replace('"properties"', '"fields"')
    for wrong in (
        dangling,
        shapeless,
        "[" * 100_000,
        "",
        "[]",
        '{"version": "1.0.0"}',
        '{"version": 1, "routes": 1, "schemas": {}}',
    ):
        with pytest.raises(DocumentError, match=r"classes\.json[:/]"):
            classes.read(wrong)
    assert classes.earlier(tmp_path, "1.0.0") is None
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "client.json").write_text(json.dumps(document({"a": (None, TEXT)})))
    (tmp_path / classes.TARGET).write_text(classes.text(found))
    assert classes.earlier(tmp_path, "1.0.0") == found
    newer = classes.earlier(tmp_path, "1.1.0")
    assert newer is not None
    assert "R" not in newer.schemas, "a release since: what is there now is what was released"
