"""A course of 300 students from start to grades while one call in twenty fails, in every way that the stand-in knows."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from cocalc_facade import CoCalc, CoCalcError
from cocalc_facade.testing import Oddities, StandIn, TestCourse
from cocalc_facade.testing.server.faults import Kind
from tests.jobs.conftest import SharedClock

HOMEWORK = "homework/week1"
README = f"# {HOMEWORK}\n".encode()
ROUNDS = 12


class Weather(httpx.BaseTransport):
    """The stand-in's transport, on which each call fails with a chance of one in twenty, each time in the next of all ways."""

    def __init__(self, standin: StandIn) -> None:
        self._standin = standin
        self._below = standin.transport()
        self._random = random.Random(17)
        self._turn = threading.Lock()
        # None of these routes is one that the server throttles.
        self._kinds = cycle([one for one in get_args(Kind) if one != "rate_limit"])
        self.failures: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        with self._turn:
            if self._random.random() < 0.05:
                self.failures.append(next(self._kinds))
                path = request.url.path.partition("/api/v2/")[2]
                self._standin.fail(path, kind=self.failures[-1])  # type: ignore[arg-type]
        return self._below.handle_request(request)


class Term:
    """A course on a stand-in in bad weather, and what is there without asking over the network."""

    def __init__(self) -> None:
        self.standin = StandIn(oddities=Oddities(rate_limits=False))
        self.found: TestCourse = self.standin.add_course(students=300)
        self.weather = Weather(self.standin)
        url = "http://localhost" + self.standin.base_path
        self.client = CoCalc(
            self.standin.user.key,
            base_url=url,
            http_client=httpx.Client(transport=self.weather, base_url=url),
            _clock=SharedClock(self),  # type: ignore[arg-type]
        )
        self.course = self.client.course(self.standin.project.project_id, self.found.path)
        self._projects = {one.student_id: one.project for one in self.found.students}

    def file(self, student: str, path: str) -> bytes | None:
        project = self._projects[student]
        assert project is not None
        return project.files.read(project.files.resolve(path))


@pytest.fixture
def term() -> Iterator[Term]:
    made = Term()
    with made.client:
        yield made


def until_done(go: Callable[[], Any]) -> Iterator[Any]:
    """Do it, and again for what failed, as a person with a journal does; gives the outcomes of each round."""
    for _ in range(ROUNDS):
        try:
            outcomes = go()
        except CoCalcError:  # the file of the course could not be read
            continue
        assert len(outcomes) == 300
        yield outcomes
        if not outcomes.failed:
            return
    pytest.fail(f"not done in {ROUNDS} rounds")


def test_everybody_gets_the_homework_and_who_did_not_is_named(term: Term, tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    for outcomes in until_done(lambda: term.course.hand_out(HOMEWORK, journal=journal)):
        assert all(
            term.file(one.item.student_id, f"{HOMEWORK}/README.md") == README for one in outcomes if one.ok
        )
        assert all(isinstance(one.error, CoCalcError) for one in outcomes.failed)


def test_a_command_runs_once_for_each_unless_its_failure_says_that_it_may_have_run(
    term: Term, tmp_path: Path
) -> None:
    journal = tmp_path / "run.jsonl"
    before = {one.student_id: 0 for one in term.found.students}
    for outcomes in until_done(lambda: term.course.run_for_all("sleep 90; echo x >> ran", journal=journal)):
        for one in outcomes:
            student = one.item.student_id
            times = (term.file(student, "ran") or b"").count(b"x")
            assert times - before[student] <= 1, one
            assert times or not one.ok, one
            if not one.ok and times > before[student]:
                assert one.error.maybe_executed, one
            before[student] = times
    assert len(set(term.weather.failures)) == len(get_args(Kind)) - 1


def test_all_work_is_collected_and_no_half_file_is_left(term: Term, tmp_path: Path) -> None:
    for student in term.found.students:
        assert student.project is not None
        files = student.project.files
        mine = student.student_id.encode()
        files.make_directory(files.resolve(HOMEWORK), term.standin.clock.now())
        files.write(files.resolve(f"{HOMEWORK}/answer.txt"), mine, term.standin.clock.now())
    here = tmp_path / "work"
    for outcomes in until_done(
        lambda: term.course.collect(HOMEWORK, to=here, journal=tmp_path / "run.jsonl")
    ):
        for one in outcomes:
            answer = here / one.item.student_id / "answer.txt"
            assert answer.read_bytes() == one.item.student_id.encode() if one.ok else True
    assert {path.name for path in here.iterdir()} == {one.student_id for one in term.found.students}
    assert {path.name for path in here.glob("*/*")} == {"answer.txt"}


def test_the_grades_are_read_whole_or_not_at_all(term: Term) -> None:
    counts = []
    for _ in range(ROUNDS):
        try:
            counts.append(len(term.course.grades()))
        except CoCalcError:
            continue
    assert set(counts) == {300}
