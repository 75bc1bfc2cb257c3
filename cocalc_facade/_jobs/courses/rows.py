"""What a course holds, as typed rows. A field that is absent, empty or not of its kind is None, and stands in `fields` as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import attrs

from cocalc_facade._jobs.values.checks import parsed_time
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import State, inner, number
from cocalc_facade._json.records import Record

from .document import CourseProblem

R = TypeVar("R", bound=Row)


@attrs.frozen
class Mark(Record):
    """That a copy was made for one student: `time` when it worked, `error` when it failed, `start` while it is under way or was broken off."""

    time: datetime | None = None
    error: str | None = None
    start: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether it worked, as the app sees it."""
        return self.time is not None and self.error is None


@attrs.frozen
class Member(Record):
    """A student as what is done for all of them has it: ids, name and address."""

    student_id: str
    name: str
    email_address: str | None = None
    project_id: str | None = None

    def __str__(self) -> str:
        told = self.email_address or self.student_id
        return self.name if self.name == told else f"{self.name} <{told}>"


@attrs.frozen(repr=False)
class Student(Row):
    """A student. `name` is what the app shows. `joined` says that there is an account, and that it is in the student's project where that can be seen.

    `state` is that of the project, None where it cannot be seen. `fields` is the record of the file.
    """

    student_id: str
    name: str
    email_address: str | None = None
    account_id: str | None = None
    project_id: str | None = None
    joined: bool = False
    state: State | None = None
    first_name: str | None = None
    last_name: str | None = None
    invited: datetime | None = None
    note: str | None = None
    deleted: bool = False
    deleted_account: bool = False
    fields: dict[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def member(self) -> Member:
        """The student as outcomes have them."""
        return Member(self.student_id, self.name, self.email_address, self.project_id)


@attrs.frozen(repr=False)
class Assignment(Row):
    """An assignment: its folders, and to how many students that are not deleted each step was done.

    `path` is the source in the course's project, `target_path` in that of a student, `collect_path` the folder of what was collected, with a folder for
    each student_id; `graded_path` is in that of a student. Nothing is enforced by `due`.
    """

    assignment_id: str
    path: str
    target_path: str | None = None
    collect_path: str | None = None
    graded_path: str | None = None
    due: datetime | None = None
    given_out: int = 0
    collected: int = 0
    graded: int = 0
    returned: int = 0
    failed: int = 0
    note: str | None = None
    deleted: bool = False
    nbgrader: bool = False
    has_student_subdir: bool = False
    fields: dict[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def source(self) -> str:
        """The folder that is given out."""
        return f"{self.path}/student" if self.path and self.has_student_subdir else self.path


@attrs.frozen(repr=False)
class Handout(Row):
    """A handout: its folders, and to how many students that are not deleted it was given."""

    handout_id: str
    path: str
    target_path: str | None = None
    given_out: int = 0
    failed: int = 0
    note: str | None = None
    deleted: bool = False
    fields: dict[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def source(self) -> str:
        """The folder that is given out."""
        return self.path


@attrs.frozen(repr=False)
class StudentWork(Row):
    """What became of one assignment or handout for one student. `problem` is the text of the latest step that failed."""

    path: str
    student_id: str
    name: str
    given_out: datetime | None = None
    collected: datetime | None = None
    returned: datetime | None = None
    peers_given_out: datetime | None = None
    peers_collected: datetime | None = None
    grade: str | None = None
    problem: str | None = None
    marks: dict[str, Mark] = attrs.field(factory=dict, repr=False)


@attrs.frozen(repr=False)
class Grade(Row):
    """The grade of one student for one assignment: free text, as it stands in the course; `score` of `points` where nbgrader knows them."""

    path: str
    student_id: str
    name: str
    email_address: str | None = None
    grade: str | None = None
    comment: str | None = None
    score: float | None = None
    points: float | None = None
    open: int = 0
    """How many answers a person still has to grade."""


@attrs.frozen(repr=False)
class Students(Rows[Student]):
    """The students of a course, by name."""


@attrs.frozen(repr=False)
class Assignments(Rows[Assignment]):
    """The assignments of a course, by path."""


@attrs.frozen(repr=False)
class Handouts(Rows[Handout]):
    """The handouts of a course, by path."""


@attrs.frozen(repr=False)
class StudentWorks(Rows[StudentWork]):
    """A row for each assignment or handout and each student."""


@attrs.frozen(repr=False)
class Grades(Rows[Grade]):
    """A row for each assignment and each student."""


@attrs.frozen(repr=False)
class CourseContent(Record):
    """A course as its file had it at one moment: rows, settings, and in `problems` what in the file did not count."""

    title: str
    description: str | None
    settings: dict[str, Any]
    students: Students
    assignments: Assignments
    handouts: Handouts
    work: StudentWorks
    grades: Grades
    problems: tuple[CourseProblem, ...] = ()
    others: tuple[dict[str, Any], ...] = ()

    def __repr__(self) -> str:
        count = f"{len(self.students)} students, {len(self.assignments)} assignments, {len(self.handouts)} handouts"
        more = f", {len(self.problems)} problems" if self.problems else ""
        return f"<CourseContent {self.title!r}: {count}{more}>"


STEPS = {
    "given_out": "last_assignment",
    "collected": "last_collect",
    "returned": "last_return_graded",
    "peers_given_out": "last_peer_assignment",
    "peers_collected": "last_peer_collect",
}


def mark_of(value: object) -> Mark | None:
    """Give a mark; what is there and is none counts as a failure."""
    if value is None or value == "":
        return None
    if not isinstance(value, Mapping):
        return Mark(error=f"not a mark: {json.dumps(value)[:100]}")
    error = value.get("error")
    failed = error is not None and error != "" and error is not False
    words = (error if isinstance(error, str) else json.dumps(error)) if failed else None
    return Mark(parsed_time(value.get("time")), words, parsed_time(value.get("start")))


def words(record: Mapping[str, Any], name: str) -> str | None:
    """Give a text that says something."""
    value = record.get(name)
    return value if isinstance(value, str) and value.strip() else None


def assignment(record: dict[str, Any], present: frozenset[str]) -> Assignment:
    """Give the row of an assignment; the counts are of the students that are present."""
    marks = {step: _marks(record, field, present) for step, field in STEPS.items()}
    done = {step: sum(mark.done for mark in found.values()) for step, found in marks.items()}
    grades = inner(record, "grades")
    return Assignment(
        record["assignment_id"],
        words(record, "path") or "",
        words(record, "target_path") or words(record, "path"),
        words(record, "collect_path"),
        words(record, "graded_path"),
        parsed_time(record.get("due_date")),
        given_out=done["given_out"],
        collected=done["collected"],
        graded=sum(grades.get(one) not in (None, "") for one in present),
        returned=done["returned"],
        failed=sum(mark.error is not None for found in marks.values() for mark in found.values()),
        note=words(record, "note"),
        deleted=record.get("deleted") is True,
        nbgrader=record.get("nbgrader") is True,
        has_student_subdir=record.get("has_student_subdir") is True,
        fields=record,
    )


def handout(record: dict[str, Any], present: frozenset[str]) -> Handout:
    """Give the row of a handout."""
    marks = _marks(record, "status", present)
    return Handout(
        record["handout_id"],
        words(record, "path") or "",
        words(record, "target_path") or words(record, "path"),
        given_out=sum(mark.done for mark in marks.values()),
        failed=sum(mark.error is not None for mark in marks.values()),
        note=words(record, "note"),
        deleted=record.get("deleted") is True,
        fields=record,
    )


def work(what: Assignment | Handout, student: Student) -> StudentWork:
    """Give what became of an assignment or a handout for a student."""
    record = what.fields
    steps = STEPS if isinstance(what, Assignment) else {"given_out": "status"}
    found = {step: mark_of(inner(record, field).get(student.student_id)) for step, field in steps.items()}
    marks = {step: mark for step, mark in found.items() if mark is not None}
    failed = [mark.error for mark in marks.values() if mark.error is not None]
    times = {step: mark.time for step, mark in marks.items() if mark.done}
    return StudentWork(
        what.path,
        student.student_id,
        student.name,
        times.get("given_out"),
        times.get("collected"),
        times.get("returned"),
        times.get("peers_given_out"),
        times.get("peers_collected"),
        grade=_grade(record, student.student_id),
        problem=failed[-1] if failed else None,
        marks=marks,
    )


def grade(what: Assignment, student: Student) -> Grade:
    """Give the grade of a student."""
    comment = inner(what.fields, "comments").get(student.student_id)
    score, points, left = _scored(inner(inner(what.fields, "nbgrader_scores"), student.student_id))
    return Grade(
        what.path,
        student.student_id,
        student.name,
        student.email_address,
        _grade(what.fields, student.student_id),
        comment if isinstance(comment, str) and comment else None,
        score,
        points,
        left,
    )


def _grade(record: Mapping[str, Any], student: str) -> str | None:
    found = inner(record, "grades").get(student)
    if found is None or found == "":
        return None
    return found if isinstance(found, str) else json.dumps(found)


def _scored(notebooks: Mapping[str, Any]) -> tuple[float | None, float | None, int]:
    """Add up what nbgrader gave: the score, the points there are, and how many answers a person has to grade."""
    score, points, left, known = 0.0, 0.0, 0, False
    for cells in notebooks.values():
        for cell in cells.values() if isinstance(cells, Mapping) else ():
            if not isinstance(cell, Mapping) or (worth := number(cell.get("points"))) is None:
                continue
            known = True
            points += worth
            got = number(cell.get("score"))
            score += got or 0.0
            left += got is None and cell.get("manual") is True
    return (score, points, left) if known else (None, None, left)


def _marks(record: Mapping[str, Any], field: str, present: frozenset[str]) -> dict[str, Mark]:
    found = {student: mark_of(value) for student, value in inner(record, field).items() if student in present}
    return {student: mark for student, mark in found.items() if mark is not None}
