"""Courses and kernels from the shell."""

from __future__ import annotations

import pytest

from cocalc_facade.testing import StandIn, TestCourse

from .conftest import Line


@pytest.fixture
def course(cocalc_server: StandIn) -> TestCourse:
    return cocalc_server.add_course(students=3)


def test_who_is_in_a_course_is_a_table_or_json(typed: Line, course: TestCourse) -> None:
    told = typed("course", "students", f"{course.project.project_id}:{course.path}", "--json")
    assert told.code == 0
    assert len(told.json) == 3


@pytest.mark.parametrize("words", ["assignments", "handouts", "work", "grades"])
def test_what_a_course_has_is_read(typed: Line, course: TestCourse, words: str) -> None:
    assert typed("course", words, f"{course.project.project_id}:{course.path}").code == 0


def test_a_command_runs_for_each_student_or_only_one(typed: Line, course: TestCourse) -> None:
    assert typed("course", "run-for-all", f"{course.project.project_id}:{course.path}", "true").code == 0
    told = typed("course", "run-for-all", f"{course.project.project_id}:{course.path}", "exit 3", "--check")
    assert told.code == 1


def test_a_dry_run_of_a_course_gives_nothing_out(typed: Line, course: TestCourse) -> None:
    told = typed("--dry-run", "course", "run-for-all", f"{course.project.project_id}:{course.path}", "make")
    assert told.code == 0


def test_a_dry_run_says_that_it_does_not_know_the_assignments(typed: Line, course: TestCourse) -> None:
    told = typed("--dry-run", "course", "hand-out", f"{course.project.project_id}:{course.path}", "ps1")
    assert told.code == 76
    assert "in a dry run the course is not read" in told.err


def test_an_unknown_assignment_is_refused(typed: Line, course: TestCourse) -> None:
    told = typed("course", "hand-out", f"{course.project.project_id}:{course.path}", "nowhere")
    assert told.code in (64, 66)
    assert "nowhere" in told.err


def test_a_course_that_is_not_there_is_told(typed: Line, project: str) -> None:
    assert typed("course", "students", f"{project}:none.course").code == 66


def test_code_runs_in_a_kernel_and_errors_end_with_one(typed: Line, project: str) -> None:
    assert typed("evaluate", "print(40 + 2)", "--project-id", project).out == "42\n"
    failed = typed("evaluate", "1/0", "--project-id", project)
    assert failed.code == 1
    assert "ZeroDivisionError" in failed.err
    assert "python3" in typed("kernels", "--project-id", project).out
    assert typed("evaluate", "1", "--project-id", "x").code == 64


def test_how_it_ended_for_whom_is_seen_at_a_glance(typed: Line, course: TestCourse) -> None:
    place = f"{course.project.project_id}:{course.path}"
    head, first, *_ = typed("course", "run-for-all", place, "echo hi").out.splitlines()
    assert head.split() == ["NAME", "EMAIL_ADDRESS", "PROJECT_ID", "EXIT_CODE", "STDOUT"]
    assert first.split()[-3:] == [course.students[0].project.project_id, "0", "hi"]  # type: ignore[union-attr]
    told = typed("course", "collect", place, "homework/week1")
    assert told.code == 1
    assert told.out.splitlines()[0].split()[-1] == "ERROR"
    assert {"item", "value", "error"} == typed("course", "run-for-all", place, "true", "--json").json[
        0
    ].keys()
