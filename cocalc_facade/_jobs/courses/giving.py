"""What is done for all students of a course: given out, collected, run. The `.course` file stays as it is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import CommandError, NotAvailableError, NotFoundError
from cocalc_facade._jobs.copies import copy
from cocalc_facade._jobs.files.moving import download
from cocalc_facade._jobs.files.small import mkdir
from cocalc_facade._jobs.files.tree.names import fault_of
from cocalc_facade._jobs.many.map import run_work
from cocalc_facade._jobs.many.outcomes import Outcomes
from cocalc_facade._jobs.many.work import Work, trial_of, tried
from cocalc_facade._jobs.run import run
from cocalc_facade._jobs.values.checks import local_path, location, plain_text, refuse, suggestion, truth

from .reading import read
from .rows import Assignment, CourseContent, Handout, Member

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

FOLDER = re.compile(r"[A-Za-z0-9_-]+")
LIMIT = 120.0
"""Seconds for a copy, as in the app."""


class ForMember(Work):
    """What is done for one student, in the project of that student."""

    sleeps = True

    def __init__(self, label: str, given: Sequence[Any], step: Callable[[Member, str], Flow[Any]]) -> None:
        self.label = label
        self.given = tuple(given)
        self._step = step

    def flow(self, item: Member) -> Flow[Any]:
        if item.project_id is None:
            raise NotFoundError(
                "the student has no project yet", hint="the app makes it when somebody opens the course"
            )
        return (yield from self._step(item, item.project_id))

    def known_by(self, item: Member) -> Any:
        """A student who joins gets another name, and stays the same student."""
        return [getattr(item, "student_id", None), getattr(item, "project_id", None)]


def hand_out(
    session: Session,
    project: str,
    path: str,
    what: object,
    *,
    students: object,
    overwrite: bool,
    **options: Any,
) -> Flow[Outcomes[Member, None]]:
    """Copy an assignment or a handout to the students, as the app does."""
    truth(overwrite, "overwrite")
    course = yield from _course(session, project, path)
    given = chosen(course, what, handouts=True)
    how = {"overwrite_newer": overwrite, "delete_missing": overwrite, "backup": not overwrite}
    patient = _patient(session)
    goal = given.target_path or given.path

    def copying(session: Session, target: str) -> Flow[None]:
        return copy(session, project, given.source, target, goal, timeout=LIMIT, options=how, see=False)

    def step(_member: Member, target: str) -> Flow[None]:
        try:
            yield from copying(patient, target)
        except CommandError:
            # A project that never ran has no folder that could hold it; its home comes with the first command.
            above = posixpath.dirname(location(goal))
            yield from mkdir(patient, target, above) if above else run(patient, target, ["true"])
            yield from copying(patient, target)

    tried(copying(trial_of(session), project))

    label = f"hand_out({given.path})"
    work = ForMember(label, (project, path, given.source, given.target_path, how), step)
    return (yield from run_work(patient, work, members(course, students), **options))


def collect(
    session: Session, project: str, path: str, what: object, *, to: object, students: object, **options: Any
) -> Flow[Outcomes[Member, Any]]:
    """Copy what students have of an assignment into the project of the course, or into a folder here."""
    here = None if to is None else local_path(to, "to", "a folder here")
    course = yield from _course(session, project, path)
    given = chosen(course, what, handouts=False)
    source = given.target_path or given.path
    base = given.collect_path if isinstance(given, Assignment) else None
    if here is None and base is None:
        raise refuse(
            "assignment", f"{given.path} has no folder to collect into", "collect it to a folder here: to="
        )
    patient = _patient(session)
    location(source, "target_path")
    if here is None:
        location(base, "collect_path")

    def copied(member: Member, owner: str) -> Flow[str]:
        goal = f"{base}/{folder_of(member)}"
        how = {"overwrite_newer": True, "backup": True}
        yield from copy(patient, owner, source, project, goal, timeout=LIMIT, options=how, see=False)
        return goal

    def fetched(member: Member, owner: str) -> Flow[Any]:
        target = Path(here or "") / folder_of(member)
        return (yield from download(patient, owner, source, target, exclude=(), progress=False))

    if here is not None:
        if Path(here).exists() and not Path(here).is_dir():
            raise refuse("to", f"{here!r} is a file, and no folder")
        Path(here).mkdir(parents=True, exist_ok=True)
    work = ForMember(
        f"collect({given.path})", (project, path, source, base, here), copied if here is None else fetched
    )
    return (yield from run_work(patient, work, members(course, students), **options))


def run_for_all(
    session: Session,
    project: str,
    path: str,
    command: str | Sequence[str],
    *,
    assignment: object,
    students: object,
    timeout: float,
    cwd: str,
    check: bool,
    max_output: int,
    **options: Any,
) -> Flow[Outcomes[Member, Any]]:
    """Run a command in the project of each student."""
    course = yield from (read if assignment is None else _course)(session, project, path)
    place = cwd
    if assignment is not None:
        given = chosen(course, assignment, handouts=True)
        place = posixpath.join(given.target_path or given.path, cwd)
    patient = _patient(session)

    def running(session: Session, owner: str) -> Flow[Any]:
        return run(session, owner, command, timeout=timeout, cwd=place, check=check, max_output=max_output)

    def step(_member: Member, owner: str) -> Flow[Any]:
        return running(patient, owner)

    tried(running(trial_of(session), project))
    label = f"run_for_all({command if isinstance(command, str) else ' '.join(command)})"
    work = ForMember(label[:200], (project, path, command, place, timeout, check, max_output), step)
    return (yield from run_work(patient, work, members(course, students), **options))


def _course(session: Session, project: str, path: str) -> Flow[CourseContent]:
    course = yield from read(session, project, path)
    if session.plan is not None:
        raise NotAvailableError(
            "in a dry run the course is not read, since that takes a command in its project: what would be done is not known"
        )
    return course


def chosen(course: CourseContent, what: object, *, handouts: bool) -> Assignment | Handout:
    """Give the assignment or handout that is meant: by its row, its id, or its path."""
    if isinstance(what, Assignment | Handout):
        what = what.assignment_id if isinstance(what, Assignment) else what.handout_id
    name = plain_text(what, "assignment")
    known: list[Assignment | Handout] = [*course.assignments, *(course.handouts if handouts else ())]
    there = [one for one in known if not one.deleted]
    for one in there:
        if name in {one.fields.get("assignment_id"), one.fields.get("handout_id")}:
            return one
    found = [one for one in there if one.path.strip("/") == name.strip("/")]
    if len(found) > 1:
        raise refuse(
            "assignment", f"{len(found)} have the path {name!r}; name the one that is meant by its id"
        )
    if not found:
        paths = [one.path for one in there]
        listed = ", ".join(map(repr, paths)) or "none"
        raise refuse(
            "assignment", f"{name[:80]!r} is not in the course{suggestion(name, paths)}; there are {listed}"
        )
    return found[0]


def members(course: CourseContent, wanted: object) -> list[Member]:
    """Give the students that something is done for: all that are not deleted, or those that are named by id, address or name."""
    there = [one.member for one in course.students if not one.deleted]
    if wanted is None:
        return there
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise TypeError("students: expected a list of students, of their ids, addresses or names")
    found = []
    for one in wanted:
        known = getattr(one, "student_id", one)
        address = known.casefold() if isinstance(known, str) else known
        same = [
            row
            for row in there
            if known in (row.student_id, row.name) or address == (row.email_address or "").casefold()
        ]
        if len(same) != 1:
            raise refuse(
                "students", f"{known!r} is {'no student' if not same else 'several students'} of the course"
            )
        if same[0] not in found:
            found.append(same[0])
    return found


def folder_of(member: Member) -> str:
    """Give the name of the folder for a student's work; an id that would lead elsewhere, or into what another student has, is refused."""
    name = member.student_id
    fault = fault_of(name.encode("utf-8", "surrogatepass"))
    if fault or not FOLDER.fullmatch(name):
        raise refuse("student_id", f"{name[:80]!r} cannot name a folder", "the app makes UUIDs: see the file")
    return name


def _patient(session: Session) -> Session:
    """Give the session for work of many, which waits as long as the server tells it."""
    other = session.view({})
    other.patient = True
    return other
