"""Where the server is: from what people paste to an origin and a base path."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from cocalc_facade._errors import ConfigurationError

DEFAULT = "https://cocalc.com"
BRIDGE = "/api/conat/hub"
"""Where servers of the newer generation take calls of the hub by name: outside of `/api/v2`, also by POST only."""

SHORTEST = 20
"""Characters of a key; a part of a path that begins like one and is shorter is none."""

_MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv6 address begins that is one of IPv4."""


class Host:
    """A server: `base` is its address with the base path, without a slash at the end."""

    __slots__ = ("base", "loopback", "name", "secure")

    def __init__(self, base: str, name: str, *, secure: bool, loopback: bool) -> None:
        self.base = base
        self.name = name
        self.secure = secure
        self.loopback = loopback

    @property
    def api(self) -> str:
        """The address that the API's paths follow, with a slash at the end."""
        return f"{self.base}/api/v2/"

    def address(self, path: str) -> str:
        """Give the address of a route of the API, or of the bridge; outside of it, only files are posted elsewhere (`sending/files.py`)."""
        return self.base + path if path == BRIDGE else self.api + path

    def proxy(self) -> str | None:
        """Give the proxy that the environment (or the system's settings) names for this server.

        None for this machine, whatever they say, and for plain http: the key goes nowhere but to the server in clear.
        """
        if self.loopback or not self.secure:
            return None
        from urllib.request import getproxies, proxy_bypass

        proxies = getproxies()
        found = proxies.get("https") or proxies.get("all")
        if not found or proxy_bypass(urlsplit(self.base).netloc):
            return None
        return found if "://" in found else f"http://{found}"

    def __repr__(self) -> str:
        return f"Host({self.base!r})"


def parse_host(text: str, *, allow_plain_http: bool = False, what: str = "base_url") -> Host:
    """Give the server that `text` means: with or without scheme, slash at the end, `/api/v2`, a base path. `what` names the setting that it is."""
    if not isinstance(text, str):
        raise ConfigurationError(f"{what} must be text, not {type(text).__name__}")
    text = text.strip().strip("\"'").strip()
    if not text:
        raise ConfigurationError(f"{what} is empty", hint="for example https://cocalc.com")
    if looks_like_key(text):
        raise ConfigurationError(f"{what} looks like an API key", hint="the key is the first argument")
    if any(ord(c) <= 32 or ord(c) == 127 for c in text) or "\\" in text:
        raise ConfigurationError(f"{what} contains white space, control characters or a backslash")
    if "://" not in text:
        text = _scheme_for(text) + text
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError(f"{what} is not an address", hint="for example https://cocalc.com") from None
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise ConfigurationError(f"{what} must start with https://, not {scheme}://")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            f"{what} contains a user name or password",
            hint="give the key as api_key; it must not be in an address",
        )
    if not host:
        raise ConfigurationError(f"{what} names no host", hint="for example https://cocalc.com")
    if not all(c.isalnum() or c in ".-_:" for c in host) or not _has_labels(host):
        raise ConfigurationError(f"{what} names a host that cannot be", hint="for example https://cocalc.com")
    if parts.query or parts.fragment:
        raise ConfigurationError(f"{what} must not have a query or a fragment")
    path = _base_path(parts.path, what)
    loopback = is_loopback(host)
    if scheme == "http" and not loopback and not allow_plain_http:
        raise ConfigurationError(
            f"{what}: the key would travel in clear to {host}",
            hint="use https://, or allow_plain_http=True in a network you trust",
        )
    shown = f"[{host}]" if ":" in host else host
    if port is not None:
        shown = f"{shown}:{port}"
    return Host(f"{scheme}://{shown}{path}", shown + path, secure=scheme == "https", loopback=loopback)


def is_loopback(host: str) -> bool:
    """Whether the name or address can only mean this machine, however it is spelled: `127.1`, `0x7f000001` and `::ffff:127.0.0.1` do."""
    host = host.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if ":" not in host and not host[:1].isdecimal():
        return False
    import socket

    try:
        packed = socket.inet_pton(socket.AF_INET6, host) if ":" in host else socket.inet_aton(host)
    except (OSError, ValueError) as error:
        from .interrupts import raised_by_a_handler

        if raised_by_a_handler(error):
            raise
        return False
    packed = packed.removeprefix(_MAPPED)
    return (
        (len(packed) == 4 and packed[0] == 127)
        or int.from_bytes(packed) == (len(packed) > 4)
        or not any(packed)
    )


def _has_labels(host: str) -> bool:
    """Tell whether the parts between the dots of a name are there, and as short as the resolver wants them. What is not ASCII becomes longer on the way."""
    return all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))


def looks_like_key(text: str) -> bool:
    """Whether the text starts as CoCalc's keys do."""
    return text.startswith(("sk-", "sk_")) and "." not in text.removeprefix("sk-cc-v2.").split("/")[0]


def _scheme_for(text: str) -> str:
    name = text.split("/")[0]
    name = name[1 : name.find("]")] if name.startswith("[") else name.split(":")[0]
    return "http://" if is_loopback(name) else "https://"


def _base_path(path: str, what: str) -> str:
    segments = [segment for segment in path.split("/") if segment]
    if any(unquote(segment) in (".", "..") for segment in segments):
        raise ConfigurationError(f"{what} must not contain . or .. as a path segment")
    if any(looks_like_key(segment) and len(segment) >= SHORTEST for segment in segments):
        raise ConfigurationError(f"{what} has an API key in its path", hint="it must not be in an address")
    if segments[-2:] == ["api", "v2"]:
        segments = segments[:-2]
    return "".join(f"/{segment}" for segment in segments)
