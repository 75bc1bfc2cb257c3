"""What no client should send gets an answer, never a connection that just ends."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade.testing import Request, StandIn

from .conftest import Post

STANDIN = StandIn()
HEAD = "POST /api/v2/projects/get HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def address() -> Any:
    with StandIn().serve() as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def exchange(address: tuple[str, int], sent: bytes) -> bytes:
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received


@pytest.mark.parametrize(
    "chunks",
    [
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"1_0\r\nhello\r\n0\r\n\r\n",
        b"zz\r\nhello\r\n0\r\n\r\n",
        b"\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"5\r\nhel",
        b"ffffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"2\r\n{}\r\n",
    ],
)
def test_malformed_chunks_are_refused(address: tuple[str, int], chunks: bytes) -> None:
    said = exchange(address, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_chunks_with_extensions_and_trailers_are_read(address: tuple[str, int]) -> None:
    body = b"2;name=value\r\n{}\r\n0\r\nX-Trailer: x\r\n\r\n"
    said = exchange(address, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + body)
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("length", ["-1", "1e3", "\u00b2", "9" * 5000, "0x10", "1 2"])
def test_a_length_that_is_none_is_refused(address: tuple[str, int], length: str) -> None:
    said = exchange(address, f"{HEAD}Content-Length: {length}\r\n\r\n".encode("latin-1", "replace"))
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize(
    "number", ["9" * 5000, "-" + "9" * 5000, "1" + "0" * 400, "1e999", "0." + "1" * 5000]
)
def test_numbers_of_thousands_of_digits_are_read_as_javascript_reads_them(post: Post, number: str) -> None:
    said = post("projects/get", b'{"limit": ' + number.encode() + b"}")
    assert said.status == 200
    said = post("exec", b'{"project_id": 1, "timeout": ' + number.encode() + b"}")
    assert "uuid" in said.json()["error"]


def test_an_infinite_number_comes_back_as_null(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id, "course": {"n": 1}}
    body = json.dumps(asked).replace('"n": 1', '"n": 1e999').encode()
    assert post("projects/course/set-course-info", body).json() == {"course": {"n": None}}


@pytest.mark.parametrize(
    "charset",
    ["base64", "hex", "rot13", "zlib", "idna", "punycode", "undefined", "unicode_escape", "a\0b", "nope"],
)
def test_what_is_no_character_set_is_refused(post: Post, charset: str) -> None:
    said = post("projects/get", b"{}", content_type=f"application/json; charset={charset}")
    assert (said.status, said.body) == (400, b"Invalid body")


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "utf-7", "latin-1", "cp037", "shift_jis", "big5"])
def test_any_character_set_is_read(post: Post, charset: str) -> None:
    body = '{"limit": 1}'.encode(charset)
    said = post("projects/get", body, content_type=f'application/json; charset="{charset}"')
    assert len(said.json()) == 1


def test_halves_of_characters_are_taken_and_given(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id, "command": "echo", "args": ["a\ud83d"]}
    assert post("exec", asked).json()["stdout"] == "a\ufffd\n"
    said = post("bookmarks/add", {"type": "\ud83d"})
    assert said.json()["error"] == "cannot handle type '\ud83d'"


@pytest.mark.parametrize(
    "line",
    [
        "exit " + "9" * 5000,
        "seq " + "9" * 5000,
        "head -c " + "9" * 5000,
        "sleep " + "9" * 5000,
        "kill " + "9" * 5000,
        "base64 -w",
        "find . -maxdepth x",
        "printf %d x",
    ],
)
def test_commands_refuse_numbers_that_they_cannot_read(standin: StandIn, post: Post, line: str) -> None:
    asked = {"project_id": standin.project.project_id, "command": line, "bash": True, "err_on_exit": False}
    assert set(post("exec", {**asked, "timeout": 5}).json()) & {"exit_code", "error"}


@given(
    st.text("0123456789abcdefxyz-+;_ \r\n", max_size=30),
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain"]),
    st.text(st.characters(max_codepoint=255), max_size=12),
)
@settings(max_examples=60)
def test_any_body_in_any_character_set_gets_an_answer(body: str, kind: str, charset: str) -> None:
    headers = (
        ("Content-Type", f"{kind}; charset={charset}"),
        ("Authorization", f"Bearer {STANDIN.user.key}"),
    )
    response = STANDIN.handle(Request("POST", "/api/v2/projects/get", headers, body.encode()))
    assert response.status in (200, 400)
