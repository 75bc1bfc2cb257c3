"""Generate: decoding loses nothing, names are the wire's, hostile text stays text, the same input gives the same bytes."""

from __future__ import annotations

import copy
import inspect
import json
import os
import pickle
import subprocess
import sys
from copy import deepcopy
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.pipeline.generate import GenerationError, generate
from scripts.pipeline.generate.kinds import SchemaError
from scripts.pipeline.inertness import check_inert
from scripts.pipeline.published import DocumentError, parse
from scripts.pipeline.reconcile import reconcile
from scripts.pipeline.repair import repair
from scripts.pipeline.run.lock import tree_sha256
from scripts.pipeline.shape import shape
from tests.pipeline.shaped import DOCUMENT, NOWHERE, TEXT, made_up, obj, operation, package, ref

UPSTREAM = Path(__file__).parent.parent / "data" / "upstream"


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(folder))
    yield package(made_up(), folder, "zoo_v2")
    sys.path.remove(str(folder))


def part(module: ModuleType, name: str) -> Any:
    return import_module(f"{module.__name__}.{name}")


# All nine go through the whole pipeline in tests/tracking/test_replay.py; here the newest, and one whose operations collide.
@pytest.mark.parametrize("name", ["cocalc", "2024-08-08-021"])
def test_a_published_document_becomes_a_complete_client(name: str, tmp_path: Path) -> None:
    source = UPSTREAM / f"{name}.json"
    document = shape(repair(parse(source.read_bytes())).document)
    made = generate(document, tmp_path / "cocalc_v2", NOWHERE)
    counted = reconcile(document, tmp_path / "cocalc_v2")
    assert made.operations == counted.operations == len(json.loads(source.read_text())["paths"])
    assert counted.methods == 4 * counted.operations


# Decoding

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6)
    | st.sampled_from(
        ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05Z", "2026-01-02", "2026-01-02T24:00:00.000Z",
         "2026-W01-1T03:04:05.678Z", "2026-01-02T03:04:05,678Z", "9999-12-31T23:59:59.999-14:00", 0, 1767323045678, 1e308]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
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


@settings(max_examples=300, deadline=None)
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
        found_alone += [((index, *where), expected, got) for where, expected, got in found]
    together = rows(model)(copy.deepcopy(values), found_together := [])
    assert together == alone
    assert [getattr(one, "to_dict", lambda one=one: one)() for one in together] == values
    assert found_together == found_alone


@settings(max_examples=200, deadline=None)
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
    assert found == []


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


def test_an_answer_nested_too_deeply_is_given_as_it_is(zoo: ModuleType) -> None:
    deep: dict[str, Any] = {}
    for _ in range(3000):
        deep = {"mother": deep}
    found: list[Any] = []
    assert part(zoo, "api.zoo.feed").decode(deep | {"animals": [deep]}, found) is not None
    assert found[-1] == ((), "a value of bounded depth", "object")


def test_a_long_answer_has_a_short_repr(zoo: ModuleType) -> None:
    animal = part(zoo, "models").Animal.from_dict({"name": "x" * 10_000, "tags": ["a"] * 10_000})
    assert len(repr(animal)) < 500


def test_a_request_omits_what_is_unset_and_encodes_the_rest(zoo: ModuleType) -> None:
    identity = UUID(int=7)
    body = part(zoo, "models").ZooFeedRequest(
        animal_id=identity, confirm=True, at=datetime(2026, 1, 2, tzinfo=UTC)
    )
    assert body.to_dict() == {"animal_id": str(identity), "confirm": True, "at": "2026-01-02T00:00:00.000Z"}


# Methods


class Recorder:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *call: Any, **options: Any) -> Any:
        self.calls.append((*call, options))
        return "answer"


def test_a_method_passes_its_path_and_arguments_by_wire_name(zoo: ModuleType) -> None:
    recorder = Recorder()
    group = part(zoo, "resources.zoo").Zoo(recorder)
    assert group.feed(animal_id="a", confirm_=True, confirm=True) == "answer"
    unset = part(zoo, "types").UNSET
    arguments = {"animal_id": "a", "confirm": True, "grams": unset, "at": unset, "mood": unset}
    assert recorder.calls == [("zoo/feed", arguments, {"confirm": True})]


def test_a_path_that_is_endpoint_and_folder_is_callable_and_has_attributes(zoo: ModuleType) -> None:
    recorder = Recorder()
    group = part(zoo, "resources.zoo").Zoo(recorder)
    group()
    group.list(limit=1)
    assert [call[0] for call in recorder.calls] == ["zoo", "zoo/list"]


@pytest.mark.parametrize("kind", ["Zoo", "AsyncZoo", "RawZoo", "AsyncRawZoo"])
def test_every_kind_has_the_same_arguments(zoo: ModuleType, kind: str) -> None:
    method = getattr(part(zoo, "resources.zoo"), kind).feed
    parameters = inspect.signature(method).parameters
    assert [*parameters] == ["self", "animal_id", "confirm_", "grams", "at", "mood", "confirm"]
    assert all(one.kind is one.KEYWORD_ONLY for name, one in parameters.items() if name != "self")


def test_a_docstring_says_what_one_should_know(zoo: ModuleType) -> None:
    text = " ".join(part(zoo, "resources.zoo").Zoo.feed.__doc__.split())
    assert text.startswith("Feed an animal. POST /api/v2/zoo/feed. Changes state on the server.")
    for told in (
        "confirm=True",
        "waits up to 300 s",
        "animal_id: Which animal.",
        "Default: 100",
        "From 1 to 500",
    ):
        assert told in text


def test_keywords_get_a_trailing_underscore(zoo: ModuleType) -> None:
    assert hasattr(part(zoo, "resources").Root, "import_")
    assert part(zoo, "models").Animal.from_dict({"class": "mammal"}).class_ == "mammal"


def test_a_field_may_be_called_like_anything_that_generated_code_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(
        {"Any", "ClassVar", "DEPARTURES", "UNSET", "annotations", "builtins", "classmethod", "copied", "datetime", "define"}
        | {"dict", "encode", "field", "found", "int", "list", "new", "nulls", "parse_iso", "read_string", "rows", "source"}
        | {"str", "time", "tuple", "type", "unknown", "v0", "value", "values", "within", "_make", "_read", "_state", "_fields"}
    )  # fmt: skip
    document = made_up()
    one = obj(**dict.fromkeys(names, TEXT))
    one["properties"]["when"] = {"type": "string", "x-cocalc-time": "iso"}
    one["properties"]["others"] = {"type": "array", "items": ref("Animal")}
    document["components"]["schemas"]["Keeper"] = one
    monkeypatch.syspath_prepend(tmp_path)
    keeper = part(package(document, tmp_path, "zoo_of_names"), "models").Keeper
    source = {
        **{name: name for name in names},
        "when": "2026-01-02T03:04:05.678Z",
        "others": [{"name": "Ida"}],
        "x": 1,
    }
    made = keeper.from_dict(source, found := [])
    assert (made.to_dict(), made.additional_properties, found) == (source, {"x": 1}, [])
    assert made != keeper.from_dict({**source, "x": 2})
    assert check_inert(tmp_path / "zoo_of_names")


def test_the_operation_table_is_careful_about_what_it_does_not_know(zoo: ModuleType) -> None:
    operation_ = part(zoo, "operations").operation("zoo/list")
    assert (operation_.auth, operation_.mutates, operation_.idempotent, operation_.timeout) == (
        "account",
        True,
        False,
        None,
    )
    assert operation_.module == "zoo_v2.api.zoo.list"
    with pytest.raises(KeyError):
        part(zoo, "operations").operation("zoo/burn")


def test_importing_the_package_imports_no_group_and_no_model() -> None:
    code = "import sys, cocalc_v2.resources; print([n for n in sys.modules if n.startswith(('cocalc_v2.', 'httpx', 'attr'))])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(run.stdout.replace("'", '"')))
    assert loaded == {"cocalc_v2.types", "cocalc_v2.resources", "cocalc_v2.resources.root"}


# Hostile documents

NASTY = [
    '"""\nimport os; os._exit(7)\n"""',
    "'''\\",
    "\\",
    '"',
    "\\N{DASH}\\x0",
    "#\nraise SystemExit(7)\n",
    "{{ 7 * 7 }}{% raw %}",
    "\u202e\u2066\x00\x1b[31m",
    "x\rraise SystemExit(7)",
    "]\n\n\nraise SystemExit(7)",
    "\u2028import os",
    "__import__('os')",
    "x" * 3000,
]


def hostile(text: str) -> dict[str, Any]:
    document = made_up()
    feed = document["paths"]["/api/v2/zoo/feed"]["post"]
    feed |= {"summary": text, "description": text, "x-cocalc-confirm": text, "x-cocalc-fails": text}
    feed["x-cocalc-auth"] = text
    feed["x-cocalc-failure"] = [text]
    feed["x-cocalc-rate-limit"] = {text: 1}
    request = document["components"]["schemas"]["ZooFeedRequest"]["properties"]
    request["nasty"] = {"type": "string", "description": text, "default": text, "enum": [text, "b"]}
    request[text] = {"type": "string"}
    answer = document["components"]["schemas"]["Animal"]
    answer["description"] = text
    answer["properties"][text] = {"type": "string", "const": text, "description": text}
    return document


@pytest.mark.parametrize("text", NASTY)
def test_text_made_to_break_out_stays_text(text: str, tmp_path: Path) -> None:
    generate(hostile(text), tmp_path / "cocalc_v2", NOWHERE)
    check_inert(tmp_path / "cocalc_v2")
    table: dict[str, Any] = {}
    exec((tmp_path / "cocalc_v2" / "operation_rows.py").read_text(encoding="utf-8"), table)
    [fed] = [row for row in map(json.loads, table["ROWS"].strip().split("\n")) if row[0] == "zoo/feed"]
    assert text in [field[0] for field in fed[2]]


def test_a_client_made_of_nasty_text_imports_and_is_complete(tmp_path: Path) -> None:
    document = hostile("".join(NASTY))
    generate(document, tmp_path / "cocalc_v2", NOWHERE)
    assert reconcile(document, tmp_path / "cocalc_v2").operations == 4


@settings(max_examples=8, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_gives_inert_code_or_a_refusal(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("hostile") / "cocalc_v2"
    try:
        generate(hostile(text), folder, NOWHERE)
    except (GenerationError, DocumentError, SchemaError):
        return
    check_inert(folder)


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "/api/v2/../x",
        "/api/v2/a/../../b",
        "/api/v2/",
        "/api/v2/_call",
        "/api/v2/a b",
        "/api/v2/a\n",
        "/api/v2/é",
        "/api/v2/{id}",
        "/api/v2/" + "a" * 200,
    ],
)
def test_a_path_that_is_no_name_is_refused(path: str, tmp_path: Path) -> None:
    document = made_up()
    document["paths"][path] = operation({})
    with pytest.raises((DocumentError, GenerationError)):
        generate(document, tmp_path / "cocalc_v2", NOWHERE)
    assert list(tmp_path.iterdir()) == []


def test_paths_that_would_share_a_name_are_refused(tmp_path: Path) -> None:
    document = made_up()
    document["paths"] |= {"/api/v2/a/foo-bar": operation({}), "/api/v2/a/foo_bar": operation({})}
    with pytest.raises(DocumentError, match="both be called 'foo_bar'"):
        generate(document, tmp_path / "cocalc_v2", NOWHERE)


@pytest.mark.parametrize(
    "schema",
    [
        ref("Missing"),
        {"$ref": "https://example.com/x.json"},
        {"$ref": "#/paths"},
        ref("Loop"),
        obj(name=TEXT),
    ],
)
def test_references_that_lead_nowhere_and_nameless_objects_are_refused(schema: Any, tmp_path: Path) -> None:
    document = made_up()
    document["components"]["schemas"]["Loop"] = {"type": "array", "items": ref("Loop")}
    document["paths"]["/api/v2/a/b"] = operation(schema)
    with pytest.raises((SchemaError, GenerationError)):
        generate(document, tmp_path / "cocalc_v2", NOWHERE)


def test_a_thousand_properties_are_no_problem(tmp_path: Path) -> None:
    document = made_up()
    document["components"]["schemas"]["Animal"]["properties"] = {f"p{index}": TEXT for index in range(1_000)}
    generate(document, tmp_path / "cocalc_v2", NOWHERE)
    check_inert(tmp_path / "cocalc_v2")


def test_a_route_that_the_server_dropped_says_since_when_and_what_to_use(tmp_path: Path) -> None:
    document = made_up()
    told = "Deprecated since 2026-01-02: the server no longer documents it. Use `zoo/list`."
    document["paths"]["/api/v2/import"]["post"] |= {"x-cocalc-retired": "2026-01-02", "description": told}
    sys.path.insert(0, str(tmp_path))
    try:
        retired = package(document, tmp_path, "retired_v2")
        assert part(retired, "operations").operation("import").deprecated == told
        assert told in " ".join(part(retired, "resources").Root.import_.__doc__.split())
    finally:
        sys.path.remove(str(tmp_path))


# The same input gives the same bytes


def test_the_bytes_depend_on_nothing_but_the_document(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from scripts.pipeline.generate import generate;"
        "from tests.pipeline.shaped import NOWHERE, made_up; generate(made_up(), Path(sys.argv[1]), NOWHERE)"
    )
    hashes = set()
    for index, (seed, zone, locale) in enumerate([("0", "UTC", "C"), ("4711", "Asia/Tokyo", "de_DE.UTF-8")]):
        output = tmp_path / f"place {index}" / "cocalc_v2"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        root = Path(__file__).parents[2]
        subprocess.run(
            [sys.executable, "-c", code, str(output)], env=environment, cwd=root, check=True, timeout=120
        )
        hashes.add(tree_sha256(output))
    assert len(hashes) == 1


def test_a_document_is_left_as_it_was(tmp_path: Path) -> None:
    document = made_up()
    generate(document, tmp_path / "cocalc_v2", NOWHERE)
    assert document == DOCUMENT
