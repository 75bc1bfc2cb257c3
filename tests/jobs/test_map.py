"""Many calls at once: in order, each with its own outcome, resumable."""

from __future__ import annotations

import asyncio
import itertools
import re
import signal
import sys
import threading
from typing import Any

import httpx
import pytest

from cocalc_facade._errors import (
    CoCalcError,
    ConfirmationRequired,
    ConnectionFailed,
    InvalidRequestError,
    PermissionDeniedError,
)
from cocalc_facade._jobs.many.outcomes import MapInterrupted, Outcome
from cocalc_facade._jobs.many.progress import Progress


@pytest.fixture
def projects(bench: Any) -> list[str]:
    world = bench.standin.world
    return [world.add_project(bench.standin.user.account_id, f"P{number}").project_id for number in range(20)]


def test_outcomes_are_in_the_order_of_the_items(client: Any, projects: list[str]) -> None:
    outcomes = client.map("projects/stop", projects)
    assert [outcome.item for outcome in outcomes] == projects
    assert outcomes.values() == [{"status": "ok"}] * 20
    assert outcomes.failed == ()


def test_items_may_be_dictionaries_or_come_lazily(bench: Any, client: Any, projects: list[str]) -> None:
    outcomes = client.map("projects/stop", ({"project_id": project} for project in projects), concurrency=3)
    assert [outcome.item["project_id"] for outcome in outcomes] == projects
    assert {params["project_id"] for params in bench.seen("projects/stop")} == set(projects)


def test_each_item_has_its_own_error(bench: Any, client: Any, projects: list[str]) -> None:
    items = [projects[0], bench.standin.second_project.project_id, projects[1]]
    outcomes = client.map("projects/stop", items)
    assert [outcome.ok for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, PermissionDeniedError)
    with pytest.raises(PermissionDeniedError):
        outcomes.values()


def test_the_first_error_can_end_it(bench: Any, client: Any, projects: list[str]) -> None:
    items = [projects[0], bench.standin.second_project.project_id, *projects[1:]]
    with pytest.raises(PermissionDeniedError) as caught:
        client.map("projects/stop", items, concurrency=1, on_error="raise")
    assert len(bench.seen("projects/stop")) == 2
    assert any("1 calls of projects/stop had succeeded" in note for note in caught.value.__notes__)


def test_a_lost_connection_is_the_error_of_its_item(bench: Any, projects: list[str]) -> None:
    client = bench.client(script={"messages/send": [..., *[httpx.ReadError("reset")], ...]})
    items = [{"subject": str(number), "body": "b"} for number in range(3)]
    outcomes = client.map("messages/send", items, concurrency=1)
    assert [type(outcome.error) for outcome in outcomes] == [type(None), ConnectionFailed, type(None)]


def test_what_succeeded_is_not_called_again(bench: Any, client: Any, projects: list[str]) -> None:
    first = client.map("projects/stop", [*projects[:5], bench.standin.second_project.project_id])
    before = len(bench.seen("projects/stop"))
    again = client.map(
        "projects/stop", [*projects[:7], bench.standin.second_project.project_id], resume=first
    )
    assert len(bench.seen("projects/stop")) - before == 3
    assert [outcome.ok for outcome in again] == [True] * 7 + [False]


def test_every_outcome_is_told_as_soon_as_it_is_known(client: Any, projects: list[str]) -> None:
    told: list[Outcome] = []
    outcomes = client.map("projects/stop", projects, on_done=told.append)
    assert sorted(outcome.item for outcome in told) == sorted(outcome.item for outcome in outcomes)


def test_as_many_calls_run_at_once_as_allowed(bench: Any, kind: str, projects: list[str]) -> None:
    lock, state = threading.Lock(), {"now": 0, "most": 0}

    class InFours(httpx.BaseTransport, httpx.AsyncBaseTransport):
        """Answers four requests at a time."""

        here = threading.Barrier(4, timeout=60)
        there = asyncio.Barrier(4)

        def count(self, change: int) -> None:
            with lock:
                state["now"] += change
                state["most"] = max(state["most"], state["now"])

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self.count(1)
            self.here.wait()
            self.count(-1)
            return httpx.Response(200, json={"status": "ok"})

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.count(1)
            async with asyncio.timeout(60):
                await self.there.wait()
            self.count(-1)
            return httpx.Response(200, json={"status": "ok"})

    made = httpx.Client if kind == "sync" else httpx.AsyncClient
    client = bench.client(http_client=made(transport=InFours(), base_url="http://localhost"))
    assert len(client.map("projects/stop", projects, concurrency=4).values()) == 20
    assert state["most"] == 4


def test_all_wait_when_the_server_refuses_one_for_its_rate(bench: Any, projects: list[str]) -> None:
    times: list[float] = []
    begin = bench.clock.now()
    numbers, waiting = itertools.count(1), threading.Event()
    waits = bench.clock.sleep
    bench.clock.sleep = lambda seconds: (waits(seconds), waiting.set())
    refusal = (
        "too many requests to messages/get; try again in 30 seconds (rule: at most 15 requests per minute)"
    )

    def answer(_: Any) -> Any:
        number = next(numbers)
        times.append(bench.clock.now() - begin)
        if (
            number > 3 and bench.kind == "sync"
        ):  # the other threads, until the refused one knows that it has to wait
            waiting.wait(60)
        return {"error": refusal} if number == 3 else {"messages": []}

    client = bench.client(script={"messages/get": [answer] * 50})
    assert len(client.map("messages/get", [{} for _ in projects], concurrency=4).values()) == 20
    assert len(times) == 21
    assert sum(time < 30 for time in times) <= 8
    assert max(times) < 40


def test_the_rate_limits_of_the_server_are_kept_to(bench: Any, client: Any) -> None:
    bench.standin.oddities.rate_limits = True
    items = [{"limit": 1, "offset": number} for number in range(40)]
    assert len(client.map("purchases/get-purchases", items, concurrency=4).values()) == 40


def test_ctrl_c_keeps_what_was_done(bench: Any, kind: str, projects: list[str]) -> None:
    """In threads it is an exception; `asyncio.run` makes a cancellation of it, which is told from others."""

    def press(_: Any) -> Any:
        if kind == "sync":
            raise KeyboardInterrupt  # as a worker meets it
        signal.raise_signal(signal.SIGINT)
        return {"status": "ok"}

    client = bench.client(script={"projects/stop": [*[...] * 5, press]})
    with pytest.raises(MapInterrupted) as caught:
        client.map("projects/stop", projects, concurrency=1)
    done = caught.value.outcomes
    assert isinstance(caught.value, KeyboardInterrupt)
    assert [outcome.item for outcome in done][:5] == projects[:5]
    assert len(done) in (5, 6)  # the answer that comes with Ctrl-C may still be noted
    rest = bench.client().map("projects/stop", projects, resume=done)
    assert len(rest.values()) == 20
    assert len(bench.seen("projects/stop")) == 20


@pytest.mark.parametrize("kind", ["async"])
async def test_a_cancelled_task_has_told_what_was_done(bench: Any, projects: list[str]) -> None:
    told: list[Outcome] = []

    class Stuck(httpx.AsyncBaseTransport):
        def __init__(self) -> None:
            self.calls = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.calls += 1
            if self.calls > 5:
                await asyncio.Event().wait()
            return httpx.Response(200, json={"status": "ok"})

    transport = Stuck()
    client = bench.client(
        http_client=httpx.AsyncClient(transport=transport, base_url="http://localhost")
    )._target
    task = asyncio.create_task(client.map("projects/stop", projects, concurrency=2, on_done=told.append))
    while transport.calls < 7:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [outcome.item for outcome in told] == projects[:5]


def test_a_route_that_wants_confirmation_gets_none_by_itself(bench: Any, client: Any) -> None:
    [outcome] = client.map("accounts/delete", [{}])
    assert isinstance(outcome.error, ConfirmationRequired)
    assert bench.seen() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", ["a"]), "what: must not be empty"),
        (("projects/copy-path", ["a"]), "items: projects/copy-path needs .*: give dictionaries"),
        (("no/such/route", ["a"]), "items: no/such/route needs none that is known: give dictionaries"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    bench: Any, client: Any, arguments: tuple[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.map(*arguments)
    assert bench.seen() == []


def test_a_bad_item_is_refused_before_the_first_is_sent(bench: Any, client: Any, projects: list[str]) -> None:
    with pytest.raises(TypeError, match=r"items\[1\]: expected ids or dictionaries, not list"):
        client.map("projects/stop", [projects[0], ["x"]], concurrency=1)
    with pytest.raises(TypeError, match="items: expected a list"):
        client.map("projects/stop", projects[0])
    assert bench.seen() == []


@pytest.mark.parametrize("changes", [{"concurrency": 0}, {"concurrency": 1000}, {"on_error": "ignore"}])
def test_bad_options_are_refused(
    bench: Any, client: Any, projects: list[str], changes: dict[str, Any]
) -> None:
    with pytest.raises(CoCalcError, match=next(iter(changes))):
        client.map("projects/stop", projects, **changes)
    assert bench.seen() == []


def test_progress_is_plain_lines_in_a_log(client: Any, projects: list[str], capsys: Any) -> None:
    client.map("projects/stop", [*projects, "00000000-0000-4000-8000-000000000000"], progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert 5 < len(lines) <= 12
    assert lines[-1] == "projects/stop: 21/21 done, 1 failed"


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("cocalc_facade._jobs.many.progress._live", lambda: True)
    with Progress("x", 2) as progress:
        progress.advance(failed=False)
        progress.advance(failed=True)
    assert re.search(r"x: 100%\|█+\| 2/2 .*failed=1", capsys.readouterr().err)


def test_progress_is_lines_on_a_terminal_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("cocalc_facade._jobs.many.progress._live", lambda: True)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with Progress("x", 2) as progress:
        progress.advance(failed=False)
    assert capsys.readouterr().err == "x: 1/2 done, 0 failed\n"


def test_progress_is_never_silent_for_long(capsys: Any) -> None:
    now = 0.0
    progress = Progress("x", 300, lambda: now)
    said: list[float] = []
    while now < 100:
        now += 1
        progress.tick()
        if capsys.readouterr().err:
            said.append(now)
    assert all(after - before <= 12 for before, after in itertools.pairwise([0.0, *said, now]))
    assert len(said) <= 10


def test_waiting_for_slow_items_is_shown_too(
    bench: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one item goes on until it was told that time passes."""
    ticks: list[int] = []
    told = threading.Event() if bench.kind == "sync" else asyncio.Event()

    def tick(_: Progress) -> None:
        ticks.append(1)
        if ticks:
            told.set()

    monkeypatch.setattr(Progress, "tick", tick)
    if bench.kind == "sync":
        client.map(lambda _: told.wait(60), ["x"], progress=True)
    else:
        client.map(lambda _: told.wait(), ["x"], progress=True)
    assert ticks


def test_outcomes_are_a_table(bench: Any, client: Any, projects: list[str]) -> None:
    outcomes = client.map("projects/stop", [*projects[:2], bench.standin.second_project.project_id])
    assert repr(outcomes).startswith("<3 calls, 1 failed, first <Outcome")
    assert "must be a collaborator" in outcomes._repr_html_()
