"""Annotations mean something at run time too: for cattrs, beartype, Sphinx and whoever builds tools from signatures."""

from __future__ import annotations

import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any, get_type_hints
from uuid import UUID

import attrs
import cocalc_v2
import httpx
import pytest
from cocalc_v2 import models, resources
from cocalc_v2.types import RawResponse, Unset

import cocalc_facade
from cocalc_facade import AsyncCoCalc, CoCalc, _jobs, testing

from .test_clients import in_new_python


def functions(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods and properties of a class, those of its bases that are ours included."""
    for base in cls.__mro__:
        if not base.__module__.startswith(("cocalc_facade", "cocalc_v2")):
            continue
        for name, member in vars(base).items():
            found = member
            if isinstance(found, classmethod | staticmethod):
                found = found.__func__
            elif isinstance(found, property):
                found = found.fget
            elif isinstance(found, cached_property):
                found = found.func
            if inspect.isfunction(found):
                yield f"{base.__module__}.{base.__qualname__}.{name}", found


def resolved(*objects: Any) -> int:
    """Resolve the annotations of functions, and of classes with all that is in them; gives how many had some."""
    seen: set[int] = set()
    for thing in objects:
        members = [(thing.__qualname__, thing)]
        if isinstance(thing, type):
            members += functions(thing)
        for name, member in members:
            if id(member) in seen:
                continue
            seen.add(id(member))
            try:
                get_type_hints(member)
                if inspect.isfunction(member):
                    inspect.signature(member, eval_str=True)
            except NameError as error:
                pytest.fail(
                    f"{name}: {error}; import it at run time, or name it as a part of a room, as in `_jobs.Project`"
                )
    return len(seen)


def parts(module: ModuleType, *, inner: bool = False) -> list[Any]:
    """The classes and functions that a module defines."""
    return [
        thing
        for name, thing in vars(module).items()
        if getattr(thing, "__module__", None) == module.__name__
        and (inspect.isfunction(thing) or isinstance(thing, type))
        and (inner or not name.startswith("_"))
    ]


def test_every_public_class_of_the_facade_has_hints() -> None:
    public = [getattr(cocalc_facade, name) for name in cocalc_facade.__all__]
    handles = [getattr(_jobs, name) for name in _jobs._HOMES]
    classes = [thing for thing in public + handles if isinstance(thing, type)]
    assert {CoCalc, AsyncCoCalc, _jobs.Project, _jobs.AsyncKeys, _jobs.Report} <= set(classes)
    assert resolved(*classes) > 400


def test_every_public_class_of_the_stand_in_has_hints() -> None:
    assert resolved(*(getattr(testing, name) for name in testing.__all__)) > 60
    assert get_type_hints(testing.StandIn.client)["return"] is httpx.Client


def test_every_part_of_the_generated_package_has_hints() -> None:
    modules = [import_module(found.name) for found in pkgutil.walk_packages(cocalc_v2.__path__, "cocalc_v2.")]
    assert len(modules) > 500
    assert resolved(*(thing for module in modules for thing in parts(module, inner=True))) > 4000


def test_hints_are_the_classes_themselves() -> None:
    assert get_type_hints(resources.Projects.get)["return"] == list[models.ProjectSummary]
    assert get_type_hints(resources.RawProjects.get)["return"] == RawResponse[list[models.ProjectSummary]]
    assert get_type_hints(resources.Projects.stop)["project_id"] == str | UUID
    assert get_type_hints(models.Purchase)["time"] == datetime | None
    assert get_type_hints(models.ApiKeysResult)["response"] == list[models.ApiKey | None] | None
    assert (
        get_type_hints(import_module("cocalc_v2.api.projects.get").sync)["body"]
        == models.ProjectsGetRequest | Unset
    )
    assert get_type_hints(CoCalc.run)["return"] is cocalc_facade.CompletedCommand
    assert get_type_hints(AsyncCoCalc.project)["return"] is cocalc_facade.AsyncProject
    assert get_type_hints(vars(CoCalc)["check_schema"])["return"] is _jobs.Report
    attrs.resolve_types(
        models.PurchasesGetPurchasesResult
        if hasattr(models, "PurchasesGetPurchasesResult")
        else models.Purchases
    )


def test_pandas_is_not_needed_and_used_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    method = cocalc_facade.QueryRows.to_dataframe
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert get_type_hints(method)["return"] is Any
    pandas = ModuleType("pandas")
    pandas.DataFrame = type("DataFrame", (), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    assert get_type_hints(method)["return"] is pandas.DataFrame


def test_hints_load_nothing_before_they_are_asked_for() -> None:
    code = (
        "import sys, cocalc_facade; from typing import get_type_hints\n"
        "client = cocalc_facade.CoCalc('sk-5ecReTpLaNtEdKeY00002a', 'http://localhost:1'); client.projects.get\n"
        "print([m for m in sys.modules if m.startswith(('cocalc_v2.models', 'cocalc_facade._jobs.latex', 'attr'))])\n"
        "get_type_hints(client.projects.get), get_type_hints(client.compile_latex)\n"
        "print('cocalc_v2.models.project_summary' in sys.modules, 'cocalc_facade._jobs.latex' in sys.modules)"
    )
    assert in_new_python(code).split("\n") == ["[]", "True True"]
