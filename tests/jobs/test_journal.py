"""The journal of a map: each outcome written down as it comes, and gone on from after a crash."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from cocalc_v2.models import Ok
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import CompletedCommand, InvalidRequestError, MapInterrupted, Outcome, Outcomes, Secret
from cocalc_facade._jobs.many.plain import error_of, pack, pack_error, unpack
from cocalc_facade.testing import StandIn
from scripts.benchmarks.crowd import bytes_taken


@pytest.fixture
def projects(bench: Any) -> list[str]:
    world = bench.standin.world
    return [world.add_project(bench.standin.user.account_id, f"P{number}").project_id for number in range(6)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_outcome_is_a_line_of_json_as_soon_as_it_is_known(
    bench: Any, client: Any, projects: list[str], file: Path
) -> None:
    written: list[int] = []
    items = [*projects, bench.standin.second_project.project_id]
    outcomes = client.map(
        "projects/stop", items, journal=file, fsync=True, on_done=lambda _: written.append(len(lines(file)))
    )
    assert written == [*range(2, 9)]
    head, *rest = lines(file)
    assert (head["journal"], head["what"]) == ("cocalc-facade map 1", "projects/stop")
    assert sorted(line["item"] for line in rest) == sorted(items)
    assert next(line for line in rest if not line["ok"])["error"]["type"] == "PermissionDeniedError"
    assert [outcome.item for outcome in outcomes] == items
    assert len(outcomes.failed) == 1


def test_what_succeeded_is_not_done_again_and_comes_back_as_it_was(
    bench: Any, client: Any, projects: list[str], file: Path
) -> None:
    run = client._target.run
    first = client.map(run, projects, "echo 1", journal=file)
    asked = len(bench.seen())
    again = client.map(run, projects, "echo 1", journal=file)
    assert len(bench.seen()) == asked
    assert again == first
    assert isinstance(again[0].value, CompletedCommand)
    assert [outcome.item for outcome in again[1:3]] == projects[1:3]


def test_what_failed_is_done_again(bench: Any, client: Any, projects: list[str], file: Path) -> None:
    project = bench.standin.second_project
    items = [*projects, project.project_id]
    client.map("projects/stop", items, journal=file)
    project.users[bench.standin.user.account_id] = {"group": "collaborator"}
    before = len(bench.seen("projects/stop"))
    assert client.map("projects/stop", items, journal=file).failed == ()
    assert len(bench.seen("projects/stop")) == before + 1


def test_items_that_are_equal_are_each_done_once(bench: Any, client: Any, file: Path) -> None:
    done: list[str] = []

    def work(item: str) -> Any:
        done.append(item)
        return ready(len(done))

    def ready(value: Any) -> Any:
        if bench.kind == "sync":
            return value
        future = __import__("asyncio").get_running_loop().create_future()
        future.set_result(value)
        return future

    assert client.map(work, ["a"], journal=file).values() == [1]
    assert client.map(work, ["a", "a", "b"], journal=file).values() == [1, 2, 3]
    assert client.map(work, ["a", "a", "b"], journal=file).values() == [1, 2, 3]
    assert done == ["a", "a", "b"]


def test_a_half_last_line_is_cut_off(bench: Any, client: Any, projects: list[str], file: Path) -> None:
    client.map("projects/stop", projects, journal=file)
    whole = file.read_bytes()
    for cut in (1, 20, len(whole.splitlines()[-1])):
        file.write_bytes(whole[:-cut])
        before = len(bench.seen("projects/stop"))
        assert client.map("projects/stop", projects, journal=file).failed == ()
        assert len(bench.seen("projects/stop")) == before + 1
        assert sorted(line["item"] for line in lines(file)[1:]) == sorted(projects)


def test_a_half_first_line_is_a_journal_that_begins(client: Any, projects: list[str], file: Path) -> None:
    client.map("projects/stop", projects, journal=file)
    head = file.read_bytes().splitlines()[0]
    for length in (0, 1, 15, len(head)):
        file.write_bytes(head[:length])
        assert len(client.map("projects/stop", projects, journal=file).values()) == 6


def test_a_journal_of_something_else_is_refused_by_name(
    bench: Any, client: Any, projects: list[str], file: Path
) -> None:
    run = client._target.run
    client.map(run, projects, "echo 1", journal=file)
    asked, before = len(bench.seen()), file.read_bytes()
    for what, further, items, words in (
        ("projects/stop", (), projects, "is of 'client.run', not of 'projects/stop'"),
        (run, ("echo 2",), projects, "is of a run with other further arguments"),
        (run, ("echo 1",), [bench.project_id], "is of other items"),
    ):
        with pytest.raises(InvalidRequestError, match=f"journal: .*run.jsonl {words}"):
            client.map(what, items, *further, journal=file)
    assert len(bench.seen()) == asked
    assert file.read_bytes() == before
    assert client.map(run, projects, "echo 1", journal=file).failed == ()


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"student,project\n1,2\n",
        b'{"a": 1}\n',
        b"[]\n",
        b"\n",
        b"\0" * 100,
        b'{"journal":"cocalc-facade map 9"}\n',
    ],
)
def test_a_file_that_is_no_journal_is_left_alone(
    bench: Any, client: Any, projects: list[str], file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    with pytest.raises(InvalidRequestError, match=r"journal: .*run\.jsonl is"):
        client.map("projects/stop", projects, journal=file)
    assert file.read_bytes() == content
    assert bench.seen() == []


def test_a_broken_line_in_the_middle_is_named(client: Any, projects: list[str], file: Path) -> None:
    client.map("projects/stop", projects, journal=file)
    parts = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*parts[:3], b"oops\n", *parts[3:]]))
    with pytest.raises(InvalidRequestError, match=r"journal: line 4 of .*run\.jsonl is no outcome"):
        client.map("projects/stop", projects, journal=file)


def test_one_run_at_a_time_has_the_journal(bench: Any, client: Any, projects: list[str], file: Path) -> None:
    other = bench.client()
    told: list[str] = []

    def meanwhile(_: Outcome[Any, Any]) -> None:
        from cocalc_facade._jobs.many.journal import Journal

        with pytest.raises(InvalidRequestError, match="in use by another run") as caught:
            Journal(file, {"what": "projects/stop"}, other._target._session.key, False)
        told.append(str(caught.value))

    client.map("projects/stop", projects[:1], journal=file, on_done=meanwhile)
    assert len(told) == 1
    assert other.map("projects/stop", projects[:1], journal=file).failed == ()


def test_a_folder_or_a_place_that_is_not_there_is_refused(bench: Any, client: Any, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none" / "run.jsonl"):
        with pytest.raises(InvalidRequestError, match=r"journal: .* cannot be opened"):
            client.map("projects/stop", [bench.project_id], journal=place)
    assert bench.seen() == []


def test_items_without_json_are_refused_beforehand(bench: Any, client: Any, file: Path) -> None:
    with pytest.raises(TypeError, match="the item: object has no JSON"):
        client.map(lambda item: item, [object()], journal=file)
    assert not file.exists()


def test_a_value_without_json_ends_the_run_and_what_was_done_is_not_lost(
    bench: Any, client: Any, file: Path
) -> None:
    async def later(item: int) -> object:
        return now(item)

    def now(item: int) -> object:
        return item if item < 2 else object()

    with pytest.raises(TypeError, match="value: object has no JSON") as caught:
        client.map(now if bench.kind == "sync" else later, range(4), journal=file, concurrency=1)
    outcomes = caught.value.outcomes  # type: ignore[attr-defined]
    assert [outcome.item for outcome in outcomes][:3] == [0, 1, 2]  # it was done, so it is told
    assert [outcome.value for outcome in outcomes][:2] == [0, 1]
    assert len(lines(file)) == 3


def test_the_file_is_ones_own_and_never_holds_the_key(bench: Any, projects: list[str], file: Path) -> None:
    key = bench.standin.user.key
    client = bench.client(script={"projects/stop": [{"status": "ok", "echo": key}]})
    outcomes = (
        client.map("projects/stop", projects, {}, journal=file)
        if False
        else client.map("projects/stop", projects, journal=file, concurrency=1)
    )
    assert outcomes[0].value["echo"] == key
    assert key not in file.read_text()
    assert key not in repr(lines(file))
    item = f"note {key}"
    done: list[str] = []
    if bench.kind == "sync":
        for _ in range(2):
            client.map(done.append, [item], journal=file.with_name("keys.jsonl"))
        assert done == [item]
        assert key not in file.with_name("keys.jsonl").read_text()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_secret_is_not_written_and_not_lost(bench: Any, client: Any, file: Path) -> None:
    outcomes = client.map(client._target.keys.create, ["one", "two"], journal=file)
    secrets = [value.secret.reveal() for value in outcomes.values()]
    assert len({*secrets}) == 2
    assert not any(secret in file.read_text() for secret in secrets)
    again = client.map(client._target.keys.create, ["one", "two"], journal=file)
    assert [value.secret for value in again.values()] == [None, None]


def test_ctrl_c_leaves_a_journal_to_go_on_from(
    bench: Any, kind: str, projects: list[str], file: Path
) -> None:
    import signal

    def press(_: Any) -> Any:
        if kind == "sync":
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)
        return {"status": "ok"}

    client = bench.client(script={"projects/stop": [..., ..., press]})
    with pytest.raises(MapInterrupted) as caught:
        client.map("projects/stop", projects, concurrency=1, journal=file)
    assert len(caught.value.outcomes) in (2, 3)
    assert len(bench.client().map("projects/stop", projects, journal=file).values()) == 6
    assert len(bench.seen("projects/stop")) == 6


def test_outcomes_of_a_journal_can_be_pickled_compared_and_outlive_it(
    client: Any, projects: list[str], file: Path
) -> None:
    import pickle

    outcomes = client.map("projects/stop", projects, journal=file)
    file.unlink()
    assert pickle.loads(pickle.dumps(outcomes)) == outcomes
    assert outcomes == client.map("projects/stop", projects)
    assert outcomes.values() == [{"status": "ok"}] * 6


KILLED = """
import os, signal, sys
import httpx
from cocalc_facade import CoCalc
from cocalc_facade._jobs.many import journal

writes = 0
append = journal.os.write

def dying(file, data):
    global writes
    writes += 1
    if writes == 8:
        append(file, data[:25])
        os.kill(os.getpid(), signal.SIGKILL)
    return append(file, data)

journal.os.write = dying
address, key, file, *items = sys.argv[1:]
CoCalc(key, address).map("projects/stop", items, journal=file, concurrency=2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("kind", ["sync"])
def test_a_run_that_was_killed_in_mid_line_goes_on(bench: Any, file: Path) -> None:
    standin = StandIn()
    standin.oddities.rate_limits = False
    user = standin.user
    items = [standin.world.add_project(user.account_id, f"P{number}").project_id for number in range(20)]
    with standin.serve() as address:
        command = [sys.executable, "-c", KILLED, address, user.key, str(file), *items]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stderr) == (-9, "")
        assert not file.read_bytes().endswith(b"\n")
        written = file.read_bytes().count(b"\n") - 1
        assert written == 6
        asked = len(standin.requests)
        from cocalc_facade import CoCalc

        with CoCalc(user.key, address) as client:
            outcomes = client.map("projects/stop", items, journal=file)
    assert [outcome.item for outcome in outcomes] == items
    assert not outcomes.failed
    assert len(standin.requests) - asked == 20 - written
    assert sorted(line["item"] for line in lines(file)[1:]) == sorted(items)


@pytest.mark.parametrize("kind", ["sync"])
@pytest.mark.parametrize("resumed", [False, True])
def test_many_items_with_a_journal_take_little_memory(bench: Any, file: Path, resumed: bool) -> None:
    """Thousands here; `scripts/bench.py many` measures 100,000."""
    bytes_taken(file.with_name("first.jsonl"), 10)
    taken = []
    for count in (500, 1_500):
        journal = file.with_name(f"{count}.jsonl")
        if resumed:
            bytes_taken(journal, count)
        taken.append(bytes_taken(journal, count))
    assert (taken[1] - taken[0]) / 1_000 <= 400


@pytest.mark.parametrize(
    "value",
    [
        None,
        (1, [2, (3,)], {"a": ()}),
        {"$": 1},
        {"$": ["tuple", [1]]},
        b"\x00\xff",
        UUID(int=5),
        datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        date(2026, 1, 2),
        Decimal("1.10"),
        PurePosixPath("a/b"),
        Ok.from_dict({"status": "ok", "more": [1, {"$": 2}]}),
        CompletedCommand(("a", "b"), 1, "\ud800", "x"),
        Outcomes((Outcome("a", 1), Outcome("b", None, None))),
    ],
)
def test_values_come_back_as_they_were(value: Any) -> None:
    found = unpack(json.loads(json.dumps(pack(value, "value"))))
    assert found == value
    assert type(found) is type(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("$"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_all_json_comes_back_as_it_was(value: Any) -> None:
    assert unpack(json.loads(json.dumps(pack(value, "value")))) == value


@pytest.mark.parametrize(
    "found", [{"$": ["os.system", {}]}, {"$": ["CoCalc", {}]}, {"$": ["Secret", {}]}, {"$": 1}]
)
def test_a_file_does_not_say_what_code_is_run(found: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        unpack(found)


def test_errors_come_back_by_class_and_words() -> None:
    from cocalc_facade import TimedOut

    error = TimedOut("too late", path="exec", maybe_executed=True)
    error.add_note("job 5")
    for given_, kind, words in (
        (error, TimedOut, "exec: too late"),
        (ValueError("odd"), ValueError, "odd"),
        (KeyError("a"), KeyError, "\"'a'\""),
        (json.JSONDecodeError("bad", "x", 0), None, "JSONDecodeError: bad"),
    ):
        found = error_of(json.loads(json.dumps(pack_error(given_))))
        assert type(found).__name__ == (kind or InvalidRequestError.__mro__[2]).__name__
        assert words in str(found)
    found = error_of(pack_error(error))
    assert (found.maybe_executed, found.__notes__) == (True, ["job 5"])  # type: ignore[attr-defined]


def test_a_secret_has_no_json() -> None:
    assert pack(Secret("hidden"), "value") is None
