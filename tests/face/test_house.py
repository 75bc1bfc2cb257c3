"""The house: what the import linter cannot say of the files, their sizes and their rooms."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FACADE = REPOSITORY / "cocalc_facade"
LINES = 400
FILES = 12
MADE = (FACADE / "_jobs" / "async_methods", FACADE / "_jobs" / "tables.py")  # by the scripts that they name
ASYNC = (
    "_async_client.py",
    "_wire",
    "mcp",
    "testing",
)  # the client of the name, the drivers and senders, the server that is asynchronous only, their counterparts


def modules(folder: str) -> list[Path]:
    return sorted((REPOSITORY / folder).rglob("*.py"))


def made(file: Path) -> bool:
    return any(file.is_relative_to(place) for place in MADE)


def lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("folder", ["cocalc_facade", "scripts"])
def test_a_file_written_by_hand_has_one_reason_to_exist(folder: str) -> None:
    long = {
        str(file.relative_to(REPOSITORY)): lines(file)
        for file in modules(folder)
        if not made(file) and lines(file) > LINES
    }
    assert long == {}


@pytest.mark.parametrize("folder", ["cocalc_facade", "scripts"])
def test_a_folder_is_seen_at_a_glance(folder: str) -> None:
    counts: dict[str, int] = {}
    for file in modules(folder):
        place = str(file.parent.relative_to(REPOSITORY))
        counts[place] = counts.get(place, 0) + 1
    assert {place: count for place, count in counts.items() if count > FILES} == {}


def room(parts: tuple[str, ...]) -> str:
    """The folder of `cocalc_facade/` that a file lies in, or "" for the face."""
    return parts[0] if len(parts) > 1 else ""


def leaving(file: Path) -> list[str]:
    """The relative imports of a file that lead into another room; the face names what it shows."""
    here = file.relative_to(FACADE).parts
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = here[: len(here) - node.level]
            if len(here) < node.level or (room(here) and folder[:1] != here[:1]):
                found.append(f"{'/'.join(here)}:{node.lineno}")
    return found


def test_a_relative_import_stays_within_its_room() -> None:
    assert [place for file in modules("cocalc_facade") for place in leaving(file)] == []


def test_calls_and_jobs_are_written_once_for_both_clients() -> None:
    twice = [
        str(file.relative_to(FACADE))
        for file in modules("cocalc_facade")
        if not made(file) and file.relative_to(FACADE).parts[0] not in ASYNC
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert twice == []


def test_each_half_of_the_jobs_has_the_same_files() -> None:
    sync, twin = (
        sorted(file.name for file in (FACADE / "_jobs" / half).glob("*.py"))
        for half in ("methods", "async_methods")
    )
    assert sync == twin


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md", "docs/packaging.md"])
def test_what_a_page_for_contributors_names_is_there(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    named = re.findall(r"\b(?:cocalc_facade|docs|generated|openapi|scripts|tests)/[\w./-]*\w", text)
    assert [place for place in named if "GROUP" not in place and not (REPOSITORY / place).exists()] == []
