"""In process: an httpx transport whose requests never see a socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import httpx

from cocalc_facade.testing.wire.http import Request, Response
from cocalc_facade.testing.world.site import Site


class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Brings the requests of an httpx client, sync or async, to a stand-in.

    Args:
        site: whose time passes.
        respond: what answers.
    """

    def __init__(self, site: Site, respond: Callable[[Request], Response]) -> None:
        self._site = site
        self._respond = respond

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; seconds that pass in it pass on the stand-in's clock."""
        begun = self._site.clock.now()
        response = self._respond(_received(request, request.read()))
        time.sleep(self._site.clock.pass_until(begun + _seconds(request, response)))
        return _delivered(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; others that are under way arrive in the meantime."""
        begun = self._site.clock.now()
        response = self._respond(_received(request, await request.aread()))
        await asyncio.sleep(0)
        await asyncio.sleep(self._site.clock.pass_until(begun + _seconds(request, response)))
        return _delivered(request, response)


class _Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose second half never arrives, as on a connection that ends."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        half = self._body[: len(self._body) // 2]
        yield half
        if len(half) < len(self._body):
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {len(half)} bytes, expected {len(self._body)})"
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _received(request: httpx.Request, body: bytes) -> Request:
    headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw)
    return Request(request.method, request.url.raw_path.decode("ascii"), headers, body)


def _limit(request: httpx.Request) -> float | None:
    timeout = request.extensions.get("timeout") or {}
    limit: float | None = timeout.get("read")
    return limit


def _seconds(request: httpx.Request, response: Response) -> float:
    limit = _limit(request)
    return response.seconds if limit is None else min(response.seconds, limit)


def _delivered(request: httpx.Request, response: Response) -> httpx.Response:
    limit = _limit(request)
    if limit is not None and response.seconds > limit:
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if response.drop:
        if response.reason == "refused":
            raise httpx.ConnectError("Connection refused", request=request)
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    headers = [*response.headers]
    if response.header("content-length") is None:
        headers.append(("Content-Length", str(len(response.body))))
    return httpx.Response(
        response.status,
        headers=headers,
        content=None if response.cut else response.body,
        stream=_Cut(response.body) if response.cut else None,
        request=request,
        extensions={"reason_phrase": response.reason.encode("latin-1"), "http_version": b"HTTP/1.1"},
    )
