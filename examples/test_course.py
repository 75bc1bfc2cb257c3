"""The course script, tested with nothing but the fixtures that come with the package."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from course import main

from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn, TestCourse

COMMAND = ["--assignment", "homework/week1", "--command", "sleep 100; test -f answer.txt"]


@pytest.fixture
def course(cocalc: CoCalc, cocalc_server: StandIn) -> TestCourse:
    """Twelve students, every other one of whom has done the homework; one's project runs."""
    made = cocalc_server.add_course(students=12)
    cocalc.course(made.project.project_id, made.path).hand_out("homework/week1")
    for number, student in enumerate(made.students):
        files, now = student.project.files, cocalc_server.clock.now()
        if number % 2:
            files.write(files.resolve("homework/week1/answer.txt"), b"42", now)
        if number:
            student.project.stop(now)
        else:
            student.project.start(now)
    cocalc_server.clock.advance(30)
    return made


def run(folder: Path, client: CoCalc, course: TestCourse) -> tuple[int, list[dict[str, str]]]:
    code = main([course.project.project_id, course.path, str(folder / "results.csv"), *COMMAND], client)
    with (folder / "results.csv").open(encoding="utf-8") as file:
        return code, list(csv.DictReader(file))


def test_checks_longer_than_a_minute_are_made_and_the_projects_stopped_again(
    course: TestCourse, cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path
) -> None:
    code, rows = run(tmp_path, cocalc, course)
    assert code == 0
    answers = {one.project.project_id: str(bool(number % 2)) for number, one in enumerate(course.students)}
    assert {row["project_id"]: row["passed"] for row in rows} == answers
    states = [one.project.state(cocalc_server.clock.now()) for one in course.students]
    assert states == ["running", *["opened"] * 11]


def test_a_student_out_of_reach_is_named_and_the_rest_is_done_later(
    course: TestCourse,
    cocalc: CoCalc,
    cocalc_server: StandIn,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    users = course.students[3].project.users
    mine = users.pop(cocalc_server.user.account_id)
    code, rows = run(tmp_path, cocalc, course)
    assert code == 1
    assert [row["email"] for row in rows if row["error"]] == ["student3@example.org"]
    assert "1 of PermissionDeniedError" in capsys.readouterr().err
    users[cocalc_server.user.account_id] = mine
    before = len(cocalc_server.requests)
    code, rows = run(tmp_path, cocalc, course)
    assert (code, len(rows)) == (0, 12)
    started = [
        one for one in cocalc_server.requests[before:] if one.path == "exec" and "async_call" in one.params
    ]
    assert len(started) == 1


def test_a_course_that_is_not_there_is_told(
    cocalc: CoCalc, cocalc_server: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [cocalc_server.project.project_id, "none.course", str(tmp_path / "results.csv"), *COMMAND]
    assert main(given, cocalc) == 2
    assert "none.course" in capsys.readouterr().err


def test_results_that_cannot_be_written_are_told_before_anything_is_run(
    course: TestCourse,
    cocalc: CoCalc,
    cocalc_server: StandIn,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [course.project.project_id, course.path, str(tmp_path / "none" / "results.csv"), *COMMAND]
    assert main(given, cocalc) == 2
    assert capsys.readouterr().err.startswith("course: journal: ")
    assert not any("async_call" in (one.params or {}) for one in cocalc_server.requests)
