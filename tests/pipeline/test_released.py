"""Names that live, and names that are ordinary words: what a document calls things never stops a run, and no name moves."""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from cocalc_v2.resources import AsyncRoot, Root
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade._drift.names import MEMBERS, field_name, field_names, spelling
from scripts.pipeline.document import released
from scripts.pipeline.document.names import LONGEST
from scripts.pipeline.document.released import Released, name_routes
from scripts.pipeline.generate import generate
from scripts.pipeline.published import DocumentError
from scripts.pipeline.reconcile import reconcile
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.pipeline.shape.parts import obj
from tests.pipeline.shaped import NOWHERE, TEXT, operation, part, ref

WHOLE = {"type": "integer"}
WORDS = [
    *("any", "Any", "true", "none", "None", "mapping", "root", "raw", "raw-async", "property", "deprecated", "self", "cls"),
    *("Error", "value-error", "Ok", "ClassVar", "class-variants", "Literal", "datetime", "UNSET", "unset", "Optional", "con", "aux", "nul"),
    *("com1", "2fa", "class", "import", "str", "bool", "builtins", "cached-property", "field", "define", "unknown", "foo"),
    *("Foo", "ImportError", "KeyError", "Exception", "NotImplementedError", "fooBar", "foo-bar", "foo_bar", "FOO_BAR", "_foo", "__init__", "_call", "call", "run", "close", "map", "keys"),
    *("AsyncRoot", "async-foo", "annotations", "import-module", "reader", "Reader", "values", "found", "response", "client"),
    *("models", "types", "TYPE_CHECKING", "group", "answer", "request", "to_dict", "from_dict", "additional_properties"),
    *("confirm", "parameters", "mro", "x" * 79, "x" * 78 + "-y"),
]  # fmt: skip
FIELDS = [
    *WORDS,
    "日本",
    "größe",
    "",
    "a.b",
    "$id",
    "_id",
    "id",
    "ID",
    "[]",
    "a[]",
    "'",
    "\\",
    "\n",
    "1",
    "z" * 500,
    "foo_item",
]
KINDS: list[dict[str, Any]] = [
    TEXT,
    WHOLE,
    {"type": "array", "items": {"type": "array", "items": obj(x=TEXT)}},
    obj(y=TEXT, z=WHOLE),
    {"type": "string", "format": "date-time"},
    {"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
    ref("Shared"),
]


def made(routes: dict[str, tuple[Any, Any]], **components: Any) -> dict[str, Any]:
    """A published document: for each route what it takes and what it answers."""
    paths = {f"/api/v2/{name}": operation(answer, request) for name, (request, answer) in routes.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": components},
    }


def shaped(document: dict[str, Any], names: Released | None = None) -> dict[str, Any]:
    result = shape(repair(document).document, names)
    validate(result)
    return result


def after(document: dict[str, Any], names: Released | None = None, version: str = "1.0.0") -> Released:
    """The names that are written down after a run."""
    names = names or Released()
    return released.collected(shaped(document, names), names, version)


def fields(wires: list[str]) -> dict[str, Any]:
    return obj(**{wire: KINDS[index % len(KINDS)] for index, wire in enumerate(dict.fromkeys(wires))})


def reversed_order(node: Any) -> Any:
    return {key: reversed_order(node[key]) for key in reversed(node)} if isinstance(node, dict) else node


# Ordinary words


def all_words() -> dict[str, Any]:
    """Every word as a route, a folder, a component and a field."""
    components = [word for word in WORDS if not word.startswith("x")]
    routes: dict[str, tuple[Any, Any]] = {}
    for index, word in enumerate(WORDS):
        routes[word] = fields(FIELDS[index % 5 :: 5]), fields(FIELDS[index % 7 :: 7])
        other = WORDS[index * 7 % len(WORDS)]
        routes[f"{word}/{other}"] = obj(a=TEXT), ref(components[index % len(components)])
    routes["all"] = fields(FIELDS), fields(FIELDS)
    routes["/".join(["k" * 70] * 8)] = obj(a=TEXT), obj(b=obj(c=TEXT))
    shapes = {word: obj(**{f"f{n}": TEXT, "n": WHOLE, "m": TEXT}) for n, word in enumerate(components)}
    for word in components[::5]:
        shapes[word]["properties"]["next"] = {"type": "array", "items": ref(word)}
    return made(routes, Shared=obj(s=TEXT), **shapes)


@pytest.fixture(scope="module")
def words() -> dict[str, Any]:
    return shaped(all_words())


def test_a_document_of_ordinary_words_is_generated_imported_and_read_on_every_file_system(
    words: dict[str, Any], tmp_path: Path
) -> None:
    package = tmp_path / "cocalc_v2"
    generate(words, package, NOWHERE)
    assert reconcile(words, package).operations == len(words["paths"])
    names = [place.relative_to(package).as_posix() for place in package.rglob("*")]
    assert len({name.lower() for name in names}) == len(names)
    stems = {place.stem.lower() for place in package.rglob("*")}
    assert not stems & {"con", "prn", "aux", "nul", "com1", "lpt1"}
    assert max(map(len, stems)) <= LONGEST + 5


def test_the_order_of_a_document_makes_no_difference_to_its_names(words: dict[str, Any]) -> None:
    assert shaped(reversed_order(all_words())) == words
    assert shape(words) == words


def test_the_names_of_a_document_are_its_names_ever_after(words: dict[str, Any]) -> None:
    names = released.collected(words, Released(), "1.0.0")
    assert released.read(released.text(names)) == names
    assert shaped(all_words(), names) == words


@given(st.permutations(FIELDS).map(lambda wires: wires[:12]), st.sets(st.sampled_from(FIELDS), max_size=4))
def test_fields_of_one_object_have_names_of_their_own_whatever_their_order(
    wires: list[str], reserved: set[str]
) -> None:
    taken = {field_name(wire) for wire in reserved}
    names = field_names(wires, taken)
    assert names == field_names(reversed(wires), taken)
    assert len(set(names.values())) == len(wires)
    assert all(name.isidentifier() and name not in taken for name in names.values())
    assert all(name.rstrip("_") == field_name(wire).rstrip("_") for wire, name in names.items())


@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_choice_of_words_is_shaped_and_keeps_its_names(data: st.DataObject) -> None:
    word = st.sampled_from(WORDS)
    routes = data.draw(st.dictionaries(st.lists(word, min_size=1, max_size=3).map("/".join), st.none(), min_size=1, max_size=6))  # fmt: skip
    wires = st.lists(st.sampled_from(FIELDS), max_size=6)
    document = made(
        {name: (fields(data.draw(wires)), fields(data.draw(wires))) for name in routes}, Shared=obj(s=TEXT)
    )
    first = after(document)
    more = deepcopy(document)
    for name in data.draw(st.lists(word, max_size=3)):
        more["paths"].setdefault(
            f"/api/v2/{name}", operation(fields(data.draw(wires)), fields(data.draw(wires)))
        )
    second = after(more, first)
    assert second.routes.items() >= first.routes.items()
    assert second.classes.items() >= first.classes.items()
    assert len(set(second.routes.values())) == len(second.routes)


# Routes beside the facade


def test_every_member_of_the_clients_is_known_and_hides_no_route() -> None:
    for client, root in ((CoCalc, Root), (AsyncCoCalc, AsyncRoot)):
        own = {
            name
            for base in client.__mro__
            if base not in (root, object)
            for name in vars(base)
            if not name.startswith("_")
        }
        assert own <= MEMBERS, "a member of the client is missing in _drift/names.py"
        assert not own & set(vars(root))


def test_a_route_behind_a_member_of_the_client_is_reached_by_a_trailing_underscore() -> None:
    document = shaped(made({"run": ({}, TEXT), "keys/list": ({}, TEXT), "a/run": ({}, TEXT)}))
    names = released.collected(document, Released(), "1.0.0").routes
    assert names == {"run": "run_", "keys/list": "keys_.list", "a/run": "a.run"}
    assert dict(released.behind(document)) == {"run": "client.run_", "keys/list": "client.keys_.list"}


# Names that live


@pytest.mark.parametrize("segment", ["iter-get", "iter_get", "_iter-get"])
def test_a_route_never_takes_the_name_of_an_iterator_and_keeps_the_one_that_it_has(segment: str) -> None:
    for others in ((), ("projects/get",)):  # whether or not there is such an iterator today
        routes = [f"projects/{segment}", f"{segment}/x", *others]
        found = name_routes(routes, Released())
        assert found[f"projects/{segment}"] == "projects.iter_get_"
        assert found[f"{segment}/x"] == "iter_get_.x"
    had = Released(routes={"projects/iter-get": "projects.iter_get"})
    assert name_routes(["projects/iter-get"], had) == had.routes


def test_a_route_that_is_only_spelled_otherwise_keeps_its_name() -> None:
    first = after(made({"a/fooBar": ({}, TEXT), "b": ({}, TEXT)}))
    second = after(made({"a/foo-bar": ({}, TEXT), "b": ({}, TEXT)}), first)
    assert second.routes == {"a/foo-bar": "a.fooBar", "b": "b"}
    assert second.classes["a/foo-bar request"] == first.classes["a/fooBar request"]


def test_a_name_stays_with_what_is_gone_although_another_route_is_spelled_like_it() -> None:
    both = released.Released("1.0.0", routes={"foo-bar": "fooBar", "fooBar": "fooBar_"})
    one = released.named(
        {"paths": {"/api/v2/fooBar": {"post": {"responses": {"200": {}}}}}, "components": {"schemas": {}}},
        both,
    )
    after = released.collected(one, both, "1.0.0")
    assert after.routes == both.routes


def test_a_name_that_a_route_had_is_not_given_to_another_in_the_same_major_version() -> None:
    first = after(made({"a/foo-bar": ({}, TEXT), "a/foo_bar": ({}, TEXT), "b": ({}, TEXT)}))
    assert first.routes == {"a/foo_bar": "a.foo_bar", "a/foo-bar": "a.foo_bar_", "b": "b"}
    second = after(made({"a/foo-bar": ({}, TEXT), "b": ({}, TEXT)}), first)
    assert second.routes["a/foo-bar"] == "a.foo_bar_"
    third = after(made({"b": ({}, TEXT)}), second, "2.0.0")
    assert third.routes == {"a/foo-bar": "a.foo_bar_", "b": "b"}, (
        "2.0.0 has it, and it may come back before 3.0.0"
    )
    fourth = after(made({"b": ({}, TEXT)}), released.read(released.text(third)), "2.1.0")
    assert fourth.routes == third.routes
    assert after(made({"b": ({}, TEXT)}), fourth, "3.0.0").routes == {"b": "b"}


@pytest.mark.parametrize(
    ("old", "new"), [("fooBar", "foo_bar"), ("foo-bar", "foobar"), ("ID", "id"), ("foobar", "fooBar")]
)
def test_a_field_that_is_only_spelled_otherwise_keeps_its_name(old: str, new: str) -> None:
    rows = lambda wire: {"type": "array", "items": obj(**{wire: TEXT, "z": TEXT})}  # noqa: E731
    first = after(made({"a": (obj(k=rows(old)), TEXT)}))
    second = after(made({"a": (obj(k=rows(new)), TEXT)}), first)
    assert second.fields["ARequestKItem"] == {new: first.fields["ARequestKItem"][old], "z": "z"}
    assert spelling(old) == spelling(new)
    first = after(made({"a": ({}, obj(**{old: ROW, "n": TEXT}))}))
    second = after(made({"a": ({}, obj(**{new: ROW, "n": TEXT}))}), first)
    assert second.classes[f"AResult.{new}"] == first.classes[f"AResult.{old}"]


def test_of_two_live_fields_each_keeps_the_name_that_it_had() -> None:
    first = after(made({"a": (obj(fooBar=TEXT), TEXT)}))
    second = after(made({"a": (obj(fooBar=TEXT, foo_bar=TEXT), TEXT)}), first)
    assert second.fields["ARequest"] == {"fooBar": "foo_bar", "foo_bar": "foo_bar_"}


ROW = obj(x=TEXT, y=TEXT, z=TEXT, w=WHOLE)
MORE = obj(x=TEXT, y=TEXT, z=TEXT, w=WHOLE, new=TEXT)
OTHER = obj(x=WHOLE, y=TEXT, z=TEXT, w=WHOLE)
NEIGHBOURS = {
    "a route that holds the same comes": (
        {"a/one": obj(owner=ROW)},
        {"a/one": obj(owner=ROW), "a/two": obj(owner=ROW, k=TEXT)},
    ),
    "another group holds the same": (
        {"a/one": obj(owner=ROW)},
        {"a/one": obj(owner=ROW), "b/two": obj(owner=ROW, k=TEXT)},
    ),
    "one of two has a field more": (
        {"a/one": obj(owner=ROW), "a/two": obj(owner=ROW, k=TEXT)},
        {"a/one": obj(owner=ROW), "a/two": obj(owner=MORE, k=TEXT)},
    ),
    "the first of two has a field more": (
        {"a/one": obj(owner=ROW), "a/two": obj(owner=ROW, k=TEXT)},
        {"a/one": obj(owner=MORE), "a/two": obj(owner=ROW, k=TEXT)},
    ),
    "one of two goes": (
        {"a/one": obj(owner=ROW), "a/two": obj(owner=ROW, k=TEXT)},
        {"a/two": obj(owner=ROW, k=TEXT)},
    ),
    "an answer that said only that it was done says more": (
        {"a/one": obj(status={"type": "string", "enum": ["ok"]})},
        {"a/one": obj(status={"type": "string", "enum": ["ok"]}, n=WHOLE)},
    ),
    "a component is called otherwise": ({"a/one": ref("Pet")}, {"a/one": ref("Animal")}),
}


@pytest.mark.parametrize(("before", "now"), NEIGHBOURS.values(), ids=NEIGHBOURS)
@pytest.mark.parametrize("side", ["request", "answer"])
def test_no_class_moves_because_of_a_neighbour(
    before: dict[str, Any], now: dict[str, Any], side: str
) -> None:
    def document(said: dict[str, Any]) -> dict[str, Any]:
        sides = {name: ((one, TEXT) if side == "request" else ({}, one)) for name, one in said.items()}
        return made({**sides, "c": ({}, TEXT)}, Pet=ROW, Animal=ROW)

    first = after(document(before))
    result = shaped(document(now), first)
    second = released.collected(result, first, "1.1.0")
    assert not released.moved(first, second)
    assert second.classes.items() >= first.classes.items()
    for place, name in first.classes.items():
        if place.split()[0] in now:
            assert name in result["components"]["schemas"]


def test_a_class_whose_places_contradict_each_other_stays_with_most_of_them_and_what_moves_is_told() -> None:
    first = after(made({f"a/{n}": ({}, obj(owner=ROW, **{n: TEXT})) for n in "pqr"}))
    assert set(first.classes.values()) >= {"AOwner"}
    now = made({f"a/{n}": ({}, obj(owner=OTHER if n == "p" else ROW, **{n: TEXT})) for n in "pqr"})
    second = after(now, first)
    assert released.moved(first, second) == [("APResult.owner", "AOwner", "APResultOwner")]
    pending = released.since_release(first, second, "1.0.0")
    assert list(released.told(pending)) == ["what is at `APResult.owner` is `APResultOwner`, before `AOwner`"]
    assert released.read(released.text(pending)) == pending
    assert released.since_release(pending, second, "1.0.0").moved == pending.moved, (
        "a later run knows it, too"
    )
    assert not released.since_release(pending, second, "1.1.0").moved, "a release does not"
    assert not released.since_release(pending, first, "1.0.0").moved, "what moved back did not move"


def test_a_class_that_we_name_otherwise_is_there_under_both_names_for_a_major_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = after(made({"a/one": ({}, obj(owner=ROW))}))
    source = repair(made({"a/one": ({}, obj(owner=ROW))})).document
    answer = source["paths"]["/api/v2/a/one"]["post"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    answer["properties"]["owner"]["x-cocalc-name"] = "Owner"
    renamed = shape(source, first)
    validate(renamed)
    second = released.collected(renamed, first, "2.0.0")
    assert released.moved(first, second) == [("AOneResult.owner", "AOneResultOwner", "Owner")]
    assert second.aliases == {"AOneResultOwner": "Owner"}
    (line,) = released.told(released.since_release(first, second, "1.0.0"))
    assert line.endswith("before `AOneResultOwner`; both names are there until the next major version")
    assert shape(source, second) == renamed
    monkeypatch.syspath_prepend(tmp_path)
    generate(renamed, tmp_path / "both_names", NOWHERE)
    sys.modules.pop("both_names", None)
    models = part(__import__("both_names"), "models")
    with pytest.warns(DeprecationWarning, match="now called Owner"):
        assert models.AOneResultOwner is models.Owner


def test_a_newcomer_joins_the_class_that_it_would_be_named_after_although_that_has_more_fields_by_now() -> (
    None
):
    done = obj(status={"type": "string", "enum": ["ok"]})
    more = obj(status={"type": "string", "enum": ["ok"]}, n=WHOLE)
    first = after(made({"a": ({}, done), "b": ({}, done)}))
    second = after(made({"a": ({}, done), "b": ({}, more)}), first)
    third = after(made({"a": ({}, done), "b": ({}, more), "c": ({}, done)}), second)
    assert {third.classes[f"{name} answer"] for name in "abc"} == {"Ok"}


def test_components_that_have_one_name_as_a_class_are_two_classes() -> None:
    components = {
        "foo_bar": obj(a=TEXT, b=TEXT, c=TEXT),
        "FooBar": obj(x=TEXT, y=TEXT, z=TEXT),
        "Error": ROW,
        "Ok": MORE,
    }
    routes = {f"r{n}": ({}, ref(name)) for n, name in enumerate(components)}
    done = obj(status={"type": "string", "enum": ["ok"]})
    found = shaped(made({**routes, "done": ({}, done)}, **components))["components"]["schemas"]
    assert {"FooBar", "FooBar2", "Error", "Error2", "Ok", "Ok2"} <= set(found)
    assert list(found["Ok"]["properties"]) == ["status"]


@pytest.mark.parametrize("text", ["[]", '{"routes": 3}', "routes: {a: b", "{"])
def test_a_broken_file_of_names_is_named(text: str) -> None:
    with pytest.raises(DocumentError, match=r"names\.yaml"):
        released.read(text)
