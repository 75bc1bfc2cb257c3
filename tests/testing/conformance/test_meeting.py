"""The stand-in answers as the real server did at the second meeting, route by route."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .agreement import differences
from .exchanges import Exchange
from .meeting import Scene, routes

ROUTES = routes()
DEVIATIONS = json.loads((Path(__file__).parent / "data" / "deviations.json").read_text("utf-8"))


def asked(exchange: Exchange) -> list[str]:
    return differences(exchange.response, Scene(exchange).ask(), exchange.request["method"])


@pytest.mark.parametrize("route", ROUTES)
def test_requests_of_a_route_are_answered_as_recorded(route: str) -> None:
    found = {exchange.name: asked(exchange) for exchange in ROUTES[route] if exchange.name not in DEVIATIONS}
    told = [f"{name}: {line}" for name, lines in found.items() for line in lines]
    assert not told, "\n".join(told)


def test_no_answer_is_made_from_a_schema() -> None:
    for members in ROUTES.values():
        assert Scene(members[0]).ask().header("x-standin") is None
