"""The ordinary exchange on a connection that is open: a POST with a small body, and an answer that comes whole in one piece.

It is written and read here in one pass. Whatever is not ordinary in any way is given to httpcore, and by it to h11, which knows the rest of
HTTP: what was sent is not sent again, and what came is read again.
"""

from __future__ import annotations

import logging
import re
from types import FunctionType
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    from .line import Line

CHUNK = 65536
SMALL = CHUNK // 2
"""Bytes of a request, the key not counted, that a stream keeps back until the answer is read: who does not want to read them may still say why."""
GONE = "Server disconnected without sending a response."

# Each byte fits these patterns in one way only: nothing that comes makes them go back.
_NAME = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_sent = re.compile(rb"POST /[!-~]* HTTP/1\.1\r\n(?:%b: [!-~]+(?: +[!-~]+)*\r\n)+\r\n" % _NAME).fullmatch
_came = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2}) ([ -~]*)\r\n((?:%b:[ \t!-~\x80-\xff]*\r\n)+)\r\n" % _NAME
).match
_EMPTY = frozenset((b"204", b"205", b"304"))
_OTHERWISE = frozenset((b"expect", b"te", b"trailer", b"transfer-encoding", b"upgrade"))
"""With one of these a message is not what its length says."""

_watched = logging.getLogger("httpcore.http11").isEnabledFor

Headers = list[tuple[bytes, bytes]]


class Exchanges:
    """What both kinds have in common: the bytes of what is ordinary, and the connection of httpcore for all else."""

    __slots__ = ("_connection", "_known", "_line")

    HANDLE = ""
    INNER: type

    def __init__(self, line: Line, connection: Any) -> None:
        self._line = line
        self._connection = connection
        self._known: tuple[bytes, int] = (b"", 0)

    def is_idle(self) -> bool:
        """Whether the connection of httpcore waits for another request."""
        idle: bool = self._connection.is_idle()
        return idle

    def _bytes(self, request: httpcore.Request) -> bytes | None:
        """Give an ordinary request as it is sent; None for another one, and while somebody watches what httpcore does."""
        parts: Any = request.stream
        if (
            type(parts).__name__ != "ByteStream"
            or "trace" in request.extensions
            or _watched(logging.DEBUG)
            or replaced(type(self._connection), self.HANDLE)
            or replaced(self.INNER, self.HANDLE)
        ):
            return None
        body: bytes = b"".join(parts)
        fields = b"".join([b"%b: %b\r\n" % field for field in request.headers])
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method, request.url.target, fields)
        known = (head, len(body))
        if known != self._known:
            lines = head.count(b"\r\n") - 2  # no header has made two of itself
            if (
                _sent(head) is None
                or lines != len(request.headers)
                or not _whole(request.headers, len(body), asked=True)
            ):
                return None
            self._known = known
        return head + body if len(head) + len(body) <= SMALL else None

    def _response(self, data: bytes) -> httpcore.Response | None:
        """Give what came, if it is an ordinary answer and nothing else; otherwise it is to be read again, and there is None."""
        line = self._line
        if not data:
            raise httpcore.RemoteProtocolError(GONE)
        came = data + line.held
        found = _came(came)
        if found is not None:
            status, reason, lines = found.groups()
            headers = [
                (name, value.strip(b" \t"))
                for name, _, value in [field.partition(b":") for field in lines[:-2].split(b"\r\n")]
            ]
            body = came[found.end() :]
            if status not in _EMPTY and _whole(headers, len(body), asked=False):
                line.held = b""
                told = {"http_version": b"HTTP/1.1", "reason_phrase": reason, "network_stream": line.stream}
                return httpcore.Response(int(status), headers=headers, content=body, extensions=told)
        line.again = data
        line.told = True
        return None


class Ordinary(Exchanges):
    """For calling threads."""

    __slots__ = ()

    HANDLE = "handle_request"
    INNER = httpcore.HTTP11Connection

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Give the answer to a request."""
        stream = self._line.stream
        if stream is not None and (sent := self._bytes(request)) is not None:
            limits = request.extensions["timeout"]
            stream.write(sent, limits["write"])
            response = self._response(stream.read(CHUNK, limits["read"]))
            if response is not None:
                return response
        answer: httpcore.Response = self._connection.handle_request(request)
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class AsyncOrdinary(Exchanges):
    """For tasks."""

    __slots__ = ()

    HANDLE = "handle_async_request"
    INNER = httpcore.AsyncHTTP11Connection

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Give the answer to a request."""
        stream = self._line.stream
        if stream is not None and (sent := self._bytes(request)) is not None:
            limits = request.extensions["timeout"]
            await stream.write(sent, limits["write"])
            response = self._response(await stream.read(CHUNK, limits["read"]))
            if response is not None:
                return response
        answer: httpcore.Response = await self._connection.handle_async_request(request)
        return answer

    async def aclose(self) -> None:
        """Close the connection."""
        await self._connection.aclose()


def replaced(kind: type, method: str) -> bool:
    """Tell whether something else stands in the place of a method of httpcore: to watch what it does, or to do it otherwise."""
    there = getattr(kind, method)
    return type(there) is not FunctionType or not there.__globals__["__name__"].startswith("httpcore.")


def _whole(headers: Headers, size: int, *, asked: bool) -> bool:
    """Tell whether these headers leave no doubt where the message ends, and that the connection goes on after it."""
    seen = set()
    for name, value in headers:
        name = name.lower()
        if b":" in name:
            return False
        if name == b"content-length":
            if name in seen or value != b"%d" % size:
                return False
        elif name == b"connection":
            if value.lower() != b"keep-alive":
                return False
        elif name in _OTHERWISE or (name == b"host" and name in seen):
            return False
        seen.add(name)
    return b"content-length" in seen and (b"host" in seen or not asked)
