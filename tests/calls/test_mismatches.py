"""Departures are counted: each kind, each time, whoever sees them, and with nothing that an interruption could leave taken."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import httpx
import pytest

from cocalc_facade import CoCalc
from cocalc_facade._calls.decoding.mismatches import MOST, Mismatches
from tests.wire.test_signals import interrupted
from tests.wire.wires import KEY, FakeClock, Script, connected

DEPARTURES = [(("a", 3), "string", "integer"), (("b", "*"), "array", "null")]


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_count_at_the_same_time_lose_nothing(restless: None) -> None:
    counts, told = Mismatches(), []
    threads = [
        threading.Thread(target=lambda: [counts.record("x", DEPARTURES, told.append) for _ in range(400)])
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert len(list(counts)) <= len(DEPARTURES)
    assert [(kind.where, kind.times) for kind in counts] == [(("a", "*"), 2400), (("b", "*"), 2400)]
    assert len(told) == 2 * 2400


def test_a_kind_is_logged_once_and_of_too_many_only_the_number_is_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts = Mismatches()
    for number in range(MOST + 5):
        for _ in range(2):
            counts.record(f"x{number}", DEPARTURES[:1])
    assert (len(counts), counts.more) == (MOST, 10)
    assert {kind.times for kind in counts} == {2}
    assert len([record for record in caplog.records if record.getMessage().startswith("x7:")]) == 1
    counts.clear()
    assert (len(counts), counts.more, list(counts)) == (0, 0, [])


def test_an_interruption_while_counting_leaves_nothing_taken() -> None:
    answer = httpx.Response(200, json=[{"project_id": 5, "title": []}])
    with connected("sync", Script(answer)) as both:
        client = both.client
        assert isinstance(client, CoCalc)
        client.projects.get()
        record = client.mismatches.record
        _, steps = interrupted(0, lambda: record("x", DEPARTURES))
        for place in range(1, steps):
            interrupted(place, lambda: record("x", DEPARTURES))
        client.projects.get()
        assert {kind.times for kind in client.mismatches if kind.path == "projects/get"} == {2}


def test_what_a_path_was_told_of_its_rate_is_forgotten_when_the_time_is_over() -> None:
    clock = FakeClock()
    server = Script(httpx.Response(429, headers={"retry-after": "5"}))
    with CoCalc(
        KEY, http_client=httpx.Client(transport=httpx.MockTransport(server)), max_retries=1, _clock=clock
    ) as client:
        for number in range(40):
            with pytest.raises(Exception, match="too many"):
                client.call(f"made/up-{number}")
        assert len(client._session.resume_at) < 4
