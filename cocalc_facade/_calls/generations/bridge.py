"""The bridge of servers of the newer generation: functions of the hub, by name. It is what is left there where older servers take user-query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cocalc_facade._calls.arguments import body_of
from cocalc_facade._calls.engine import Exchange
from cocalc_facade._calls.routes import Route
from cocalc_facade._wire.hosts import BRIDGE

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow


def ask_hub(session: Session, name: str, args: Sequence[Any]) -> Flow[Any]:
    """Give what a function of the hub answers that only reads, and may therefore be asked twice."""
    route = Route(BRIDGE, None)
    route.needs_key = route.idempotent = True
    exchange = Exchange(session, route)
    yield from exchange.send(body_of(route, {"name": name, "args": list(args)}, check=False))
    if exchange.error is not None:
        raise exchange.error
    session.learned.accepted = True
    return exchange.value
