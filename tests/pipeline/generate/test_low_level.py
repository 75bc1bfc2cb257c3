"""The generated low-level client: POST only, a key that does not show, no cookies, no redirects, a timeout."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import warnings
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from cocalc_v2.api.projects import stop
from cocalc_v2.client import AuthenticatedClient, Client
from cocalc_v2.errors import PostOnly, UnexpectedStatus
from cocalc_v2.models import ProjectsStopRequest

from scripts.benchmarks.loopback import loopback

KEY = "sk-abcdefghijklmnopqrstuv"
PROJECT = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"


class Server:
    """Answers every request the same and remembers them."""

    def __init__(self, status: int = 200, **answer: Any) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = {"json": {"status": "ok"}, **answer}
        self._status = status

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, **self._answer)


def client(server: Server, **options: Any) -> AuthenticatedClient:
    return AuthenticatedClient(
        "https://example.com/base", KEY, httpx_args={"transport": httpx.MockTransport(server)}, **options
    )


def test_a_call_is_a_post_with_a_json_body_below_the_base_path() -> None:
    server = Server()
    answer = stop.sync(client=client(server), body=ProjectsStopRequest(project_id=PROJECT))
    (request,) = server.requests
    assert (request.method, request.url) == ("POST", "https://example.com/base/api/v2/projects/stop")
    assert json.loads(request.read()) == {"project_id": PROJECT}
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert answer is not None
    assert answer.to_dict() == {"status": "ok"}


async def test_the_asynchronous_call_is_the_same() -> None:
    server = Server()
    body = ProjectsStopRequest(project_id=PROJECT)
    answer = await stop.asyncio_detailed(client=client(server), body=body)
    assert (answer.status_code, len(server.requests)) == (200, 1)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_anything_but_post_is_refused_before_it_is_sent(method: str) -> None:
    server = Server()
    with pytest.raises(PostOnly, match=f"{method} /base/api/v2/projects/create was not sent"):
        client(server).get_httpx_client().request(method, "/api/v2/projects/create")
    with pytest.raises(PostOnly):
        await client(server).get_async_httpx_client().request(method, "/api/v2/projects/create")
    assert server.requests == []


def test_the_key_does_not_show() -> None:
    made = client(Server())
    assert KEY not in repr(made)
    assert KEY not in repr(copy.copy(made))
    with pytest.raises(TypeError, match="holds a key"):
        pickle.dumps(made)


def test_a_derived_client_leaves_its_parent_alone() -> None:
    server = Server()
    parent = client(server)
    parent.get_httpx_client()
    child = parent.with_headers({"x-test": "1"}).with_timeout(1)
    stop.sync(client=parent, body=ProjectsStopRequest(project_id=PROJECT))
    stop.sync(client=child, body=ProjectsStopRequest(project_id=PROJECT))
    assert ["x-test" in request.headers for request in server.requests] == [False, True]
    assert parent.get_httpx_client().timeout != child.get_httpx_client().timeout


def test_there_is_always_a_timeout() -> None:
    assert Client("https://example.com").get_httpx_client().timeout.read == 60
    with pytest.raises(ValueError, match="for ever"):
        client(Server(), timeout=None).get_httpx_client()


def test_no_cookie_is_kept() -> None:
    server = Server(headers={"set-cookie": "remember_me=other; Path=/"})
    made = client(server)
    for _ in range(2):
        stop.sync(client=made, body=ProjectsStopRequest(project_id=PROJECT))
    assert all("cookie" not in request.headers for request in server.requests)


def test_a_redirect_is_not_followed() -> None:
    server = Server(308, headers={"location": "https://elsewhere.example"})
    answer = stop.sync_detailed(client=client(server), body=ProjectsStopRequest(project_id=PROJECT))
    assert (answer.status_code, answer.parsed, len(server.requests)) == (308, None, 1)


def test_another_status_is_raised_when_asked_for() -> None:
    made = client(Server(404), raise_on_unexpected_status=True)
    with pytest.raises(UnexpectedStatus, match="status 404"):
        stop.sync(client=made, body=ProjectsStopRequest(project_id=PROJECT))


@pytest.mark.parametrize("status", [499, 520, 522, 527, 561, 599, 299])
async def test_a_status_that_has_no_name_is_a_number(status: int) -> None:
    answer = stop.sync_detailed(client=client(Server(status)), body=ProjectsStopRequest(project_id=PROJECT))
    assert answer.status_code == status
    assert f"status_code={status}" in repr(answer)
    again = await stop.asyncio_detailed(
        client=client(Server(status)), body=ProjectsStopRequest(project_id=PROJECT)
    )
    assert again.status_code == status


def test_a_status_with_a_name_has_it() -> None:
    answer = stop.sync_detailed(client=client(Server(404)), body=ProjectsStopRequest(project_id=PROJECT))
    assert answer.status_code is HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("nothing_older")
def test_one_client_serves_one_event_loop_after_the_other() -> None:
    """A connection belongs to the loop that opened it: over real ones, for nothing else knows its loop."""
    body = ProjectsStopRequest(project_id=PROJECT)
    with warnings.catch_warnings(), loopback() as address:
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # httpx cannot close what an ended loop has left open
        made = AuthenticatedClient(address, KEY)
        for _ in range(3):
            assert asyncio.run(stop.asyncio_detailed(client=made, body=body)).status_code == 200
        del made
        gc.collect()


async def test_loops_that_run_at_once_have_a_client_each() -> None:
    made = client(Server())
    here = made.get_async_httpx_client()

    async def ask() -> httpx.AsyncClient:
        await stop.asyncio(client=made, body=ProjectsStopRequest(project_id=PROJECT))
        return made.get_async_httpx_client()

    there = await asyncio.to_thread(asyncio.run, ask())
    assert there is not here
    assert made.get_async_httpx_client() is here


def test_what_is_prepared_outside_of_a_loop_serves_the_first() -> None:
    server = Server()
    made = client(server)
    prepared = made.get_async_httpx_client()
    prepared.headers["x-test"] = "1"
    for _ in range(2):
        asyncio.run(stop.asyncio(client=made, body=ProjectsStopRequest(project_id=PROJECT)))
    assert ["x-test" in request.headers for request in server.requests] == [True, False]
