"""A course: who is in it, what was given out, collected and graded; giving out, collecting, running for all."""

from __future__ import annotations

from typing import Any

import click

from cocalc_facade._jobs.methods.courses.course import Course
from cocalc_facade.cli.ending import FAILED, say
from cocalc_facade.cli.groups import Command, Group
from cocalc_facade.cli.signatures import help_of, parameters
from cocalc_facade.cli.terminal import Terminal

PLACE = (
    click.Argument(["project"], metavar="PROJECT"),
    click.Argument(["file"], metavar="FILE.course"),
)
ONLY = click.Option(
    ["--student", "students"], multiple=True, metavar="WHO", help="Only this student; can be given again."
)
SAMPLE = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee algebra.course"


def _reading(name: str) -> Command:
    @click.pass_obj
    def read(terminal: Terminal, project: str, file: str) -> None:
        terminal.show(getattr(terminal.client.course(project, file), name)())

    method = getattr(Course, name)
    return Command(
        name=name,
        callback=read,
        params=[*PLACE],
        help=help_of(method),
        example=f"cocalc-facade course {name} {SAMPLE}",
    )


def _for_all(name: str, what: str, *, skip: tuple[str, ...] = (), sample: str) -> Command:
    """Give the command of a method that acts for each student; `what` is its first argument."""
    method: Any = getattr(Course, name)
    words = name.replace("_", "-")

    @click.pass_obj
    def act(
        terminal: Terminal, /, project: str, file: str, students: tuple[str, ...], **values: Any
    ) -> int | None:
        given = {one: value for one, value in values.items() if value is not None}
        course = terminal.client.course(project, file)
        outcomes = getattr(course, name)(
            given.pop(what), students=students or None, progress=terminal.watched, **given
        )
        terminal.show(outcomes)
        if outcomes.failed:
            say(outcomes.summary().partition("\n")[0])
            return FAILED
        return None

    return Command(
        name=words,
        callback=act,
        params=[
            *PLACE,
            click.Argument([what], metavar=what.upper()),
            ONLY,
            *parameters(method, skip=(what, "students", *skip)),
        ],
        help=help_of(method),
        example=f"cocalc-facade course {words} {SAMPLE} {sample}",
    )


course = Group(
    name="course",
    help="A course: students, assignments, handouts, work and grades; giving out, collecting, running for all.",
    commands=[
        *map(_reading, ("students", "assignments", "handouts", "work", "grades")),
        _for_all("hand_out", "assignment", sample="homework1"),
        _for_all("collect", "assignment", sample="homework1"),
        _for_all("run_for_all", "command", sample="'make test' --journal tests.jsonl"),
    ],
)
