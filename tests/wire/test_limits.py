"""The total ends a call, whatever takes so long: names, addresses, handshakes, reading, writing, and who is served before it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx
import pytest

from cocalc_facade import (
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    ConfigurationError,
    ConnectionFailed,
    TimedOut,
    Timeout,
)
from cocalc_facade._wire.network import async_streams, resolver, streams
from cocalc_facade._wire.network.line import Line

from .secure import CERTIFICATE, server_side
from .sockets import Misbehaving, drips, holds, misbehaving, says, sends, then, waits
from .wires import KEY, connected

LONG = 20
"""Seconds after which even the busiest machine has ended a call of one second."""


def fails_in_time(kind: str, url: str, total: float | Timeout = 1.0, **options: Any) -> CoCalcError:
    begin = time.monotonic()
    with (
        connected(kind, None, url, timeout=total, max_retries=0, **options) as both,
        pytest.raises(CoCalcError) as caught,
    ):
        both.call("projects/create", {"title": "x"})
    assert time.monotonic() - begin < LONG
    return caught.value


@contextmanager
def deaf(hears: Callable[[socket.socket], object] = lambda _: None) -> Iterator[Misbehaving]:
    """A server that reads nothing, or a little every now and then, until the block ends."""
    end = threading.Event()

    def listen(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while not end.wait(0.05):
            hears(connection)

    with misbehaving(says(), greet=listen) as server:
        try:
            yield server
        finally:
            end.set()


def hello_dripped(connection: socket.socket) -> None:
    """A record of TLS that is announced to be long and comes byte by byte."""
    connection.recv(65536)
    drips(b"\x16\x03\x03\x40\x00" + b"\x02", 0.05)(connection)


@pytest.mark.parametrize(
    "server", [deaf, lambda: misbehaving(says(), greet=hello_dripped)], ids=["silent", "dripping"]
)
def test_a_handshake_that_does_not_end(kind: str, server: Any) -> None:
    with server() as at:
        error = fails_in_time(kind, at.url.replace("http:", "https:"))
    assert type(error) is TimedOut or "SSL" in str(error)
    assert error.maybe_executed is False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "hears", [lambda _: None, lambda connection: connection.recv(512)], ids=["nothing", "a little"]
)
def test_a_server_that_does_not_read(kind: str, hears: Any) -> None:
    with deaf(hears) as server:
        begin = time.monotonic()
        with (
            connected(kind, None, server.url, timeout=1.0, max_retries=0) as both,
            pytest.raises(TimedOut) as caught,
        ):
            both.call("new/route", {"text": "x" * 1_000_000})
        assert time.monotonic() - begin < LONG
        assert caught.value.maybe_executed is True


@pytest.fixture
def lost_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A resolver that does not answer."""
    release = threading.Event()

    def hang(*_: object, **__: object) -> Any:
        release.wait(60)
        raise socket.gaierror("gone")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield
    release.set()


def test_a_name_that_nobody_resolves(kind: str, lost_names: None) -> None:
    """Nor does the end of an event loop wait for it."""
    error = fails_in_time(kind, "https://nowhere.example")
    assert type(error) is TimedOut
    assert error.maybe_executed is False
    assert "time" in str(error)


def test_a_name_that_does_not_exist_is_said_at_once(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = fails_in_time(kind, "https://nowhere.example", 30.0)
    assert "Name or service not known" in str(error)
    assert error.maybe_executed is False  # type: ignore[attr-defined]


def wide(text: str) -> str:
    """The same in letters of full width."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


@pytest.mark.parametrize(
    "name",
    [wide("localhost"), f"{wide('127')}.0.0.1", f"{chr(0xFC) * 60}.example", f"xn--{chr(0xFC)}.example"],
)
def test_a_name_that_no_host_can_have_is_refused_and_nobody_is_asked_for_it(
    kind: str, name: str, lost_names: None
) -> None:
    """Nor is a proxy, which would take some of them for this machine."""
    error = fails_in_time(kind, f"https://{name}", 30.0)
    assert type(error) is ConfigurationError
    assert "base_url names a host that cannot be" in str(error)


def test_a_name_that_the_resolver_cannot_even_write_is_unknown(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_: object, **__: object) -> Any:
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", unwritable)
    error = fails_in_time(kind, "https://nowhere.example", 30.0)
    assert type(error) is ConnectionFailed
    assert error.maybe_executed is False


@pytest.fixture
def full() -> Iterator[int]:
    """A port that answers no attempt to connect: as many as it lets wait are waiting."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = []
        for _ in range(8):
            made = socket.socket()
            made.setblocking(False)
            made.connect_ex(address)
            waiting.append(made)
        yield address[1]
        for made in waiting:
            made.close()


def several(port: int, *others: int) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", each)) for each in (port, *others)]


def test_addresses_that_do_not_answer_share_the_time(
    kind: str, full: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "look_up", lambda name, port: several(full, full, full))
    monkeypatch.setattr(async_streams, "look_up", lambda name, port: several(full, full, full))
    error = fails_in_time(kind, "http://127.0.0.1:1", Timeout(60, connect=1.0))
    assert type(error) is TimedOut
    assert error.maybe_executed is False


def test_the_next_address_is_taken_when_the_first_does_not_answer(
    kind: str, full: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with misbehaving(says()) as server:
        for module in (resolver, async_streams):
            monkeypatch.setattr(module, "look_up", lambda name, port: several(full, server.port))
        with connected(kind, None, "http://127.0.0.1:1", timeout=Timeout(60, connect=3.0)) as both:
            assert both.call("new/route") == {"status": "ok"}
            assert server.seen == 1


def test_the_next_address_is_taken_when_the_first_refuses(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    with misbehaving(says()) as server:
        for module in (resolver, async_streams):
            monkeypatch.setattr(module, "look_up", lambda name, port: several(closed, closed, server.port))
        with connected(kind, None, "http://127.0.0.1:1") as both:
            assert both.call("new/route") == {"status": "ok"}


def test_what_is_called_this_machine_is_never_another(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))
    asked: list[str] = []

    def answer(name: str, *_: Any, **__: Any) -> Any:
        asked.append(name)
        return [elsewhere]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    error = fails_in_time(kind, "http://jupyter.localhost:1", 30.0)
    assert "is not this machine" in str(error)
    assert set(asked) == {"localhost"}


def busy(kind: str, url: str) -> Any:
    """Hold the only connection of a client while another call waits for it."""
    if kind == "sync":
        with CoCalc(KEY, url, max_connections=1, timeout=30.0) as client:
            thread = threading.Thread(target=lambda: client.call("new/route"))
            thread.start()
            while client._driver.transport._pid == 0 or client._driver.transport._turns._value:
                time.sleep(0.001)
            try:
                client.call("new/route", timeout=0.5)
            finally:
                thread.join()
        return None

    async def tasks() -> None:
        async with AsyncCoCalc(KEY, url, max_connections=1, timeout=30.0) as client:
            first = asyncio.create_task(client.call("new/route"))
            await asyncio.sleep(0)
            try:
                await client.call("new/route", timeout=0.5)
            finally:
                await first

    return asyncio.run(tasks())


def test_waiting_for_a_connection(kind: str) -> None:
    with misbehaving(then(waits(2), says())) as server:
        with pytest.raises(TimedOut, match="no connection became free") as caught:
            busy(kind, server.url)
        assert caught.value.maybe_executed is False
        assert server.seen == 1


def test_the_parts_of_a_call_share_its_time(kind: str) -> None:
    """Each part alone keeps to its limit, and each begins late."""
    slowly = then(
        waits(0.6),
        sends(b"HTTP/1.1 200 OK\r\n"),
        waits(0.6),
        sends(b"Content-Length: 9\r\n\r\n"),
        waits(0.6),
        sends(b"123"),
        holds,
    )
    with misbehaving(slowly) as server:
        error = fails_in_time(kind, server.url, Timeout(1.5, read=1.4))
    assert type(error) is TimedOut
    assert "total" in str(error)
    assert error.maybe_executed is True


def test_a_client_that_was_given_is_bounded_where_it_lets_itself_be() -> None:
    """Its headers may come for as long as they like, each wait within the limit; its body ends in time."""
    late = then(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"), waits(1.0), sends(b" "), holds)
    with misbehaving(late) as server, httpx.Client() as given:
        begin = time.monotonic()
        with (
            CoCalc(KEY, server.url, http_client=given, timeout=1.5, max_retries=0) as client,
            pytest.raises(TimedOut),
        ):
            client.call("new/route")
        assert time.monotonic() - begin < LONG


def line_to(seconds: float) -> Line:
    line = Line(time.monotonic)
    line.begin(time.monotonic() + seconds, None)
    return line


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda stream: stream.read(10), httpcore.ReadTimeout),
        (lambda stream: stream.write(b"x" * 100_000), httpcore.WriteTimeout),
        (lambda stream: stream.start_tls(httpx.create_ssl_context(), "localhost"), httpcore.ConnectTimeout),
    ],
)
def test_nothing_is_begun_when_the_time_is_over(act: Callable[[Any], object], error: type[Exception]) -> None:
    with misbehaving(says()) as server:
        line = line_to(20)
        stream = streams.Backend(line).connect_tcp("localhost", server.port)
        line.deadline = 0.0
        with pytest.raises(error):
            act(stream)
        line.close()


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def test_the_same_over_tls(kind: str, trusted: None) -> None:
    dripping = then(sends(b"HTTP/1.1 200 OK\r\nX-A: "), drips(b"a", 0.05))
    with misbehaving(dripping, tls=server_side()) as server:
        error = fails_in_time(kind, server.url)
    assert type(error) is TimedOut
    assert error.maybe_executed is True
