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
    terminal.show(outcomes)
    return FAILED if outcomes.failed else None


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
