"""On loopback: the stand-in behind a real socket, with the connection habits of the real server."""

from __future__ import annotations

import contextlib
import gzip
import re
import socket
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from cocalc_facade.testing.wire.http import HEAD_LIMIT, NEWER_BODY_LIMIT, UPLOAD_LIMIT, Request, Response
from cocalc_facade.testing.world.clock import RealClock
from cocalc_facade.testing.world.site import Site

GZIP_FROM = 1024


class Server:
    """A server on loopback while its block lasts.

    Args:
        site: whose address and habits it has.
        respond: what answers.
        host, port: where to listen; port 0 takes a free one.
    """

    def __init__(self, site: Site, respond: Callable[[Request], Response], host: str, port: int) -> None:
        self._site = site
        self._http = _Http((host, port), _handler(site, respond))
        self._thread: threading.Thread | None = None
        shown = f"[{host}]" if ":" in host else host
        self.url: str = f"http://{shown}:{self._http.server_address[1]}{site.base_path}"

    def __enter__(self) -> Server:
        if not self._site.clock_given:
            self._site.clock = RealClock(self._site.clock.now())
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.close_connections()
        self._http.server_close()
        if self._thread is not None:
            self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End connections that are still open, so that their threads end."""
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the server."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site
    respond: Callable[[Request], Response]

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.site.oddities.idle_seconds)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_one_request(self) -> None:
        self.raw_requestline = b""
        with contextlib.suppress(TimeoutError):
            self.raw_requestline = self.rfile.readline(HEAD_LIMIT + 2)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if len(self.raw_requestline) > HEAD_LIMIT:
            self._bare("431 Request Header Fields Too Large")
            return
        if not self.parse_request():
            return
        self._answer()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - the signature of the base class
        """Refuse what is not HTTP, as the server's parser does."""
        self._bare("431 Request Header Fields Too Large" if code == 431 else "400 Bad Request")

    def _bare(self, status: str) -> None:
        self.wfile.write(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n".encode())
        self.close_connection = True

    def _answer(self) -> None:
        if self.request_version == "HTTP/1.1" and "host" not in self.headers:
            self._bare("400 Bad Request")
            return
        begun = self.site.clock.now()
        body = self._body()
        if body is None:
            self._bare("400 Bad Request")
            return
        headers = tuple((key, value) for key, value in self.headers.items())
        response = self.respond(Request(self.command, self.path, headers, body))
        time.sleep(self.site.clock.pass_until(begun + response.seconds))
        self._send(response)

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = self.headers.get("content-length", "0")
        if not re.fullmatch(r"[0-9]{1,15}", length):
            return None
        # One byte over the limit is enough to refuse it, but the connection stays usable only when all is read.
        upload = self.path.partition("?")[0].endswith("/upload")
        limit = UPLOAD_LIMIT if upload else NEWER_BODY_LIMIT
        kept = self.rfile.read(min(int(length), limit + 1))
        rest = int(length) - len(kept)
        while rest > 0:
            piece = self.rfile.read(min(rest, 65_536))
            if not piece:
                return None
            rest -= len(piece)
        return kept

    def _chunks(self) -> bytes | None:
        body = bytearray()
        while True:
            size = re.fullmatch(rb"([0-9a-fA-F]{1,8})[ \t]*(;[^\r\n]*)?\r?\n", self.rfile.readline(4096))
            if size is None:
                return None
            length = int(size[1], 16)
            if not length:
                return bytes(body) if self._trailers() else None
            piece = self.rfile.read(length)
            if len(piece) < length or self.rfile.readline(3) not in (b"\r\n", b"\n"):
                return None
            if len(body) <= NEWER_BODY_LIMIT:
                body += piece

    def _trailers(self) -> bool:
        """Read on to the end of a body in chunks; says whether there is one."""
        for _ in range(100):
            line = self.rfile.readline(HEAD_LIMIT)
            if line in (b"\r\n", b"\n"):
                return True
            if not line.endswith(b"\n"):
                return False
        return False

    def _send(self, response: Response) -> None:
        if response.drop:
            self.close_connection = True
            return
        if response.close or self.request_version == "HTTP/1.0" or self.headers.get("connection") == "close":
            self.close_connection = True
        chunked = self._compress(response)
        lines = [f"HTTP/1.1 {response.status} {response.reason}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.header("content-length") is None and not (chunked or response.status in (204, 304)):
            lines.append(f"Content-Length: {len(response.body)}")
        if response.status != 431:
            lines.append(f"Date: {formatdate(self.site.clock.now(), usegmt=True)}")
        if self.close_connection:
            lines.append("Connection: close")
        else:
            lines.append("Connection: keep-alive")
            if self.site.oddities.idle_seconds is not None:
                lines.append(f"Keep-Alive: timeout={int(self.site.oddities.idle_seconds)}")
        body = response.body[: len(response.body) // 2] if response.cut else response.body
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        self.close_connection |= response.cut

    def _compress(self, response: Response) -> bool:
        """Large bodies go compressed and in chunks to those who take gzip; says whether this one is in chunks."""
        if response.in_chunks:
            response.headers.append(("Transfer-Encoding", "chunked"))
            size = len(response.body)
            response.body = (b"%x\r\n%s\r\n" % (size, response.body) if size else b"") + b"0\r\n\r\n"
            return True
        takes = "gzip" in self.headers.get("accept-encoding", "") and self.request_version == "HTTP/1.1"
        if (
            not takes
            or len(response.body) <= GZIP_FROM
            or response.header("content-type") == "application/pdf"
        ):
            return False
        packed = gzip.compress(response.body, 6, mtime=0)
        response.headers += [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
        response.body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
        return True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Nothing: `standin.requests` is the record."""


def _handler(site: Site, respond: Callable[[Request], Response]) -> type[_Connection]:
    return type("Connection", (_Connection,), {"site": site, "respond": staticmethod(respond)})
