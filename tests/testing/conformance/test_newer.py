"""The stand-in answers as a server of the newer generation did, route by route."""

from __future__ import annotations

from cocalc_facade.testing.routes.newer.table import ROUTES as NEWER
from tests.rows import every_row

from .agreement import untold
from .exchanges import DEVIATIONS
from .newer import Scene, routes

ROUTES = routes()


@every_row("route", ROUTES)
def test_requests_of_a_route_are_answered_as_recorded(route: str) -> None:
    told = untold((Scene(exchange) for exchange in ROUTES[route]), DEVIATIONS)
    assert not told, told


def test_every_route_that_answered_is_listed_and_every_gone_one_is_not() -> None:
    for path, members in ROUTES.items():
        name = path.removeprefix("/api/v2/")
        if path.startswith("/api/v2/"):
            gone = all(exchange.response["status"] == 404 for exchange in members)
            assert (name in NEWER) != gone, name
