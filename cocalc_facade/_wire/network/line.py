"""One connection as its lane and its streams see it: whose call it serves, how long, and what came that nobody asked for."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from typing import Any

MASK = b"Authorization: ***\r\n"
"""What httpx is told of the key, and with it whatever traces, records or shows its requests."""

REQUESTS = (b"POST ", b"GET ")
"""How a request to the server begins; what is said to a proxy before it begins otherwise."""


class Line:
    """What a lane and the streams of its connection share.

    The key is put into the request here, where its bytes go out. The last byte of whatever comes in is held back until it is asked for:
    when it is not, bytes follow the answer, and would be taken for the next one.
    """

    __slots__ = (
        "_now",
        "_readable",
        "again",
        "asked",
        "authorization",
        "deadline",
        "held",
        "out",
        "ready",
        "socket",
        "stream",
        "told",
        "unread",
    )

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._readable: Callable[[], bool] | None = None
        self.socket: Any = None
        self.stream: Any = None  # what reads and writes on it
        self.unread: Callable[[], object] | None = (
            None  # what TLS has taken from the socket and nobody from it
        )
        self.deadline = 0.0
        self.authorization: bytes | None = None
        self.ready = False  # the request begins in `out`
        self.asked = False  # it is on its way: the server may have read it
        self.told = False  # it has been sent: who says it again is not to be heard
        self.held = b""
        self.again = b""  # what came, for another reader to begin with
        self.out = b""

    def begin(self, deadline: float, authorization: bytes | None) -> None:
        """Serve another call: until when, and with which header line of the key."""
        self.deadline = deadline
        self.authorization = authorization
        self.ready = self.asked = self.told = False

    def left(self, limit: float | None) -> float:
        """Seconds left for what may take `limit`; none when not positive."""
        left = self.deadline - self._now()
        return left if limit is None or left < limit else limit

    def over(self) -> bool:
        """Whether the time of the call is over."""
        return self._now() >= self.deadline

    def open(self, opened: socket.socket) -> None:
        """Hold the socket of a new connection, so that it can be closed without asking anyone."""
        self.held = self.again = self.out = b""
        self.unread = None
        self.socket = opened
        self._readable = _readable(opened)

    def readable(self) -> bool:
        """Whether something has come, or the other side has hung up."""
        return self._readable is not None and self._readable()

    def put(self, data: bytes) -> None:
        """Take bytes that are to go out, and put the key into the request."""
        if self.told:
            return
        if not self.ready and data.startswith(REQUESTS):
            if self.authorization is not None:
                before, mask, after = data.partition(MASK)
                if not mask:
                    raise ValueError("the request has lost its place for the key")
                data = before + self.authorization + after
                self.authorization = None  # what is idle holds no key
            self.ready = True
        self.out = self.out + data if self.out else data

    def take(self, data: bytes) -> bytes:
        """Give what came but its last byte, once the request is on its way."""
        if self.asked and len(data) > 1:
            self.held = data[-1:]
            return data[:-1]
        return data

    def before(self) -> bytes:
        """Give what came before and has not been taken; of a request that was answered at once first all but its last byte."""
        data, self.again = self.again, b""
        if not data:
            data, self.held = self.held, b""
        return data

    def clean(self) -> bool:
        """Whether all that came has been taken, and nothing is left to be sent."""
        return not (self.held or self.again or self.out or (self.unread is not None and self.unread()))

    def close(self) -> None:
        """Close the socket. Takes no lock and waits for nothing: an interrupted call may hold any."""
        opened, self.socket, self._readable = self.socket, None, None
        self.stream = self.authorization = None
        self.out = b""
        if opened is not None:
            opened.close()


def _readable(opened: socket.socket) -> Callable[[], bool]:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(opened, select.POLLIN)
        return lambda: bool(poll.poll(0))
    return lambda: bool(select.select([opened], [], [], 0)[0])
