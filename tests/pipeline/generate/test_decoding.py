"""Decoding: nothing is lost, whatever comes, and what departs from the schema is told."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from copy import deepcopy
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipeline.shaped import part

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6)
    | st.sampled_from(
        ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z", "2026-01-02", "2026-01-02T24:00:00.000Z",
         "2026-W01-1T03:04:05.678Z", "2026-01-02T03:04:05,678Z", "9999-12-31T23:59:59.999-14:00", 0, 1767323045678, 1e308]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(data=st.data())
def test_what_is_decoded_can_be_encoded_again_without_loss(zoo: ModuleType, data: st.DataObject) -> None:
    models = import_module("cocalc_v2.models")
    animals = part(zoo, "models")  # with lists of times, which CoCalc does not send
    name = data.draw(st.sampled_from([*models.__all__, *["Animal"] * 20]))
    model = getattr(animals if name == "Animal" else models, name)
    known = {field[1]: json_values for field in model._fields}
    source = data.draw(st.dictionaries(st.text(max_size=5), json_values, max_size=2))
    source |= data.draw(st.fixed_dictionaries({}, optional=known))
    wire = json.dumps(source)
    instance = model.from_dict(json.loads(wire))
    assert instance.to_dict() == json.loads(wire)
    assert pickle.loads(pickle.dumps(instance)).to_dict() == json.loads(wire)
    assert copy.deepcopy(instance) == instance
    assert repr(instance).startswith(f"{model.__name__}(")


@given(data=st.data())
def test_each_object_of_a_list_is_decoded_as_if_it_were_alone(data: st.DataObject) -> None:
    models, rows = import_module("cocalc_v2.models"), import_module("cocalc_v2.types").rows
    model = getattr(models, data.draw(st.sampled_from(models.__all__)))
    if not hasattr(model, "_make"):
        return  # a request
    known = [field[1] for field in model._fields]
    layouts = data.draw(st.lists(st.sets(st.sampled_from([*known, "new"])), min_size=1, max_size=3))
    each = st.sampled_from(layouts).flatmap(
        lambda names: st.fixed_dictionaries(dict.fromkeys(sorted(names), json_values))
    )
    values = data.draw(st.lists(each | json_values, max_size=8))
    found_alone: list[Any] = []
    alone = []
    for index, value in enumerate(values):
        found: list[Any] = []
        alone.append(model._read(copy.deepcopy(value), found))
        if value is None:
            found.append(((), "object", "null"))
        found_alone += [((index, *where), expected, got) for where, expected, got in found]
    together = rows(model)(copy.deepcopy(values), found_together := [])
    assert together == alone
    assert [getattr(one, "to_dict", lambda one=one: one)() for one in together] == values
    assert found_together == found_alone


@given(data=st.data())
def test_no_json_makes_decode_raise(data: st.DataObject) -> None:
    operations = import_module("cocalc_v2.operations")
    path = data.draw(st.sampled_from(sorted(operations.OPERATIONS)))
    found: list[Any] = []
    import_module(operations.operation(path).module).decode(data.draw(json_values), found)
    assert all(isinstance(where, tuple) and expected and got for where, expected, got in found)


def test_null_and_absent_both_read_none_and_are_told_apart(zoo: ModuleType) -> None:
    animal = part(zoo, "models").Animal
    assert animal.from_dict({"name": None}).name is animal.from_dict({}).name is None
    assert animal.from_dict({"name": None}).to_dict() == {"name": None}
    assert animal.from_dict({}).to_dict() == {}


def test_a_departure_keeps_the_raw_value_and_says_where(zoo: ModuleType) -> None:
    decode = part(zoo, "api.zoo.feed").decode
    found: list[Any] = []
    source = {
        "animals": [{"name": "Ida"}, {"name": 7, "mother": {"legs": 2.5, "tags": ["a", 1]}, "born": "soon"}]
    }
    result = decode(deepcopy(source), found)
    assert set(found) == {
        (("animals", 1, "name"), "string", "integer"),
        (("animals", 1, "born"), "time (ISO 8601)", "string"),
        (("animals", 1, "mother", "legs"), "integer", "number"),
        (("animals", 1, "mother", "tags", 1), "string", "integer"),
    }
    assert (result.animals[1].name, result.animals[1].born) == (7, "soon")
    assert result.to_dict() == source


def test_decoding_uses_an_answer_up_and_what_is_decoded_stays(zoo: ModuleType) -> None:
    decode = part(zoo, "api.zoo.feed").decode
    source = {"animals": [{"name": "Ida", "wings": 2}, {"name": None}, None, {"legs": "many"}]}
    first, again = decode(source, []), decode(source, found := [])
    assert first == again
    assert first.animals is again.animals is source["animals"]
    assert found == [(("animals", 2), "object", "null")]


@pytest.mark.parametrize(
    "times", [["2026-01-02T03:04:05.678Z"], ["2026-01-02", None], ["soon", 7], "never", []]
)
def test_times_in_a_list_are_written_as_they_came(zoo: ModuleType, times: Any) -> None:
    animal = part(zoo, "models").Animal.from_dict({"feedings": times, "new": 1, "name": None})
    assert animal.to_dict() == {"feedings": times, "new": 1, "name": None}
    assert "datetime" in repr(animal) or "2026" not in str(times)


def test_midnight_written_as_24_is_no_usual_time_on_any_python(zoo: ModuleType) -> None:
    def of_python_3_14(text: str) -> datetime:
        return datetime(2026, 1, 3, tzinfo=UTC) if "T24:00" in text else datetime.fromisoformat(text)

    parse = part(zoo, "types").refusing_24(of_python_3_14)
    with pytest.raises(ValueError, match="24:00"):
        parse("2026-01-02T24:00:00.000Z")
    assert parse("2026-01-02T00:00:00.000Z") == datetime(2026, 1, 2, tzinfo=UTC)
    assert sys.version_info >= (3, 14) or part(zoo, "types").parse_iso == datetime.fromisoformat


def test_an_object_that_a_program_gives_stays_as_it_is(zoo: ModuleType) -> None:
    source = {"animals": [{"name": "Ida"}, {"mother": {"tags": ["a"]}}]}
    before = deepcopy(source)
    animals = type(part(zoo, "api.zoo.feed").decode(deepcopy(source), []))
    assert animals.from_dict(source).to_dict() == source == before


def test_an_answer_of_the_wrong_shape_is_given_as_it_is(zoo: ModuleType) -> None:
    found: list[Any] = []
    assert part(zoo, "api.zoo.feed").decode([1], found) == [1]
    assert found == [((), "object", "array")]


def test_a_boolean_is_no_number(zoo: ModuleType) -> None:
    found: list[Any] = []
    part(zoo, "models").Animal.from_dict({"weight": True, "legs": False}, found)
    assert [where for where, _, _ in found] == [("legs",), ("weight",)]


def test_unknown_fields_stay_reachable(zoo: ModuleType) -> None:
    found: list[Any] = []
    animal = part(zoo, "models").Animal.from_dict({"name": "Ida", "wings": 2}, found)
    assert animal.additional_properties == {"wings": 2}
    assert found == []
    assert part(zoo, "models").Animal.from_dict({}).additional_properties == {}


def test_times_are_aware_whatever_their_wire_form(zoo: ModuleType) -> None:
    animal = part(zoo, "models").Animal.from_dict({"born": "2026-01-02T03:04:05.678Z", "seen": 1767323045678})
    assert animal.born == animal.seen == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)


def test_a_changed_time_is_written_and_not_what_was_read(zoo: ModuleType) -> None:
    animal = part(zoo, "models").Animal.from_dict({"born": "2026-01-02"})
    assert animal.to_dict() == {"born": "2026-01-02"}
    animal.born = datetime(2027, 1, 1, tzinfo=UTC)
    assert animal.to_dict() == {"born": "2027-01-01T00:00:00.000Z"}


def test_a_union_is_decoded_by_what_came(zoo: ModuleType) -> None:
    models = part(zoo, "models")
    read = models.Animal.from_dict
    assert read({"keeper": "Bo"}).keeper == "Bo"
    assert isinstance(read({"keeper": {"name": "Bo"}}).keeper, models.Keeper)
    assert isinstance(read({"keeper": [{"name": "Bo"}]}).keeper[0], models.Keeper)
    found: list[Any] = []
    assert read({"keeper": 5}, found).keeper == 5
    assert found[0][0] == ("keeper",)


def test_an_answer_nested_too_deeply_is_decoded_as_far_as_python_can_follow(zoo: ModuleType) -> None:
    deep: dict[str, Any] = {}
    for _ in range(3000):
        deep = {"mother": deep}
    found: list[Any] = []
    assert part(zoo, "api.zoo.feed").decode(deep | {"animals": [deep]}, found) is not None
    where, expected, got = found[-1]
    assert (where[:3], expected, got) == (("animals", 0, "mother"), "value of bounded depth", "object")
