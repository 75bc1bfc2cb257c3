"""What holds for every page that is written by hand: its code fits, its links lead somewhere, and the names and commands in it are there."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cocalc_facade
from cocalc_facade import (
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    ConfigurationError,
    ResponseError,
    TransportError,
)
from cocalc_facade.cli.ending import EXIT_CODES
from cocalc_facade.cli.main import run
from cocalc_facade.testing import StandIn
from tests.docs.guide_code import BLOCK, blocks

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")),
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "routes"),
]
WIDTH = 88
"""Characters of code that a page of the site, and one on GitHub or PyPI, shows without moving it sideways."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def words(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_code_fits_the_width_of_a_page(page: Path) -> None:
    too_long = [
        f"{name(page)}:{block.line + number}: {line}"
        for block in blocks(page)
        if block.language != "text"  # which is wrapped
        for number, line in enumerate(block.text.splitlines())
        if len(line) > WIDTH
    ]
    assert too_long == []


def anchors(page: Path) -> set[str]:
    """The places of a page as GitHub names them, which MyST does too."""
    titles = re.findall(r"^#+ (.+)$", words(page), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
    return {*plain, *re.findall(r'<a id="([^"]+)"', words(page))}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = words(page)
    targets = re.findall(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)", text)
    for file, place in targets:
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), file
        assert not place or place in anchors(target), f"{file}#{place}"
    assert "](/" not in text


def mentioned(text: str) -> Iterator[tuple[str, str]]:
    """What the text says of a client and the like: `client.projects.stop(…)` is a method of one."""
    for code in re.findall(r"`([^`\n]+)`", text):
        for found in re.finditer(r"(?<![\w./])(client|project|course|standin)((?:\.[a-z_]+)+)", code):
            if found[2] not in (".json", ".md", ".py"):
                yield found[1], found[2].removeprefix(".")


def test_what_the_text_names_is_there(standin: StandIn) -> None:
    client = CoCalc(standin.user.key, "http://localhost", http_client=standin.client())
    project = client.project(standin.project.project_id)
    things: dict[str, tuple[Any, ...]] = {
        "client": (client, AsyncCoCalc),
        "project": (project,),
        "course": (client.course(standin.project.project_id, "a.course"),),
        "standin": (standin,),
    }
    elsewhere = {  # what another client or another server has
        "docs/coming-from.md": {"system.exec"},
        "docs/performance.md": {"post"},
        "docs/tracking.md": {"run_", "keys_.list", "projects.iter_get_"},
    }

    def has(thing: Any, path: str) -> bool:
        first, _, rest = path.partition(".")
        return hasattr(thing, first) and (not rest or has(getattr(thing, first), rest))

    missing = [
        f"{name(page)}: {kind}.{path}"
        for page in PAGES
        for kind, path in mentioned(words(page))
        if path not in elsewhere.get(name(page), ()) and not any(has(thing, path) for thing in things[kind])
    ]
    assert missing == []


def test_a_name_that_is_not_there_is_found() -> None:
    text = "`client.projects.stop(…)` or `openapi/client.json` or `await client.stpo()`"
    assert list(mentioned(text)) == [("client", "projects.stop"), ("client", "stpo")]


def commands() -> list[Any]:
    return [
        pytest.param(line.removeprefix("$ "), id=f"{name(page)}:{block.line + number}")
        for page in PAGES
        for block in blocks(page)
        if block.language == "console"
        for number, line in enumerate(block.text.replace("\\\n   ", "  ").splitlines())
        if line.startswith("$ ")
    ]


def refuse(**_: Any) -> CoCalc:
    raise ConfigurationError("no call is made here")


@pytest.mark.parametrize("line", commands())
def test_a_command_of_a_page_can_be_typed(line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("thesis.tex", "ids.txt", "homework/a.txt"):
        Path(file).parent.mkdir(exist_ok=True)
        Path(file).touch()
    match shlex.split(line, comments=True):
        case ["cocalc-facade", *typed]:
            assert run(typed, refuse) == EXIT_CODES["ConfigurationError"][0]
        case ["python" | ".venv/bin/python", "-m", module, *_]:
            assert importlib.util.find_spec(module) is not None
        case ["python" | ".venv/bin/python", script, *_] if not script.startswith("-"):
            assert (ROOT / script).exists()
        case ["make", target, *_]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        case [program, *_]:
            assert program in {"export", ".", "git", "pipx", "python", "python3", ".venv/bin/pytest"}


def test_a_command_that_is_not_there_is_found() -> None:
    assert run(["runn", "id", "ls"], refuse) == EXIT_CODES["UsageError"][0]
    assert run(["run", "--timout", "5", "id", "ls"], refuse) == EXIT_CODES["UsageError"][0]


def test_the_page_of_errors_says_of_each_class_what_to_do() -> None:
    page = (
        (ROOT / "docs" / "errors.md")
        .read_text(encoding="utf-8")
        .partition("\n## What a call may have done")[0]
    )
    kinds = [getattr(cocalc_facade, name) for name in cocalc_facade.__all__]
    raised = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, CoCalcError)}
    groups = {CoCalcError, TransportError, ResponseError}
    told = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", page, re.MULTILINE)
    assert sorted(kind.__name__ for kind in raised - groups) == sorted(told)
