"""What is read and written without h11 is what h11 would have read and written, and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import h11
import httpcore
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cocalc_facade._wire.network.line import Line
from cocalc_facade._wire.network.ordinary import AsyncOrdinary, Exchanges, Ordinary
from cocalc_facade._wire.network.streams import Stream

LIMITS = {"connect": None, "read": None, "write": None, "pool": None}
HEADERS = [
    (b"Host", b"localhost"),
    (b"Accept", b"*/*"),
    (b"Authorization", b"***"),
    (b"Content-Type", b"application/json"),
]
names = st.sampled_from(
    [
        b"Content-Length",
        b"content-length",
        b"Connection",
        b"Transfer-Encoding",
        b"Date",
        b"X",
        b"Upgrade",
        b"Trailer",
    ]
)
values = st.sampled_from(
    [
        b"2",
        b"02",
        b"+2",
        b"2, 2",
        b"3",
        b"",
        b"keep-alive",
        b"close",
        b"chunked",
        b"identity",
        b"a\tb",
        b"\xff",
        b"a\0",
        b"x\r\n y",
    ]
)
fields = st.lists(st.tuples(names, st.sampled_from([b": ", b":", b" : ", b":\t "]), values), max_size=4)
starts = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 ",
        b"HTTP/1.1 200",
        b"HTTP/1.1 204 No",
        b"HTTP/1.1 304 No",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 404 N\xc3",
        b"HTTP/1.1 103 Early",
        b"HTTP/1.1 101 Other",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1 500 \t",
    ]
)
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"])


def exchanges() -> Exchanges:
    return Ordinary(Line(lambda: 0.0), httpcore.HTTPConnection(httpcore.Origin(b"http", b"localhost", 80)))


class Pieces(httpcore.NetworkBackend):
    """A connection over which pieces of bytes come, one at each read, and then the end; it takes what is sent, as long as it does."""

    def __init__(self) -> None:
        self.line = Line(lambda: 0.0)
        self.coming: Iterator[bytes] = iter(())
        self.sent = b""
        self.takes = True

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return Stream(self.line, self)

    def settimeout(self, seconds: float) -> None: ...

    def recv(self, _most: int) -> bytes:
        return next(self.coming, b"")

    def send(self, data: bytes) -> int:
        if not self.takes:
            raise BrokenPipeError
        self.sent += bytes(data)
        return len(data)


def exchanged(kind: Any, pieces: list[bytes], body: bytes = b"{}", *, takes: bool = True) -> Any:
    """What comes of the second exchange on a connection, and whether a third may follow it."""
    network = Pieces()
    connection = httpcore.HTTPConnection(httpcore.Origin(b"http", b"localhost", 80), network_backend=network)
    speaks = kind(network.line, connection) if kind is not None else connection
    sent = request([*HEADERS, (b"Content-Length", b"%d" % len(body))], body, extensions={"timeout": LIMITS})
    network.coming = iter([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"])
    network.line.begin(1.0, None)
    response = speaks.handle_request(sent)
    response.read()
    response.close()
    first, network.sent = network.sent, b""
    network.coming, network.takes = iter(pieces), takes
    network.line.begin(1.0, None)
    try:
        response = speaks.handle_request(sent)
        found = response.status, response.headers, response.extensions["reason_phrase"], response.read()
        response.close()
    except (httpcore.ProtocolError, httpcore.NetworkError) as error:
        return type(error), str(error)
    assert network.sent == (first if takes else b"")
    return found, network.line.clean() and speaks.is_idle()


def request(headers: list[tuple[bytes, bytes]], body: bytes = b"{}", **options: Any) -> httpcore.Request:
    url = httpcore.URL("http://localhost/api/v2/projects/stop")
    return httpcore.Request(options.pop("method", "POST"), url, headers=headers, content=body, **options)


def by_h11(data: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
    """What h11 finds in an answer; None when it is not a whole one with nothing after it, on a connection that stays."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="POST", target="/", headers=[("Host", "x"), ("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())
    try:
        connection.receive_data(data)
        head, body = connection.next_event(), b""
        assert isinstance(head, h11.Response)
        while isinstance(event := connection.next_event(), h11.Data):
            body += event.data
        assert isinstance(event, h11.EndOfMessage)
        connection.start_next_cycle()
        assert not connection.trailing_data[0]
    except (h11.ProtocolError, AssertionError):
        return None
    return head.status_code, head.headers.raw_items(), body


def read(exchanges: Exchanges, data: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
    line = exchanges._line
    line.asked = True
    response = exchanges._response(line.take(data))
    if response is None:
        return None
    assert line.clean()
    return response.status, response.headers, response.read()


@given(starts, fields, ends, st.sampled_from([b"{}", b"", b"{} ", b"{}\r\n"]))
@example(b"HTTP/1.1 200 OK", [(b"content-length", b":", b"2")], b"\r\n", b"{}")
@example(
    b"HTTP/1.1 200 OK",
    [(b"Content-Length", b": ", b"2"), (b"Transfer-Encoding", b": ", b"chunked")],
    b"\r\n",
    b"{}",
)
def test_an_answer_is_read_as_h11_reads_it_or_left_to_it(
    start: bytes, fields: list[tuple[bytes, bytes, bytes]], end: bytes, body: bytes
) -> None:
    data = start + end + b"".join(b"".join(field) + end for field in fields) + end + body
    ours = exchanges()
    found = read(ours, data)
    if found is None:
        again = b"".join(iter(ours._line.before, b""))
        assert again == data, "whoever reads it instead gets all of it"
    else:
        assert found == by_h11(data)


bodies = st.sampled_from(
    [
        b"{}",
        b"",
        b"{} ",
        b"2;x=y\r\n{}\r\n0\r\nT: z\r\n\r\n",
        b"2\r\n{}\r\n0\r\n\r\n2",
        b"{}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ]
)


@given(starts, fields, ends, bodies, st.sets(st.integers(1, 120), max_size=3))
@example(b"HTTP/1.1 200 OK", [(b"content-length", b":", b"2")], b"\r\n", b"{}", {3, 20})
@example(
    b"HTTP/1.1 200 OK", [(b"Transfer-Encoding", b": ", b"chunked")], b"\r\n", b"2\r\n{}\r\n0\r\n\r\n", set()
)
@example(b"HTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 200 OK", [(b"X", b": ", b"y")], b"\r\n", b"{}", {30})
def test_an_exchange_ends_as_it_does_without_us_however_its_answer_is_cut(
    start: bytes, fields: list[tuple[bytes, bytes, bytes]], end: bytes, body: bytes, cuts: set[int]
) -> None:
    data = start + end + b"".join(b"".join(field) + end for field in fields) + end + body
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[here:there] for here, there in itertools.pairwise(places)]
    assert exchanged(Ordinary, pieces) == exchanged(None, pieces)


@pytest.mark.parametrize("size", [2, 32_000, 65_000, 66_000, 1_000_000])
@pytest.mark.parametrize("status", [413, 503])
def test_who_does_not_want_to_read_a_request_may_say_why(size: int, status: int) -> None:
    answer = b"HTTP/1.1 %d No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno" % status
    (found, _), again = (
        exchanged(Ordinary, [answer], b" " * size, takes=False),
        exchanged(None, [answer], b" " * size, takes=False),
    )
    assert found[0] == status
    assert found == again[0]


@given(st.binary(min_size=1, max_size=60))
def test_what_is_no_answer_is_left_to_h11(data: bytes) -> None:
    ours = exchanges()
    assert read(ours, data) is None
    ours._line.put(b"POST / HTTP/1.1\r\n\r\n")
    assert not ours._line.out, "and the request is not sent again"


@pytest.mark.parametrize("status", [200, 400, 429, 503])
def test_the_answers_of_the_server_are_ordinary(status: int) -> None:
    data = (
        b"HTTP/1.1 %d Any Words\r\nX-Powered-By: Express\r\nContent-Type: application/json; charset=utf-8\r\n"
        b'Content-Length: 15\r\nETag: W/"f"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n'
        % status
    ) + b'{"status":"ok"}'
    found = read(exchanges(), data)
    assert found is not None
    assert found == by_h11(data)


def test_an_end_in_place_of_an_answer_is_what_httpcore_says() -> None:
    with pytest.raises(httpcore.RemoteProtocolError, match="disconnected"):
        read(exchanges(), b"")


def test_a_request_is_written_as_h11_writes_it() -> None:
    sent = [*HEADERS, (b"Content-Length", b"2")]
    h11s = h11.Connection(h11.CLIENT)
    theirs = h11s.send(h11.Request(method="POST", target="/api/v2/projects/stop", headers=sent))
    assert exchanges()._bytes(request(sent)) == (theirs or b"") + b"{}"


REFUSED: dict[str, httpcore.Request] = {
    "no length": request(HEADERS),
    "another length": request([*HEADERS, (b"Content-Length", b"3")]),
    "two lengths": request([*HEADERS, (b"Content-Length", b"2"), (b"content-length", b"2")]),
    "no host": request([*HEADERS[1:], (b"Content-Length", b"2")]),
    "two hosts": request([*HEADERS, (b"host", b"other"), (b"Content-Length", b"2")]),
    "chunks": request([*HEADERS, (b"Content-Length", b"2"), (b"Transfer-Encoding", b"chunked")]),
    "an end": request([*HEADERS, (b"Content-Length", b"2"), (b"Connection", b"close")]),
    "a line end in a value": request([*HEADERS, (b"Content-Length", b"2"), (b"X", b"a\r\nY: b")]),
    "a line end in a name": request([*HEADERS, (b"Content-Length", b"2"), (b"X: a\r\nY", b"b")]),
    "a value in a name": request([*HEADERS, (b"Content-Length", b"2"), (b"X: a", b"b")]),
    "a name that is none": request([*HEADERS, (b"Content-Length", b"2"), (b"X Y", b"a")]),
    "a trace": request([*HEADERS, (b"Content-Length", b"2")], extensions={"trace": print}),
    "another method": request([*HEADERS, (b"Content-Length", b"2")], method="GET"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_another_request_is_left_to_h11(name: str) -> None:
    ours = exchanges()
    assert ours._bytes(request([*HEADERS, (b"Content-Length", b"2")])) is not None
    assert ours._bytes(REFUSED[name]) is None


@pytest.mark.parametrize("kind", [Ordinary, AsyncOrdinary])
def test_who_replaces_what_speaks_http_in_httpcore_is_asked(
    kind: type[Exchanges], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = request([*HEADERS, (b"Content-Length", b"2")])
    connection = httpcore.HTTPConnection if kind is Ordinary else httpcore.AsyncHTTPConnection
    ours = kind(Line(lambda: 0.0), connection(httpcore.Origin(b"http", b"localhost", 80)))
    assert ours._bytes(sent) is not None
    monkeypatch.setattr(kind.INNER, kind.HANDLE, lambda *_: None)
    assert ours._bytes(sent) is None
