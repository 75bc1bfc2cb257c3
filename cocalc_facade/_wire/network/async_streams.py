"""The network of httpcore for event loops: plain sockets, which any thread can close at any time, and TLS on top of them.

The whole of a call is bounded by who awaits it; here are bounded the parts that may take less.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Coroutine, Generator, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import httpcore

from .line import Line
from .resolver import Address, Answer, ask, known, look_up, name_of, trusted
from .tls import CHUNK, Tls

T = TypeVar("T")
SMALL = 65536
HEAD_START = 0.25
"""Seconds after which the next address of a host is tried beside those that have not answered yet (RFC 8305)."""


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Connects for one lane."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - is not asked for
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers."""
        line = self._line
        connected = await _part(
            line, timeout, _connected(host, port), httpcore.ConnectTimeout, httpcore.ConnectError
        )
        line.open(connected)
        return AsyncStream(line, Plain(connected, asyncio.get_running_loop()))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Plain:
    """The bytes of a socket."""

    def __init__(self, carrier: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._carrier = carrier
        self._loop = loop

    async def recv(self, most: int) -> bytes:
        """Give what comes; nothing at its end."""
        return await self._loop.sock_recv(self._carrier, most)

    async def sendall(self, data: bytes) -> None:
        """Send all of it."""
        await self._loop.sock_sendall(self._carrier, data)

    def now(self) -> bytes | None:
        """Give what has come already, or that the end has; None when neither has."""
        try:
            return self._carrier.recv(CHUNK)
        except BlockingIOError:
            return None


class Secure:
    """TLS over what carries its bytes."""

    def __init__(self, below: Plain | Secure, context: ssl.SSLContext, name: str | None) -> None:
        self._below = below
        self.tls = Tls(context, name)

    async def handshake(self) -> None:
        """Agree on keys, and see who it is."""
        await self._run(self.tls.handshake())

    async def recv(self, most: int) -> bytes:
        """Give what comes, in clear; nothing at its end."""
        return await self._run(self.tls.read(most))

    async def sendall(self, data: bytes) -> None:
        """Send all of it."""
        await self._run(self.tls.write(data))

    def now(self) -> bytes | None:
        """Give what has come already, in clear, or that the end has; None when neither has."""
        clear = self.tls.now()
        while clear is None and (came := self._below.now()) is not None:
            self.tls.came(came)
            clear = self.tls.now()
        return clear

    async def _run(self, steps: Generator[bytes, bytes, T]) -> T:
        came: Any = None
        try:
            while True:
                goes = steps.send(came)
                came = None
                if goes:
                    await self._below.sendall(goes)
                else:
                    came = await self._below.recv(CHUNK)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


class AsyncStream(httpcore.AsyncNetworkStream):
    """A connection for the calls of one lane, one after the other."""

    def __init__(self, line: Line, carrier: Plain | Secure) -> None:
        self._line = line
        self._carrier = carrier
        self._limit: float | None = None
        line.stream = self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Send what waits to be sent, and give what comes."""
        line = self._line
        if came := line.before():
            return came
        if line.out:
            with suppress(httpcore.WriteError):  # whoever does not want to read more may have said why
                await self._send()
        receiving = self._carrier.recv(max_bytes)
        return line.take(await _part(line, timeout, receiving, httpcore.ReadTimeout, httpcore.ReadError))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Keep what is small, to be sent with what follows it, at the latest before an answer is read."""
        self._limit = timeout
        self._line.put(buffer)
        if len(self._line.out) > SMALL:
            await self._send()

    async def aclose(self) -> None:
        """Close the connection."""
        self._line.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Give the connection with TLS on top."""
        line = self._line
        secure = Secure(self._carrier, ssl_context, server_hostname)
        await _part(line, timeout, secure.handshake(), httpcore.ConnectTimeout, httpcore.ConnectError)
        line.unread = lambda: secure.tls.now() is not None
        return AsyncStream(line, secure)

    def get_extra_info(self, info: str) -> Any:
        """Give what httpcore wants to know of the connection."""
        if info == "ssl_object":
            return self._carrier.tls.object if isinstance(self._carrier, Secure) else None
        if info == "is_readable":
            return self._line.readable()
        if info == "socket":
            return self._line.socket
        if info == "client_addr":
            return self._line.socket.getsockname()
        if info == "server_addr":
            return self._line.socket.getpeername()
        return None

    async def _send(self) -> None:
        line = self._line
        if line.ready and not line.asked:
            self._listen()
            line.asked = True
        data, line.out = line.out, b""
        sending = self._carrier.sendall(data)
        await _part(line, self._limit, sending, httpcore.WriteTimeout, httpcore.WriteError)

    def _listen(self) -> None:
        """Refuse a connection on which an answer, or the end, has come before the request."""
        try:
            if self._line.readable() and self._carrier.now() is not None:
                raise httpcore.ConnectError("the other side spoke, or hung up, before it was asked")
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None


async def _part(
    line: Line,
    limit: float | None,
    work: Coroutine[Any, Any, T],
    late: type[Exception],
    failed: type[Exception],
) -> T:
    """Do a part of a call within its own limit, where the rest of the call is longer."""
    left = line.left(None)
    if left <= 0:
        work.close()
        raise late("the time is over")
    try:
        if limit is None or left <= limit:
            return await work
        async with asyncio.timeout(limit):
            return await work
    except TimeoutError as error:
        raise late(str(error)) from None
    except OSError as error:
        raise failed(str(error)) from None


async def _connected(host: str, port: int) -> socket.socket:
    """Give a socket that is connected to the first of the host's addresses that answers."""
    found = look_up(name_of(host), port) if known(host) else await _resolved(host, port)
    waiting = trusted(host, found)
    running: set[asyncio.Task[socket.socket]] = set()
    failure: BaseException = OSError(f"{host} has no address")
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(_attempt(waiting.pop(0))))
            done, running = await asyncio.wait(
                running, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                error = task.exception()
                if error is None:
                    running |= done - {task}
                    return task.result()
                failure = error
        raise failure
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_forgotten)


async def _resolved(host: str, port: int) -> list[Address]:
    """Give the addresses of a host. The loop's own threads are not asked: its end would wait for them."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[Answer] = loop.create_future()

    def settle(answer: Answer) -> None:
        if not answered.done():
            answered.set_result(answer)

    def tell(answer: Answer) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, answer)

    ask(host, port, tell)
    answer = await answered
    if isinstance(answer, BaseException):
        raise answer
    return answer


async def _attempt(address: Address) -> socket.socket:
    family, kind, protocol, _, where = address
    made = socket.socket(family, kind, protocol)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, where)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        made.close()
        raise
    return made


def _forgotten(task: asyncio.Task[socket.socket]) -> None:
    """Close what a slower attempt brought after all."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()
