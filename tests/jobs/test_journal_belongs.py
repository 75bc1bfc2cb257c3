"""Which runs a journal is for, which files may be one, and what a full disk leaves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cocalc_facade import InvalidRequestError, Outcome
from cocalc_facade._jobs.many.telling import digest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@dataclass
class Times:
    """A function with settings."""

    factor: int
    mapping: dict[int | str, int] = field(default_factory=dict)

    def __call__(self, item: int, *_: object) -> int:
        return self.factor * item


@pytest.mark.parametrize("kind", ["sync"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (date(2026, 1, 1), date(2026, 1, 2)),
        (UUID(int=1), UUID(int=2)),
        (Decimal(1), Decimal("1.0")),
        (Path("a"), Path("b")),
        (b"a", b"b"),
        ({1, 2}, {1, 3}),
        ({1: 1, "a": 2}, {1: 1, "a": 3}),
        (Times(1), Times(2)),
        (partial(int, base=2), partial(int, base=8)),
        (Outcome("a", 1), Outcome("a", 2)),
        (re.compile("a"), re.compile("b")),
    ],
)
def test_a_run_with_other_arguments_of_any_kind_is_refused(
    client: Any, file: Path, one: Any, other: Any
) -> None:
    for what, first, second in ((Times(3), (one,), (other,)), (partial(Times(3), 5), (one,), (other,))):
        journal = file.with_name(f"{type(what).__name__}.jsonl")
        client.map(what, [1], *first, journal=journal)
        assert client.map(what, [1], *deepcopy(first), journal=journal).failed == ()
        with pytest.raises(InvalidRequestError, match="of a run with other further arguments"):
            client.map(what, [1], *second, journal=journal)


@pytest.mark.parametrize("kind", ["sync"])
def test_a_partial_or_an_object_is_known_by_what_it_holds(client: Any, file: Path) -> None:
    for number, (what, other) in enumerate(
        ((partial(pow, 2), partial(pow, 3)), (Times(2), Times(3)), (partial(Times(2)), partial(Times(3))))
    ):
        journal = file.with_name(f"{number}.jsonl")
        client.map(what, [1], journal=journal)
        assert client.map(deepcopy(what), [1], journal=journal).failed == ()
        with pytest.raises(InvalidRequestError, match="of a run with other further arguments"):
            client.map(other, [1], journal=journal)


def test_what_tells_arguments_apart_is_the_same_in_every_process() -> None:
    loop: list[Any] = ["a"]
    loop.append(loop)
    given = [{"b", "a", "c"}, object(), len, str.join, loop, frozenset({1, "x"}), Times(1, {1: 2, "z": 3})]
    here = digest(given)
    code = (
        "from tests.jobs.test_journal_belongs import *\nloop = ['a']\nloop.append(loop)\n"
        "print(digest([{'c', 'b', 'a'}, object(), len, str.join, loop, frozenset({'x', 1}), Times(1, {'z': 3, 1: 2})]))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs and devices")
def test_only_an_ordinary_file_is_a_journal(bench: Any, client: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for place in (tmp_path / "fifo", "/dev/full", "/dev/zero", os.devnull):
        with pytest.raises(InvalidRequestError, match=r"journal: .* is no ordinary file"):
            client.map("projects/stop", [bench.project_id], journal=place)
    for wrong, words in (("", "must not be empty"), ("a\0b", "NUL"), (f"{tmp_path}/\ud800", "no text")):
        with pytest.raises(InvalidRequestError, match=f"journal: .*{words}"):
            client.map("projects/stop", [bench.project_id], journal=wrong)
    for number in (5, True, []):
        with pytest.raises(TypeError, match="journal: expected the path of a file"):
            client.map("projects/stop", [bench.project_id], journal=number)
    assert bench.seen() == []


@pytest.mark.parametrize("kind", ["sync"])
def test_a_full_disk_loses_nothing_that_was_done(
    client: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cocalc_facade._jobs.many import journal

    write, left = os.write, [250]

    def filling(descriptor: int, data: memoryview) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        fits = min(left[0], len(data))
        left[0] -= fits
        return write(descriptor, data[:fits])

    monkeypatch.setattr(journal.os, "write", filling)
    done: list[int] = []

    def work(item: int) -> str:
        done.append(item)
        return "x" * 20

    with pytest.raises(OSError, match="No space left") as caught:
        client.map(work, range(50), journal=file, concurrency=1)
    told = [outcome.item for outcome in caught.value.outcomes]  # type: ignore[attr-defined]
    assert told[: len(lines(file))] == list(range(len(lines(file))))  # the last of them is not in the file
    assert file.read_bytes().endswith(b"\n")
    left[0] = 1 << 20
    assert [outcome.item for outcome in client.map(work, range(50), journal=file)] == list(range(50))
    assert sorted(set(done)) == list(range(50))


@pytest.mark.parametrize("kind", ["sync"])
def test_an_error_whose_words_cannot_be_read_is_an_outcome_too(client: Any, file: Path) -> None:
    class SilentError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    def work(item: int) -> int:
        if item == 1:
            raise SilentError
        return item

    for options in ({}, {"journal": file}):
        outcomes = client.map(work, range(3), **options)
        assert [outcome.ok for outcome in outcomes] == [True, False, True]
        assert "1 of SilentError: its words cannot be read" in outcomes.summary()
        assert "cannot be read" in repr(outcomes[1])


@pytest.mark.parametrize("kind", ["sync"])
def test_a_value_of_another_version_is_named(client: Any, file: Path) -> None:
    client.map(str, ["a"], journal=file)
    text = file.read_text()
    for strange in ('{"$":["Nothing",{}]}', '{"$":["CompletedCommand",{"other":1}]}'):
        file.write_text(text.replace('"value":"a"', f'"value":{strange}'))
        with pytest.raises(ValueError, match="version of cocalc-facade"):
            client.map(str, ["a"], journal=file).values()
    file.write_text(text + "[" * 100_000 + "\n")
    with pytest.raises(InvalidRequestError, match=r"journal: line 3 of .* is no outcome"):
        client.map(str, ["a"], journal=file)
