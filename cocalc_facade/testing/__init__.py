"""A CoCalc to test against: in memory, faithful to what a real server was measured to answer.

In process::

    standin = StandIn()
    client = CoCalc(api_key=standin.user.key, base_url="http://localhost", http_client=standin.client())

On loopback::

    with StandIn().serve() as url:
        ...

As a command: `python -m cocalc_facade.testing --port 5000`. In tests: the fixtures `cocalc`, `async_cocalc` and
`cocalc_server`, which pytest finds by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clock import Clock, RealClock
    from .seed import Ids
    from .standin import Oddities, Received, StandIn
    from .state import Account, Key, Project
    from .wire import Request, Response

__all__ = [
    "Account",
    "Clock",
    "Ids",
    "Key",
    "Oddities",
    "Project",
    "RealClock",
    "Received",
    "Request",
    "Response",
    "StandIn",
]

# pytest loads the plugin in every run of everybody who has this package: until a name is used nothing is imported.
_HOMES = {
    "Account": "state",
    "Clock": "clock",
    "Ids": "seed",
    "Key": "state",
    "Project": "state",
    "RealClock": "clock",
    "Request": "wire",
    "Response": "wire",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module("." + _HOMES.get(name, "standin"), __name__), name)
    globals()[name] = value
    return value
