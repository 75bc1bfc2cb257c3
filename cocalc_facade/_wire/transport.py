"""httpx, and what of it is ours: the only module that imports it, itself imported with the first call.

A call goes the whole way, so that whatever watches, records or replaces requests at a public class sees it: `httpx.Client.send`,
`httpx.HTTPTransport.handle_request`, `httpcore.ConnectionPool.handle_request`, and the same with `Async`. What httpx keeps between calls
stays outside: each lane is one connection, over a network of ours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from cocalc_facade._errors import ConfigurationError

from .network.lanes import IDLE
from .network.ordinary import AsyncOrdinary, Exchanges, Ordinary, replaced

if TYPE_CHECKING:
    import ssl

    from .network.line import Line


LIBRARY = httpx


class _NoCookies(httpx.Cookies):
    """Cookies that are not kept: the server prefers a session cookie, even a stale one, to the key."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep nothing."""

    def set_cookie_header(self, request: httpx.Request) -> None:
        """Send nothing."""


class _WithoutCookies:
    _no_cookies = _NoCookies()

    @property
    def cookies(self) -> httpx.Cookies:
        return self._no_cookies

    @cookies.setter
    def cookies(self, cookies: Any) -> None: ...


class Client(_WithoutCookies, httpx.Client):
    """Sends each request over the lane that its extensions name."""

    def __init__(self) -> None:
        super().__init__(transport=_Switch(), trust_env=False, timeout=None)


class AsyncClient(_WithoutCookies, httpx.AsyncClient):
    """Sends each request over the lane that its extensions name."""

    def __init__(self) -> None:
        super().__init__(transport=_AsyncSwitch(), trust_env=False, timeout=None)


class Once(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A large body that is sent once and then forgotten: what httpx keeps of a request may live until Python looks for cycles."""

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        self._parts = list(parts)

    def __iter__(self) -> Iterator[bytes]:
        while self._parts:
            yield self._parts.pop(0)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


class _Switch(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = request.extensions["cocalc_lane"].handle_request(request)
        return response


class _AsyncSwitch(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = await request.extensions["cocalc_lane"].handle_async_request(request)
        return response


class _Lane:
    """What both kinds have in common: the line, and what speaks HTTP over it, in the place where httpx's transports have their pool.

    A connection does, not a pool: a pool has locks, which a signal can leave taken, and nothing to choose from. Only while somebody
    watches or replaces what pools do, it is a pool.
    """

    HANDLE = ""
    ORDINARY: type[Exchanges]

    line: Line
    since = 0.0
    _pool: Any
    _connection: Any = None

    def _lay(self, line: Line, pool: Any, origin: httpcore.Origin, proxy: str | None) -> None:
        if "_pool" not in vars(self):
            raise ConfigurationError(
                f"this client does not know its way about in httpx {httpx.__version__}",
                hint="install httpx<1, or give an http_client",
            )
        self.line = line
        self._kind = type(pool)
        if self._pool_is_needed():
            self._pool = pool
        else:
            connection = pool.create_connection(origin)
            self._pool = self._connection = connection if proxy else self.ORDINARY(line, connection)

    def _pool_is_needed(self) -> bool:
        return replaced(self._kind, self.HANDLE)

    def fit(self) -> bool:
        """Whether another call may use it: open, nothing came that nobody asked for, and nobody has come to watch."""
        if self.line.socket is None or self.line.readable():
            return False
        return self._connection is None or not self._pool_is_needed()

    def whole(self) -> bool:
        """Whether the answer was taken to its last byte, and the connection stays open after it."""
        return self.line.clean() and (self._connection is None or self._connection.is_idle())

    def drop(self) -> None:
        """Close it, without a lock and without waiting."""
        self.line.close()


class Lane(_Lane, httpx.HTTPTransport):
    """One connection for calling threads."""

    HANDLE = "handle_request"
    ORDINARY = Ordinary

    def __init__(self, line: Line, tls: ssl.SSLContext, origin: httpcore.Origin, proxy: str | None) -> None:
        from .network.streams import Backend

        super().__init__(verify=tls, trust_env=False)
        kinds = httpcore.ConnectionPool, httpcore.HTTPProxy, httpcore.SOCKSProxy
        self._lay(line, _pool(kinds, Backend(line), tls, proxy), origin, proxy)


class AsyncLane(_Lane, httpx.AsyncHTTPTransport):
    """One connection for tasks."""

    HANDLE = "handle_async_request"
    ORDINARY = AsyncOrdinary

    def __init__(self, line: Line, tls: ssl.SSLContext, origin: httpcore.Origin, proxy: str | None) -> None:
        from .network.async_streams import AsyncBackend

        super().__init__(verify=tls, trust_env=False)
        kinds = httpcore.AsyncConnectionPool, httpcore.AsyncHTTPProxy, httpcore.AsyncSOCKSProxy
        self._lay(line, _pool(kinds, AsyncBackend(line), tls, proxy), origin, proxy)


def origin_of(url: httpx.URL) -> httpcore.Origin:
    """Give where a lane leads to."""
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/").origin


def _pool(kinds: tuple[Any, Any, Any], network: Any, tls: ssl.SSLContext, proxy: str | None) -> Any:
    """Give a pool of one connection, straight or through a proxy."""
    options = {"ssl_context": tls, "max_connections": 1, "keepalive_expiry": IDLE, "network_backend": network}
    straight, http, socks = kinds
    if proxy is None:
        return straight(**options)
    asked = httpx.Proxy(proxy)
    url = asked.url
    options["proxy_url"] = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    options["proxy_auth"] = asked.raw_auth
    return (socks if url.scheme.startswith("socks") else http)(**options)
