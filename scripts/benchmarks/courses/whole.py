"""A course from the first day to the grades, on a stand-in that fails in every way it knows: nothing is lost, nothing done twice, every failure named.

    python -m scripts.benchmarks.courses.whole --students 300 --failing 0.05

Each student adds a line to a file whenever their command runs, so that the files tell what was done; the outcomes tell what the client says was done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import httpx

from cocalc_facade import AsyncCoCalc, AsyncCourse, CoCalcError, Grade, Member, Outcomes
from cocalc_facade.testing import Oddities, Request, Response, StandIn, TestCourse
from cocalc_facade.testing.server.faults import KINDS
from cocalc_facade.testing.world.course import course_text

TASK = "homework/week1"
CHECK = "echo ran >> runs.txt; sleep 90; test -f answer.txt"
ROUNDS = 12


class Troubled(StandIn):
    """A stand-in that fails a part of all calls, in all ways that it knows in turn."""

    def __init__(self, failing: float) -> None:
        super().__init__(oddities=Oddities(rate_limits=False))
        self.failing = failing
        self.fates = random.Random(17)  # noqa: S311 - the same in every run
        self.troubles: Counter[str] = Counter()

    def handle(self, request: Request) -> Response:
        """Answer, or fail in the way whose turn it is."""
        with self._lock:
            if self.fates.random() < self.failing:
                kind = KINDS[self.troubles.total() % len(KINDS)]
                self.fail("*", kind=kind)  # a rate limit waits for a route that has one
                self.troubles[kind] += 1
            return super().handle(request)


@attrs.frozen
class Told:
    """What came of the course: figures, and what is wrong, which should be nothing."""

    requests: int
    seconds: float
    cpu: float
    peak: int
    rounds: dict[str, int]
    named: dict[str, int]
    doubtful: int
    troubles: dict[str, int]
    grades: tuple[Grade, ...]
    wrong: tuple[str, ...]


async def whole(students: int, failing: float, folder: Path) -> Told:
    """Teach the course, and hold what the client told against what is in the projects."""
    standin = Troubled(failing)
    made = standin.add_course(students=students, assignments=[TASK])
    began, cpu = standin.clock.now(), time.process_time()
    rounds: dict[str, int] = {}
    named: Counter[str] = Counter()
    wrong: list[str] = []
    transport = standin.transport()
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as given:
        clock: Any = standin.clock
        client = AsyncCoCalc(standin.user.key, "http://localhost", http_client=given, _clock=clock)
        course = client.course(made.project.project_id, made.path)

        def again(name: str, job: Callable[[Path], Awaitable[Outcomes[Member, Any]]]) -> Any:
            return _until_done(name, lambda: job(folder / f"{name}.jsonl"), rounds, named)

        await again("hand_out", lambda journal: course.hand_out(TASK, journal=journal))
        wrong += [f"{name} has no task" for name, text in _texts(made, f"{TASK}/README.md") if not text]
        _answer(standin, made)
        outcomes, doubtful = await _checked(course, folder / "check.jsonl", rounds, named)
        wrong += _held(made, outcomes)
        await again("collect", lambda journal: course.collect(TASK, to=folder / "work", journal=journal))
        wrong += [
            f"{one.email_address}: the answer was not collected"
            for number, one in enumerate(made.students)
            if (folder / "work" / one.student_id / "answer.txt").exists() != bool(number % 2)
        ]
        _graded(standin, made, outcomes)
        grades = await _patiently(course.grades, named)
    return Told(
        len(standin.requests),
        standin.clock.now() - began,
        time.process_time() - cpu,
        tracemalloc.get_traced_memory()[1] if tracemalloc.is_tracing() else 0,
        rounds,
        dict(named),
        doubtful,
        dict(standin.troubles),
        tuple(grades),
        tuple(wrong),
    )


async def _until_done(
    name: str,
    job: Callable[[], Awaitable[Outcomes[Member, Any]]],
    rounds: dict[str, int],
    named: Counter[str],
) -> Outcomes[Member, Any]:
    """Do what may be done twice until it is done for all: with its journal each call does the rest."""
    for number in range(1, ROUNDS + 1):
        outcomes: Outcomes[Member, Any] = await _patiently(job, named)
        named.update(type(one.error).__name__ for one in outcomes.failed)
        if not outcomes.failed:
            rounds[name] = number
            return outcomes
    raise RuntimeError(f"{name} is not done for all after {ROUNDS} rounds")


async def _checked(
    course: AsyncCourse, journal: Path, rounds: dict[str, int], named: Counter[str]
) -> tuple[dict[str, Any], int]:
    """Run what may not be done twice: again only for those for whom it surely did not run. Gives the last outcome of each, and how many are in doubt."""
    last: dict[str, Any] = {}
    wanted: list[Member] | None = None
    for number in range(1, ROUNDS + 1):
        job = lambda wanted=wanted, number=number: course.run_for_all(  # noqa: E731
            CHECK,
            assignment=TASK,
            timeout=900,
            students=wanted,
            journal=journal.with_suffix(f".{number}.jsonl"),
        )
        outcomes = await _patiently(job, named)
        last |= {one.item.student_id: one for one in outcomes}
        named.update(type(one.error).__name__ for one in outcomes.failed)
        wanted = [one.item for one in outcomes.failed if not _may_have_run(one.error)]
        if not wanted:
            rounds["check"] = number
            break
    return last, sum(not one.ok for one in last.values())


async def _patiently(job: Callable[[], Awaitable[Any]], named: Counter[str]) -> Any:
    """Call what reads the course first, and raises when it cannot; nothing was done then."""
    for _ in range(ROUNDS):
        try:
            return await job()
        except CoCalcError as error:
            named[f"{type(error).__name__} while reading"] += 1
    raise RuntimeError("the course could not be read")


def _may_have_run(error: Exception | None) -> bool:
    return bool(getattr(error, "maybe_executed", True))


def _texts(made: TestCourse, path: str) -> list[tuple[str, bytes | None]]:
    owned = [(one.email_address, one.project) for one in made.students if one.project is not None]
    return [(name, project.files.read(project.files.resolve(path))) for name, project in owned]


def _answer(standin: StandIn, made: TestCourse) -> None:
    """Let every other student do the homework."""
    for number, one in enumerate(made.students):
        if number % 2 and one.project is not None:
            files = one.project.files
            files.write(files.resolve(f"{TASK}/answer.txt"), b"42\n", standin.clock.now())


def _held(made: TestCourse, outcomes: dict[str, Any]) -> list[str]:
    """Hold what the client says of the commands against what ran."""
    wrong = []
    for number, one in enumerate(made.students):
        assert one.project is not None
        ran = (one.project.files.read(one.project.files.resolve(f"{TASK}/runs.txt")) or b"").count(b"ran")
        told = outcomes.get(one.student_id)
        if told is None:
            wrong.append(f"{one.email_address} is lost")
        elif ran > 1:
            wrong.append(f"{one.email_address}: it ran {ran} times")
        elif told.ok and (ran != 1 or told.value.returncode != (number + 1) % 2):
            wrong.append(f"{one.email_address}: {told.value} and it ran {ran} times")
        elif not told.ok and ran and not _may_have_run(told.error):
            wrong.append(f"{one.email_address}: it ran, and the error says that it did not: {told.error}")
    return wrong


def _graded(standin: StandIn, made: TestCourse, outcomes: dict[str, Any]) -> None:
    """Let the instructor type the grades into the app, which saves them."""
    files = made.project.files
    place = files.resolve(made.path)
    records = [json.loads(line) for line in (files.read(place) or b"").splitlines()]
    for record in records:
        if record["table"] == "assignments":
            record["grades"] = {
                student: f"{10 * (one.value.returncode == 0)}/10"
                for student, one in outcomes.items()
                if one.ok
            }
    files.write(place, course_text(records).encode(), standin.clock.now())


def main(given: list[str] | None = None) -> int:
    """Print the figures; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--failing", type=float, default=0.05)
    wanted = parser.parse_args(given)
    tracemalloc.start()
    with tempfile.TemporaryDirectory() as folder:
        told = asyncio.run(whole(wanted.students, wanted.failing, Path(folder)))
    for name, value in attrs.asdict(told, recurse=False).items():
        shown = (
            f"{len(value)} rows" if name == "grades" else f"{value / 1e6:.1f} MB" if name == "peak" else value
        )
        print(f"{name:10} {shown}")
    return 1 if told.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
