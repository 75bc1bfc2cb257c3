"""A command that is broken off at any point: what it said is true, and the same command goes on."""

from __future__ import annotations

import errno
import json
import logging
import os
import random
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from cocalc_facade.cli.ending import end

from .conftest import Line
from .test_processes import COMMAND, FULL, environment

__all__ = ["environment"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals and pipes")
LINES = [
    ("whoami", "--json"),
    ("projects", "list"),
    ("cp", "{D}/a", "{P}:a"),
    ("keys", "create", "x", "--json"),
    ("cart", "add-license", "--user", "academic"),
    ("cat", "{P}:there"),
    ("map", "projects/touch", "{D}/ids", "--json"),
]
MOMENTS = {"call", "return", "c_return"}
"""Where Python runs what handles a signal. Just before a lock is let go it never does, and a lock that is left so would stop all that follows."""


class At:
    """Interrupts when so many functions have begun or ended."""

    def __init__(self, moment: int | None) -> None:
        self.moment = moment
        self.count = 0

    def __call__(self, _frame: FrameType, event: str, _argument: Any) -> None:
        if event in MOMENTS:
            self.count += 1
            if self.count == self.moment:
                signal.raise_signal(signal.SIGINT)


class Process:
    """What a process that is interrupted at its very end has no time to put back, and that is put back here for what follows."""

    def __init__(self) -> None:
        self._hook = sys.unraisablehook
        self._signals = {
            number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }

    def put_back(self) -> None:
        sys.setprofile(None)
        sys.unraisablehook = self._hook
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.cancel()
                thread.join()
        locks = [handler.lock for handler in logging.root.handlers]
        for lock in (logging._lock, *locks):  # type: ignore[attr-defined]
            # logging does not always let go of them, and the threads of a later map would wait for them for ever.
            while lock is not None and lock._is_owned():
                lock.release()
        for number, handler in self._signals.items():
            signal.signal(number, handler)


@pytest.mark.filterwarnings("ignore")  # of what is closed by nobody else then
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_ctrl_c_at_any_moment_is_one_line_and_what_was_printed_is_whole(
    line: tuple[str, ...],
    typed: Line,
    project: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cocalc: Any,
) -> None:
    (tmp_path / "a").write_text("text")
    (tmp_path / "ids").write_text(project)
    cocalc.project(project).write_text("there", "text")
    words = [word.format(D=tmp_path, P=project) for word in line]

    def played(moment: int | None) -> tuple[int, str, str, int]:
        process, at = Process(), At(moment)
        sys.setprofile(at)
        try:
            ended = typed(*words)
        except KeyboardInterrupt as error:  # before it began, or after its end
            sys.setprofile(None)
            code = end(error)
            told = capsys.readouterr()
            return code, told.out, told.err, at.count
        finally:
            process.put_back()
        return (*ended, at.count)

    played(None)
    _, whole, _, count = played(None)
    interrupted = 0
    for moment in random.Random(" ".join(line)).sample(range(1, count), 25):
        code, out, err, _ = played(moment)
        assert code in (0, 130), (moment, code, err)
        assert "Traceback" not in err
        assert sum(row.startswith("cocalc-facade: interrupted") for row in err.splitlines()) == (code == 130)
        interrupted += code == 130
        assert out == "" or len(out.splitlines()) == len(whole.splitlines()), moment
    assert interrupted > 20


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EBADF, 130), (errno.ENOSPC, 74)],
    ids=["which it closed twice", "of what is lost"],
)
def test_an_error_of_cleaning_up_after_ctrl_c_hides_it_only_when_it_says_more(
    number: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    error = OSError(number, os.strerror(number))
    error.__context__ = KeyboardInterrupt()

    assert end(error) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_bad_file_without_ctrl_c_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert end(OSError(errno.EBADF, "Bad file descriptor")) == 74
    assert "Bad file descriptor" in capsys.readouterr().err


def test_a_map_that_is_killed_goes_on_by_its_journal(tmp_path: Path, environment: dict[str, str]) -> None:
    items = [{"title": f"project {number}"} for number in range(30)]
    (tmp_path / "items").write_text("".join(f"{json.dumps(item)}\n" for item in items))
    words = [
        *COMMAND,
        "map",
        "projects/create",
        "items",
        "--journal",
        "journal",
        "--concurrency",
        "1",
        "--json",
    ]
    journal = tmp_path / "journal"
    process = subprocess.Popen(words, env=environment, cwd=tmp_path, stdout=subprocess.PIPE)
    while not (journal.exists() and journal.read_bytes().count(b"\n") > 5):
        assert process.poll() is None
    process.kill()
    process.communicate()
    done = journal.read_bytes().count(b"\n") - 1
    assert done < len(items)
    again = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    outcomes = json.loads(again.stdout)
    told = json.loads(
        subprocess.run(
            [*COMMAND, "projects", "list", "--all", "--json", "--fields", "title"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    titles = sorted(row["title"] for row in told if row["title"].startswith("project "))
    assert (again.returncode, [one["error"] for one in outcomes]) == (0, [None] * len(items))
    assert len(titles) - len(set(titles)) <= 1, "only what was under way is done again"
    assert set(titles) == {item["title"] for item in items}
    assert {row["item"]["title"] for row in outcomes} == {item["title"] for item in items}


@pytest.mark.parametrize(
    "words", [("schema", "routes"), ("run", "{P}", "seq 20000"), ("schema", "show", "--json")]
)
def test_who_reads_only_the_first_line_gets_it_and_nothing_else(
    words: tuple[str, ...], environment: dict[str, str]
) -> None:
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, *(word.format(**environment) for word in words)],
        env=environment,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    with os.fdopen(reader) as out:
        first = out.readline()
    _, told = process.communicate(timeout=60)
    assert first
    assert process.returncode in (0, 141)
    assert told.count("\n") <= 1
    assert "fault" not in told


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(("words", "code"), [(["whoami"], 0), (["wrong"], 2), (["keys", "get", "99"], 66)])
def test_a_stderr_that_takes_nothing_changes_nothing(
    words: list[str], code: int, environment: dict[str, str]
) -> None:
    with FULL.open("w") as full:
        told = subprocess.run(
            [*COMMAND, *words], env=environment, stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert told.returncode == code
    assert bool(told.stdout) == (code == 0)


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "words", [["keys", "create", "x"], ["keys", "create", "x", "--json"], ["keys", "rotate", "2", "--yes"]]
)
def test_a_key_whose_secret_could_not_be_written_is_named(
    words: list[str], environment: dict[str, str]
) -> None:
    with FULL.open("w") as full:
        told = subprocess.run(
            [*COMMAND, *words],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    assert told.returncode == 74
    last = told.stderr.splitlines()[-1]
    assert "No space left" in last
    assert re.search(r"key \d+ was made, and nobody has its secret: `cocalc-facade keys delete \d+`", last)
