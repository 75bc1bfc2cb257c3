"""Files of any size: what moving one takes of memory does not grow with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.jobs.files.machine import KEY, PROJECT, Machine

MEGABYTE = 1 << 20
CALL = """
import resource, sys
from cocalc_facade import CoCalc
key, server, project_id, way = sys.argv[1:]
project = CoCalc(key, server).project(project_id)
used = []
for name in ("small", "large"):
    one, other = (f"there-{name}", f"here-{name}") if way == "download" else (f"from-{name}", f"to-{name}")
    getattr(project, way)(one, other)
    used.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(*used)
"""


@contextmanager
def served(machine: Machine) -> Iterator[str]:
    """The machine behind a socket, its files sent as they are read."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            request = httpx.Request(
                "POST", f"http://localhost{self.path}", headers=dict(self.headers), content=body
            )
            answer = machine.handle_request(request)
            machine.requests.clear()
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers["content-type"])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def do_GET(self) -> None:
            path = machine.home / self.path.removeprefix(f"/{PROJECT}/files/")
            self.send_response(200)
            self.send_header("Content-Length", str(path.stat().st_size))
            self.end_headers()
            with path.open("rb") as file:
                while chunk := file.read(MEGABYTE):
                    self.wfile.write(chunk)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name of the base class

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def taken(folder: Path, way: str, small: int, large: int) -> float:
    """Megabytes that the large file takes more than the small one."""
    home, here = folder / "home", folder / "here"
    home.mkdir()
    here.mkdir()
    for name, size in (("small", small), ("large", large)):
        source = home / f"there-{name}" if way == "download" else here / f"from-{name}"
        with source.open("wb") as file:
            file.truncate(size * MEGABYTE)
    with served(Machine(home)) as address:
        words = [sys.executable, "-c", CALL, KEY, address, PROJECT, way]
        done = subprocess.run(words, cwd=here, capture_output=True, text=True, check=True)
    arrived = here / "here-large" if way == "download" else home / "to-large"
    assert arrived.stat().st_size == large * MEGABYTE
    first, second = map(int, done.stdout.split())
    return (second - first) / (1024 * 1024 if sys.platform == "darwin" else 1024)


@pytest.mark.skipif(sys.platform == "win32", reason="has no resource module")
@pytest.mark.parametrize("way", ["download", "upload"])
def test_a_large_file_takes_no_more_memory_than_a_small_one(tmp_path: Path, way: str) -> None:
    assert taken(tmp_path, way, 9, 48) < 24


if __name__ == "__main__":
    import tempfile

    for way in ("download", "upload"):
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.write(f"{way}: {taken(Path(folder), way, 17, int(sys.argv[1])):.1f} MB\n")
