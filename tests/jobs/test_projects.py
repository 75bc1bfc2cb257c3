"""Bringing a project to a state, and its files."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cocalc_facade._errors import (
    APIError,
    CommandError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    TimedOut,
)


def test_a_stopped_project_is_started_and_seen_running(bench: Any, client: Any) -> None:
    reached = client.wait_for_project(bench.project_id, "running")
    assert (reached.state, reached.running, reached.stopped) == ("running", True, False)
    assert reached.time is not None
    assert reached.time.tzinfo is not None
    assert bench.standin.project.state(bench.clock.now()) == "running"


def test_a_running_project_is_not_started_again(bench: Any, client: Any) -> None:
    client.wait_for_project(bench.project_id, "running")
    before = len(bench.seen("projects/start"))
    client.wait_for_project(bench.project_id, "running")
    assert len(bench.seen("projects/start")) == before == 1


def test_a_project_is_stopped(bench: Any, client: Any) -> None:
    client.wait_for_project(bench.project_id, "running")
    assert client.wait_for_project(bench.project_id, "stopped").stopped
    assert bench.standin.project.state(bench.clock.now()) == "opened"


def test_a_start_during_a_stop_is_asked_for_again_after_it_came_to_nothing(bench: Any, client: Any) -> None:
    project = bench.standin.project
    project.start(bench.clock.now())
    bench.standin.clock.advance(10)
    project.stop(bench.clock.now(), 8.0)
    assert client.wait_for_project(bench.project_id, "running").running
    assert project.state(bench.clock.now()) == "running"


def test_an_ok_after_which_the_project_is_stopped_is_not_believed(bench: Any) -> None:
    client = bench.client(script={"projects/start": [{"status": "ok"}, {"status": "ok"}]})
    assert client.wait_for_project(bench.project_id, "running").running
    starts = [url for url in bench.transport.urls if url.path.endswith("projects/start")]
    assert len(starts) == 3


def test_somebody_else_starting_it_at_the_same_time_is_no_error(bench: Any) -> None:
    refusal = {"error": "EEXIST: file already exists, mkdir '/home/x/.smc'"}

    def elsewhere(_: Any) -> Any:
        bench.standin.project.start(bench.clock.now())
        return refusal

    client = bench.client(script={"projects/start": [elsewhere]})
    assert client.wait_for_project(bench.project_id).running


def test_another_refusal_of_the_start_is_raised(bench: Any) -> None:
    client = bench.client(script={"projects/start": [{"error": "no host has room for it"}]})
    with pytest.raises(APIError, match="no host has room"):
        client.wait_for_project(bench.project_id)


def test_a_connection_lost_while_waiting_does_not_end_it(bench: Any) -> None:
    lost = httpx.ReadError("connection reset")
    client = bench.client(script={"user-query": [..., *[lost] * 5], "projects/start": [lost]}, max_retries=0)
    assert client.wait_for_project(bench.project_id).running


def test_it_only_watches_when_told_so(bench: Any, client: Any) -> None:
    with pytest.raises(TimedOut, match="is opened after 20 s, not running") as caught:
        client.wait_for_project(bench.project_id, "running", timeout=20, request=False)
    assert not caught.value.maybe_executed
    assert bench.seen("projects/start") == []


def test_a_project_that_does_not_come_up_times_out_and_says_why(bench: Any) -> None:
    row = {"query": {"projects_all": {"state": {"state": "opened", "error": "disk full"}}}}
    client = bench.client(script={"user-query": [row] * 100, "projects/start": [{"status": "ok"}] * 100})
    with pytest.raises(TimedOut, match="is opened after 30 s, not running; the server says: disk full"):
        client.wait_for_project(bench.project_id, timeout=30)


def test_it_ends_in_time_although_every_call_is_slow(bench: Any) -> None:
    def slow(answer: dict[str, Any]) -> Any:
        def give(_: Any) -> dict[str, Any]:
            bench.standin.clock.advance(10)
            return answer

        return give

    row = {"query": {"projects_all": {"state": {"state": "opened"}}}}
    script = {"user-query": [slow(row)] * 100, "projects/start": [slow({"status": "ok"})] * 100}
    begin = bench.clock.now()
    with pytest.raises(TimedOut):
        bench.client(script=script).wait_for_project(bench.project_id, timeout=60)
    assert bench.clock.now() - begin < 120


def test_somebody_elses_project_is_refused(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="read access"):
        client.wait_for_project(bench.standin.second_project.project_id)


def test_a_project_key_cannot_see_states_and_is_told_so(bench: Any) -> None:
    client = bench.client(bench.standin.project_key.secret, script={"user-query": [{"query": {}}]})
    with pytest.raises(PermissionDeniedError, match="a project key cannot read states"):
        client.wait_for_project(bench.project_id)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nonsense", "running"), "project_id: 'nonsense' is not a UUID"),
        (
            ("826cd844-c73b-47a4-bbf1-cc75a50cf5ee", "runing"),
            "state: 'runing' is unknown, did you mean 'running'",
        ),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    bench: Any, client: Any, arguments: tuple[str, str], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.wait_for_project(*arguments)
    assert bench.seen() == []


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_a_timeout_that_is_none_is_refused(bench: Any, client: Any, timeout: float) -> None:
    with pytest.raises(InvalidRequestError, match="timeout"):
        client.wait_for_project(bench.project_id, timeout=timeout)
    assert bench.seen() == []


def test_the_block_starts_the_project_and_stops_it_again(bench: Any, client: Any) -> None:
    with client.project(bench.project_id):
        assert bench.standin.project.state(bench.clock.now()) == "running"
    assert bench.standin.project.state(bench.clock.now()) == "opened"


def test_the_block_leaves_a_project_running_that_it_found_so(bench: Any, client: Any) -> None:
    client.wait_for_project(bench.project_id)
    with client.project(bench.project_id):
        pass
    assert bench.standin.project.state(bench.clock.now()) == "running"


def test_the_block_leaves_it_running_when_told(bench: Any, client: Any) -> None:
    with client.project(bench.project_id, keep_running=True):
        pass
    assert bench.standin.project.state(bench.clock.now()) == "running"


def test_the_block_stops_the_project_after_a_failure_in_it(bench: Any, client: Any) -> None:
    with pytest.raises(RuntimeError, match="mine"), client.project(bench.project_id):
        raise RuntimeError("mine")
    assert bench.standin.project.state(bench.clock.now()) == "opened"


def test_a_handle_sends_nothing_until_it_is_used(bench: Any, client: Any) -> None:
    assert repr(client.project(bench.project_id)._target).endswith(f"Project {bench.project_id}>")
    assert bench.seen() == []


TEXTS = ["", "hello\n", "Größe ∑ 数学 \U0001f600\n", "a\\b 'c' \"d\"\r\n\tend", "x" * 60_000]


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_written_is_read_back(bench: Any, client: Any, text: str) -> None:
    project = client.project(bench.project_id)
    project.write_text("sub/notes.txt" if text else "notes.txt", text)
    assert project.read_text("sub/notes.txt" if text else "notes.txt") == text


def test_a_write_that_the_server_calls_ok_and_that_failed_is_an_error(bench: Any) -> None:
    client = bench.client(script={"projects/write-text-file": [{"status": "ok"}]})
    with pytest.raises(CommandError, match=r"notes.txt was not written: .*No such file"):
        client.project(bench.project_id).write_text("notes.txt", "hello")


@pytest.fixture
def lame(bench: Any) -> Any:
    """A stopped project that cannot be started."""
    bench.standin.oddities.start_fails = True
    bench.standin.project.stop(bench.clock.now(), 0.0)
    return bench.client()


def test_nothing_is_written_or_read_in_a_project_that_does_not_start(bench: Any, lame: Any) -> None:
    project = lame.project(bench.project_id)
    for act in (lambda: project.write_text("a.txt", "x"), lambda: project.read_text("a.txt")):
        with pytest.raises(ServerError, match="could not be started, so nothing ran") as caught:
            act()
        assert caught.value.maybe_executed is False
    assert len(bench.seen("projects/write-text-file")) == 1


def test_a_project_that_does_not_start_is_not_waited_for_to_the_end(bench: Any, lame: Any) -> None:
    begun = bench.clock.now()
    with pytest.raises(ServerError, match="could not be started") as caught:
        lame.wait_for_project(bench.project_id, "running", timeout=300)
    assert caught.value.maybe_executed is False
    assert bench.clock.now() - begun < 60
    assert len(bench.seen("projects/start")) == 3


def test_a_short_wait_for_a_project_that_does_not_start_says_why_it_is_in_vain(bench: Any, lame: Any) -> None:
    with pytest.raises(ServerError, match="could not be started"):
        lame.wait_for_project(bench.project_id, "running", timeout=6)


def test_a_project_that_starts_at_the_second_try_is_there(bench: Any) -> None:
    bench.standin.project.stop(bench.clock.now(), 0.0)
    client = bench.client(script={"projects/start": [bench.after(1, {})]})
    assert client.wait_for_project(bench.project_id, "running").running


def test_one_that_does_not_start_is_told_among_many(bench: Any, lame: Any) -> None:
    [outcome] = lame.map("projects/start", [{"project_id": bench.project_id}])
    assert isinstance(outcome.error, ServerError)
    assert outcome.error.maybe_executed is False


def test_a_write_cut_off_by_the_server_may_have_happened(bench: Any) -> None:
    client = bench.client(script={"projects/write-text-file": [bench.cut({})]})
    with pytest.raises(TimedOut) as caught:
        client.project(bench.project_id).write_text("notes.txt", "hello")
    assert caught.value.maybe_executed


def test_a_missing_file_is_not_found(bench: Any, client: Any) -> None:
    with pytest.raises(NotFoundError, match=r"'nothing\.txt': no such file"):
        client.project(bench.project_id).read_text("nothing.txt")


def test_a_file_larger_than_asked_for_is_refused_not_cut(bench: Any, client: Any) -> None:
    project = client.project(bench.project_id)
    project.write_text("large.txt", "x" * 3000)
    with pytest.raises(InvalidRequestError, match=r"large.txt has more than 2000 bytes"):
        project.read_text("large.txt", max_size=2000)


@pytest.mark.parametrize("size", [3, 999, 1000, 1001, 700_000])
def test_a_file_may_be_just_as_large_as_asked_for(bench: Any, client: Any, size: int) -> None:
    files = bench.standin.project.files
    files.write(files.resolve("data.bin"), b"x" * size, 0.0)
    assert len(client.project(bench.project_id).read_bytes("data.bin", max_size=size)) == size
    if size > 3:
        with pytest.raises(InvalidRequestError, match=f"more than {size - 1} bytes"):
            client.project(bench.project_id).read_bytes("data.bin", max_size=size - 1)


def test_bytes_that_are_no_text_are_had_as_bytes(bench: Any, client: Any) -> None:
    files = bench.standin.project.files
    files.write(files.resolve("data.bin"), b"\xff\xfe\x00\x01", 0.0)
    project = client.project(bench.project_id)
    assert project.read_bytes("data.bin") == b"\xff\xfe\x00\x01"
    with pytest.raises(UnicodeDecodeError):
        project.read_text("data.bin")


@pytest.mark.parametrize("path", ["../secret", "a/../../b", "", "a\0b"])
def test_a_path_that_leaves_its_directory_is_refused(bench: Any, client: Any, path: str) -> None:
    project = client.project(bench.project_id)
    for use in (project.read_text, project.read_bytes):
        with pytest.raises(InvalidRequestError, match="path"):
            use(path)
    with pytest.raises(InvalidRequestError, match="path"):
        project.write_text(path, "x")
    assert bench.seen() == []


def test_a_file_is_copied_to_another_project(bench: Any, client: Any) -> None:
    other = bench.standin.world.add_project(bench.standin.user.account_id, "Other")
    bench.standin.restart(other)  # a project that never ran has no directory to copy to
    project = client.project(bench.project_id)
    project.write_text("notes.txt", "hello")
    project.copy_to(other.project_id, "notes.txt", "copied.txt")
    assert client.project(other.project_id).read_text("copied.txt") == "hello"


def test_a_copy_to_somebody_elses_project_is_refused(bench: Any, client: Any) -> None:
    project = client.project(bench.project_id)
    project.write_text("notes.txt", "hello")
    with pytest.raises(PermissionDeniedError, match="target project"):
        project.copy_to(bench.standin.second_project.project_id, "notes.txt")


def test_a_queued_copy_is_followed_to_its_end(bench: Any) -> None:
    copy_id = "11111111-1111-4111-8111-111111111111"
    waiting = {"started": None, "finished": None, "copy_error": None}
    done = waiting | {"finished": "2026-01-01T00:00:00.000Z"}
    client = bench.client(
        script={
            "projects/copy-path": [{"copy_id": copy_id}],
            "projects/copy-path-status": [waiting, waiting, done],
        }
    )
    files = bench.standin.project.files
    for name in ("a", "b"):
        files.write(files.resolve(name), b"x", 0.0)
    client.project(bench.project_id).copy_to(bench.project_id, "a", "b")
    assert sum(url.path.endswith("copy-path-status") for url in bench.transport.urls) == 3


def test_a_queued_copy_that_failed_raises_its_reason(bench: Any) -> None:
    failed = {"started": None, "finished": None, "copy_error": "rsync: no space left"}
    client = bench.client(
        script={
            "projects/copy-path": [{"copy_id": "11111111-1111-4111-8111-111111111111"}],
            "projects/copy-path-status": [failed],
        }
    )
    with pytest.raises(CommandError, match="no space left"):
        client.project(bench.project_id).copy_to(bench.project_id, "a", "b")
