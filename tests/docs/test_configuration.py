"""The page about configuration names every argument of a client and every variable of the environment."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade._calls.options import Options
from cocalc_facade._settings.profiles import FIELDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The table below a heading: what stands in code in the first cell of each row, with the other cells."""
    section = PAGE.split(f"\n{heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line
    ]
    return {name: row[1:] for row in cells[2:] for name in re.findall(r"`([^`]+)`", row[0])}


def variables(source: str) -> Iterator[str]:
    """The names that code looks up in the environment, also those that it has as constants of the module."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
            names: list[ast.expr] = [node.args[0]]
        elif isinstance(node, ast.Call) and "os.environ.get" in map(ast.unparse, node.args):
            names = [argument for argument in node.args if ast.unparse(argument) != "os.environ.get"]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            names = [node.slice]
        else:
            continue
        for name in names:
            found = constants.get(name.id, name) if isinstance(name, ast.Name) else name
            yield from (
                part.value
                for part in ast.walk(found)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


@pytest.mark.parametrize("kind", [CoCalc, AsyncCoCalc])
def test_every_argument_is_on_the_page_and_no_other(kind: type) -> None:
    taken = {name for name in inspect.signature(kind).parameters if not name.startswith("_")}
    assert set(rows("## Every argument")) == taken


def test_what_a_view_can_change_is_said() -> None:
    for name, (*_, change) in rows("## Every argument").items():
        assert (change == "no") == (name not in Options.__slots__), name


def test_a_default_that_is_a_number_is_the_one_of_the_code() -> None:
    told = rows("## Every argument")
    for name, parameter in inspect.signature(Options).parameters.items():
        if type(parameter.default) in (int, float):
            assert float(told[name][1].replace(",", "").split()[0]) == parameter.default, name


def test_every_field_of_a_profile_is_on_the_page() -> None:
    assert set(FIELDS) <= set(rows("## Profiles"))


def test_every_variable_that_is_read_is_on_the_page() -> None:
    found = {
        name
        for file in (ROOT / "cocalc_facade").rglob("*.py")
        for name in variables(file.read_text(encoding="utf-8"))
    }
    assert {"COCALC_API_KEY", "COCALC_HOST", "COCALC_PROFILE", "XDG_CONFIG_HOME"} <= found
    assert found - set(rows("## Every variable")) == set()


def test_a_variable_is_found_however_code_looks_it_up() -> None:
    ways = "import os\nN = 'A'\nM = ('B', 'C')\nos.environ.get(N)\nany(map(os.environ.get, M))\nos.environ['D']\nos.getenv('E')"
    assert set(variables(ways)) == set("ABCDE")
