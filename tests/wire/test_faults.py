"""What can go wrong on the wire, on real sockets: which error it is, and how often the server saw the call.

`projects/stop` may be repeated, `projects/create` may not: whatever happens, the server never sees that one twice.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from cocalc_facade import (
    AsyncCoCalc,
    CoCalcError,
    ConnectionFailed,
    ServerError,
    TimedOut,
    Timeout,
    UnexpectedResponse,
)
from cocalc_facade._wire.clock import Clock

from .sockets import (
    Behaviour,
    drips,
    endlessly,
    hangs_up,
    holds,
    in_turn,
    misbehaving,
    resets,
    says,
    sends,
    then,
    until,
)
from .wires import KEY, PROJECT, connected

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GZIPPED = HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9999\r\n\r\n" + gzip.compress(b"{}")
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b" " * 20_000_000)
TLS = Path(__file__).parent.parent / "data" / "tls"


class Impatient(Clock):
    """Real time, but nobody waits between the tries."""

    waits: list[float]

    def __init__(self) -> None:
        self.waits = []

    def sleep(self, seconds: float) -> None:  # type: ignore[override]
        self.waits.append(seconds)

    async def asleep(self, seconds: float) -> None:
        self.waits.append(seconds)


class Hurried(Impatient):
    """A second passes whenever somebody looks at the time."""

    time = 0.0

    def now(self) -> float:  # type: ignore[override]
        self.time += 1
        return self.time


class Fault(NamedTuple):
    """`endless` faults never let a single wait become too long: only the total ends them."""

    name: str
    behave: Behaviour
    error: type[CoCalcError]
    repeated: bool
    endless: bool = False


def endless(name: str, *steps: Behaviour) -> Fault:
    return Fault(name, then(*steps), TimedOut, repeated=False, endless=True)


FAULTS = (
    Fault("reset after the request is read", resets, ConnectionFailed, repeated=True),
    Fault("closed without an answer", hangs_up, ConnectionFailed, repeated=True),
    Fault("closed inside the headers", then(sends(HEAD), hangs_up), ConnectionFailed, repeated=True),
    Fault("truncated body", then(says(b'{"sta', length=15), hangs_up), UnexpectedResponse, repeated=True),
    Fault(
        "truncated chunks",
        then(sends(CHUNKED + b'5\r\n{"sta\r\n'), hangs_up),
        UnexpectedResponse,
        repeated=True,
    ),
    Fault("wrong length", says(b'{"status":"ok"}', length=9), UnexpectedResponse, repeated=False),
    Fault("slow headers", holds, TimedOut, repeated=True),
    endless("dripped status line", sends(b"HTTP/1.1 200 "), drips(b"O", 0.005)),
    endless("dripped headers", sends(HEAD + b"X-A: "), drips(b"a", 0.005)),
    endless("early hints", drips(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 0.005)),
    endless("a flood of early hints", endlessly(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)),
    endless("slow body", sends(HEAD + b"Content-Length: 4000\r\n\r\n"), drips(b" ", 0.005)),
    endless("dripped size of a chunk", sends(CHUNKED + b"2;x="), drips(b"y", 0.005)),
    endless("dripped chunks", sends(CHUNKED), drips(b"1\r\n \r\n", 0.005)),
    endless("dripped trailers", sends(CHUNKED + b"2\r\n{}\r\n0\r\nX-T: "), drips(b"t", 0.005)),
    endless("a compressed body that gives nothing", sends(GZIPPED), drips(b"\0", 0.005)),
    endless("a body without length", sends(HEAD.replace(b"1.1", b"1.0") + b"\r\n"), drips(b" ", 0.005)),
    Fault("stuck body", then(sends(HEAD + b"Content-Length: 40\r\n\r\n{"), holds), TimedOut, repeated=True),
    Fault(
        "garbage",
        then(sends(b"\x16\x03\x01 what is this?\r\n\r\n"), hangs_up),
        UnexpectedResponse,
        repeated=False,
    ),
    Fault(
        "502 with HTML",
        says(b"<html>", "502 Bad Gateway", Content_Type="text/html"),
        ServerError,
        repeated=True,
    ),
    Fault(
        "520",
        says(b"", "520 Unknown", Content_Type="text/html"),
        ServerError,
        repeated=False,
    ),
    Fault(
        "endless body",
        then(sends(CHUNKED), endlessly(b"1000\r\n" + b" " * 4096 + b"\r\n")),
        UnexpectedResponse,
        repeated=False,
    ),
    Fault("gzip bomb", says(BOMB, Content_Encoding="gzip"), UnexpectedResponse, repeated=False),
    Fault(
        "broken gzip", says(b"no gzip at all", Content_Encoding="gzip"), UnexpectedResponse, repeated=False
    ),
    Fault(
        "truncated gzip",
        says(gzip.compress(b'{"a":1}')[:-6], Content_Encoding="gzip"),
        UnexpectedResponse,
        repeated=True,
    ),
    Fault(
        "junk after a compressed body",
        says(gzip.compress(b'{"a":1}') + b"junk", Content_Encoding="gzip"),
        UnexpectedResponse,
        repeated=False,
    ),
    Fault(
        "a second compressed part that breaks off",
        says(gzip.compress(b'{"a":1}') + gzip.compress(b" ")[:-6], Content_Encoding="gzip"),
        UnexpectedResponse,
        repeated=True,
    ),
    Fault("an encoding not asked for", says(b"x", Content_Encoding="br"), UnexpectedResponse, repeated=False),
    Fault(
        "headers without end",
        then(sends(HEAD), endlessly(b"X-More: " + b"x" * 4000 + b"\r\n")),
        UnexpectedResponse,
        repeated=False,
    ),
)


def limits(fault: Fault) -> dict[str, Any]:
    """Time runs out only for the faults that are about time: those never end by themselves."""
    if fault.endless:
        return {"timeout": Timeout(30), "_clock": Hurried()}
    return {"timeout": Timeout(read=0.1 if fault.error is TimedOut else 70), "_clock": Impatient()}


def test_the_page_shows_these_faults() -> None:
    from . import fault_table

    assert fault_table.page() == fault_table.PAGE.read_text("utf-8"), "python -m tests.wire.fault_table"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_call_that_may_do_harm_is_never_seen_twice(kind: str, fault: Fault) -> None:
    with (
        misbehaving(fault.behave) as server,
        connected(kind, None, server.url, max_response_bytes=100_000, **limits(fault)) as both,
        pytest.raises(fault.error) as caught,
    ):
        both.call("projects/create", {"title": "x"})
    assert type(caught.value) is fault.error
    assert (server.seen, server.connections) == (1, 1)
    assert server.methods <= {b"POST"}
    assert caught.value.maybe_executed is True
    assert caught.value.path == "projects/create"
    assert len(caught.value.attempts) == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if not fault.endless], ids=lambda fault: fault.name
)
def test_nor_is_it_on_a_connection_that_has_served_before(kind: str, fault: Fault) -> None:
    with (
        misbehaving(in_turn(says(), fault.behave)) as server,
        connected(kind, None, server.url, max_response_bytes=100_000, **limits(fault)) as both,
    ):
        both.call("projects/stop", {"project_id": PROJECT})
        with pytest.raises(fault.error) as caught:
            both.call("projects/create", {"title": "x"})
    assert type(caught.value) is fault.error
    assert (server.seen, server.connections) == (2, 1)
    assert caught.value.maybe_executed is True
    assert len(caught.value.attempts) == 1


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_harmless_call_is_repeated_when_that_may_help(kind: str, fault: Fault) -> None:
    options = limits(fault)
    with (
        misbehaving(fault.behave) as server,
        connected(kind, None, server.url, max_response_bytes=100_000, **options) as both,
    ):
        both.client._session.routes["projects/stop"].idempotent = True
        with pytest.raises(fault.error) as caught:
            both.call("projects/stop", {"project_id": PROJECT})
    assert type(caught.value) is fault.error
    assert server.connections == (3 if fault.repeated and fault.error is not ServerError else 1)
    assert server.seen == (3 if fault.repeated else 1)
    assert len(options["_clock"].waits) == (2 if fault.repeated else 0)


async def test_the_total_time_ends_a_call_that_no_other_limit_ends() -> None:
    with misbehaving(in_turn(says(), holds)) as server:
        async with AsyncCoCalc(KEY, server.url) as client:
            await client.call("new/route")
            with pytest.raises(TimedOut, match="total time") as caught:
                await client.with_options(timeout=Timeout(0.2)).call("new/route")
        assert caught.value.maybe_executed is True


def test_a_connection_that_is_reset_before_the_request_is_read_runs_nothing(kind: str) -> None:
    with (
        misbehaving(says(), greet=resets) as server,
        connected(kind, None, server.url, _clock=Impatient()) as both,
    ):
        with pytest.raises(ConnectionFailed):
            both.call("projects/create", {"title": "x"})
        assert server.seen == 0


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def test_a_refused_connection_is_tried_again_for_any_call_because_nothing_was_sent(kind: str) -> None:
    clock = Impatient()
    with connected(kind, None, f"http://localhost:{closed_port()}", _clock=clock) as both:
        with pytest.raises(ConnectionFailed) as caught:
            both.call("projects/create", {"title": "x"})
        assert caught.value.maybe_executed is False
        assert len(caught.value.attempts) == 3
        assert len(clock.waits) == 2


def test_a_connection_that_the_server_closed_while_idle_fails_no_call_and_repeats_none(kind: str) -> None:
    with misbehaving(then(says(), hangs_up)) as server, connected(kind, None, server.url) as both:
        for _ in range(3):
            assert both.call("new/route", {"title": "x"}) == {"status": "ok"}
            until(lambda: server.answered == server.seen)
        assert server.seen == 3
        assert server.connections == 3


def test_an_idle_connection_is_not_used_once_the_server_may_be_closing_it(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cocalc_facade._wire.network.lanes.IDLE", 0.05)
    with misbehaving(says()) as server, connected(kind, None, server.url) as both:
        both.call("new/route", {"title": "x"})
        time.sleep(0.1)
        both.call("new/route", {"title": "x"})
        assert (server.seen, server.connections) == (2, 2)


def test_one_connection_serves_calls_in_a_row(kind: str) -> None:
    with misbehaving(says()) as server, connected(kind, None, server.url) as both:
        for _ in range(5):
            both.call("new/route", {"title": "x"})
        assert (server.seen, server.connections) == (5, 1)


def test_503_with_retry_after_is_waited_for_as_told(kind: str) -> None:
    clock = Impatient()
    busy = says(b"busy", "503 Service Unavailable", Retry_After="7", Content_Type="text/plain")
    with (
        misbehaving(in_turn(busy, says())) as server,
        connected(kind, None, server.url, _clock=clock) as both,
    ):
        both.client._session.routes["projects/stop"].idempotent = True
        assert both.call("projects/stop", {"project_id": PROJECT}) == {"status": "ok"}
        assert server.seen == 2
        assert clock.waits == [7.0]


def test_503_on_a_call_that_may_do_harm_is_an_error_at_once(kind: str) -> None:
    busy = says(b"busy", "503 Service Unavailable", Retry_After="7", Content_Type="text/plain")
    with misbehaving(busy) as server, connected(kind, None, server.url, _clock=Impatient()) as both:
        with pytest.raises(ServerError, match="busy"):
            both.call("projects/create", {"title": "x"})
        assert server.seen == 1


def test_a_redirect_is_not_followed_and_the_other_host_sees_nothing(kind: str) -> None:
    with misbehaving(says()) as other:
        away = says(b"", "308 Permanent Redirect", Location=f"{other.url}/api/v2/projects/create")
        with misbehaving(away) as server, connected(kind, None, server.url) as both:
            with pytest.raises(UnexpectedResponse) as caught:
                both.call("projects/create", {"title": "x"})
            assert caught.value.location == f"{other.url}/api/v2/projects/create"
            assert other.url in str(caught.value)
            assert (server.seen, other.connections) == (1, 0)


def test_a_certificate_for_another_name_ends_the_call_before_anything_is_sent(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "wrong-name.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "wrong-name.pem", TLS / "wrong-name.key")
    clock = Impatient()
    with misbehaving(says(), tls=context) as server, connected(kind, None, server.url, _clock=clock) as both:
        with pytest.raises(ConnectionFailed, match="certificate") as caught:
            both.call("projects/create", {"title": "x"})
        assert caught.value.maybe_executed is False
        assert server.seen == 0
        assert clock.waits == []


def test_the_start_of_a_body_that_broke_off_is_kept(kind: str) -> None:
    with (
        misbehaving(then(says(b'{"sta', length=15), hangs_up)) as server,
        connected(kind, None, server.url) as both,
    ):
        with pytest.raises(UnexpectedResponse) as caught:
            both.call("projects/create")
        assert caught.value.body == '{"sta'


def test_instrumented_transports_see_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    original = httpx.HTTPTransport.handle_request
    traced = []

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        request.headers["traceparent"] = "00-1-1-01"
        response = original(self, request)
        traced.append((request.method, request.url.path, response.status_code))
        return response

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    with misbehaving(says()) as server, connected("sync", None, server.url) as both:
        both.call("new/route")
    assert traced == [("POST", "/api/v2/new/route", 200)]


def test_gzip_and_both_kinds_of_deflate_are_decompressed(kind: str) -> None:
    import zlib

    raw = zlib.compressobj(wbits=-15)
    for coding, body in (
        ("gzip", gzip.compress(b'{"status":"ok"}')),
        ("deflate", zlib.compress(b'{"status":"ok"}')),
        ("deflate", raw.compress(b'{"status":"ok"}') + raw.flush()),
        ("identity", b'{"status":"ok"}'),
    ):
        with (
            misbehaving(says(body, Content_Encoding=coding)) as server,
            connected(kind, None, server.url) as both,
        ):
            assert both.call("new/route", {"title": "x"}) == {"status": "ok"}
