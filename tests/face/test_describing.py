"""What is known of a route can be asked without a server, and is what the client goes by."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest
from cocalc_v2.operations import OPERATIONS

from cocalc_facade import AsyncCoCalc, CoCalc, InvalidRequestError

CLIENTS = [CoCalc("sk-made-up", "http://localhost"), AsyncCoCalc("sk-made-up", "http://localhost")]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: type(client).__name__)
def test_every_route_is_listed_and_described(client: Any) -> None:
    assert client.routes() == tuple(OPERATIONS)
    for path in client.routes():
        route = client.describe(path)
        method = attrgetter(route.python.removeprefix("client."))(client)
        assert callable(method), path
        assert route.summary.endswith("."), path
        assert route.reads is (route.changes is None)
        assert not (OPERATIONS[path].mutates and route.reads), path
        assert {argument.name for argument in route.required} <= {
            argument.name for argument in route.arguments
        }
        assert all(argument.required for argument in route.arguments[: len(route.required)])


def test_routes_can_be_completed() -> None:
    assert CLIENTS[0].routes("projects/collab") == (
        "projects/collaborators/add",
        "projects/collaborators/change-user-type",
        "projects/collaborators/list",
        "projects/collaborators/remove",
    )
    assert CLIENTS[0].routes("none such") == ()


@pytest.mark.parametrize("path", ["projects/stop", "/projects/stop/", "api/v2/projects/stop"])
def test_a_path_is_taken_as_people_paste_it(path: str) -> None:
    assert CLIENTS[0].describe(path).path == "projects/stop"


@pytest.mark.parametrize(
    ("path", "hint"), [("projects/stpo", "did you mean 'projects/stop'?"), ("qqq", "client.routes() lists")]
)
def test_an_unknown_route_is_told_with_a_suggestion(path: str, hint: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"the route '{path}' is not known") as raised:
        CLIENTS[0].describe(path)
    assert hint in str(raised.value)
    assert raised.value.field == "path"
