"""The stand-in answers as a server of the newer generation did, route by route."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cocalc_facade.testing.routes.newer.table import ROUTES as NEWER

from .agreement import differences
from .exchanges import Exchange
from .newer import Scene, routes

ROUTES = routes()
DEVIATIONS = json.loads((Path(__file__).parent / "data" / "deviations.json").read_text("utf-8"))


def asked(exchange: Exchange) -> list[str]:
    return differences(exchange.response, Scene(exchange).ask(), exchange.request["method"])


@pytest.mark.parametrize("route", ROUTES)
def test_requests_of_a_route_are_answered_as_recorded(route: str) -> None:
    found = {exchange.name: asked(exchange) for exchange in ROUTES[route] if exchange.name not in DEVIATIONS}
    told = [f"{name}: {line}" for name, lines in found.items() for line in lines]
    assert not told, "\n".join(told)


def test_every_route_that_answered_is_listed_and_every_gone_one_is_not() -> None:
    for path, members in ROUTES.items():
        name = path.removeprefix("/api/v2/")
        if path.startswith("/api/v2/"):
            gone = all(exchange.response["status"] == 404 for exchange in members)
            assert (name in NEWER) != gone, name
