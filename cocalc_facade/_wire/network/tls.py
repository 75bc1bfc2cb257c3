"""TLS over bytes that somebody else carries: for event loops, and through proxies that speak TLS themselves."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
CHUNK = 65536


class Tls:
    """One side of a TLS connection, without any input or output.

    `read`, `write` and `handshake` are generators: what they yield is to be sent; when it is nothing, they want what has come.
    """

    def __init__(self, context: ssl.SSLContext, name: str | None) -> None:
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self._came, self._goes, server_hostname=name)

    def handshake(self) -> Generator[bytes, bytes, None]:
        """Agree on keys, and see who it is."""
        return self._run(self.object.do_handshake)

    def read(self, most: int) -> Generator[bytes, bytes, bytes]:
        """Give what came, in clear; nothing at its end."""
        try:
            return (yield from self._run(lambda: self.object.read(most)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def write(self, data: bytes) -> Generator[bytes, bytes, int]:
        """Send all of it."""
        return self._run(lambda: self.object.write(data))

    def now(self) -> bytes | None:
        """Give what is here already, in clear, or that the end is; None when neither is."""
        try:
            return self.object.read(CHUNK)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError:
            return b""

    def came(self, data: bytes) -> None:
        """Take what has come; nothing means that no more comes."""
        if data:
            self._came.write(data)
        else:
            self._came.write_eof()

    def _run(self, action: Callable[[], T]) -> Generator[bytes, bytes, T]:
        while True:
            done: tuple[T] | None = None
            with suppress(ssl.SSLWantReadError):
                done = (action(),)
            goes = self._goes.read()
            if goes:
                yield goes
            if done is not None:
                return done[0]
            self.came((yield b""))
