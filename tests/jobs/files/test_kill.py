"""A process that is killed in the middle of a file: nothing half is in its place, and the same call goes on, to what is right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn
from cocalc_facade.testing.wire.http import Request, Response

DATA = bytes(range(256)) * 66_000
CALL = """
import sys
from cocalc_facade import CoCalc
key, server, project_id, way, one, other = sys.argv[1:]
getattr(CoCalc(key, server).project(project_id), way)(one, other)
"""


class Fatal(StandIn):
    """A server at which the client dies with some request of it."""

    dies_with: Callable[[Request], bool] | None = None
    child: subprocess.Popen[bytes] | None = None

    def __init__(self) -> None:
        super().__init__()
        self.handled = Event()  # what its last request did is done

    def handle(self, request: Request) -> Response:
        if self.child is not None and self.dies_with is not None and self.dies_with(request):
            self.child.send_signal(signal.SIGKILL)
            self.child = None
            response = super().handle(request)
            self.handled.set()
            return response
        return super().handle(request)


@contextmanager
def served() -> Iterator[tuple[Fatal, str]]:
    standin = Fatal()
    standin.project.restart(standin.world.now())
    with standin.serve() as address:
        yield standin, address


def killed(standin: Fatal, address: str, way: str, one: str, other: str) -> None:
    """Run a call in a process of its own until it is killed."""
    words = [standin.user.key, address, standin.project.project_id, way, one, other]
    child = subprocess.Popen([sys.executable, "-c", CALL, *words])
    standin.child = child
    assert child.wait(60) == -signal.SIGKILL
    assert standin.handled.wait(60)


def uploads(standin: Fatal) -> int:
    return sum(request.path == "upload" for request in standin.requests)


@pytest.mark.skipif(os.name == "nt", reason="has no SIGKILL")
def test_an_upload_that_is_killed_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(DATA)
    with served() as (standin, address):
        files = standin.project.files
        files.write(f"{files.home}/a", b"old", 1.0)
        standin.dies_with = lambda request: "/upload" in request.target and uploads(standin) == 1
        killed(standin, address, "upload", str(tmp_path / "a"), "a")
        assert files.read(f"{files.home}/a") == b"old"
        before = uploads(standin)
        with CoCalc(standin.user.key, address) as client:
            client.project(standin.project.project_id).upload(tmp_path / "a", "a")
        assert files.read(f"{files.home}/a") == DATA
        # Of three pieces of 8 MiB, those of before are not sent again.
        assert (before, uploads(standin) - before) == (2, 1)
        assert [name for name in files.files if name.startswith(files.home)] == [f"{files.home}/a"]


@pytest.mark.skipif(os.name == "nt", reason="has no SIGKILL")
def test_a_download_that_is_killed_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with served() as (standin, address):
        files = standin.project.files
        files.write(f"{files.home}/a", DATA, 1.0)
        standin.fail("files", kind="truncate")  # half of it comes; the client dies when it asks for the rest
        standin.dies_with = lambda request: b"/rest" in request.body
        killed(standin, address, "download", "a", str(tmp_path / "a"))
        assert (tmp_path / "a").read_bytes() == b"old"
        parts = [path.stat().st_size for path in tmp_path.iterdir() if path.name.endswith(".part")]
        assert len(parts) == 1
        assert 0 < parts[0] < len(DATA)
        with CoCalc(standin.user.key, address) as client:
            client.project(standin.project.project_id).download("a", tmp_path / "a")
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", DATA)]
        assert standin.requests[-2].params["path"].endswith("/rest")


@pytest.mark.skipif(os.name == "nt", reason="has no SIGKILL")
def test_a_tree_that_is_killed_goes_on(tmp_path: Path) -> None:
    with served() as (standin, address):
        files = standin.project.files
        for number in range(8):
            files.make_directory(f"{files.home}/tree/{number}", 1.0)
            files.write(f"{files.home}/tree/{number}/a", DATA[:3_000_000], 1.0)
        batches = 0

        def dies(request: Request) -> bool:
            nonlocal batches
            batches += b"cat -- " in request.body
            return batches == 2

        standin.dies_with = dies
        killed(standin, address, "download", "tree", str(tmp_path / "tree"))
        here = [path.stat().st_size for path in (tmp_path / "tree").rglob("*") if path.is_file()]
        assert here == [3_000_000] * 5
        with CoCalc(standin.user.key, address) as client:
            result = client.project(standin.project.project_id).download("tree", tmp_path / "tree")
        assert (len(result.same), len(result.files)) == (5, 3)
