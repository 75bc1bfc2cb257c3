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
    from .standin import Received, StandIn
    from .wire.http import Request, Response
    from .world.clock import Clock, RealClock
    from .world.course import TestCourse
    from .world.seed import Ids
    from .world.site import Oddities
    from .world.state import Account, Key, Project

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
    "TestCourse",
]

# pytest loads the plugin in every run of everybody who has this package: until a name is used nothing is imported.
_HOMES = {
    "Account": "world.state",
    "Clock": "world.clock",
    "Ids": "world.seed",
    "Key": "world.state",
    "Oddities": "world.site",
    "Project": "world.state",
    "RealClock": "world.clock",
    "Received": "standin",
    "Request": "wire.http",
    "Response": "wire.http",
    "StandIn": "standin",
    "TestCourse": "world.course",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module("." + _HOMES[name], __name__), name)
    globals()[name] = value
    return value
