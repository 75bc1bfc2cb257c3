"""Shells complete commands, routes and the arguments of a route."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade.cli.main import COMPLETE, run


def completed(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    words = line.split(" ")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    monkeypatch.setenv(COMPLETE, "bash_complete")
    assert run([]) == 0
    return [row.partition(",")[2] for row in capsys.readouterr().out.splitlines() if row]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("cocalc-facade who", ["whoami"]),
        ("cocalc-facade keys ro", ["rotate"]),
        ("cocalc-facade call projects/st", ["projects/start", "projects/stop"]),
        ("cocalc-facade call projects/stop -f pro", ["project_id="]),
        ("cocalc-facade call projects/nothing -f pro", []),
        ("cocalc-facade query projects titl", ["title"]),
        ("cocalc-facade whoami --dr", ["--dry-run"]),
        ("cocalc-facade can projects/st", ["projects/start", "projects/stop"]),
        ("cocalc-facade map projects/sto", ["projects/stop"]),
        ("cocalc-facade map projects/stop ids -f pro", ["project_id="]),
        ("cocalc-facade update accounts first", ["first_name="]),
        ("cocalc-facade cp loc", ["loc"]),
        ("cocalc-facade cp 826cd844-c73b-47a4-bbf1-cc75a50cf5ee:a", []),
        ("cocalc-facade map projects/stop loc", ["loc"]),
        ("cocalc-facade call projects/stop --input loc", ["loc"]),
        ("cocalc-facade --profile sc", ["school"]),
        ("cocalc-facade whoami --profile ", ["school", "cloud"]),
    ],
)
def test_it_completes(
    line: str,
    found: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "cocalc-facade").mkdir()
    (tmp_path / "cocalc-facade" / "config.toml").write_text("[profiles.school]\n[profiles.cloud]\n")
    assert completed(line, monkeypatch, capsys) == found


@pytest.mark.parametrize(
    "broken",
    [
        {"COMP_CWORD": "x"},
        {"COMP_CWORD": "99"},
        {"COMP_CWORD": "-1"},
        {"COMP_WORDS": "cocalc-facade 'it"},
        {"COMP_WORDS": ""},
        {"COMP_WORDS": "cocalc-facade \udcff \x1b["},
        {"COMP_WORDS": "cocalc-facade nothing of that"},
        {"COMP_WORDS": "cocalc-facade --fields '' --timeout x who"},
        {"XDG_CONFIG_HOME": "/dev/null"},
        {COMPLETE: "bash_nothing"},
        {COMPLETE: "csh_complete"},
        {COMPLETE: "x"},
    ],
)
def test_it_says_nothing_into_the_line_that_is_typed(
    broken: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"COMP_WORDS": "cocalc-facade --profile ", "COMP_CWORD": "2", COMPLETE: "bash_complete", **broken}
    for name, value in said.items():
        monkeypatch.setenv(name, value)

    def connect(**_options: Any) -> Any:
        raise AssertionError("completion asks no server")

    assert run([], connect) in (0, 1)
    assert capsys.readouterr().err == ""


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None or sys.platform == "win32", reason="there is no bash here")
def test_bash_completes_with_the_script_that_it_is_given(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command = tmp_path / "cocalc-facade"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cocalc_facade "$@"\n')
    command.chmod(0o755)
    assert run(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    program = f"""
compopt() {{ echo compopt "$@"; }}
{script}
try() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); "$function" cocalc-facade; echo "${{COMPREPLY[*]}}"; }}
function=$(complete -p cocalc-facade | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
try cocalc-facade who
try cocalc-facade call projects/stop -f pro
try cocalc-facade cp x
"""
    told = subprocess.run(
        [str(BASH), "--norc", "-c", program],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    assert told.stdout.splitlines() == [
        "whoami",
        "compopt -o nospace",
        "project_id=",
        "compopt -o default",
        "",
    ]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert COMPLETE in capsys.readouterr().out
