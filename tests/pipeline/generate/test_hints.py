"""Annotations of generated code mean something at run time, whatever the document calls its fields and paths."""

from __future__ import annotations

import inspect
import sys
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import pytest

from tests.pipeline.shaped import ISO, TEXT, made_up, obj, operation, package, ref

NAMES = ["models", "_models", "resources", "clients", "httpx", "ssl", "types", "Mapping", "Sequence", "Any", "UUID", "datetime", "str", "list",
         "dict", "int", "builtins", "Literal", "Unset", "ClassVar", "Answer", "type", "object", "None", "Later"]  # fmt: skip
KINDS: list[dict[str, Any]] = [
    ref("Animal"), {"type": "array", "items": ref("Animal")}, ISO, TEXT, {"type": "object", "additionalProperties": ref("Animal"), "x-cocalc-map": True},
    {"type": "string", "format": "uuid"}, {},
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Any:
    document = made_up()
    schemas, paths = document["components"]["schemas"], document["paths"]
    for shift in range(len(KINDS)):
        fields = {name: KINDS[(index + shift) % len(KINDS)] for index, name in enumerate(NAMES)}
        fields["mood"] = {"type": "string", "enum": ["calm", "wild"]}
        schemas[f"Odd{shift}"] = obj(**fields)
        schemas[f"Odd{shift}Request"] = obj(("models",), **fields)
        paths[f"/api/v2/odd/o{shift}"] = operation(ref(f"Odd{shift}"), ref(f"Odd{shift}Request"))
    for name in ("models", "resources", "clients", "types", "httpx", "str", "dict", "list", "response"):
        paths[f"/api/v2/{name}/get"] = operation(
            {"type": "array", "items": ref("Animal")}, ref("Odd0Request")
        )
        paths[f"/api/v2/zoo/{name}"] = operation(ref("Animal"), ref("Odd1Request"))
    folder = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(folder))
    yield package(document, Path(folder), "odd_v2")
    sys.path.remove(str(folder))


def part(package: Any, name: str) -> Any:
    return import_module(f"{package.__name__}.{name}")


def test_fields_of_any_name_have_hints(odd: Any) -> None:
    models = part(odd, "models")
    for name in models.__all__:
        model = getattr(models, name)
        hints = get_type_hints(model)
        assert {field.name for field in attrs.fields(model)} <= hints.keys()
        get_type_hints(model.__init__)
        inspect.signature(model, eval_str=True)
    python = {wire: name for name, wire, _ in models.Odd0._fields}
    hints = get_type_hints(models.Odd0)
    assert hints[python["models"]] == models.Animal | None
    assert hints[python["_models"]] == list[models.Animal] | None
    assert hints[python["httpx"]] == dict[str, models.Animal] | None


def test_methods_of_any_name_have_hints(odd: Any) -> None:
    resources, models = part(odd, "resources"), part(odd, "models")
    groups = [getattr(resources, name) for name in resources.__all__]
    count = 0
    for group in groups:
        for member in vars(group).values():
            function = member.func if isinstance(member, cached_property) else member
            if inspect.isfunction(function):
                get_type_hints(function)
                inspect.signature(function, eval_str=True)
                count += 1
    assert count > 150
    assert get_type_hints(vars(resources.Root)["models"].func)["return"] is resources.Models
    assert get_type_hints(resources.Resources.get)["return"] == list[models.Animal]
    assert get_type_hints(resources.Zoo.models)["return"] == models.Animal


def test_low_level_functions_have_hints(odd: Any) -> None:
    module, client = part(odd, "api.zoo.models"), part(odd, "client")
    for name in (
        "sync",
        "sync_detailed",
        "asyncio",
        "asyncio_detailed",
        "decode",
        "reader",
        "_build_response",
    ):
        get_type_hints(getattr(module, name))
    assert get_type_hints(module.sync)["client"] == client.AuthenticatedClient | client.Client
