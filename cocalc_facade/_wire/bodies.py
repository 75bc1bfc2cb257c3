"""The body of an answer as it comes in: bounded in size and time, decompressed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flow import Request, Sink

START = 300
GZIP = b"\x1f\x8b"


class UnreadableError(Exception):
    """The body cannot be taken: why, as a `Fault` says it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Body:
    """Collects chunks; raises `UnreadableError` as soon as there are too many bytes, no time left, or no sense in them."""

    __slots__ = ("_deadline", "_inflate", "_limit", "_now", "_parts", "_sink", "_size")

    def __init__(self, headers: Mapping[str, str], step: Request, now: Callable[[], float]) -> None:
        self._limit = step.limit
        self._deadline = step.deadline
        self._now = now
        self._parts: list[bytes] = []
        self._size = 0
        self._sink: Sink | None = None
        self._inflate: _Inflater | None = None
        coding = headers.get("content-encoding")
        if coding is not None and coding.strip().lower() not in ("", "identity"):
            self._inflate = _Inflater(coding.strip().lower())

    def pour(self, sink: Sink) -> None:
        """Hand on what comes, instead of keeping it."""
        self._sink = sink

    def add(self, chunk: bytes) -> None:
        """Take what came."""
        if self._inflate is not None:
            chunk = self._inflate.more(chunk, self._limit - self._size + 1)
        self._size += len(chunk)
        if self._size > self._limit:
            raise UnreadableError("too-large", f"the answer is larger than the limit of {self._limit} bytes")
        if self._sink is None:
            self._parts.append(chunk)
        elif not self._sink(chunk):
            raise UnreadableError("unwanted", "the answer was not taken to its end")
        if self._now() > self._deadline:
            raise UnreadableError("timeout", "no whole answer before the call's total time was over")

    def start(self) -> bytes:
        """Give the first bytes, for an error to show."""
        found = b""
        for part in self._parts:
            if len(found) >= START:
                break
            found += part[:START]
        return found[:START]

    def whole(self) -> bytes:
        """All of it, when the end has come."""
        if self._inflate is not None:
            self._inflate.end()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


class _Inflater:
    """gzip and deflate, never giving more than it is asked for.

    gzip has as many members as it likes, one after the other. What follows the last one is not kept, and said at the end; zeros are padding.
    """

    def __init__(self, coding: str) -> None:
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise UnreadableError(
                "encoding", f"the answer's content encoding {coding[:40]!r} was not asked for"
            )
        self._raw_allowed = coding == "deflate"
        self._head = b""
        self._stream: Any = None
        self._members = 0
        self._junk = False

    def more(self, chunk: bytes, most: int) -> bytes:
        """Give what the chunk decompresses to, at most `most` bytes: more than that is over the limit anyway."""
        parts = []
        while chunk and not self._junk:
            if self._stream is None or self._stream.eof:
                chunk = self._next(chunk)
                if not chunk:
                    break
            stream: Any = self._stream
            try:
                part = stream.decompress(chunk, most)
            except zlib.error as error:
                raise UnreadableError("encoding", f"the answer cannot be decompressed: {error}") from None
            parts.append(part)
            most -= len(part)
            if most <= 0:
                break
            chunk = stream.unused_data if stream.eof else b""
        return b"".join(parts)

    def end(self) -> None:
        """Check that nothing is missing, and that nothing else follows."""
        if self._junk:
            raise UnreadableError("encoding", "something follows the answer's compressed body")
        complete = (self._stream is None or self._stream.eof) and not self._head
        if not complete:
            raise UnreadableError("truncated", "the answer broke off inside its compressed body")

    def _next(self, chunk: bytes) -> bytes:
        """Begin with the next member, as soon as its first two bytes are here; gives what to decompress."""
        head = self._head + chunk
        if self._members:
            head = head.lstrip(b"\0")
        self._head = head[:2] if len(head) < 2 else b""
        if len(head) < 2:
            self._junk = bool(self._members and head and head != GZIP[:1])
            return b""
        if self._members and (self._raw_allowed or head[:2] != GZIP):
            self._junk = True
            return b""
        self._members += 1
        self._stream = zlib.decompressobj(self._window(head))
        return head

    def _window(self, head: bytes) -> int:
        zlib_header = head[0] & 15 == 8 and (head[0] * 256 + head[1]) % 31 == 0
        if self._raw_allowed and not zlib_header:
            return -zlib.MAX_WBITS  # what some servers call deflate
        return zlib.MAX_WBITS | 32
