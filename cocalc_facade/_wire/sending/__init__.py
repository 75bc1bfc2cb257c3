"""Sends a step and brings back what came, an answer or a fault: in threads, or in tasks. Here is what both share.

No exception of httpx leaves this room or is chained to ours: its frames hold the request.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import ConfigurationError
from cocalc_facade._wire.flow import Fault, Request

if TYPE_CHECKING:
    from cocalc_facade._wire.bodies import Body
    from cocalc_facade._wire.clock import Clock
    from cocalc_facade._wire.hosts import Host

OURS = 100
"""How many calls are under way at once at most."""


class Wire:
    """Sends over lanes, connections of ours that serve one call at a time, or through the client that was given."""

    KIND = ""

    def __init__(
        self,
        host: Host,
        *,
        scheme: str,
        clock: Clock,
        given: Any = None,
        limit: int | None = None,
    ) -> None:
        self._host = host
        self._scheme = scheme
        self._clock = clock
        self._given = given
        self._limit = limit
        self._pid = 0
        self._closed = False
        self._requests: Any = None
        self._tls: Any = None
        self._watch: Any = None
        if given is not None:
            from cocalc_facade._wire.network.given import library_of

            library_of(given, f"{self.KIND}Client")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._host.base!r})"

    def _fresh(self) -> Mapping[str, Any]:
        """Give the attributes that hold the connections, and who may use them, as they are at the beginning."""
        raise NotImplementedError

    def _clear(self) -> None:
        """Close the lanes that are idle."""
        raise NotImplementedError

    def _ready(self) -> None:
        """Build what the first call needs; refuse what a closed or forked client cannot do."""
        if self._closed:
            raise ConfigurationError(
                "this client is closed", hint="make a new one, or call inside its with block"
            )
        pid = os.getpid()
        if self._pid == pid:
            return
        if self._pid and self._given is not None:
            raise ConfigurationError(
                "http_client was in use before this process was forked",
                hint="make the client in the child",
            )
        own = vars(self)
        for name, value in self._fresh().items():
            if self._pid:  # what there is belongs to the parent
                own.pop(name, None)
            own.setdefault(name, value)  # in one step: threads may begin at the same time
        from cocalc_facade._wire.bodies import Body, UnreadableError

        from .requests import Requests

        if self._given is not None:
            from cocalc_facade._wire.network.given import library_of, proxy_watch

            http: Any = library_of(self._given, f"{self.KIND}Client")
            self._client = self._given
            self._watch = proxy_watch(self._given, self._host, asynchronous=bool(self.KIND))
        else:
            from cocalc_facade._wire import transport
            from cocalc_facade._wire.network.line import Line

            http = transport.LIBRARY
            self._client = getattr(transport, f"{self.KIND}Client")()
            self._lane = getattr(transport, f"{self.KIND}Lane")
            self._line = Line
            try:
                self._origin = transport.origin_of(http.URL(self._host.base))
            except http.InvalidURL:
                raise ConfigurationError(
                    f"base_url names a host that cannot be: {self._host.name[:80]}",
                    hint="for example https://cocalc.com",
                ) from None
            self._proxy = self._host.proxy()
        self._body, self._no_auth = Body, http.Auth()
        from cocalc_facade._wire.keys.logs import watch

        watch(http.__name__)
        self._http = http
        self._known = http.HTTPError, http.InvalidURL, http.StreamError, UnreadableError, OSError
        self._requests = Requests(http, self._host, self._scheme, self._given)
        self._pid = pid

    @property
    def _urls(self) -> dict[str, Any]:
        return self._requests.urls if self._requests is not None else {}

    def _patience(self, step: Request) -> float:
        """Seconds for which a call waits for its turn."""
        left = step.deadline - self._clock.now()
        limit = step.timeouts["pool"]
        return left if limit is None or left < limit else limit

    def _open(self) -> Any:
        """Open a lane: what connects when it is first used."""
        try:
            if self._tls is None:
                self._tls = _tls(self._http, self._host)
            return self._lane(self._line(self._clock.now), self._tls, self._origin, self._proxy)
        except (OSError, ValueError, ImportError, RuntimeError, self._http.InvalidURL) as error:
            from cocalc_facade._wire.interrupts import raised_by_a_handler

            if raised_by_a_handler(error):
                raise
            reason = str(error)
        raise ConfigurationError(
            f"no connection can be set up: {reason}", hint="look at SSL_CERT_FILE and the proxy variables"
        )

    def _request(self, step: Request, lane: Any) -> Any:
        """Give the request for a step, to go over a lane or through the client that was given."""
        if lane is not None:
            lane.line.begin(step.deadline, self._requests.authorization(step))
            return self._requests.request(step, {"timeout": step.timeouts, "cocalc_lane": lane})
        extensions: dict[str, Any] = {"timeout": dict(step.timeouts)}
        if self._watch is not None:
            extensions["trace"] = self._watch
        return self._requests.request(step, extensions)

    def _bound(self, request: Any, step: Request) -> None:
        """Leave the body of an answer what is left of the time, as far as a client that was given goes by it."""
        timeouts = request.extensions["timeout"]
        left = max(step.deadline - self._clock.now(), 0.001)
        if timeouts["read"] is None or timeouts["read"] > left:
            timeouts["read"] = left

    def _fault(
        self, error: Exception, step: Request, status: int | None, body: Body | None, lane: Any
    ) -> Fault:
        """Give what an exception of the wire means; what is not of the wire is raised again."""
        from cocalc_facade._wire.interrupts import raised_by_a_handler

        if isinstance(error, self._known) and not raised_by_a_handler(error):
            from cocalc_facade._wire.faults import fault_of

            return fault_of(error, step, status, body, None if lane is None else lane.line)
        if self._given is not None and self._given.is_closed:
            raise ConfigurationError("the http_client that was given is closed") from None
        raise error


def no_turn() -> Fault:
    """Give what it means that no turn came."""
    return Fault("pool", "no connection became free in time", sent=False)


def _tls(http: Any, host: Host) -> Any:
    """Give httpx's default verification; for plain http a context without authorities, which costs nothing and accepts nobody."""
    if host.secure:
        return http.create_ssl_context()
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
