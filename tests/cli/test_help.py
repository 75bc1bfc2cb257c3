"""What --help says is about the command line: not about Python, of which the docstrings speak that it is made from."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest

from cocalc_facade.cli.docstrings import PYTHON, told, typed
from cocalc_facade.cli.main import root
from tests.rows import every_row

from .conftest import Line
from .rows import ROWS

GROUPS = sorted({name.partition(" ")[0] for name in ROWS if " " in name})
ALL = ["", *GROUPS, *ROWS, "mcp"]
MORE = re.compile(
    r"\bargument=|\b\w+=(?:True|False|None)|\bself\b|\bkwargs?\b|>>>|``|\breturns?\b|\bdict\b|\bbool\b|\bfloat\b|\battributes?\b|\.\.\.(?!\n|])"
)


def command(name: str) -> click.Command:
    found: click.Command = root
    for word in name.split():
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), word)
        assert inner is not None
        found = inner
    return found


@every_row("name", ALL)
def test_help_does_not_speak_of_python(name: str, line_of_help: Any) -> None:
    text = line_of_help(name)
    assert not PYTHON.search(text), PYTHON.search(text)
    assert not MORE.search(text.replace("[ARGS]...", "").replace("[ARGUMENTS]...", "")), MORE.search(text)


@pytest.fixture
def line_of_help(typed: Line) -> Any:
    def line(name: str) -> str:
        told = typed(*name.split(), "--help")
        assert told.code == 0
        return told.out

    return line


@every_row("name", ALL)
def test_every_option_says_what_it_is_for(name: str) -> None:
    for one in command(name).params:
        if isinstance(one, click.Option):
            words = one.help or ""
            assert words[:1].isupper() or words.startswith(("--", "collect")), (one.opts, words)


@every_row("name", ALL)
def test_every_option_that_help_speaks_of_is_one(name: str) -> None:
    mine = command(name)
    known = {
        flag for one in mine.get_params(click.Context(mine)) for flag in (*one.opts, *one.secondary_opts)
    }
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", mine.help or ""))
    assert named <= known | {"--allow-changes", "--project-id"}


def sample(project_id: str, *, timeout: float = 30.0, check: bool = True, stream: Any = None) -> None:
    """Do something in a project, and give `None` when there is none.

    It takes `timeout` seconds; with `stream` each line is passed on. Nothing is lost. Raises an
    OddError when `project_id` is wrong. `.value` tells; `run` does too.

    Args:
        project_id: A project, `None` is the first.
        timeout: An aware datetime, or a timedelta from now.
        check: False sends it all the same.
    """


def test_arguments_are_called_as_they_are_typed_and_sentences_about_python_are_left_out() -> None:
    found = told(sample)
    assert found.text == "It takes --timeout seconds. Nothing is lost."
    assert found.arguments == {
        "project_id": "",
        "timeout": "A time such as 2026-01-31, or a span from now such as 90d.",
        "check": "--no-check sends it all the same.",
    }


@pytest.mark.parametrize(
    ("python", "here"),
    [
        ("It is kept; `.kept` has it.", "It is kept."),
        ("It is one of: `client.x`, y.", "It is one of."),
        ("`.a` is it; and more. Then this.", "Then this."),
        ("Whose; None is your own.", "Whose; without it your own."),
        ('One of `"a"` and `"b"`.', "One of a and b."),
        ("Nothing of Python: `projects/stop`, `*.pyc`.", "Nothing of Python: `projects/stop`, `*.pyc`."),
    ],
)
def test_a_sentence_is_kept_as_far_as_it_speaks_to_people_who_type(python: str, here: str) -> None:
    assert typed(python, {}) == here


@pytest.mark.parametrize("name", ["", *GROUPS])
def test_a_list_of_commands_has_a_whole_sentence_for_each(name: str) -> None:
    group = command(name)
    assert isinstance(group, click.Group)
    for word in group.list_commands(click.Context(group)):
        line = command(f"{name} {word}").get_short_help_str(limit=300)
        assert line.endswith(".")
        assert not line.endswith("..")
