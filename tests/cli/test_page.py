"""The page about the command line says what it does."""

from __future__ import annotations

import io
import re
import runpy
import shlex
import sys
from functools import partial
from pathlib import Path

import pytest

from cocalc_facade import CoCalc
from cocalc_facade.cli.ending import CLOSED_PIPE, EXIT_CODES, INTERRUPTED
from cocalc_facade.cli.main import COMMANDS, run
from cocalc_facade.testing import StandIn

FOLDER = Path(__file__).parents[2] / "docs" / "cli"
TIME = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\dZ)?)?")
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


class Both(io.TextIOWrapper):
    """A terminal, on which stdout and stderr are seen."""

    def __init__(self) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding="utf-8", newline="\n", write_through=True)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("ending", ["txt", "ansi"])
def test_the_recorded_session_is_what_a_terminal_shows_today(
    columns: int, ending: str, cocalc_server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl", reason="Windows has no such terminals to record")
    record = runpy.run_path(str(FOLDER / "record.py"))
    project = cocalc_server.project.project_id
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1" if ending == "txt" else "")
    record["prepare"](tmp_path)
    shown = []
    for line in record["COMMANDS"]:
        both = Both()
        monkeypatch.setattr(sys, "stdout", both)
        monkeypatch.setattr(sys, "stderr", both)
        with cocalc_server.client() as transport:
            connect = partial(
                CoCalc,
                cocalc_server.user.key,
                "http://localhost",
                http_client=transport,
                _clock=cocalc_server.clock,
            )
            code = run(shlex.split(line.replace("$P", project)), connect)
        shown.append(
            f"$ cocalc-facade {line}\n{both.bytes.getvalue().decode()}"
            + (f"[exit code {code}]\n" if code else "")
        )
    kept = (FOLDER / f"session-{columns}.{ending}").read_text(encoding="utf-8")
    assert same("\n".join(shown)) == same(kept), "run `python docs/cli/record.py`"


def same(session: str) -> str:
    """Give a session without its times, and without blanks at the ends of lines."""
    return re.sub(r"[ \t]+\n", "\n", TIME.sub("TIME", session)).strip()
