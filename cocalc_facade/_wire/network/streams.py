"""The network of httpcore for calling threads: what its own does, within the time of the call, and without the key in its requests."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Generator, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import httpcore

from cocalc_facade._wire.interrupts import raised_by_a_handler

from .line import Line
from .resolver import resolve
from .tls import CHUNK, Tls

T = TypeVar("T")
SMALL = 65536
"""Bytes that are sent together with what follows: the header and the body of most requests."""


class Backend(httpcore.NetworkBackend):
    """Connects for one lane."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - is not asked for
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers; each has its share of the time."""
        line = self._line
        begun, seconds = time.monotonic(), line.left(timeout)
        try:
            found = resolve(host, port, seconds)
            for tried, (family, kind, protocol, _, address) in enumerate(found, 1):
                share = (begun + seconds - time.monotonic()) / (len(found) + 1 - tried)
                line.open(socket.socket(family, kind, protocol))
                try:
                    line.socket.settimeout(max(share, 0.001))
                    line.socket.connect(address)
                    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return Stream(line, line.socket)
                except OSError as error:
                    line.close()
                    if tried == len(found) or raised_by_a_handler(error):
                        raise
        except TimeoutError as error:
            raise _meant(error, httpcore.ConnectTimeout) from None
        except OSError as error:
            raise _meant(error, httpcore.ConnectError) from None
        raise httpcore.ConnectError(f"{host} has no address")


class Stream(httpcore.NetworkStream):
    """A connection for the calls of one lane, one after the other."""

    def __init__(self, line: Line, carrier: Any) -> None:
        self._line = line
        self._carrier = carrier
        self._limit: float | None = None
        line.stream = self

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Send what waits to be sent, and give what comes."""
        line, carrier = self._line, self._carrier
        if came := line.before():
            return came
        if line.out:
            with suppress(httpcore.WriteError):  # whoever does not want to read more may have said why
                self._send()
        left = line.left(timeout)
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
        try:
            carrier.settimeout(left)
            return line.take(carrier.recv(max_bytes))
        except TimeoutError as error:
            raise _meant(error, httpcore.ReadTimeout) from None
        except OSError as error:
            raise _meant(error, httpcore.ReadError) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Keep what is small, to be sent with what follows it, at the latest before an answer is read."""
        self._limit = timeout
        self._line.put(buffer)
        if len(self._line.out) > SMALL:
            self._send()

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Give the connection with TLS on top; the handshake ends in time, however its parts come."""
        line, below = self._line, self._carrier
        left = line.left(timeout)
        if left <= 0:
            raise httpcore.ConnectTimeout("the time is over")
        try:
            below.settimeout(left)
            if isinstance(below, ssl.SSLSocket):
                secure: Any = Tunnel(below, ssl_context, server_hostname)
            else:
                secure = line.socket = ssl_context.wrap_socket(
                    below, server_hostname=server_hostname, do_handshake_on_connect=False
                )
            secure.do_handshake()
            line.unread = secure.pending
            return Stream(line, secure)
        except TimeoutError as error:
            line.close()
            raise _meant(error, httpcore.ConnectTimeout) from None
        except OSError as error:
            line.close()
            raise _meant(error, httpcore.ConnectError) from None

    def get_extra_info(self, info: str) -> Any:
        """Give what httpcore wants to know of the connection."""
        if info == "ssl_object":
            return self._carrier if self._line.unread is not None else None
        if info == "is_readable":
            return self._line.readable()
        if info == "socket":
            return self._line.socket
        if info == "client_addr":
            return self._line.socket.getsockname()
        if info == "server_addr":
            return self._line.socket.getpeername()
        return None

    def _send(self) -> None:
        line, carrier = self._line, self._carrier
        if line.ready and not line.asked:
            self._listen()
            line.asked = True
        rest, line.out = memoryview(line.out), b""
        try:
            while rest:
                left = line.left(self._limit)
                if left <= 0:
                    raise httpcore.WriteTimeout("the time is over")
                carrier.settimeout(left)
                rest = rest[carrier.send(rest) :]
        except TimeoutError as error:
            raise _meant(error, httpcore.WriteTimeout) from None
        except OSError as error:
            raise _meant(error, httpcore.WriteError) from None

    def _listen(self) -> None:
        """Refuse a connection on which an answer, or the end, has come before the request."""
        if not self._line.readable():
            return
        if self._line.unread is not None:
            try:
                self._carrier.settimeout(0)
                self._carrier.recv(1)
            except (ssl.SSLWantReadError, TimeoutError) as error:
                if raised_by_a_handler(error):
                    raise
                return  # what has come is TLS's own
            except OSError as error:
                raise _meant(error, httpcore.ConnectError) from None
        raise httpcore.ConnectError("the other side spoke, or hung up, before it was asked")


class Tunnel:
    """TLS inside of the TLS of a proxy, with what a stream needs of a socket."""

    def __init__(self, below: ssl.SSLSocket, context: ssl.SSLContext, name: str | None) -> None:
        self._below = below
        self._tls = Tls(context, name)
        self.pending = self._tls.object.pending
        self.selected_alpn_protocol = self._tls.object.selected_alpn_protocol
        self.settimeout(below.gettimeout() or 0.0)

    def do_handshake(self) -> None:
        """Agree on keys, and see who it is."""
        self._run(self._tls.handshake())

    def settimeout(self, seconds: float) -> None:
        """Bound what comes next."""
        self._end = time.monotonic() + seconds

    def recv(self, most: int) -> bytes:
        """Give what comes."""
        return self._run(self._tls.read(most))

    def send(self, data: bytes) -> int:
        """Send all of it."""
        return self._run(self._tls.write(data))

    def _run(self, steps: Generator[bytes, bytes, T]) -> T:
        came: Any = None
        try:
            while True:
                goes = steps.send(came)
                came = None
                self._below.settimeout(max(self._end - time.monotonic(), 0.001))
                if goes:
                    self._below.sendall(goes)
                else:
                    came = self._below.recv(CHUNK)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


def _meant(error: OSError, kind: type[Exception]) -> Exception:
    """Give the exception of httpcore for one of the system; one that a signal's handler raised stays what it is."""
    return error if raised_by_a_handler(error) else kind(str(error))
