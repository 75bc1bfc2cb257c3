"""What `map` does with each item: routes, methods, jobs and functions, with further arguments for all."""

from __future__ import annotations

import asyncio
import json
import threading
from functools import partial
from typing import Any

import httpx
import pytest

from cocalc_facade import (
    CompletedCommand,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitError,
    TimedOut,
    jsonable,
)
from cocalc_facade._jobs.many.outcomes import Outcomes

NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def projects(bench: Any) -> list[str]:
    world = bench.standin.world
    return [world.add_project(bench.standin.user.account_id, f"P{number}").project_id for number in range(6)]


def of(client: Any) -> Any:
    """The client itself, whose methods `map` takes."""
    return client._target


def test_a_typed_method_gives_typed_values(client: Any, projects: list[str]) -> None:
    outcomes = client.map(of(client).projects.stop, projects)
    assert [outcome.value.status for outcome in outcomes] == ["ok"] * 6


def test_a_method_takes_dictionaries_and_further_arguments_by_name(
    bench: Any, client: Any, projects: list[str]
) -> None:
    items = [{"project_id": project, "command": "echo 1"} for project in projects[:2]]
    assert [value.stdout for value in client.map(of(client).exec, items).values()] == ["1\n"] * 2
    values = client.map(of(client).exec, projects[:2], command="echo 2").values()
    assert [value.stdout for value in values] == ["2\n"] * 2
    assert client.map("exec", projects[:2], command="echo 3").values()[0]["stdout"] == "3\n"


def test_a_job_longer_than_a_call_may_last_runs_for_all(client: Any, projects: list[str]) -> None:
    outcomes = client.map(of(client).run, projects, "sleep 100; echo done", timeout=600, concurrency=6)
    assert [value.stdout for value in outcomes.values()] == ["done\n"] * 6
    assert isinstance(outcomes[0].value, CompletedCommand)


def test_each_job_has_its_own_error(bench: Any, client: Any, projects: list[str]) -> None:
    items = [projects[0], bench.standin.second_project.project_id, projects[1]]
    outcomes = client.map(of(client).run, items, "echo 1")
    assert [outcome.ok for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, PermissionDeniedError)


def test_waiting_and_copying_are_jobs_too(client: Any, projects: list[str]) -> None:
    states = client.map(of(client).wait_for_project, projects, "running").values()
    assert {state.state for state in states} == {"running"}
    source = of(client).project(projects[0])
    client.project(projects[0]).write_text("a.txt", "hello")
    assert client.map(source.copy_to, projects[1:], "a.txt").values() == [None] * 5
    assert client.project(projects[5]).read_text("a.txt") == "hello"


def test_a_method_that_does_more_than_to_call_works_as_well(client: Any, projects: list[str]) -> None:
    client.project(projects[0]).write_text("a.txt", "hello")
    outcomes = client.map(of(client).project(projects[0]).read_text, ["a.txt", "b.txt"])
    assert outcomes[0].value == "hello"
    assert isinstance(outcomes[1].error, NotFoundError)


def test_options_of_a_view_are_those_of_its_methods(client: Any, projects: list[str]) -> None:
    short = of(client).with_options(timeout=5).run
    [outcome] = client.map(short, projects[:1], "sleep 50", timeout=100)
    assert isinstance(outcome.error, TimedOut)


def test_a_function_of_one_item_with_further_arguments(bench: Any, client: Any, projects: list[str]) -> None:
    hands = of(client)

    def check(project: str, command: str, *, word: str) -> Any:
        return hands.run(project, f"{command} {word}")

    outcomes = client.map(check, projects, "echo", word="hi")
    assert [value.stdout for value in outcomes.values()] == ["hi\n"] * 6
    assert client.map(partial(check, command="echo", word="ho"), projects[:1]).values()[0].stdout == "ho\n"


def test_what_a_function_raises_is_the_error_of_its_item(bench: Any, client: Any) -> None:
    async def later(item: int) -> int:
        return now(item)

    def now(item: int) -> int:
        if item % 2:
            raise ValueError(f"odd: {item}")
        return item

    outcomes = client.map(now if bench.kind == "sync" else later, range(4))
    assert [outcome.value for outcome in outcomes] == [0, None, 2, None]
    assert isinstance(outcomes[1].error, ValueError)
    with pytest.raises(ValueError, match="odd: 1"):
        outcomes.values()
    with pytest.raises(ValueError, match="odd: 1"):
        client.map(now if bench.kind == "sync" else later, range(4), on_error="raise", concurrency=1)


def test_functions_of_the_other_kind_are_refused(bench: Any, client: Any, projects: list[str]) -> None:
    async def later(item: str) -> str:
        return item

    if bench.kind == "sync":
        with pytest.raises(TypeError, match="later is a coroutine function: use AsyncCoCalc"):
            client.map(later, projects)
        with pytest.raises(TypeError, match="has to be awaited: use AsyncCoCalc"):
            client.map(lambda item: later(item), projects)
    else:
        with pytest.raises(TypeError, match="len is no coroutine function"):
            client.map(len, projects)


def test_methods_of_another_client_use_their_own_key(bench: Any, client: Any) -> None:
    other = bench.client(bench.standin.second)
    theirs = bench.standin.second_project.project_id
    assert not client.map(of(client).run, [theirs], "echo 1")[0].ok
    assert client.map(of(other).run, [theirs], "echo 1")[0].value.stdout == "1\n"


def test_a_method_of_the_other_kind_of_client_is_refused(
    bench: Any, client: Any, projects: list[str]
) -> None:
    from cocalc_facade import AsyncCoCalc, CoCalc

    other: Any = AsyncCoCalc if bench.kind == "sync" else CoCalc
    given = other(bench.standin.user.key, "http://localhost:1")
    with pytest.raises(TypeError, match=r"what: client\.run is "):
        client.map(given.run, projects, "ls")
    assert bench.seen() == []


@pytest.mark.parametrize(
    ("what", "near"),
    [
        ("project/stop", "projects/stop"),
        ("projects/stpo", "projects/stop"),
        ("projects.stop", "projects/stop"),
        ("client.projects.copy_path", "projects/copy-path"),
        ("stop", "projects/stop"),
        ("purchases/get_purchases", "purchases/get-purchases"),
    ],
)
def test_a_misspelled_route_is_refused_with_a_suggestion(
    bench: Any, client: Any, projects: list[str], what: str, near: str
) -> None:
    for items in (projects, [{"project_id": project} for project in projects]):
        with pytest.raises(InvalidRequestError) as caught:
            client.map(what, items)
        assert f"did you mean '{near}'?" in str(caught.value)
    assert bench.seen() == []


def test_an_item_that_does_not_fit_is_refused_before_anything_is_sent(
    bench: Any, client: Any, projects: list[str]
) -> None:
    good = {"project_id": projects[0]}
    run, stop = of(client).run, of(client).projects.stop
    for what, items, words in (
        (
            "projects/stop",
            [good, {"projectid": projects[0]}],
            r"items\[1\]: .*'projectid' .did you mean 'project_id'",
        ),
        ("projects/stop", [projects[0], "P 1"], r"items\[1\]: project_id must be a UUID, not 'P 1'"),
        ("projects/copy-path", [{"path": "a"}], "src_project_id: projects/copy-path needs it"),
        (
            stop,
            [good, {"project": 1}],
            r"items\[1\]: project: Projects.stop has no such argument, did you mean",
        ),
        (stop, [projects[0], "P 1"], r"items\[1\]: project_id must be a UUID"),
        (run, [projects[0], "P 1"], r"items\[1\]: project_id: 'P 1' is not a UUID"),
        (run, [projects[0], 5], r"items\[1\]: project_id: expected a UUID as text, not int"),
    ):
        named = {} if what != run else {"command": "ls"}
        with pytest.raises((InvalidRequestError, TypeError), match=words):
            client.map(what, items, **named)
    assert bench.seen() == []


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"timeut": 5}, "timeut: client.run has no such argument, did you mean 'timeout'"),
        ({"timeout": -1}, "timeout: must be above zero"),
        ({"command": "twice"}, "command"),
    ],
)
def test_further_arguments_that_do_not_fit_are_refused_too(
    bench: Any, client: Any, projects: list[str], named: dict[str, Any], words: str
) -> None:
    with pytest.raises((InvalidRequestError, TypeError), match=words):
        client.map(of(client).run, projects, "ls", **named)
    with pytest.raises(TypeError, match="lambda>: too many positional arguments"):
        client.map(lambda item: item, projects, "too", "many", check=1)
    assert bench.seen() == []


def test_fitting_items_asks_for_no_key_and_shows_no_request(bench: Any, projects: list[str]) -> None:
    seen: list[Any] = []
    asked: list[int] = []
    key = bench.standin.user.key
    client = bench.client(on_request=seen.append)
    source = of(client)._session.key
    ask = source._ask
    source._ask = lambda: (asked.append(1), ask())[1]
    client.map(of(client).run, projects, "echo")
    assert len(asked) == len(seen) == len(bench.seen()) == 6
    assert key not in repr(seen)


def test_a_dry_run_lists_each_item_once(bench: Any, projects: list[str]) -> None:
    client = bench.client(dry_run=True)
    for what in ("projects/stop", of(client).projects.stop):
        client.map(what, projects)
    assert [call.path for call in of(client).planned] == ["projects/stop"] * 12
    assert bench.seen() == []


def test_items_that_come_lazily_have_their_own_errors(client: Any, projects: list[str]) -> None:
    outcomes = client.map(of(client).run, iter([projects[0], "P 1", 5]), "echo 1")
    assert [outcome.ok for outcome in outcomes] == [True, False, False]


def test_a_job_waits_as_long_as_the_server_says_for_its_rate(bench: Any, projects: list[str]) -> None:
    def refusing() -> Any:
        """A client whose first command is refused with 429 and a wait longer than one call takes upon itself."""
        client = bench.client()
        scripted, refused = bench.transport._scripted, []

        def answer(request: httpx.Request, body: bytes) -> httpx.Response | None:
            if request.url.path.endswith("/exec") and not refused:
                refused.append(request)
                return httpx.Response(
                    429, json={"error": "slow down"}, headers={"Retry-After": "80"}, request=request
                )
            found: httpx.Response | None = scripted(request, body)
            return found

        bench.transport._scripted = answer
        return client

    with pytest.raises(RateLimitError):
        refusing().run(projects[0], "echo 1")
    client = refusing()
    assert client.map(of(client).run, projects, "echo 1", concurrency=1).failed == ()
    assert len(bench.seen("exec")) == 6


@pytest.mark.parametrize("kind", ["sync"])
def test_jobs_that_sleep_hold_no_threads(bench: Any, client: Any, projects: list[str]) -> None:
    """A hundred at once, each of which is asked again and again."""
    seen: set[int] = set()
    most: list[int] = []
    answered = bench.transport.handle_request

    def note(request: Any) -> Any:
        seen.add(threading.get_ident())
        most.append(sum(len(project.jobs) for project in made))
        return answered(request)

    bench.transport.handle_request = note
    made = [bench.standin.world.add_project(bench.standin.user.account_id) for _ in range(100)]
    for project in made:
        project.start(bench.clock.now(), 0)
    items = [project.project_id for project in made]
    outcomes = client.map(of(client).run, items, "sleep 300", timeout=600, concurrency=100)
    assert not outcomes.failed
    assert max(most) == 100
    assert len(seen) <= 64


def test_outcomes_are_json(client: Any, projects: list[str]) -> None:
    found = json.loads(json.dumps(jsonable(client.map(of(client).run, [*projects[:1], NOBODYS], "echo 1"))))
    assert [row["item"] for row in found] == [projects[0], NOBODYS]
    assert found[0]["value"]["stdout"] == "1\n"
    assert found[1]["error"]["type"] == "PermissionDeniedError"


def test_the_summary_says_how_many_failed_and_why_by_cause() -> None:
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(12)]
    outcomes = Outcomes(
        (
            *(Outcome(item, error=TimedOut(f"project {item} is starting after 300 s")) for item in ids[:8]),
            Outcome(ids[8], error=ValueError("no homework")),
            Outcome(ids[9], error=TimedOut("other", maybe_executed=True)),
            *(Outcome(item, "ok") for item in ids[10:]),
        )
    )
    first, *rest = outcomes.causes()
    assert (first.error, first.items, first.maybe_executed) == ("TimedOut", tuple(ids[:8]), False)
    assert {(cause.error, cause.maybe_executed) for cause in rest} == {
        ("ValueError", False),
        ("TimedOut", True),
    }
    text = outcomes.summary()
    assert text.startswith("12 items: 2 ok, 10 failed\n  8 of TimedOut: project … is starting after … s\n")
    assert "      and 3 more\n" in text
    assert "ValueError: no homework" in text
    assert "other (may have been executed)" in text


@pytest.mark.parametrize("kind", ["async"])
async def test_a_cancelled_task_tells_what_was_done(bench: Any, projects: list[str]) -> None:
    client = bench.client()._target
    stuck = asyncio.Event()

    async def work(item: str) -> Any:
        if item == projects[3]:
            stuck.set()
            await asyncio.Event().wait()
        return await client.run(item, "echo 1")

    task = asyncio.create_task(client.map(work, projects, concurrency=1))
    await stuck.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert [outcome.item for outcome in caught.value.outcomes] == projects[:3]  # type: ignore[attr-defined]


def test_a_generator_function_is_refused_since_calling_it_does_nothing(bench: Any, client: Any) -> None:
    def now(item: str) -> Any:
        yield client.run(item, "true")

    async def later(item: str) -> Any:
        yield await client.run(item, "true")

    for what in (now, later, partial(now), partial(later)):
        with pytest.raises(TypeError, match=r"what: .* is a generator function"):
            client.map(what, [bench.project_id])
    assert bench.seen() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"on_done": 5}, "on_done: expected a function, not int"),
        ({"resume": "run.jsonl"}, "resume: takes the outcomes of an earlier run .*journal="),
        ({"resume": None}, "resume: expected outcomes of an earlier run, not NoneType"),
        ({"resume": [1]}, "resume: expected outcomes, not int"),
        ({"progress": "yes"}, "progress: expected True or False, not str"),
        ({"fsync": 1}, "fsync: expected True or False, not int"),
    ],
)
def test_options_of_another_kind_are_refused_by_name(
    bench: Any, client: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises((TypeError, InvalidRequestError), match=words):
        client.map("projects/stop", [bench.project_id], **options)
    assert bench.seen() == []
