"""Editors complete methods and arguments, though every name is imported lazily."""

from __future__ import annotations

from pathlib import Path

import jedi
import pytest

ROOT = Path(__file__).parents[2]
PROJECT = jedi.Project(ROOT, added_sys_path=[str(ROOT / "generated")])


def script(kind: str, line: str) -> jedi.Script:
    return jedi.Script(f"from cocalc_facade import {kind}\nclient = {kind}()\n{line}", project=PROJECT)


@pytest.mark.parametrize("kind", ["CoCalc", "AsyncCoCalc"])
def test_the_routes_are_completed(kind: str) -> None:
    found = {completion.name for completion in script(kind, "client.projects.st").complete()}
    assert {"start", "stop"} <= found


@pytest.mark.parametrize("kind", ["CoCalc", "AsyncCoCalc"])
def test_the_arguments_are_shown(kind: str) -> None:
    [signature] = script(kind, "client.projects.stop(").get_signatures()
    assert [parameter.name for parameter in signature.params] == ["project_id"]
