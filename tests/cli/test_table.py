"""Every command, by the table of rows: it succeeds, fails, speaks JSON, is planned in a dry run, and refused when only reading is allowed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from cocalc_facade import CoCalc
from cocalc_facade.cli.main import root
from cocalc_facade.testing import StandIn
from tests.guarding.conftest import changing

from .conftest import Ended, Line
from .rows import ROWS, Row, Stage

Play = Callable[..., Ended]


def leaves(group: click.Group, name: str = "") -> Iterator[str]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        path = f"{name} {word}".strip()
        if isinstance(command, click.Group):
            yield from leaves(command, path)
        else:
            yield path


EACH = pytest.mark.parametrize("name", sorted(ROWS))
CHANGES = pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if not row.reads))
READS = pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if row.reads))


def test_every_command_has_a_row() -> None:
    assert {*leaves(root)} - ROWS.keys() == {"mcp"}, "mcp is a room of its own, with tests of its own"


@pytest.fixture
def stage(name: str, cocalc_server: StandIn, cocalc: CoCalc, tmp_path: Path) -> Stage:
    made = Stage(cocalc_server, cocalc, tmp_path)
    ROWS[name].before(made)
    cocalc_server.requests.clear()
    return made


@pytest.fixture
def play(name: str, typed: Line, stage: Stage) -> Play:
    """Type a row's line, or its wrong one, with further options before it."""

    def played(*options: str, wrong: bool = False, key: str | None = None) -> Ended:
        row = ROWS[name]
        words = [*name.split(), *shlex.split(row.wrong[0] if wrong else row.line)]
        for short, meant in stage.names.items():
            words = [word.replace(f"{{{short}}}", meant) for word in words]
        who = "user" if wrong else row.key
        return typed(*options, *words, key=getattr(stage.standin, who).key if key is None else key)

    return played


def told(row: Row, stage: Stage) -> tuple[str, ...]:
    return tuple(text.format(**stage.names) for text in row.prints)


def changed(stage: Stage) -> list[str]:
    return [seen.path for seen in stage.standin.requests if changing(seen.path, seen.params)]


@EACH
def test_it_does_what_it_says(name: str, play: Play, stage: Stage) -> None:
    row = ROWS[name]
    assert row.done is None or not row.done(stage)
    ended = play()
    assert ended.code == 0, ended
    assert "warning" not in ended.err
    assert all(text in ended.out for text in told(row, stage)), ended
    assert row.done is None or row.done(stage)


@EACH
def test_with_json_it_gives_one_document_with_the_same_facts(name: str, play: Play, stage: Stage) -> None:
    row = ROWS[name]
    ended = play("--json")
    assert ended.code == 0, ended
    text = json.dumps(ended.json, ensure_ascii=False)
    assert all(fact in text for fact in row.told or told(row, stage)), ended
    assert row.done is None or row.done(stage)


@EACH
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_failure_is_one_line_and_a_code(
    name: str, options: tuple[str, ...], play: Play, stage: Stage
) -> None:
    _, code, says = ROWS[name].wrong
    ended = play(*options, wrong=True)
    assert ended.code == code, ended
    assert ended.err.splitlines()[-1].startswith("cocalc-facade: ")
    assert says in ended.err
    assert name in ("map", "run") or (ended.out, ended.err.count("\n")) == ("", 1), ended


@EACH
def test_a_server_that_fails_is_told_by_its_class(name: str, play: Play, stage: Stage) -> None:
    stage.standin.fail("*", kind="status", times=None)
    ended = play()
    if stage.standin.requests and name != "schema check":  # whose document is no route
        assert ended.code == (1 if name == "map" else 69), ended
        assert ended.err.count("\n") == 1


@EACH
def test_a_key_that_is_not_taken_or_lacking_is_told_by_its_class(
    name: str, play: Play, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("COCALC_API_KEY", "COCALC_API_KEY_FILE", "COCALC_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    needless = name in ("can", "accounts find") or name.startswith(("schema", "completion"))
    wrong = play(key="sk-0123456789abcdef000009")
    assert wrong.code == (0 if needless else 1 if name == "map" else 67), wrong
    none = play(key="")
    assert none.code == (0 if needless else 78), none
    assert needless or "there is no API key" in none.err
    assert (wrong.err + none.err).count("\n") == (0 if needless else 2)


@CHANGES
def test_a_dry_run_lists_what_it_would_call_and_does_nothing(name: str, play: Play, stage: Stage) -> None:
    row = ROWS[name]
    ended = play("--dry-run")
    if name in ("course hand-out", "course collect"):  # what they would do stands in a file that is not read
        assert ended.code == 76
    else:
        assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("would call ")
    assert changed(stage) == []
    assert row.done is None or not row.done(stage)


@CHANGES
def test_a_dry_run_is_json_for_programs(name: str, play: Play) -> None:
    ended = play("--dry-run", "--json")
    assert {"path", "arguments", "changes"} <= ended.json[0].keys()


@CHANGES
def test_it_is_refused_when_only_reading_is_allowed(name: str, play: Play, stage: Stage) -> None:
    row = ROWS[name]
    ended = play("--read-only")
    assert ended.code == (1 if name == "map" else 79), ended
    assert ended.err.count("\n") == 1
    assert changed(stage) == []
    assert row.done is None or not row.done(stage)


@READS
@pytest.mark.parametrize("option", ["--read-only", "--dry-run"])
def test_what_reads_is_the_same_when_nothing_may_change(
    name: str, option: str, play: Play, stage: Stage
) -> None:
    assert play(option) == play()
    assert changed(stage) == []
