"""What outlives a change of the server: names that are spelled otherwise, what went and comes back, what was overwritten."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.report import Report, report
from scripts.pipeline import retire
from scripts.pipeline.diff import Difference, diff
from scripts.pipeline.document import released
from scripts.pipeline.document.released import Released
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
Said = dict[str, tuple[Any, Any]]


def obj(required: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def document(said: Said, **components: Any) -> dict[str, Any]:
    """A document of twelve routes that stay, and of `said`: for each route what it takes and what it answers."""
    paths = {}
    for route, (request, answer) in {**{f"stay{n}": (obj(z=TEXT), TEXT) for n in range(12)}, **said}.items():
        content = {"application/json": {"schema": answer}}
        post: dict[str, Any] = {"responses": {"200": {"description": "", "content": content}}}
        if request is not None:
            post["requestBody"] = {"content": {"application/json": {"schema": request}}}
        paths[f"/api/v2/{route}"] = {"post": post}
    info = {"title": "t", "version": "1"}
    return deepcopy({"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": components}})


def compared(old: dict[str, Any], new: dict[str, Any]) -> Report:
    return report(contract(repair(old).document), contract(repair(new).document))


class Life:
    """A repository in which one document after the other is met."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "openapi").mkdir()

    def meets(self, published: dict[str, Any], released: str = "1.2.3") -> Difference:
        found = diff(self.root, repair(published).document, date="2026-11-22", released=released)
        for name, text in found.files.items():
            (self.root / name).write_text(text)
        return found

    def made(self, found: Difference) -> dict[str, Any]:
        applied = retire.apply(found.document, found.retired)
        result = shape(applied)
        validate(result)
        return result


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


def arguments(made: dict[str, Any], route: str) -> list[str]:
    body = made["paths"][f"/api/v2/{route}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return list(made["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"])


# Spelled otherwise


@pytest.mark.parametrize(
    ("old", "new"), [("fooBar", "foo_bar"), ("foo-bar", "fooBar"), ("ID", "id"), ("foobar", "fooBar")]
)
@pytest.mark.parametrize("side", [0, 1], ids=["request", "answer"])
@pytest.mark.parametrize("deep", [False, True])
def test_another_spelling_of_a_field_is_told_and_breaks_nothing(
    old: str, new: str, side: int, deep: bool
) -> None:
    def said(name: str) -> Said:
        held = obj((name,), **{name: TEXT, "z": WHOLE})
        held = obj(rows={"type": "array", "items": held}) if deep else held
        return {"a": (held, TEXT) if side == 0 else (None, held)}

    (change,) = compared(document(said(old)), document(said(new))).changes
    assert (change.what, change.old, change.new, change.severity) == ("spelling", old, new, Severity.NOTABLE)
    assert f"spelled '{new}' on the wire, before '{old}'" in change.sentence


def test_what_else_changed_of_a_field_that_is_spelled_otherwise_is_told_too() -> None:
    found = compared(
        document({"a": (obj(fooBar=TEXT), TEXT)}), document({"a": (obj(("foo_bar",), foo_bar=WHOLE), TEXT)})
    )
    assert [change.what for change in found.changes] == ["spelling", "required", "type"]
    assert [change.field for change in found.breaking] == ["foo_bar", "foo_bar"]


def test_another_spelling_of_a_route_is_told_and_is_no_removal(life: Life) -> None:
    life.meets(document({"a/copyPath": (obj(x=TEXT), TEXT)}))
    found = life.meets(document({"a/copy-path": (obj(x=TEXT), TEXT)}))
    (change,) = found.report.changes
    assert change.sentence == "client.a.copyPath is now spelled a/copy-path on the wire, before a/copyPath."
    assert (found.vanished, found.retired["operations"], found.version) == ((), [], "1.3.0")


@pytest.mark.parametrize(
    ("route", "says"),
    [
        ("run", "client.run_ is new, because the client has a `run` of its own."),
        ("keys/list", "client.keys_.list is new, because the client has a `keys` of its own."),
        ("with-options", "client.with_options_ is new, because the client has a `with-options` of its own."),
        ("iter_all", "client.iter_all_ is new, because iterators over pages are called `iter_…`."),
        ("a/iter-get", "client.a.iter_get_ is new, because iterators over pages are called `iter_…`."),
        ("iter-a/b", "client.iter_a_.b is new, because iterators over pages are called `iter_…`."),
        ("import", "client.import_ is new."),
    ],
)
def test_a_new_route_behind_a_member_of_the_client_is_told_by_how_it_is_reached(
    route: str, says: str
) -> None:
    (change,) = compared(document({}), document({route: (None, TEXT)})).changes
    assert change.sentence == says


def test_two_fields_of_one_python_name_are_told_apart() -> None:
    (change,) = compared(document({"a": (obj(foo_bar=TEXT), TEXT)}), document({"a": (obj(foo_bar=TEXT, fooBar=TEXT), TEXT)})).changes  # fmt: skip
    assert change.sentence == "client.a: argument `foo_bar_` is new."


# What goes


@pytest.mark.parametrize("rest", [None, {"type": "object"}, {}], ids=["no body", "no fields", "nothing said"])
def test_a_route_whose_arguments_all_go_keeps_them(life: Life, rest: Any) -> None:
    life.meets(document({"a": (obj(("x",), x=TEXT, y=obj(z=TEXT)), TEXT)}))
    found = life.meets(document({"a": (rest, TEXT)}))
    assert arguments(life.made(found), "a") == ["x", "y"]


def test_a_nested_object_whose_fields_all_go_keeps_them(life: Life) -> None:
    life.meets(document({"a": (obj(k=obj(x=TEXT, y=TEXT)), obj(k=obj(x=TEXT)))}))
    made = life.made(life.meets(document({"a": (obj(k={"type": "object"}), obj(k={"type": "object"}))})))
    assert list(made["components"]["schemas"]["ARequestK"]["properties"]) == ["x", "y"]
    assert list(made["components"]["schemas"]["AResultK"]["properties"]) == ["x"]


def test_a_retired_field_outlives_the_retirement_of_its_route(life: Life) -> None:
    life.meets(document({"a": (obj(x=TEXT, y=TEXT), TEXT)}))
    life.meets(document({"a": (obj(x=TEXT), TEXT)}))
    found = life.meets(document({}))
    assert arguments(life.made(found), "a") == ["x", "y"]
    assert life.meets(document({}), released="3.0.0").retired == {"operations": [], "fields": []}


def test_a_retired_class_does_not_stand_in_the_way_of_a_live_one_of_its_name(life: Life) -> None:
    def named(**fields: Any) -> dict[str, Any]:
        return obj(**fields) | {"x-cocalc-name": "Thing"}

    def corrected(said: Said, thing: dict[str, Any]) -> dict[str, Any]:
        found = repair(document(said)).document
        for route in said:
            post = found["paths"][f"/api/v2/{route}"]["post"]
            post["responses"]["200"]["content"]["application/json"]["schema"] = deepcopy(thing)
        return found

    first = corrected({"a": (None, TEXT), "b": (None, TEXT)}, named(x=TEXT))
    names = released.collected(shape(first), Released(), "1.0.0")
    contract_of_b = contract(first)["b"]
    row = {"route": "b", "since": "2026-11-22", "version": "1.0.0", "use": None, "contract": contract_of_b}
    now = retire.apply(corrected({"a": (None, TEXT)}, named(x=WHOLE)), {"operations": [row], "fields": []})
    classes = released.collected(shape(now, names), names, "1.0.0").classes
    assert classes["a answer"] == "Thing"
    assert classes["b answer"] not in ("Thing", "")


# What comes back


@pytest.mark.parametrize(
    ("now", "breaks"),
    [(obj(a=TEXT, b=TEXT), ()), (obj(a=TEXT), ("b",)), (obj(("c",), a=TEXT, b=TEXT, c=TEXT), ("c",))],
    ids=["as it was", "with an argument fewer", "with one more that is required"],
)
@pytest.mark.parametrize("route", ["a/copy-path", "a/copyPath"])
def test_a_route_that_comes_back_is_judged_as_callers_have_it(
    life: Life, now: Any, breaks: tuple[str, ...], route: str
) -> None:
    life.meets(document({"a/copy-path": (obj(a=TEXT, b=TEXT), TEXT)}))
    life.meets(document({}))
    found = life.meets(document({route: (now, TEXT)}), released="2.0.0")
    assert tuple(change.field for change in found.report.breaking) == breaks
    assert found.version == ("3.0.0" if breaks else "2.1.0")
    assert "client.a.copy_path is back" in str(found.report)
    assert found.retired["operations"] == []


def test_a_field_that_comes_back_otherwise_is_judged_as_callers_have_it(life: Life) -> None:
    life.meets(document({"a": (obj(x=TEXT, y=TEXT), TEXT)}))
    life.meets(document({"a": (obj(x=TEXT), TEXT)}))
    found = life.meets(document({"a": (obj(x=TEXT, y=WHOLE), TEXT)}), released="2.0.0")
    assert [(change.field, change.what) for change in found.report.breaking] == [("y", "type")]
    assert "argument `y` is no longer deprecated" in str(found.report)
    assert found.retired["fields"] == []


# What was overwritten


@pytest.mark.parametrize(
    "left", [obj(("item",), item=TEXT, count=WHOLE), obj(("thing",), thing=TEXT)], ids=["alike", "another's"]
)
def test_what_another_operation_overwrote_stays_as_it_was_known(life: Life, left: Any) -> None:
    body = {"$ref": "#/components/schemas/AddRequestBody"}
    known = obj(("item",), item=TEXT, count=WHOLE)
    life.meets(document({"a/x": (body, TEXT)}, AddRequestBody=known))
    both = document({"a/x": (body, TEXT), "a/y": (body, TEXT)}, AddRequestBody=left)
    found = life.meets(both)
    assert [change.route for change in found.report.changes] == ["a/y"]
    assert arguments(life.made(found), "a/x") == ["count", "item"]
    again = life.meets(both)
    assert not again.report
    assert arguments(life.made(again), "a/x") == ["count", "item"]
    assert '"recorded": ["request"]' in (life.root / "openapi" / "contract.json").read_text()
    # Known again, it is compared with what was known before.
    back = life.meets(document({"a/x": (obj(("item",), item=TEXT), TEXT), "a/y": (obj(thing=TEXT), TEXT)}))
    assert [change.field for change in back.report.breaking] == ["count"]


@pytest.mark.parametrize("spelled", ["a/x-y", "a/xY"], ids=["as it was", "respelled"])
def test_what_comes_back_overwritten_stays_as_it_was_when_it_was_retired(life: Life, spelled: str) -> None:
    body = {"$ref": "#/components/schemas/AddRequestBody"}
    life.meets(document({"a/x-y": (obj(("item",), item=TEXT), TEXT), "a/z": (TEXT, TEXT)}))
    life.meets(document({"a/z": (TEXT, TEXT)}), released="1.0.0")
    both = document(
        {spelled: (body, TEXT), "a/other": (body, TEXT)}, AddRequestBody=obj(("thing",), thing=TEXT)
    )
    found = life.meets(both, released="2.0.0")
    assert arguments(life.made(found), spelled) == ["item"]


def test_what_comes_back_overwritten_stays_as_it_was_although_a_major_version_without_it_was_to_come(
    life: Life,
) -> None:
    body = {"$ref": "#/components/schemas/AddRequestBody"}
    life.meets(document({"a/x": (obj(("item",), item=TEXT), TEXT), "a/z": (TEXT, TEXT)}))
    life.meets(document({"a/z": (TEXT, TEXT)}), released="1.0.0")
    life.meets(document({}), released="2.0.0")
    both = {"a/x": (body, TEXT), "a/other": (body, TEXT)}
    found = life.meets(document(both, AddRequestBody=obj(thing=TEXT)), released="2.0.0")
    assert found.version == "3.0.0"
    assert arguments(life.made(found), "a/x") == ["item"]


def test_what_came_back_and_went_again_before_a_release_is_as_the_last_one_had_it(life: Life) -> None:
    rest = {"a/z": (TEXT, TEXT)}
    life.meets(document({"a/x-y": (obj(("item",), item=TEXT), TEXT), **rest}))
    life.meets(document(rest), released="1.0.0")
    life.meets(document({"a/xY": (obj(("item",), item=TEXT), TEXT), **rest}), released="2.0.0")
    gone = life.meets(document(rest), released="2.0.0")
    assert arguments(life.made(gone), "a/x-y") == ["item"]
    bare = life.meets(document({"a/xY": (obj(), TEXT), **rest}), released="2.0.0")
    assert arguments(life.made(bare), "a/xY") == ["item"]
    field = life.meets(document({"a/xY": (obj(("item",), item=TEXT), TEXT), **rest}), released=bare.version)
    assert "back" not in field.retired


def test_a_field_that_came_back_and_went_again_before_a_release_stays(life: Life) -> None:
    life.meets(document({"a": (obj(x=TEXT, y=TEXT), TEXT)}))
    life.meets(document({"a": (obj(x=TEXT), TEXT)}), released="1.0.0")
    life.meets(document({"a": (obj(x=TEXT, y=TEXT), TEXT)}), released="2.0.0")
    found = life.meets(document({"a": (obj(x=TEXT), TEXT)}), released="2.0.0")
    assert arguments(life.made(found), "a") == ["x", "y"]


# Two routes that differ in their spelling only


def test_a_route_is_not_taken_for_another_one_that_is_spelled_like_it_and_was_there_all_the_time(
    life: Life,
) -> None:
    def meets(other: Any, stays: Any = TEXT, released: str = "1.0.0") -> Difference:
        said: Said = {"a/fooBar": (obj(x=TEXT, y=TEXT), obj(p=TEXT)), "a/more": (None, stays)}
        return life.meets(document(said | ({"a/foo-bar": other} if other else {})), released)

    meets((obj(x=TEXT, y=TEXT), obj(p=TEXT)))
    found = meets((obj(x=TEXT), obj(p=TEXT)))
    assert arguments(life.made(found), "a/foo-bar") == ["x", "y"], (
        "that the other one has `y` is no matter here"
    )
    meets((obj(x=TEXT), obj(p=TEXT)), released="2.0.0")
    found = meets(None, released="2.0.0")
    assert life.made(found)["paths"]["/api/v2/a/foo-bar"]["post"]["deprecated"]
    found = meets(None, stays=WHOLE, released="3.0.0")
    assert [row["route"] for row in found.retired["leaving"]] == ["a/foo-bar"]
    newest = (life.root / "openapi" / "CHANGES.md").read_text().split("\n## ")[1]
    assert "Leaves with this version, deprecated before:\n\n* `client.a.foo_bar`\n" in newest
    found = meets(None, released="3.0.0")
    assert life.made(found)["paths"]["/api/v2/a/foo-bar"]["post"]["deprecated"], (
        "it was no major version after all"
    )
