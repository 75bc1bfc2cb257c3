"""Proxies on real sockets, which note what they are told and tunnel to a server of the test, whatever they are asked for."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress

from .sockets import Misbehaving

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Proxy:
    """A proxy for HTTP (CONNECT) or SOCKS5, in clear or behind TLS; `heard` is all that it was told before a tunnel was made."""

    def __init__(
        self, server: Misbehaving, *, socks: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        self.heard = b""
        self.tunnels = 0
        self._server = server
        self._socks = socks
        self._tls = tls
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        scheme = "socks5" if self._socks else "https" if self._tls else "http"
        return f"{scheme}://localhost:{self.port}"

    def close(self) -> None:
        self._socket.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # which wakes who reads from it
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            if self._socks:
                self._hear(connection, 3)
                connection.sendall(b"\x05\x00")
                self._hear(connection, 4)
                connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
            else:
                while b"\r\n\r\n" not in self.heard:
                    self._hear(connection, 1)
                if not self.heard.startswith(b"CONNECT "):
                    connection.sendall(ANSWER)
                    return
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.tunnels += 1
            beyond = socket.create_connection(("127.0.0.1", self._server.port))
            self._open.append(beyond)
            threading.Thread(target=_carry, args=(beyond, connection), daemon=True).start()
            _carry(connection, beyond)

    def _hear(self, connection: socket.socket, least: int) -> None:
        heard = b""
        while len(heard) < least:
            came = connection.recv(65536)
            if not came:
                raise ConnectionError
            heard += came
        self.heard += heard


def _carry(here: socket.socket, there: socket.socket) -> None:
    with suppress(OSError):
        while came := here.recv(65536):
            there.sendall(came)
    with suppress(OSError):
        there.shutdown(socket.SHUT_RDWR)
