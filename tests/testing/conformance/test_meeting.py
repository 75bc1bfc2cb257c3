"""The stand-in answers as the real server did at the second meeting, route by route."""

from __future__ import annotations

from tests.rows import every_row

from .agreement import untold
from .exchanges import DEVIATIONS
from .meeting import Scene, routes

ROUTES = routes()


@every_row("route", ROUTES)
def test_requests_of_a_route_are_answered_as_recorded(route: str) -> None:
    told = untold((Scene(exchange) for exchange in ROUTES[route]), DEVIATIONS)
    assert not told, told


def test_no_answer_is_made_from_a_schema() -> None:
    for members in ROUTES.values():
        assert Scene(members[0]).ask().header("x-standin") is None
