"""Every job of the client has its command, or a reason why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cocalc_facade import CoCalc
from cocalc_facade._drift.names import MEMBERS
from cocalc_facade._jobs.methods.cart import Cart
from cocalc_facade._jobs.methods.courses.course import Course
from cocalc_facade._jobs.methods.keys import Keys
from cocalc_facade._jobs.methods.project import Project

HANDLES = (Project, Cart, Keys, Course)
OTHERWISE = {
    "Project.start": "projects start",
    "Project.stop": "projects stop",
    "Project.run": "run",
    "Project.stop_command": "jobs stop",
    "Project.read_bytes": "cat",
    "Project.read_text": "cat",
    "Project.write_bytes": "cp",
    "Project.write_text": "cp",
    "Project.walk": "`run PROJECT find` does it in one call",
}
"""Methods of handles that a command does by another method."""
CLI = Path(__file__).parents[2] / "cocalc_facade" / "cli"
WITHOUT = {
    "close": "a run of the command line closes its client",
    "aclose": "as close, of AsyncCoCalc",
    "from_profile": "--profile",
    "with_options": "the options of all commands",
    "with_raw_response": "for programs that look at headers",
    "mismatches": "what one process has met so far",
    "planned": "--dry-run shows it",
    "walk_directory": "`run PROJECT find` does it in one call",
    "list_directory": "ls uses the project's files",
    "wait_for_project": "projects start and stop wait",
    "upload": "a method of projects: cp",
    "download": "a method of projects: cp",
    "AsyncRawRoot": "a class",
    "AsyncRoot": "a class",
    "RawRoot": "a class",
    "Root": "a class",
}


@pytest.fixture(scope="module")
def text() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in CLI.rglob("*.py"))


@pytest.mark.parametrize(
    "method",
    [
        f"{handle.__name__}.{name}"
        for handle in HANDLES
        for name in dir(handle)
        if name[0] != "_" and f"{handle.__name__}.{name}" not in OTHERWISE
    ],
)
def test_a_job_of_a_handle_has_its_command(method: str, text: str) -> None:
    name = method.partition(".")[2]
    assert re.search(rf"\b{method}\b|\)\.{name}\(|\bcart\.{name}\(", text), f"no command uses {method}"


@pytest.mark.parametrize("member", sorted(MEMBERS - WITHOUT.keys()))
def test_a_job_has_its_command(member: str, text: str) -> None:
    if not hasattr(CoCalc, member):
        pytest.skip("the name is kept for a job that is to come")
    assert re.search(rf"[.\"]{member}\b|\b{member}\(", text), f"no command uses client.{member}"
