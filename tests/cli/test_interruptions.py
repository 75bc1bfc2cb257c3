"""Whatever ends a command from outside, whenever it does: one line, its exit code, and nothing of it is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade.cli.main import run

from .test_processes import COMMAND, environment

__all__ = ["environment"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


class Finalized:
    """What raises a signal where Python can only forget what the handler raises."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __del__(self) -> None:
        signal.raise_signal(self._number)
        [None for _ in range(10)]  # so that the handler runs here


def in_a_finalizer(number: int) -> None:
    Finalized(number)
    time.sleep(30)


@pytest.mark.parametrize("how", [signal.raise_signal, in_a_finalizer])
@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("SIGINT", 130, "interrupted"),
        ("SIGTERM", 143, "ended by SIGTERM"),
        ("SIGHUP", 129, "ended by SIGHUP"),
    ],
)
def test_a_signal_is_one_line_and_its_exit_code(
    how: Callable[[int], None],
    number: str,
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def connect(**_options: Any) -> Any:
        how(getattr(signal, number))

    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert run(["whoami"], connect) == code
    assert capsys.readouterr() == ("", f"cocalc-facade: {words}\n")
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_what_is_ignored_by_whoever_started_it_stays_so(environment: dict[str, str], tmp_path: Path) -> None:
    program = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from cocalc_facade.cli.main import run\n"
        "def connect(**options): signal.raise_signal(signal.SIGHUP); raise SystemExit(7)\n"
        "sys.exit(run(['whoami'], connect))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (7, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_ended_says_how_to_get_at_its_job(
    environment: dict[str, str], number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "run", environment["P"], "echo begun; sleep 50"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.read(5) == "begun"
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert f"cocalc-facade jobs stop {environment['P']}" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("closed", "code", "out", "err"),
    [
        ((0,), 0, True, False),
        ((1,), 74, False, True),
        ((2,), 0, True, False),
        ((0, 1, 2), 74, False, False),
    ],
)
@pytest.mark.parametrize("words", [["--version"], ["schema", "show"]])
def test_streams_that_are_closed_are_no_fault(
    words: list[str], closed: tuple[int, ...], code: int, out: bool, err: bool
) -> None:
    shut = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
    told = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {shut}', "sh", *COMMAND, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == code
    assert bool(told.stdout) == out
    assert bool(told.stderr) == err
    assert "fault" not in told.stderr


def keep_what_is_shown() -> None:
    """Else a Ctrl-C makes the terminal drop what nobody has read of it yet."""
    termios = pytest.importorskip("termios")
    settings = termios.tcgetattr(0)
    settings[3] |= termios.NOFLSH
    termios.tcsetattr(0, termios.TCSANOW, settings)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (b"y\n", 66),
        (b"YES\n", 66),
        (b"n\n", 80),
        (b"\n", 80),
        (b"maybe\n", 80),
        (b"\x04", 80),
        (b"\x03", 130),
    ],
)
def test_a_question_takes_yes_and_nothing_else_for_one(
    typed: bytes, code: int, environment: dict[str, str]
) -> None:
    pty = pytest.importorskip("pty")
    words = [*COMMAND, "rm", f"{environment['P']}:nowhere"]
    child, terminal = pty.fork()
    if child == 0:
        keep_what_is_shown()
        os.execve(words[0], words, environment)
    shown = b""
    asked = False
    while True:
        try:
            part = os.read(terminal, 1000)
        except OSError:  # so a terminal of Linux says that nobody writes to it any more
            break
        if not part:
            break
        shown += part
        if not asked and b"[y/N]: " in shown:
            os.write(terminal, typed)
            asked = True
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == code
    question, *rest = shown.decode().replace("\r\n", "\n").splitlines()
    assert "deletes 'nowhere' with all that is in it. Go on?" in question
    assert len(rest) == 1
    assert rest[0].startswith("cocalc-facade: ")
