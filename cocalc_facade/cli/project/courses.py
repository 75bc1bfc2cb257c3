"""Courses: who takes part, what was given out, and giving out and collecting."""

from __future__ import annotations

from typing import Any

from cocalc_facade._jobs.methods.courses.course import Course
from cocalc_facade.cli.ending import FAILED
from cocalc_facade.cli.groups import Command, Group
from cocalc_facade.cli.signatures import job
from cocalc_facade.cli.terminal import Terminal

SAMPLE = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee:algebra.course"


def _outcomes(terminal: Terminal, outcomes: Any) -> int | None:
    if terminal.json or terminal.fields:
        terminal.show(outcomes)
    else:
        terminal.show([_row(one) for one in outcomes])
    return FAILED if outcomes.failed else None


def _row(one: Any) -> dict[str, Any]:
    """Give what people look for in what became of a student: who it is, and how it ended."""
    who = {"name": one.item.name, "email_address": one.item.email_address, "project_id": one.item.project_id}
    ended = getattr(one.value, "returncode", None)
    if ended is None:
        return {**who, "value": one.value, "error": one.error}
    return {
        **who,
        "exit_code": ended,
        "stdout": one.value.stdout,
        "stderr": one.value.stderr,
        "error": one.error,
    }


def _read(method: Any) -> Command:
    return job(method, through="course", example=f"course {method.__name__} {SAMPLE} --json")


course: Group = Group(
    "course",
    help="A course, by its file in the project in which it is taught.",
    commands=[
        *map(
            _read,
            (Course.students, Course.assignments, Course.handouts, Course.work, Course.grades, Course.read),
        ),
        job(
            Course.hand_out, through="course", example=f"course hand-out {SAMPLE} homework1", result=_outcomes
        ),
        job(Course.collect, through="course", example=f"course collect {SAMPLE} homework1", result=_outcomes),
        job(
            Course.run_for_all,
            through="course",
            example=f"course run-for-all {SAMPLE} 'du -sh .'",
            result=_outcomes,
        ),
    ],
)
