"""The code in the README, the guides and the docstrings runs, and shows what they say."""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import io
import re
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import cocalc_facade
from cocalc_facade._jobs import async_methods, methods
from cocalc_facade._jobs.methods.jobs import Jobs
from cocalc_facade.testing import StandIn
from tests.docs.guide_code import matches, run_page, run_statement

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
PAGES = [
    ROOT / "README.md",
    *(
        ROOT / "docs" / name
        for name in (
            "index.md",
            "README.md",
            "quickstart.md",
            "coming-from.md",
            "cookbook.md",
            "configuration.md",
            "errors.md",
            "tracking.md",
        )
    ),
    *GUIDES,
]


def examples() -> list[Any]:
    found = []
    rooms = (methods, async_methods)
    names = [part.name for room in rooms for part in walk_packages(room.__path__, f"{room.__name__}.")]
    for module in map(import_module, names):
        for kind in vars(module).values():
            if not inspect.isclass(kind) or kind.__module__ != module.__name__:
                continue
            for name, value in vars(kind).items():
                target = value.fget if isinstance(value, property) else getattr(kind, name)
                text = inspect.getdoc(target) if callable(target) else None
                if text and ">>>" in text:
                    found.append(pytest.param(text, id=f"{kind.__name__}.{name}"))
    return found


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "docs" / "testing.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_code_of_a_page_runs_and_shows_what_it_says(
    page: Path, standin: StandIn, runner: asyncio.Runner
) -> None:
    if page.name == "course.md":
        standin.add_course(students=3)
    if page.name == "cookbook.md":
        standin.add_course(students=3, joined=2)
    whole = page.name == "cookbook.md" or page == ROOT / "README.md"
    assert run_page(page, {"__name__": "__main__"}, runner, whole=whole) > 0


@pytest.mark.parametrize("text", examples())
def test_the_example_of_a_docstring_runs(text: str, standin: StandIn, runner: asyncio.Runner) -> None:
    kind = cocalc_facade.AsyncCoCalc if re.search(r"\bawait\b|\basync\b", text) else cocalc_facade.CoCalc
    names: dict[str, Any] = {
        "client": kind(),
        "admin": kind(standin.admin.key),
        "project_id": standin.project.project_id,
        "account_id": standin.user.account_id,
    }
    for example in doctest.DocTestParser().get_examples(text):
        output = io.StringIO()
        with redirect_stdout(output):
            for statement in ast.parse(example.source).body:
                value = run_statement(statement, "docstring", names, runner)
                if value is not None:
                    output.write(f"{value!r}\n")
        assert matches(output.getvalue(), example.want), f"{example.source} gave {output.getvalue()}"


def test_every_job_has_an_example() -> None:
    documented = {parameter.id for parameter in examples()}
    jobs = {
        f"{kind.__name__}.{name}" for kind in Jobs.__mro__ for name in vars(kind) if not name.startswith("_")
    }
    jobs -= {f"object.{name}" for name in vars(object)} | {"MoneyJobs.cart", "AccountJobs.keys"}
    assert jobs | {"Cart.add_license", "Cart.checkout", "Keys.create"} <= documented


def test_the_index_lists_every_guide() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert all(f"(guide/{guide.name})" in index for guide in GUIDES)
