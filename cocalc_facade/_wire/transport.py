"""Sends bytes and brings back bytes: the only module that imports httpx.

Requests are made here and nowhere else: POST to the API with the key, or GET outside of it without. No exception of httpx leaves this module or is
chained to ours: its frames hold the request's headers, and the key with them.
"""

from __future__ import annotations

import os
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import ConfigurationError, PostOnlyError

from .bodies import Body, UnreadableError
from .flow import Answer, Fault, Fetch, Send

if TYPE_CHECKING:
    import asyncio

    from .clock import Clock
    from .hosts import Host

IDLE = 4.0
"""Seconds after which an idle connection is not used again: the server closes it after 5."""

OURS = 100
"""How many calls are under way at once at most."""

GIVEN = 20
"""How many of them on an async client that was given: its pool looks at every waiting request whenever one ends."""


class Wire:
    """What sync and async share: the requests, the faults, and the lanes.

    A lane is a transport of httpx with a single connection, or where proxies are configured a client, which knows about them. The lane
    used last is used next, and a burst of calls never meets httpx's pool, whose work grows with the square of the crowd. A client that
    was given is the only lane, for all.
    """

    FACE = ""
    DIRECT = ""

    def __init__(
        self,
        host: Host,
        *,
        scheme: str,
        clock: Clock,
        given: Any = None,
        limit: int | None = None,
    ) -> None:
        if given is not None:
            library_of(given, self.FACE)
        self._host = host
        self._scheme = scheme
        self._clock = clock
        self._given = given
        self._limit = limit
        self._http: ModuleType | None = None
        self._tls: Any = None
        self._no_auth: Any = None
        self._direct = False
        self._idle: list[tuple[Any, float]]
        self._pid = 0
        self._closed = False
        self._headers: Any = None
        self._urls: dict[str, Any] = {}
        self._begin()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._host.base!r})"

    def _ready(self) -> None:
        """Build what the first call needs; refuse what a closed or forked client cannot do."""
        if self._closed:
            raise ConfigurationError(
                "this client is closed", hint="make a new one, or call inside its with block"
            )
        pid = os.getpid()
        if self._pid != pid:
            if self._pid and self._given is not None:
                raise ConfigurationError(
                    "http_client was in use before this process was forked",
                    hint="make the client in the child",
                )
            if self._pid:
                self._begin()  # what there is belongs to the parent
            http: Any = self._http or library_of(self._given, self.FACE)
            self._no_auth = http.Auth()
            self._direct = self._given is None and not _proxies_configured()
            self._http, self._pid = http, pid

    def _lane(self) -> Any:
        if self._given is not None:
            return self._given
        try:
            return self._idle.pop()[0]
        except IndexError:
            return self._open()

    def _begin(self) -> None:
        """Forget all connections, without closing them: other hands hold them."""
        self._idle = []

    def _open(self) -> Any:
        """Open a lane."""
        http: Any = self._http
        try:
            if self._tls is None:
                self._tls = _tls(http, self._host)
            limits = http.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE)
            if self._direct:
                return getattr(http, self.DIRECT)(verify=self._tls, limits=limits)
            return getattr(http, self.FACE)(
                verify=self._tls, cookies=_no_cookies(), timeout=None, limits=limits
            )
        except (OSError, ValueError, ImportError, http.InvalidURL) as error:
            reason = str(error)
        raise ConfigurationError(
            f"no connection can be set up: {reason}", hint="look at SSL_CERT_FILE and the proxy variables"
        )

    def _put_back(self, lane: Any) -> list[Any]:
        """Keep a lane whose call went well; give those to close, which are idle for so long that the server has closed them."""
        if self._given is not None:
            return []
        idle, now = self._idle, self._clock.now()
        idle.append((lane, now))
        if self._closed:
            return self._emptied()
        stale = []
        while idle[0][1] < now - IDLE:
            try:
                stale.append(idle.pop(0)[0])
            except IndexError:
                break
        return stale

    def _thrown_away(self, lane: Any) -> list[Any]:
        """Give a lane to close whose call did not go well."""
        return [] if self._given is not None else [lane]

    def _emptied(self) -> list[Any]:
        lanes = []
        while self._idle:
            lanes.append(self._idle.pop()[0])
        return lanes

    def _request(self, step: Send | Fetch) -> Any:
        """Give the request for a step: by construction a POST to the API, or a GET outside of it without the key."""
        http: Any = self._http
        extensions = {"timeout": step.timeouts}
        if type(step) is Send:
            url = self._urls.get(step.path)
            if url is None:
                url = self._urls[step.path] = http.URL(self._host.api + step.path)
            request = http.Request(
                "POST",
                url,
                headers=self._keyless_headers(),
                stream=http.ByteStream(step.body),
                extensions=extensions,
            )
            request.headers["Content-Length"] = str(len(step.body))
            if step.key is not None:
                request.headers["Authorization"] = step.key.header(self._scheme)
            if self._given is not None:
                request.read()  # hooks of a given client may look at the content
            return request
        assert isinstance(step, Fetch)
        url = http.URL(self._host.base + "/" + step.target.lstrip("/"))
        refuse_api(url.path)
        return http.Request("GET", url, headers=self._plain_headers(), extensions=extensions)

    def _keyless_headers(self) -> Any:
        """Give what all requests to the API have in common. The key is not among it: what is kept holds no key."""
        if self._headers is None:
            headers = self._plain_headers()
            headers["Accept"] = headers["Content-Type"] = "application/json"
            self._headers = headers
        return self._headers

    def _plain_headers(self) -> Any:
        from cocalc_facade._schema import user_agent

        http: Any = self._http
        headers = http.Headers({"Host": http.URL(self._host.base).netloc})
        if self._given is not None:
            headers.update(self._given.headers)
            for name in ("Authorization", "Cookie", "Content-Type", "Content-Length", "Transfer-Encoding"):
                headers.pop(name, None)
        headers.update(
            {
                "Accept": "*/*",
                "Accept-Encoding": "gzip, deflate",
                "Connection": "keep-alive",
                "User-Agent": user_agent(),
            }
        )
        return headers

    def _known(self, error: Exception) -> bool:
        http: Any = self._http
        return isinstance(
            error, http.HTTPError | http.InvalidURL | http.StreamError | UnreadableError | OSError
        )

    def _explain(self) -> None:
        """Say why a given client refuses, where its library has no exception for it."""
        if self._given is not None and self._given.is_closed:
            raise ConfigurationError("the http_client that was given is closed") from None


class Transport(Wire):
    """Sends in the calling thread. Safe to share between threads."""

    FACE = "Client"
    DIRECT = "HTTPTransport"

    def send(self, step: Send | Fetch) -> Answer | Fault:
        """Give what came back for the step."""
        self._ready()
        status = body = None
        whole = False
        turns = self._turns
        if not turns.acquire(timeout=step.timeouts["pool"]):
            return Fault("pool", "no connection became free in time", sent=False)
        lane: Any = None
        try:
            lane = self._lane()
            request = self._request(step)
            if self._direct:
                response = lane.handle_request(request)
            else:
                response = lane.send(request, stream=True, auth=self._no_auth, follow_redirects=False)
            status = response.status_code
            try:
                if response.is_stream_consumed:
                    content = response.content
                else:
                    body = Body(response.headers, step, self._clock.now)
                    for chunk in response.iter_raw():
                        body.add(chunk)
                    content = body.whole()
            finally:
                response.close()
            whole = True
            return Answer(status, response.headers, content)
        except Exception as error:
            if not self._known(error):
                self._explain()
                raise
            from .faults import fault_of

            return fault_of(error, step, status, body)
        except BaseException as interruption:
            raise interruption.with_traceback(None)  # noqa: B904 - the frames hold the key
        finally:
            turns.release()
            if lane is not None:
                for done in self._put_back(lane) if whole else self._thrown_away(lane):
                    done.close()

    def _begin(self) -> None:
        super()._begin()
        self._turns = threading.BoundedSemaphore(self._limit or OURS)

    def close(self) -> None:
        """Close the connections, if they are ours."""
        self._closed = True
        if self._pid == os.getpid():
            for lane in self._emptied():
                lane.close()


class AsyncTransport(Wire):
    """Sends in the running event loop. Safe to share between tasks; in another event loop it begins anew."""

    FACE = "AsyncClient"
    DIRECT = "AsyncHTTPTransport"
    _loop: asyncio.AbstractEventLoop | None = None

    async def send(self, step: Send | Fetch) -> Answer | Fault:
        """Give what came back for the step."""
        import asyncio

        loop = asyncio.get_running_loop()
        self._ready()
        if loop is not self._loop:
            self._enter(loop)
        status = body = None
        whole = begun = False
        turns: asyncio.Semaphore | None = None
        lane: Any = None
        try:
            async with asyncio.timeout(max(0.0, step.deadline - self._clock.now())):
                async with asyncio.timeout(step.timeouts["pool"] if self._turns.locked() else None):
                    await self._turns.acquire()
                turns = self._turns
                lane = self._lane()
                request = self._request(step)
                begun = True
                if self._direct:
                    response = await lane.handle_async_request(request)
                else:
                    response = await lane.send(
                        request, stream=True, auth=self._no_auth, follow_redirects=False
                    )
                status = response.status_code
                try:
                    if response.is_stream_consumed:
                        content = response.content
                    else:
                        body = Body(response.headers, step, self._clock.now)
                        async for chunk in response.aiter_raw():
                            body.add(chunk)
                        content = body.whole()
                finally:
                    await response.aclose()
            whole = True
            return Answer(status, response.headers, content)
        except TimeoutError:
            if not begun:
                return Fault("pool", "no connection became free in time", sent=False)
            return Fault(
                "timeout", "no whole answer before the call's total time was over", sent=True, status=status
            )
        except Exception as error:
            if not self._known(error):
                self._explain()
                raise
            from .faults import fault_of

            return fault_of(error, step, status, body)
        except BaseException as interruption:
            raise interruption.with_traceback(None)  # noqa: B904 - the frames hold the key
        finally:
            if turns is not None:
                turns.release()
            if lane is not None:
                for done in self._put_back(lane) if whole else self._thrown_away(lane):
                    await done.aclose()

    def _enter(self, loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        self._begin()
        self._turns = asyncio.Semaphore(self._limit or (GIVEN if self._given is not None else OURS))
        self._loop = loop

    async def close(self) -> None:
        """Close the connections, if they are ours."""
        import asyncio

        self._closed = True
        if self._pid == os.getpid() and self._loop is asyncio.get_running_loop():
            for lane in self._emptied():
                await lane.aclose()


def library_of(client: Any, face: str) -> ModuleType:
    """httpx, or the API-compatible library that a given client comes from; that one is not imported, it is there already."""
    if client is None:
        import httpx

        return httpx
    for cls in type(client).__mro__:
        root = cls.__module__.partition(".")[0]
        if root in ("httpx", "httpx2") and cls.__name__ == face:
            return sys.modules[root]
    raise ConfigurationError(
        f"http_client must be an httpx.{face} (or httpx2's), not {type(client).__module__}.{type(client).__qualname__}"
    )


def refuse_api(path: str) -> None:
    """Refuse a path that could reach the API, however it is spelled."""
    from urllib.parse import unquote

    plain = unquote(unquote(path)).replace("\\", "/").lower()
    segments = [segment for segment in plain.split("/") if segment]
    if "api" in segments or ".." in segments or "." in segments:
        raise PostOnlyError(
            "only POST may be sent to the API: there even a GET runs the operation", path=path
        )


def _proxies_configured() -> bool:
    from urllib.request import getproxies

    return not {"http", "https", "all"}.isdisjoint(getproxies())


def _tls(http: Any, host: Host) -> Any:
    """Give httpx's default verification; for plain http a context without authorities, which costs nothing and accepts nobody."""
    if host.secure:
        return http.create_ssl_context()
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _no_cookies() -> Any:
    """Give a jar that stays empty: the server prefers a session cookie, even a stale one, to the key."""
    from http.cookiejar import CookieJar

    class EmptyJar(CookieJar):
        def extract_cookies(self, response: Any, request: Any) -> None:
            """Keep nothing."""

    return EmptyJar()
