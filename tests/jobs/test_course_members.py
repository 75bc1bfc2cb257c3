"""What a course file says of its students is not trusted, and what was done for one is done once, whatever else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade import InvalidRequestError
from cocalc_facade.testing import TestCourse

HOMEWORK = "homework/week1"


@pytest.fixture
def course(bench: Any) -> TestCourse:
    return bench.standin.add_course(students=3, handouts=("notes",))


def change(bench: Any, course: TestCourse, number: int, **fields: Any) -> None:
    """Change a student's record, as somebody who has the course open."""
    files = bench.standin.project.files
    place = files.resolve(course.path)
    records = [json.loads(line) for line in files.read(place).split(b"\n")]
    for record in records:
        if record.get("student_id") == course.students[number].student_id:
            record.update(fields)
    files.write(place, "\n".join(map(json.dumps, records)).encode(), bench.standin.clock.now())


def ran(course: TestCourse, number: int) -> bytes | None:
    files = course.students[number].project.files
    return files.read(files.resolve("ran"))


@pytest.mark.parametrize(
    "name", ["{away}", "../away", "..", ".", "a/b", "a\\b", "x\0y", "\ud800", "é" * 300, " "]
)
def test_an_id_that_leads_elsewhere_is_refused_by_name_and_the_rest_is_collected(
    bench: Any, client: Any, course: TestCourse, tmp_path: Path, name: str
) -> None:
    handle = client.course(bench.project_id, course.path)
    handle.hand_out(HOMEWORK)
    change(bench, course, 0, student_id=name.format(away=tmp_path / "away"))
    here = tmp_path / "in" / "work"
    for outcomes in (handle.collect(HOMEWORK, to=here), handle.collect(HOMEWORK)):
        assert sum(outcome.ok for outcome in outcomes) == 2
        [failed] = outcomes.failed
        assert isinstance(failed.error, InvalidRequestError)
        assert failed.error.field == "student_id"
    rest = {one.student_id for one in course.students[1:]}
    assert {path.name for path in here.iterdir()} == rest
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_student_who_joined_meanwhile_is_known_again_from_the_journal(
    bench: Any, client: Any, course: TestCourse, tmp_path: Path
) -> None:
    handle = client.course(bench.project_id, course.path)
    journal = tmp_path / "run.jsonl"
    first = handle.run_for_all("echo x >> ran", journal=journal)
    change(bench, course, 0, first_name="Ada", email_address="ada@example.org")
    again = handle.run_for_all("echo x >> ran", journal=journal)
    resumed = handle.run_for_all("echo x >> ran", resume=first)
    assert [len(outcomes.failed) for outcomes in (again, resumed)] == [0, 0]
    assert "Ada" in {outcome.item.name for outcome in again}
    assert [ran(course, number) for number in range(3)] == [b"x\n"] * 3


def test_a_student_who_has_another_project_now_is_done_again(
    bench: Any, client: Any, course: TestCourse, tmp_path: Path
) -> None:
    handle = client.course(bench.project_id, course.path)
    chosen = [one.student_id for one in course.students[::2]]
    handle.run_for_all("echo x >> ran", students=chosen, journal=tmp_path / "run.jsonl")
    change(bench, course, 0, project_id=course.students[1].project.project_id)
    handle.run_for_all("echo x >> ran", students=chosen, journal=tmp_path / "run.jsonl")
    assert [ran(course, number) for number in range(3)] == [b"x\n"] * 3


def test_a_student_who_is_named_twice_is_done_once(bench: Any, client: Any, course: TestCourse) -> None:
    one = course.students[0]
    outcomes = client.course(bench.project_id, course.path).run_for_all(
        "echo x >> ran", students=[one.student_id, one.email_address, one.student_id]
    )
    assert (len(outcomes), ran(course, 0)) == (1, b"x\n")


def test_what_lies_at_the_top_is_given_to_projects_that_never_ran(
    bench: Any, client: Any, course: TestCourse
) -> None:
    outcomes = client.course(bench.project_id, course.path).hand_out("notes")
    assert outcomes.failed == ()
    for one in course.students:
        assert one.project.files.read(one.project.files.resolve("notes/README.md")) == b"# notes\n"


def test_what_is_not_there_is_told_and_starts_no_project(bench: Any, client: Any, course: TestCourse) -> None:
    client.project(bench.project_id).delete("notes", confirm=True)
    for one in course.students:
        client.project(one.project.project_id).mkdir("other")
    before = len(bench.seen("exec"))
    outcomes = client.course(bench.project_id, course.path).hand_out("notes")
    elsewhere = [body for body in bench.seen("exec")[before:] if body["project_id"] != bench.project_id]
    assert len(outcomes.failed) == 3
    assert elsewhere == []
