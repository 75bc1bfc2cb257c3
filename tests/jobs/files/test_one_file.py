"""One file to a project and from one: any bytes, its mode, whole or not at all, by the routes and without them."""

from __future__ import annotations

import asyncio
import base64
import os
import traceback
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade._errors import (
    CommandError,
    ConflictError,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    UnexpectedResponse,
)
from cocalc_facade._jobs.files.one import download, upload
from tests.jobs.conftest import Hands
from tests.jobs.files.conftest import connected
from tests.jobs.files.machine import KEY, PROJECT, Machine

SIZES = [0, 1, 5000, 300_000, 500_000, 1_000_003]


def some(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_there_and_comes_back_is_the_same(
    machine: Machine, project: Any, here: Path, size: int
) -> None:
    (here / "a").write_bytes(some(size))
    (here / "a").chmod(0o751)
    sent = project.upload(here / "a", "new/it's a folder/-b")
    there = machine.home / "new/it's a folder/-b"
    assert (sent.files, sent.size, sent.complete) == (("a",), size, True)
    assert (there.read_bytes(), there.stat().st_mode & 0o777) == (some(size), 0o751)
    got = project.download("new/it's a folder/-b", here / "c")
    assert (got.files, got.size) == (("-b",), size)
    assert ((here / "c").read_bytes(), (here / "c").stat().st_mode & 0o777) == (some(size), 0o751)


@pytest.mark.parametrize("what", ["small", "large", "tree"])
def test_an_answer_that_does_not_say_that_it_is_in_its_place_is_none(
    machine: Machine, project: Any, here: Path, what: str
) -> None:
    (here / "small").write_bytes(b"1")
    (here / "large").write_bytes(some(500_000))
    (here / "tree").mkdir()
    (here / "tree/a").write_bytes(b"1")

    def nothing(request: httpx.Request) -> httpx.Response | None:
        last = b"echo placed" in request.read()
        said = {"stdout": "", "stderr": "", "exit_code": 0, "type": "blocking"}
        return httpx.Response(200, json=said) if last else None

    machine.before = nothing
    with pytest.raises(UnexpectedResponse, match="does not say that it is in its place"):
        project.upload(here / what, "there")
    machine.before = lambda _: None
    assert project.upload(here / what, "there").complete


def test_what_is_no_file_or_never_ends_is_not_read_as_bytes(machine: Machine, project: Any) -> None:
    (machine.home / "folder").mkdir()
    os.mkfifo(machine.home / "fifo")
    (machine.home / "link").symlink_to("fifo")
    for name in ("folder", "fifo", "link", "/dev/zero"):
        for part in ({}, {"offset": 1}, {"length": 5}):
            with pytest.raises(CommandError, match="and is not read"):
                project.read_bytes(name, **part)
    (machine.home / "lost").symlink_to("nothing")
    for part in ({}, {"offset": 1}):
        with pytest.raises(NotFoundError, match="'lost': no such file"):
            project.read_bytes("lost", **part)


def test_what_is_no_file_here_is_not_replaced(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "tree").mkdir()
    (machine.home / "tree/fifo").write_bytes(b"1")
    (machine.home / "tree/other").write_bytes(b"2")
    os.mkfifo(here / "fifo")
    with pytest.raises(ConflictError, match="'fifo' is a FIFO, which is not replaced"):
        project.download("tree/fifo", here / "fifo")
    got = project.download("tree", here)
    assert [(refused.path, refused.why) for refused in got.refused] == [
        ("fifo", "a FIFO is there, which is not replaced")
    ]
    assert (here / "fifo").is_fifo()
    assert (here / "other").read_bytes() == b"2"


@pytest.mark.parametrize("size", [10, 500_000])
def test_nothing_is_left_behind(machine: Machine, project: Any, here: Path, size: int) -> None:
    (here / "a").write_bytes(some(size))
    project.upload(here / "a", "a")
    project.download("a", here / "b")
    left = [path.name for path in machine.home.rglob("*") if path.is_file()]
    assert (left, sorted(path.name for path in here.iterdir())) == (["a"], ["a", "b"])


def test_a_small_file_is_one_call(machine: Machine, project: Any, here: Path) -> None:
    (here / "a").write_bytes(some(250_000))
    project.upload(here / "a", "a")
    project.download("a", here / "b")
    assert machine.seen("") == 2


def test_a_file_goes_into_a_folder_when_that_is_said(machine: Machine, project: Any, here: Path) -> None:
    (here / "a").write_bytes(b"1")
    (here / "down").mkdir()
    project.upload(here / "a", "folder/")
    project.download("folder/a", here / "down")
    assert (machine.home / "folder/a").read_bytes() == (here / "down/a").read_bytes() == b"1"


def test_a_folder_in_the_way_is_a_conflict(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "folder/inside").mkdir(parents=True)
    (here / "small").write_bytes(b"1")
    (here / "large").write_bytes(some(500_000))
    for name in ("small", "large"):
        with pytest.raises(ConflictError, match="folder"):
            project.upload(here / name, "folder")
    (machine.home / "file").write_bytes(b"1")
    (here / "file").mkdir()
    (here / "file/file").mkdir()
    with pytest.raises(ConflictError, match="here: 'file' is a folder"):
        project.download("file", here / "file")
    with pytest.raises(ConflictError, match=r"Not a directory|File exists"):
        project.upload(here / "small", "file/below")


def test_what_is_not_there_is_said(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "a").write_bytes(b"1")
    with pytest.raises(NotFoundError, match="No such file"):
        project.download("nothing", here / "a")
    with pytest.raises(FileNotFoundError):
        project.upload(here / "nothing", "a")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        project.download("a", here / "no/a")


def test_what_is_no_file_is_not_read(machine: Machine, project: Any, here: Path) -> None:
    os.mkfifo(machine.home / "pipe")
    os.mkfifo(here / "pipe")
    (machine.home / "nowhere").symlink_to("nothing")
    with pytest.raises(CommandError, match="is a FIFO"):
        project.download("pipe", here / "a")
    with pytest.raises(NotFoundError, match="leads nowhere"):
        project.download("nowhere", here / "a")
    with pytest.raises(InvalidRequestError, match="here: 'pipe' is a FIFO"):
        project.upload(here / "pipe", "a")


@pytest.mark.parametrize(
    ("here", "there", "field"),
    [("", "a", "here"), ("x\0", "a", "here"), (".", "../a", "there"), (".", "a\0", "there")],
)
def test_arguments_are_checked_before_anything_is_sent(
    machine: Machine, project: Any, here: str, there: str, field: str
) -> None:
    for call in (lambda: project.upload(here, there), lambda: project.download(there, here)):
        with pytest.raises(InvalidRequestError) as caught:
            call()
        assert caught.value.field == field
    with pytest.raises(InvalidRequestError, match="exclude"):
        project.upload(".", "a", exclude=[""])
    with pytest.raises(TypeError, match="exclude"):
        project.upload(".", "a", exclude=3)
    with pytest.raises(InvalidRequestError, match="progress"):
        project.upload(".", "a", progress="yes")
    assert machine.requests == []


def test_the_key_goes_to_the_routes_for_files_in_one_place_each(
    machine: Machine, project: Any, here: Path
) -> None:
    (here / "a").write_bytes(some(500_000))
    project.upload(here / "a", "a")
    project.download("a", here / "b")
    for request in machine.requests:
        cookie = request.headers.get("cookie")
        if request.method == "GET":
            assert (cookie, "authorization" in request.headers) == (f"api_key={KEY}", False)
            assert request.url.path.startswith(f"/{PROJECT}/files/")
        else:
            assert (cookie, request.headers["authorization"][:6]) == (None, "Basic ")
        assert KEY not in str(request.url)
        assert KEY.encode() not in request.content


def test_the_old_file_stays_until_the_new_one_is_right(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "a").write_bytes(b"old")
    (here / "a").write_bytes(some(500_000))

    def garbled(request: httpx.Request) -> httpx.Response | None:
        for piece in machine.home.rglob("p000000"):
            piece.write_bytes(b"other")
        assert (machine.home / "a").read_bytes() == b"old"
        return None

    machine.before = garbled
    with pytest.raises(CommandError, match="differs from what was sent"):
        project.upload(here / "a", "a")
    assert (machine.home / "a").read_bytes() == b"old"
    assert [path for path in machine.home.iterdir() if path.name not in (".cache", "a")] == []


def test_a_file_that_changes_here_while_it_is_sent_is_said(
    machine: Machine, project: Any, here: Path
) -> None:
    (machine.home / "a").write_bytes(b"old")
    (here / "a").write_bytes(some(500_000))
    machine.before = lambda _: (here / "a").write_bytes(os.urandom(500_000)) and None  # type: ignore[func-returns-value]
    with pytest.raises(ConflictError, match="changed while it was read"):
        project.upload(here / "a", "a")
    assert (machine.home / "a").read_bytes() == b"old"


def test_a_file_that_changes_there_is_read_again(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "a").write_bytes(some(500_000))
    changes = [os.urandom(500_001), os.urandom(499_999)]
    last = changes[0]

    def change(request: httpx.Request) -> httpx.Response | None:
        if changes and (request.method == "GET" or b"tail -c" in request.content):
            (machine.home / "a").write_bytes(changes.pop())
        return None

    machine.before = change
    project.download("a", here / "a")
    assert (here / "a").read_bytes() == last


def test_a_file_that_changes_all_the_time_is_refused(machine: Machine, project: Any, here: Path) -> None:
    (machine.home / "log").write_bytes(some(500_000))
    (here / "log").write_bytes(b"old")

    def change(request: httpx.Request) -> httpx.Response | None:
        if request.method == "GET" or b"tail -c" in request.content:
            (machine.home / "log").write_bytes(os.urandom(500_000))
        return None

    machine.before = change
    with pytest.raises(ConflictError, match="changed while it was read"):
        project.download("log", here / "log")
    assert [(path.name, path.read_bytes()) for path in here.iterdir()] == [("log", b"old")]


def test_after_a_lost_connection_the_next_call_goes_on(machine: Machine, project: Any, here: Path) -> None:
    size = 20_000_000 if machine.routes else 1_000_000
    (here / "a").write_bytes(some(size))
    pieces = 0

    def lose(request: httpx.Request) -> httpx.Response | None:
        nonlocal pieces
        piece = request.url.path == "/upload" or b"/new-p" in request.content
        pieces += piece
        if piece and pieces > 1:
            raise httpx.ReadError("gone", request=request)
        return None

    machine.before = lose
    if not machine.routes:
        machine.before = lambda _: None  # learns first that there is no route
        (here / "b").write_bytes(some(500_000))
        project.upload(here / "b", "b")
        machine.before = lose
    with pytest.raises(ConnectionFailed):
        project.upload(here / "a", "a")
    assert not (machine.home / "a").exists()
    machine.before = lambda _: None
    before = sum(len(request.content) for request in machine.requests)
    project.upload(here / "a", "a")
    again = sum(len(request.content) for request in machine.requests) - before
    assert (machine.home / "a").read_bytes() == some(size)
    assert again < size * (1.0 if machine.routes else 4 / 3)


def test_one_lost_answer_is_nobodys_matter(machine: Machine, project: Any, here: Path) -> None:
    (here / "a").write_bytes(some(900_000))
    lost: set[bytes] = set()

    def lose(request: httpx.Request) -> httpx.Response | None:
        seen = request.method.encode() + request.url.raw_path + request.content[-300:]
        if seen in lost or request.url.path == "/upload":
            return None
        lost.add(seen)
        machine.before = lambda _: None
        machine.handle_request(request)  # it has run, and nobody hears of it
        machine.before = lose
        raise httpx.ReadError("gone", request=request)

    machine.before = lose
    project.upload(here / "a", "a")
    project.download("a", here / "b")
    assert (here / "b").read_bytes() == some(900_000)


@settings(max_examples=20)
@given(data=st.binary(max_size=3000))
def test_bytes_are_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    machine = Machine(tmp_path_factory.mktemp("home"))
    project = connected(machine)
    project.write_bytes("a", data)
    assert (machine.home / "a").read_bytes() == data
    assert project.read_bytes("a", offset=1, length=2) == data[1:3]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_server_that_repeats_the_key_shows_it_to_nobody(
    runner: asyncio.Runner, here: Path, kind: str
) -> None:
    machine = Machine(here)
    (here / "there").write_bytes(some(500_000))

    def repeat(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.startswith("/api/"):
            return None
        words = f"{request.headers.get('cookie')} {request.headers.get('authorization')}"
        return httpx.Response(502, text=words, headers={"x-request-id": words, "set-cookie": words})

    machine.before = repeat
    project = Hands(connected(machine, kind), runner)
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "note", lambda _session, _route, error: seen.append(everything(error)))
        patch.setattr(upload, "note", lambda _session, _route, error: seen.append(everything(error)))
        project.upload(here / "there", "copy")
        project.download("copy", here / "back")
    secret = base64.b64encode(f"{KEY}:".encode()).decode()
    assert len(seen) == 2
    assert all(KEY not in text and secret not in text for text in seen)


def everything(error: BaseException) -> str:
    return "".join([*traceback.format_exception(error), repr(vars(error))])
