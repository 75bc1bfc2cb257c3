"""A server on loopback that answers as a test tells it, byte for byte."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Answer = bytes | Iterable[bytes | float]


class Web:
    """What was asked of the server, and where it listens."""

    def __init__(self, answers: dict[str, Answer | Callable[[bytes], Answer]]) -> None:
        self.answers = answers
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self.stopped = threading.Event()

    def serve(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(60)
        request = b""
        while b"\r\n\r\n" not in request:
            chunk = connection.recv(65536)
            if not chunk:
                return
            request += chunk
        self.requests.append(request)
        path = request.split(b" ")[1].decode()
        answer = self.answers.get(path, http(b"nothing here", status="404 Not Found", content="text/plain"))
        if callable(answer):
            answer = answer(request)
        for part in [answer] if isinstance(answer, bytes) else answer:
            if self.stopped.is_set():
                return
            if isinstance(part, float):
                time.sleep(part)
            else:
                connection.sendall(part)


def http(
    body: bytes = b"",
    *,
    status: str = "200 OK",
    content: str = "application/json",
    length: bool = True,
    **headers: str,
) -> bytes:
    """An HTTP answer, after which the connection closes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content}", "Connection: close"]
    lines += [f"Content-Length: {len(body)}"] if length else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def web(answers: dict[str, Answer | Callable[[bytes], Answer]]) -> Iterator[Web]:
    server = Web(answers)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(60)
