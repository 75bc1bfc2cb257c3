"""What errors tell people to do is said in the words of the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from cocalc_facade import CommandError, InvalidRequestError
from cocalc_facade._wire.keys import WHERE
from cocalc_facade.cli.ending import end
from cocalc_facade.cli.ending.words import here
from cocalc_facade.cli.main import root

from .conftest import Line

ROOM = Path(__file__).parents[2] / "cocalc_facade"
PYTHON = re.compile(r"\bclient\.[a-z]|\b[a-z_]+=(?:True|False|None|\s)|\bbase_url\b|first argument")
NOT_HERE = ("log_bodies", "trust_env", "strict", "client.project(…)", "client.projects")
"""What a command line never comes to: options that it does not have, and advice on attributes."""


@cache
def hints() -> list[str]:
    found = []
    for file in ROOM.rglob("*.py"):
        if {"testing", "cli", "mcp"} & set(file.relative_to(ROOM).parts):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "hint":
                found += [
                    part.value
                    for part in ast.walk(node.value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
    return sorted({*found, WHERE})


def options(group: click.Command) -> Iterator[str]:
    context = click.Context(group)
    for option in group.get_params(context):
        yield from (*option.opts, *option.secondary_opts)
    if isinstance(group, click.Group):
        for word in group.list_commands(context):
            command = group.get_command(context, word)
            assert command is not None
            yield from options(command)


def test_there_are_hints_in_the_words_of_python() -> None:
    assert sum(bool(PYTHON.search(hint)) for hint in hints()) > 5


def test_a_hint_names_what_can_be_typed() -> None:
    told = [hint for hint in hints() if not any(word in hint for word in NOT_HERE)]
    assert [hint for hint in told if PYTHON.search(here(hint))] == []


def test_an_option_that_a_hint_names_is_one() -> None:
    known = {*options(root)}
    assert [hint for hint in hints() if not {*re.findall(r"--[a-z][a-z-]*[a-z]", here(hint))} <= known] == []


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (("run", "x", "ls"), "PROJECT: "),
        (("projects", "start", "x"), "PROJECT…: "),
        (("course", "students", "x"), "PROJECT:FILE.course: "),
        (("evaluate", "1", "--project-id", "x"), "--project-id: "),
        (("email-of", "x"), "ACCOUNT_ID: "),
        (("course", "students", "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"), "PROJECT:FILE.course: "),
        (("rm", "826cd844-c73b-47a4-bbf1-cc75a50cf5ee:", "--yes"), "PROJECT:PATH: "),
        (("query", "projects", "title", "--where", "title=x"), "FIELDS…: "),
        (("purchases", "--page-size", "1"), "--page-size: "),
        (("cart", "add-license", "--user", "academic", "--period", "range"), "--period range"),
    ],
)
def test_an_argument_is_called_as_it_is_typed(line: tuple[str, ...], names: str, typed: Line) -> None:
    told = typed(*line)
    assert told.code == 64
    assert names in told.err


@pytest.mark.parametrize(
    ("python", "typed"),
    [
        (
            "above 45 s needs path= and project_id=: the server cuts",
            "above 45 s needs --path and --project-id: the server cuts",
        ),
        ("overwrite_newer=True overwrites them", "--overwrite overwrites them"),
        (
            "say when the new one shall: expires=timedelta(days=90)",
            "say when the new one shall: --expires 90d",
        ),
        ("give confirm=True", "--yes"),
    ],
)
def test_what_is_written_in_python_is_an_option_here(python: str, typed: str) -> None:
    assert here(python) == typed


@pytest.mark.parametrize(
    "words", ["'make DEBUG=1 check=False' was killed", "f(confirm=True) failed in base_url="]
)
def test_what_others_wrote_is_shown_as_it_is(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    for error in (CommandError(words), InvalidRequestError(words, status=200)):
        end(error)
        assert words in capsys.readouterr().err
