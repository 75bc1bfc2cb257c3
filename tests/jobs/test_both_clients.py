"""What is made from something else is current, and costs nothing until it is used."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_overloads

import pytest
from cocalc_v2 import resources

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade._jobs.async_methods.cart import AsyncCart
from cocalc_facade._jobs.async_methods.courses.course import AsyncCourse
from cocalc_facade._jobs.async_methods.jobs import AsyncJobs
from cocalc_facade._jobs.async_methods.keys import AsyncKeys
from cocalc_facade._jobs.async_methods.pages import AsyncPurchasePages
from cocalc_facade._jobs.async_methods.project import AsyncProject
from cocalc_facade._jobs.methods.cart import Cart
from cocalc_facade._jobs.methods.courses.course import Course
from cocalc_facade._jobs.methods.jobs import Jobs
from cocalc_facade._jobs.methods.keys import Keys
from cocalc_facade._jobs.methods.pages import PurchasePages
from cocalc_facade._jobs.methods.project import Project

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("script", ["async_jobs.py", "tables.py"])
def test_made_files_are_current(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(
    ("sync", "other"),
    [
        (Jobs, AsyncJobs),
        (Project, AsyncProject),
        (Cart, AsyncCart),
        (Keys, AsyncKeys),
    ],
)
def test_both_clients_have_the_same_methods_with_the_same_arguments(sync: type, other: type) -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(value).parameters)
            for name, value in vars(kind).items()
            if callable(value) and not name.startswith("_")
        }

    assert methods(sync) == methods(other)
    assert all(inspect.getdoc(getattr(other, name)) for name in methods(other))


TWINS = [
    (CoCalc, AsyncCoCalc),
    (Project, AsyncProject),
    (Cart, AsyncCart),
    (Keys, AsyncKeys),
    (Course, AsyncCourse),
    (PurchasePages, AsyncPurchasePages),
    *(
        (getattr(resources, name), getattr(resources, f"Async{name}"))
        for name in resources.__all__
        if f"Async{name}" in resources.__all__ and name != "Raw" and not name.startswith("Raw")
    ),
]


def sync_spelling(annotation: object) -> str:
    """An annotation of the async half as the sync one has it."""
    text = annotation if isinstance(annotation, str) else str(annotation)
    text = re.sub(r"\bAsync(?=[A-Z])", "", text)
    return re.sub(r"Callable\[\.\.\., Awaitable\[(\w+)\]\]", r"Callable[..., \1]", text)


def described(method: Any) -> list[Any]:
    """What a checker knows of a method, in each way to call it."""
    method = getattr(method, "_method", getattr(method, "fget", method))
    found: list[Any] = []
    for way in [method, *get_overloads(method)]:
        signature = inspect.signature(way)
        found.append(
            (
                [
                    (one.name, one.kind, repr(one.default), sync_spelling(one.annotation))
                    for one in signature.parameters.values()
                ],
                sync_spelling(signature.return_annotation),
            )
        )
    return found


@pytest.mark.parametrize(("sync", "other"), TWINS, ids=lambda kind: kind.__name__)
def test_twins_are_typed_alike(sync: type, other: type) -> None:
    names = {name for name in dir(sync) if not name.startswith("_") and name != "close"}
    assert names == {name for name in dir(other) if not name.startswith("_") and name != "aclose"}
    for name in names:
        mine, theirs = inspect.getattr_static(sync, name), inspect.getattr_static(other, name)
        if callable(mine) or isinstance(mine, property):
            assert described(mine) == described(theirs), name


def test_a_job_does_not_hide_a_route() -> None:
    from cocalc_v2.resources import AsyncRoot, Root

    for jobs, root in ((Jobs, Root), (AsyncJobs, AsyncRoot)):
        names = {name for name in dir(jobs) if not name.startswith("_")}
        assert names.isdisjoint(name for name in dir(root) if not name.startswith("_"))


def test_both_clients_offer_the_jobs() -> None:
    assert issubclass(CoCalc, Jobs)
    assert issubclass(AsyncCoCalc, AsyncJobs)


def test_no_job_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, cocalc_facade; cocalc_facade.CoCalc('sk-aaaaaaaaaaaaaaaa000001', 'http://localhost');"
        "parts = [name.split('.') for name in sys.modules if name.startswith('cocalc_facade._jobs.')];"
        "print(sorted({part[2] for part in parts}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['methods']\n"
