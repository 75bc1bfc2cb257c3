"""Editors complete methods and arguments, though every name is imported lazily."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jedi
import pytest

from cocalc_facade import AsyncCoCalc, CoCalc

from .specimens import RESULTS, specimen

ROOT = Path(__file__).parents[2]
PROJECT = jedi.Project(ROOT, added_sys_path=[str(ROOT / "generated")])


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jedi keeps what it read in one folder for everything that runs on the machine; another run may be writing there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jedi.settings, "cache_directory", str(tmp_path_factory.mktemp("jedi")))
        yield


def script(kind: str, line: str) -> jedi.Script:
    return jedi.Script(f"from cocalc_facade import {kind}\nclient = {kind}()\n{line}", project=PROJECT)


@pytest.mark.parametrize("kind", ["CoCalc", "AsyncCoCalc"])
def test_the_routes_are_completed(kind: str) -> None:
    found = {completion.name for completion in script(kind, "client.projects.st").complete()}
    assert {"start", "stop"} <= found


@pytest.mark.parametrize("kind", [CoCalc, AsyncCoCalc])
def test_a_notebook_completes_what_it_has(kind: Any) -> None:
    """Which looks at the object, and at what its properties say that they give."""
    client = kind("sk-N0b0dysKeY00000001", "http://localhost:1")
    things = {
        "client": client,
        "client.projects": client.projects,
        "client.project": client.project("826cd844-c73b-47a4-bbf1-cc75a50cf5ee"),
        **{result.__name__: specimen(result) for result in RESULTS},
    }
    for name, thing in things.items():
        found = {one.name for one in jedi.Interpreter("thing.", [{"thing": thing}]).complete(1, 6)}
        assert {one for one in dir(thing) if one[0] != "_"} <= found, name
        assert not [one for one in found if one[0] == "_" and one[:2] != "__"], name


@pytest.mark.parametrize("kind", ["CoCalc", "AsyncCoCalc"])
def test_the_arguments_are_shown(kind: str) -> None:
    [signature] = script(kind, "client.projects.stop(").get_signatures()
    assert [parameter.name for parameter in signature.params] == ["project_id"]
