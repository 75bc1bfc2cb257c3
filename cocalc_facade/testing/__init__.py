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
