"""The page about the command line says what it does."""

from __future__ import annotations

import re
from pathlib import Path

from cocalc_facade.cli.ending import CLOSED_PIPE, EXIT_CODES, INTERRUPTED
from cocalc_facade.cli.main import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def test_the_exit_codes_are_those() -> None:
    told = dict(re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE))
    known = {str(code): f"{words} (`{name}`)" for name, (code, words) in EXIT_CODES.items()}
    rest = {
        "0": "done",
        "129": "SIGHUP, as when the terminal is closed",
        str(INTERRUPTED): "Ctrl-C",
        str(CLOSED_PIPE): "nobody reads stdout any more",
        "143": "SIGTERM",
    }
    assert told == known | rest


def test_its_commands_are_there() -> None:
    assert set(re.findall(r"^\$ cocalc-facade ([a-z-]+)", PAGE, re.MULTILINE)) <= COMMANDS.keys()
