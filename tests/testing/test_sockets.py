"""On loopback the stand-in has the connection habits of the real server."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from cocalc_facade import CoCalc
from cocalc_facade.testing import Clock, Oddities, StandIn


def address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition("/")[0].partition(":")
    return host, int(port)


@contextlib.contextmanager
def connection(url: str) -> Iterator[socket.socket]:
    with socket.create_connection(address(url), timeout=60) as raw:
        yield raw


def everything(raw: socket.socket) -> bytes:
    parts = []
    while part := raw.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def exchange(url: str, sent: bytes) -> bytes:
    with connection(url) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        return everything(raw)


@pytest.fixture
def standin() -> StandIn:
    return StandIn(clock=Clock(), oddities=Oddities(idle_seconds=None))


def test_plain_errors_have_their_own_reason_and_no_content_type(standin: StandIn) -> None:
    with standin.serve() as url:
        bad = b'POST /api/v2/projects/get HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"a":'
        head, _, body = exchange(url, bad).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Invalid JSON\r\n")
    assert b"content-type" not in head.lower()
    assert body == b"Invalid JSON"


def test_a_body_too_large_is_refused_and_the_connection_stays_open(standin: StandIn) -> None:
    with standin.serve() as url, httpx.Client(base_url=url, timeout=60) as client:
        refused = client.post(
            "/api/v2/projects/get", content=b" " * 1_048_577, headers={"Content-Type": "text/plain"}
        )
        assert (refused.status_code, refused.reason_phrase) == (413, "Body exceeded 1mb limit")
        assert "connection" not in refused.headers or refused.headers["connection"] == "keep-alive"
        assert client.post("/api/v2/news/list", json={}).json() == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"POST /api/v2/news/list HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (
            b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"HTTP/1.1 431 Request Header Fields Too Large",
        ),
        (
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 17_000 + b"\r\n\r\n",
            b"HTTP/1.1 431 Request Header Fields Too Large",
        ),
    ],
)
def test_what_is_no_request_is_refused_bare_and_the_connection_closed(
    standin: StandIn, sent: bytes, status: bytes
) -> None:
    with standin.serve() as url:
        head, _, body = exchange(url, sent).partition(b"\r\n\r\n")
    assert head.splitlines()[0] == status
    assert b"Connection: close" in head
    assert b"Date:" not in head
    assert body == b""


def test_requests_may_follow_each_other_without_waiting(standin: StandIn) -> None:
    one = b"POST /api/v2/news/list HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    with standin.serve() as url:
        assert exchange(url, one * 3).count(b"HTTP/1.1 200 OK") == 3


def test_chunks_and_expectations_are_understood(standin: StandIn) -> None:
    asked = (
        b"POST /api/v2/projects/stop HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"p\r\n1c\r\nroject_id":"not-a-uuid-yet"}\r\n0\r\n\r\n'
    )
    with standin.serve() as url:
        answer = exchange(url, asked)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert answer.endswith(b'{"error":"project_id must be a valid uuid"}')


def test_an_idle_connection_is_closed_without_a_byte(standin: StandIn) -> None:
    standin.oddities = Oddities(idle_seconds=0.2)
    with standin.serve() as url, connection(url) as raw:
        raw.sendall(b"POST /api/v2/news/list HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert everything(raw).endswith(b"\r\n\r\n[]")


def test_large_answers_are_compressed_for_those_who_take_it(standin: StandIn) -> None:
    asked = {"project_id": standin.project.project_id, "command": "seq 2000"}
    with (
        standin.serve() as url,
        httpx.Client(base_url=url, timeout=60, auth=(standin.user.key, "")) as client,
    ):
        packed = client.post("/api/v2/exec", json=asked)
        plain = client.post("/api/v2/exec", json=asked, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-length" not in packed.headers
    assert plain.headers["content-length"] == str(len(plain.content))
    assert packed.json() == plain.json()
    assert gzip.decompress(gzip.compress(plain.content)) == packed.content


@pytest.mark.parametrize("kind", ["drop_before", "stale_connection", "refused"])
def test_a_dropped_call_gives_no_byte_and_does_not_run(standin: StandIn, kind: str) -> None:
    standin.fail("projects/create", kind=kind)  # type: ignore[arg-type]
    before = len(standin.world.projects)
    with (
        standin.serve() as url,
        httpx.Client(base_url=url, timeout=60, auth=(standin.user.key, "")) as client,
    ):
        with pytest.raises(httpx.TransportError):
            client.post("/api/v2/projects/create", json={})
        assert len(standin.world.projects) == before
        client.post("/api/v2/projects/create", json={})
    assert len(standin.world.projects) == before + 1


def test_a_truncated_body_ends_early(standin: StandIn) -> None:
    standin.fail("projects/get", kind="truncate")
    with standin.serve() as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.post(url + "/api/v2/projects/get", json={}, auth=(standin.user.key, ""), timeout=60)


def test_a_base_path_is_part_of_the_address() -> None:
    standin = StandIn(base_path="/base/path")
    with standin.serve() as url:
        assert url.endswith("/base/path")
        assert httpx.get(url + "/openapi.json", timeout=60).json()["openapi"].startswith("3.0")
        assert httpx.get(url.removesuffix("/base/path") + "/openapi.json", timeout=60).status_code == 404


def test_two_thousand_calls_from_fifty_threads_are_all_answered_and_counted(standin: StandIn) -> None:
    threads, calls = 50, 40
    with standin.serve() as url:

        def work(number: int) -> list[str]:
            made = []
            raw = http.client.HTTPConnection(*address(url), timeout=60)
            headers = {"Authorization": f"Bearer {standin.user.key}", "Content-Type": "application/json"}

            def ask(path: str, body: object) -> Any:
                raw.request("POST", f"/api/v2/{path}", json.dumps(body), headers)
                return json.loads(raw.getresponse().read())

            for turn in range(calls // 2):
                title = f"{number}-{turn}"
                project_id = ask("projects/create", {"title": title})["project_id"]
                found = ask(
                    "user-query", {"query": {"projects_all": {"project_id": project_id, "title": None}}}
                )
                assert found["query"]["projects_all"]["title"] == title
                made.append(project_id)
            raw.close()
            return made

        with ThreadPoolExecutor(threads) as pool:
            made = [project_id for ids in pool.map(work, range(threads)) for project_id in ids]
    assert len(set(made)) == threads * calls // 2
    assert len(standin.requests) == threads * calls
    assert set(made) <= set(standin.world.projects)


def test_the_command_prints_an_address_and_keys_and_ends_when_interrupted() -> None:
    command = [sys.executable, "-m", "cocalc_facade.testing", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        host = process.stdout.readline().strip().partition("=")[2]
        key = process.stdout.readline().strip().partition("=")[2]
        answer = httpx.post(f"{host}/api/v2/projects/get", json={}, auth=(key, ""), timeout=60)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert len(answer.json()) == 2
    assert process.returncode == 0


def test_the_command_can_have_a_course_in_it() -> None:
    command = [sys.executable, "-m", "cocalc_facade.testing", "--port", "0", "--course"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        host, key = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
        with CoCalc(key, host) as client:
            taught = client.find_project(title="Measured project")
            students = client.course(taught.project_id, "algebra.course").students()
        process.terminate()
        process.stdout.read()
    assert [student.joined for student in students] == [True, True, False]


def test_the_command_says_in_one_line_that_a_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "cocalc_facade.testing", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "in use" in done.stderr
