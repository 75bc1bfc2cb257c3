"""A server that misbehaves on purpose, on real sockets."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[[socket.socket], object]

OK = b'{"status":"ok"}'
PATIENCE = 60.0
"""Seconds after which something does not come at all, however busy the machine is."""


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another thread is about to do."""
    last = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < last, "it did not come"
        time.sleep(0.001)


class Misbehaving:
    """Answers each request as `behave` does.

    `seen` counts the requests that arrived whole, `answered` those that `behave` is done with, `connections` the accepted ones. They are final
    once the server and its clients are closed.
    """

    def __init__(
        self, behave: Behaviour, *, greet: Behaviour | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.behave = behave
        self.greet = greet
        self.tls = tls
        self.seen = self.answered = 0
        self.connections = 0
        self.methods: set[bytes] = set()
        self.heads: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._last: object = None
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def close(self) -> None:
        """Read what is still under way, until each client has closed its end."""
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self._last = last.getsockname()
            last.connect(("127.0.0.1", self.port))
            self._threads[0].join(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a client did not close its connection"
        self._socket.close()

    def _accept(self) -> None:
        while True:
            connection, peer = self._socket.accept()
            if peer == self._last:
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._converse(connection)
        with contextlib.suppress(OSError):
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        if self.greet is not None:
            self.greet(connection)
            return
        waiting = b""
        while (received := connection.recv(65536)) != b"":
            waiting += received
            while (size := _whole(waiting)) is not None:
                self.methods.add(waiting.split(b" ")[0])
                self.heads.append(waiting.partition(b"\r\n\r\n")[0].lower())
                waiting = waiting[size:]
                self.seen += 1
                try:
                    self.behave(connection)
                finally:
                    self.answered += 1


def _whole(data: bytes) -> int | None:
    """How long the first request is, if all of it has come."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    lengths = [
        line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    ]
    length = int(lengths[0]) if lengths else 0
    return len(head) + 4 + length if len(body) >= length else None


@contextmanager
def misbehaving(behave: Behaviour, **options: object) -> Iterator[Misbehaving]:
    server = Misbehaving(behave, **options)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.close()


def says(body: bytes = OK, status: str = "200 OK", length: int | None = None, **headers: str) -> Behaviour:
    """Answer with that body; a wrong `length` is announced as given."""
    fields = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(length or len(body)),
        **headers,
    }
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())

    def answer(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    return answer


def hangs_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def then(*steps: Behaviour) -> Behaviour:
    def all_of_it(connection: socket.socket) -> None:
        for step in steps:
            step(connection)

    return all_of_it


def sends(data: bytes) -> Behaviour:
    return lambda connection: connection.sendall(data)


def holds(connection: socket.socket) -> None:
    """Say nothing more until the client has closed its end."""
    select.select([connection], [], [])


def waits(seconds: float) -> Behaviour:
    """Say nothing for so long, or until the client has closed its end."""
    return lambda connection: select.select([connection], [], [], seconds)


def drips(piece: bytes, every: float) -> Behaviour:
    """Send the piece again and again until the client has closed its end."""

    def drip(connection: socket.socket) -> None:
        while not select.select([connection], [], [], every)[0]:
            connection.sendall(piece)

    return drip


def endlessly(piece: bytes) -> Behaviour:
    def pour(connection: socket.socket) -> None:
        while True:
            connection.sendall(piece)

    return pour


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Each request meets the next behaviour, the last one goes on."""
    left = list(behaviours)
    return lambda connection: (left.pop(0) if len(left) > 1 else left[0])(connection)
