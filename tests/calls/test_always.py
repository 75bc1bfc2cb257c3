"""A field that every success has is typed without None; where it is missing all the same, to read it is an error, and all else is whole."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import cattrs
import httpx
import pytest
from cocalc_v2 import models
from cocalc_v2.types import Answer, rows
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import SchemaMismatch
from tests.rows import every_row
from tests.wire.wires import Both, connected

MODELS = [
    model
    for name in sorted(models.__all__)
    if isinstance(model := getattr(models, name), type) and issubclass(model, Answer) and model._always
]
FIELDS = [
    pytest.param(model, name, id=f"{model.__name__}.{name}") for model in MODELS for name in model._always
]
GONE = [{}, {"project_id": None}]


def answering(value: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(200, json=value)


@pytest.fixture(params=[1, 2000], ids=["few", "many"])
def listed(request: pytest.FixtureRequest, kind: str) -> Iterator[tuple[Both, list[dict[str, Any]]]]:
    """A client whose server lists projects, some without an id; of many the answer is one for the fast way, where that is there."""
    some: list[dict[str, Any]] = [
        {"project_id": "a", "title": "x"},
        {"title": "y"},
        {"project_id": None, "new": 1},
    ]
    given = some * request.param
    with connected(kind, answering(given)) as both:
        yield both, given


def test_the_rest_is_whole_and_the_departure_is_recorded(listed: tuple[Both, list[dict[str, Any]]]) -> None:
    both, given = listed
    found = both.do(lambda client: client.projects.get())
    assert [project.to_dict() for project in found] == given
    assert (found[0].project_id, found[0].title, found[1].title) == ("a", "x", "y")
    assert found[2].additional_properties == {"new": 1}
    assert sorted((m.where, m.expected, m.got, m.times) for m in both.client.mismatches) == [
        (("*", "project_id"), "value", "nothing", len(given) // 3),
        (("*", "project_id"), "value", "null", len(given) // 3),
    ]


def test_reading_it_names_the_route_and_the_field(listed: tuple[Both, list[dict[str, Any]]]) -> None:
    both, _ = listed
    found = both.do(lambda client: client.projects.get())
    for index, got in ((1, "nothing"), (2, "null")):
        with pytest.raises(SchemaMismatch, match=r"^projects/get: .*project_id") as caught:
            found[index].project_id  # noqa: B018
        assert isinstance(caught.value, AttributeError)
        assert (caught.value.path, caught.value.where, caught.value.got) == (
            "projects/get",
            ("project_id",),
            got,
        )
        assert not hasattr(found[index], "project_id")
        assert getattr(found[index], "project_id", "?") == "?"
        assert pickle.loads(pickle.dumps(caught.value)).where == ("project_id",)
    with pytest.raises(AttributeError, match="no attribute 'projectid'"):
        found[1].projectid  # noqa: B018


def test_strict_raises_at_once(kind: str) -> None:
    with (
        connected(kind, answering([{"title": "y"}])) as both,
        pytest.raises(SchemaMismatch, match="expected value, got nothing"),
    ):
        both.viewed(strict=True).do(lambda client: client.projects.get())


def test_objects_within_objects_know_their_route(kind: str) -> None:
    answer = {"balance": None, "purchases": [{"id": 1}, {"service": "x"}]}
    with connected(kind, answering(answer)) as both:
        found = both.do(lambda client: client.purchases.get_purchases())
        raw = both.do(lambda client: client.with_raw_response.purchases.get_purchases())
        for result in (found, raw.parse()):
            assert result.to_dict() == answer
            for read in (lambda r=result: r.balance, lambda r=result: r.purchases[0].service):
                with pytest.raises(SchemaMismatch) as caught:
                    read()
                assert caught.value.path == "purchases/get-purchases"


@every_row(("model", "name"), FIELDS)
def test_each_such_field_of_each_class(model: Any, name: str) -> None:
    wire = next(wire for field, wire, _ in model._fields if field == name)
    for source, got in (({"new": 1}, "nothing"), ({wire: None}, "null")):
        found: list[Any] = []
        result = model.from_dict(source, found)
        assert ((wire,), "value", got) in found
        assert result.to_dict() == source
        with pytest.raises(SchemaMismatch, match=f"{wire} of {model.__name__}"):
            getattr(result, name)
        same(model, result)
        without(model, result)
        setattr(result, name, "now")
        assert getattr(result, name) == attrs.asdict(result)[name] == "now"
        assert result.to_dict() == {**source, wire: "now"}


def without(model: Any, result: Any) -> None:
    """What takes an object apart by its fields finds those that are there; with one more it has one more."""
    there = {field for field, _, _ in model._fields if field not in model._always}
    assert {*attrs.asdict(result)} == there
    whole = attrs.evolve(result, **dict.fromkeys(model._always, "now"))
    assert {*attrs.asdict(whole)} == there | {*model._always}
    assert type(whole) is model
    if there:
        assert isinstance(attrs.evolve(result, **{min(there): "new"}), model)


def test_cattrs_takes_what_is_there() -> None:
    purchase = cattrs.unstructure(models.Purchase.from_dict({"id": 1}))
    assert purchase["id"] == 1
    assert "service" not in purchase


def test_what_is_shown_of_one_object_is_not_shown_of_another() -> None:
    purchases = [models.Purchases.from_dict(one) for one in ({"balance": 1}, {"purchases": []}, {})]
    assert ["balance" in attrs.asdict(one) for one in purchases] == [True, False, False]
    assert ["purchases" in attrs.asdict(one) for one in purchases] == [False, True, False]
    purchases[2].balance = 0
    assert purchases[2].balance == attrs.asdict(purchases[2])["balance"] == 0
    assert not hasattr(purchases[2], "purchases")
    purchases[2].purchases = []
    assert type(purchases[2]) is models.Purchases


def same(model: Any, result: Any) -> None:
    """An object that lacks a field is one of its class, and can be copied, compared and shown."""
    assert isinstance(result, model)
    assert repr(result).startswith(f"{model.__name__}(")
    pickled = [pickle.dumps(result, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for other in (copy.copy(result), copy.deepcopy(result), *map(pickle.loads, pickled)):
        assert other == result
        assert other.to_dict() == result.to_dict()
        assert repr(other) == repr(result)
    assert result != model.from_dict({"other": 1})
    with pytest.raises(TypeError, match="unhashable"):
        hash(result)


def test_one_that_lacks_a_field_is_not_equal_to_one_that_has_it() -> None:
    whole, lacking = models.ProjectSummary.from_dict({"project_id": "a"}), models.ProjectSummary.from_dict({})
    assert whole != lacking
    assert lacking != whole
    assert lacking != models.ProjectsCreateResult.from_dict({})
    assert lacking == models.ProjectSummary.from_dict({})


def test_an_object_made_without_it_lacks_it_too() -> None:
    made = models.ProjectSummary(title="x")
    assert made == models.ProjectSummary.from_dict({"title": "x"})
    assert made.to_dict() == {"title": "x"}
    assert not hasattr(made, "project_id")
    assert models.ProjectSummary(project_id="a").project_id == "a"


def test_what_is_whole_is_of_the_class_itself() -> None:
    """So that reading a field costs nothing more."""
    found: list[Any] = []
    [project] = rows(models.ProjectSummary)([{"project_id": "a"}], found)
    assert type(project) is models.ProjectSummary
    assert not hasattr(models.ProjectSummary, "__getattr__")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(MODELS), st.data())
def test_no_answer_is_lost(model: Any, data: st.DataObject) -> None:
    wires = [wire for _, wire, _ in model._fields]
    source = data.draw(st.dictionaries(st.sampled_from(wires) | st.text(max_size=4), ANY, max_size=6))
    result = model.from_dict(copy.deepcopy(source))
    assert json.dumps(result.to_dict(), sort_keys=True) == json.dumps(source, sort_keys=True)
    again = pickle.loads(pickle.dumps(result))
    assert again.to_dict() == source
    assert again == result
    repr(result)
    assert all(getattr(result, name, "missing") is not None for name in model._always)
