"""Faults on demand, as a client of the package meets them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from cocalc_facade import (
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponse,
)
from cocalc_facade.testing import StandIn


@pytest.fixture
def client(standin: StandIn) -> Iterator[CoCalc]:
    with (
        standin.client() as http,
        CoCalc(
            standin.user.key, "http://localhost", http_client=http, max_retries=0, _clock=standin.clock
        ) as client,
    ):
        yield client


def test_a_fault_that_is_not_known_is_refused_with_the_known_ones(standin: StandIn) -> None:
    with pytest.raises(ValueError, match="kind: one of refused, drop_before"):
        standin.fail("projects/get", kind="gremlins")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="times: a positive number"):
        standin.fail("projects/get", kind="status", times=0)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("projects/gett", "did you mean 'projects/get'"),
        ("/api/v2/projects/stop", "did you mean 'projects/stop'"),
        ("projects.stop", "did you mean 'projects/stop'"),
        ("purchases/get_balance", "did you mean 'purchases/get-balance'"),
        ("user_query-create_message", "did you mean 'user-query'"),
        ("", "a route of the server"),
    ],
)
def test_a_fault_of_no_route_is_refused_with_the_nearest_one(standin: StandIn, path: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"^path: .*{hint}"):
        standin.fail(path, kind="status")


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("refused", {"status": 502}, "status: for kind status and html only"),
        ("rate_limit", {"status": 429}, "status: for kind status and html only"),
        ("status", {"seconds": 3}, "seconds: for kind latency and rate_limit only"),
        ("truncate", {"seconds": 3}, "seconds: for kind latency and rate_limit only"),
        ("status", {"status": 99}, "status: from 200 to 599"),
        ("latency", {"seconds": -1}, "seconds: a finite number"),
        ("latency", {"seconds": float("nan")}, "seconds: a finite number"),
        ("status", {"times": True}, "times: a positive number"),
        ("status", {"times": 1.5}, "times: a positive number"),
        ("status", {"times": "2"}, "times: a positive number"),
        ("status", {"status": 502.5}, "status: from 200 to 599"),
        ("status", {"status": "503"}, "status: from 200 to 599"),
        ("latency", {"seconds": "3"}, "seconds: a finite number"),
        ("statuss", {}, "did you mean 'status'"),
        ("status", {"status": 204}, "an answer that has a page"),
        ("html", {"status": 304}, "an answer that has a page"),
        ("rate_limit", {}, "the server does not throttle 'projects/get'"),
    ],
)
def test_a_fault_that_could_not_come_as_it_is_asked_for_is_refused(
    standin: StandIn, kind: Any, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        standin.fail("projects/get", kind=kind, **more)


def test_a_page_comes_with_the_status_that_is_asked_for(standin: StandIn, client: CoCalc) -> None:
    standin.fail("projects/get", kind="html", status=502)
    with pytest.raises(ServerError) as caught:
        client.projects.get()
    assert caught.value.status == 502


def test_a_truncation_is_the_same_in_process_as_on_loopback() -> None:
    said = []
    for loopback in (False, True):
        standin = StandIn()
        standin.fail("projects/get", kind="truncate")
        with standin.serve() if loopback else nullcontext("http://localhost") as url:
            http = None if loopback else standin.client()
            client = CoCalc(standin.user.key, url, http_client=http, max_retries=0)
            with client, pytest.raises(CoCalcError) as caught:
                client.projects.get()
        error = caught.value
        said.append((type(error), getattr(error, "maybe_executed", None), error.status))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("kind", "ran"), [("refused", 0), ("drop_before", 0), ("stale_connection", 0), ("drop_after", 1)]
)
def test_a_connection_ends_before_or_after_the_handler_ran(
    standin: StandIn, client: CoCalc, kind: str, ran: int
) -> None:
    before = len(standin.world.projects)
    standin.fail("projects/create", kind=kind)  # type: ignore[arg-type]
    with pytest.raises(TransportError):
        client.projects.create(title="x")
    assert len(standin.world.projects) == before + ran


def test_faults_end_after_their_times(standin: StandIn, client: CoCalc) -> None:
    standin.fail("projects/get", kind="status", times=2, status=502)
    for _ in range(2):
        with pytest.raises(ServerError):
            client.projects.get()
    assert len(client.projects.get()) == 2


def test_faults_without_end_are_healed(standin: StandIn, client: CoCalc) -> None:
    standin.fail("*", kind="html", times=None)
    for _ in range(3):
        with pytest.raises(UnexpectedResponse):
            client.projects.get()
    standin.heal()
    assert len(client.projects.get()) == 2


def test_a_rate_limit_says_how_long_to_wait(standin: StandIn) -> None:
    standin.fail("messages/get", kind="rate_limit", seconds=53)
    with (
        standin.client() as http,
        CoCalc(
            standin.user.key, "http://localhost", http_client=http, max_rate_wait=0, _clock=standin.clock
        ) as client,
        pytest.raises(RateLimitError) as refused,
    ):
        client.messages.get()
    assert refused.value.retry_after == 53


@pytest.mark.parametrize("path", ["user-query", "shopping/cart/add", "*"])
def test_a_rate_limit_is_said_in_words_that_a_client_knows(standin: StandIn, path: str) -> None:
    standin.fail(path, kind="rate_limit", seconds=7)
    with (
        standin.client() as http,
        CoCalc(
            standin.user.key, "http://localhost", http_client=http, max_rate_wait=0, _clock=standin.clock
        ) as client,
    ):
        if path == "*":
            client.projects.get()  # is not throttled, so the fault waits on
        with pytest.raises(RateLimitError) as refused:
            client.call("messages/get" if path == "*" else path, {}, check=False)
    assert refused.value.retry_after == 7


def test_messages_made_too_fast_are_refused_in_words_that_a_client_knows(standin: StandIn) -> None:
    row = {"id": None, "to_ids": [standin.second.account_id], "subject": "s", "body": "b"}
    with (
        standin.client() as http,
        CoCalc(standin.user.key, "http://localhost", http_client=http, max_rate_wait=0) as client,
        pytest.raises(RateLimitError) as refused,
    ):
        client.call("user-query", {"query": [{"create_message": row}] * 20})
    assert refused.value.rule is not None


def test_a_newer_server_throttles_its_lists_of_projects_only() -> None:
    standin = StandIn(generation="ai")
    with pytest.raises(ValueError, match="throttled are projects/get"):
        standin.fail("projects/start", kind="rate_limit")
    standin.fail("projects/get", kind="rate_limit", seconds=7)
    with (
        standin.client() as http,
        CoCalc(
            standin.user.key, "http://localhost", http_client=http, max_rate_wait=0, _clock=standin.clock
        ) as client,
        pytest.raises(RateLimitError) as refused,
    ):
        client.projects.get()
    assert refused.value.retry_after == 7


def test_latency_passes_on_the_clock(standin: StandIn, client: CoCalc) -> None:
    before = standin.clock.now()
    standin.fail("projects/get", kind="latency", seconds=30)
    client.projects.get()
    assert standin.clock.now() - before == pytest.approx(30, abs=0.1)


def test_the_database_can_be_away_for_one_call(standin: StandIn, client: CoCalc) -> None:
    standin.fail("licenses/get-managed", kind="database")
    assert client.call("licenses/get-managed", check=False) == []
    assert len(client.projects.get()) == 2


async def test_two_asynchronous_starts_meet_in_the_server(standin: StandIn) -> None:
    async with (
        standin.async_client() as http,
        AsyncCoCalc(standin.user.key, "http://localhost", http_client=http, _clock=standin.clock) as client,
    ):
        before = standin.clock.now()
        starts = [client.projects.start(project_id=standin.project.project_id) for _ in range(2)]
        await asyncio.gather(*starts)
    # The second found the project starting and did not wait: the time is that of one start.
    assert standin.clock.now() - before == pytest.approx(2.5, abs=0.2)


def test_a_client_gives_up_and_the_command_runs_on(standin: StandIn, client: CoCalc) -> None:
    project_id = standin.project.project_id
    with pytest.raises(TransportError):
        client.with_options(timeout=5).exec(
            project_id=project_id, command="sleep 20; echo done > f", bash=True
        )
    assert client.exec(project_id=project_id, command="cat", args=["f"]).stdout == "done\n"


def test_the_cut_at_sixty_seconds_hides_the_answer_and_the_call_has_run(
    standin: StandIn, client: CoCalc
) -> None:
    before, began = len(standin.world.projects), standin.clock.now()
    standin.fail("projects/create", kind="undefined")
    with pytest.raises(CoCalcError):
        client.projects.create(title="x")
    assert len(standin.world.projects) == before + 1
    assert standin.clock.now() - began >= 60
