"""What was meant by a name that there is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

_HTTPX = "http_client=httpx.Client({}=…) takes it (httpx.AsyncClient for AsyncCoCalc)"
_INSTEAD = {
    **dict.fromkeys(("cert", "proxy", "transport", "trust_env", "verify"), _HTTPX),
    "headers": "the client sets its own; http_client= takes an httpx.Client of yours",
    "proxies": _HTTPX.format("proxy"),
    "hooks": "on_request= and on_response= are called",
    "event_hooks": "on_request= and on_response= are called",
    "key": "it is api_key=",
    "token": "it is api_key=",
    "host": "it is base_url=",
    "server": "it is base_url=",
    "url": "it is base_url=",
    "retries": "it is max_retries=",
    "debug": "log_bodies=True lets the logger cocalc_facade show bodies",
}
_OF_A_CLIENT = frozenset(
    ("allow_plain_http", "api_key", "auth", "base_url", "dry_run", "http_client", "max_connections")
)


def uncalled(method: Callable[..., Any], client: object, name: str) -> AttributeError:
    """Give the error for `client.project.stop`, where a handle or a group of routes was meant: what has that name, or one like it."""
    from inspect import iscoroutinefunction
    from typing import get_type_hints

    own, handle = method.__name__, get_type_hints(method)["return"]
    called = f"(await client.{own}(…))" if iscoroutinefunction(method) else f"client.{own}(…)"
    kind = handle.__name__.removeprefix("Async").lower()
    known = [one for one in dir(handle) if not one.startswith("_")]
    ways = [f"{called}.{name} is that of one {kind}"] if name in known else []
    if name in dir(getattr(client, f"{own}s", None)):
        ways.append(f"client.{own}s.{name} {'' if ways else 'is '}the route")
    hint = ", ".join(ways or filter(None, [f"{called} gives a {kind}", meant(name, known)]))
    return AttributeError(f"client.{own} is a method, and has no {name!r}: {hint}")


def meant(name: str, known: Iterable[str], otherwise: str = "", *, cutoff: float = 0.6) -> str:
    """Give `did you mean 'x'?` when one of the known names is close, else what there is to say otherwise."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"did you mean {close[0]!r}?" if close else otherwise


def unknown_option(of: str, name: str, known: Iterable[str]) -> TypeError:
    """Give the error for an option that a client does not take, or that a view cannot change."""
    shown = name[:60]
    if name in _OF_A_CLIENT:
        return TypeError(f"{of} has no option {shown!r}: it is set when the client is made, and stays")
    if (instead := _INSTEAD.get(name)) is not None:
        return TypeError(f"{of} has no option {shown!r}: {instead.format(name)}")
    hint = meant(name, [one for one in known if not one.startswith("_")])
    return TypeError(f"{of} has no option {shown!r}" + (f", {hint}" if hint else ""))
