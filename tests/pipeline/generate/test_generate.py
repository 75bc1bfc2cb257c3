"""Generate: names are the wire's, methods say what one should know, the same input gives the same bytes."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from scripts.pipeline.generate import generate
from scripts.pipeline.inertness import check_inert
from scripts.pipeline.published import parse
from scripts.pipeline.reconcile import reconcile
from scripts.pipeline.repair import repair
from scripts.pipeline.run.lock import tree_sha256
from scripts.pipeline.shape import shape
from tests.pipeline.shaped import DOCUMENT, NOWHERE, TEXT, made_up, obj, package, part, ref

UPSTREAM = Path(__file__).parents[2] / "data" / "upstream"


# All nine go through the whole pipeline in tests/tracking/test_replay.py; here one whose operations collide.
def test_a_published_document_becomes_a_complete_client(tmp_path: Path) -> None:
    source = UPSTREAM / "2024-08-08-021.json"
    document = shape(repair(parse(source.read_bytes())).document)
    made = generate(document, tmp_path / "cocalc_v2", NOWHERE)
    counted = reconcile(document, tmp_path / "cocalc_v2")
    assert made.operations == counted.operations == len(json.loads(source.read_text())["paths"])
    assert counted.methods == 4 * counted.operations


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
    generate(document, tmp_path / "zoo_of_names", NOWHERE)
    assert check_inert(tmp_path / "zoo_of_names")
    keeper = part(import_module("zoo_of_names"), "models").Keeper
    source = {
        **{name: name for name in names},
        "when": "2026-01-02T03:04:05.678Z",
        "others": [{"name": "Ida"}],
        "x": 1,
    }
    made = keeper.from_dict(source, found := [])
    assert (made.to_dict(), made.additional_properties, found) == (source, {"x": 1}, [])
    assert made != keeper.from_dict({**source, "x": 2})


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
    here, there = tmp_path / "here" / "cocalc_v2", tmp_path / "another place" / "cocalc_v2"
    generate(made_up(), here, NOWHERE)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8"}
    root = Path(__file__).parents[3]
    subprocess.run(
        [sys.executable, "-c", code, str(there)], env=environment, cwd=root, check=True, timeout=600
    )
    assert tree_sha256(here) == tree_sha256(there)


def test_a_document_is_left_as_it_was(tmp_path: Path) -> None:
    document = made_up()
    generate(document, tmp_path / "cocalc_v2", NOWHERE)
    assert document == DOCUMENT
