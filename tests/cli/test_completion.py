"""Shells complete commands, routes and the arguments of a route."""

from __future__ import annotations

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
    ],
)
def test_it_completes(
    line: str, found: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert completed(line, monkeypatch, capsys) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert COMPLETE in capsys.readouterr().out
