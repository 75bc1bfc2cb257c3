"""The page about the command line says what it does."""

from __future__ import annotations

import re
from pathlib import Path

from cocalc_facade.cli.ending import EXIT_CODES, INTERRUPTED
from cocalc_facade.cli.main import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def test_the_exit_codes_are_those() -> None:
    told = dict(re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE))
    known = {str(code): words for code, words in EXIT_CODES.values()}
    assert told == {"0": "done", **known, str(INTERRUPTED): "Ctrl-C"}


def test_its_commands_are_there() -> None:
    assert set(re.findall(r"^\$ cocalc-facade ([a-z-]+)", PAGE, re.MULTILINE)) <= COMMANDS.keys()
