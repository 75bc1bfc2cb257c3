"""A client that was given as `http_client`: whose it is, and where it may not take the key."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import ConfigurationError

if TYPE_CHECKING:
    from cocalc_facade._wire.hosts import Host

PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


def library_of(client: Any, face: str) -> ModuleType:
    """Give httpx, or the API-compatible library that the client comes from; it is not imported, it is there already."""
    for cls in type(client).__mro__:
        root = cls.__module__.partition(".")[0]
        if root in ("httpx", "httpx2") and cls.__name__ == face:
            return sys.modules[root]
    raise ConfigurationError(
        f"http_client must be an httpx.{face} (or httpx2's), not {type(client).__module__}.{type(client).__qualname__}"
    )


def proxy_watch(client: Any, host: Host, *, asynchronous: bool) -> Any:
    """Give what httpx is to call at each step of a request, so that a proxy which the environment names gets none in clear, and none for this machine; or None.

    A client takes those by itself, unless it was made with `trust_env=False`. Proxies that were given to it are the matter of who made it.
    """
    if (host.secure and not host.loopback) or not client.trust_env:
        return None
    proxies = _environment()
    if not proxies:
        return None
    what = "ask for this very machine at" if host.secure else "send the key in clear to"

    def watch(step: str, details: Mapping[str, Any]) -> None:
        peer = _peer(step, details)
        if peer in proxies:
            raise ConfigurationError(
                f"http_client would {what} the proxy {peer[0]}:{peer[1]}",
                hint="make it with trust_env=False, or name the host in NO_PROXY",
            )

    async def awaited(step: str, details: Mapping[str, Any]) -> None:
        watch(step, details)

    watching: Callable[..., Any] = awaited if asynchronous else watch
    return watching


def _environment() -> set[tuple[str, int]]:
    """Give the proxies that the environment names, in whatever case."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    found = set()
    for scheme, address in getproxies().items():
        if scheme in ("http", "https", "all"):
            parts = urlsplit(address if "://" in address else f"http://{address}")
            if parts.hostname:
                found.add((parts.hostname, parts.port or PORTS.get(parts.scheme, 80)))
    return found


def _peer(step: str, details: Mapping[str, Any]) -> tuple[str, int]:
    """Give who is connected to, or written to, in a step."""
    if step.endswith("connect_tcp.started"):
        return str(details["host"]), int(details["port"])
    if step.endswith("send_request_headers.started"):
        url = details["request"].url
        return url.host.decode("ascii"), url.port or PORTS[url.scheme.decode("ascii")]
    return "", 0
