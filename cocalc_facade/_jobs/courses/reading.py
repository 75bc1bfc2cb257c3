"""Reading a course: the file as the project has it, joined with what the tables and names of accounts tell."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import by_generation
from cocalc_facade._errors import CoCalcError, NotFoundError
from cocalc_facade._jobs import query
from cocalc_facade._jobs.files.one.download import download_file
from cocalc_facade._jobs.files.one.looking import look
from cocalc_facade._jobs.files.results import Meter
from cocalc_facade._jobs.values.checks import location, parsed_time, refuse
from cocalc_facade._jobs.values.shapes import inner, project_state
from cocalc_facade._wire.flow import Sleep, done

from . import rows
from .document import Document, parse
from .rows import CourseContent, Student, words

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

ENDING = ".course"
UNKNOWN = "Unknown Student"
READS = 3
"""How often a file is read whose last line is cut: it may be about to be saved."""
PAUSE = 2.0
NAMES = 100
"""How many names are asked for in one call."""


def course_path(path: object) -> str:
    """Give the path of a course file."""
    found = location(path)
    if not found.endswith(ENDING):
        raise refuse("path", f"{found!r} does not end with {ENDING}")
    return found


def read(session: Session, project: str, path: str) -> Flow[CourseContent]:
    """Give the course as it is now."""
    session = session.for_one_job()
    document = yield from _document(session, project, path)
    accounts = [one["account_id"] for one in document.students if words(one, "account_id")]
    names = yield from _names(session, accounts)
    projects = yield from _projects(session)
    students = [_student(one, names, projects) for one in document.students]
    students.sort(
        key=lambda one: ((one.last_name or one.name).casefold(), one.name.casefold(), one.student_id)
    )
    return content(document, students, PurePosixPath(path).name.removesuffix(ENDING))


def content(document: Document, students: list[Student], name: str) -> CourseContent:
    """Give the rows of a course."""
    present = frozenset(one.student_id for one in students if not one.deleted)
    assignments = sorted((rows.assignment(one, present) for one in document.assignments), key=_by_path)
    handouts = sorted((rows.handout(one, present) for one in document.handouts), key=_by_path)
    there = [one for one in students if not one.deleted]
    given: list[rows.Assignment | rows.Handout] = [*assignments, *handouts]
    return CourseContent(
        words(document.settings, "title") or name,
        words(document.settings, "description"),
        document.settings,
        rows.Students(tuple(students)),
        rows.Assignments(tuple(assignments)),
        rows.Handouts(tuple(handouts)),
        rows.StudentWorks(tuple(rows.work(what, one) for what in given if not what.deleted for one in there)),
        rows.Grades(
            tuple(rows.grade(what, one) for what in assignments if not what.deleted for one in there)
        ),
        document.problems,
        document.others,
    )


def _by_path(what: rows.Assignment | rows.Handout) -> tuple[str, str]:
    return what.path, what.assignment_id if isinstance(what, rows.Assignment) else what.handout_id


def _document(session: Session, project: str, path: str) -> Flow[Document]:
    """Fetch the file whole, checked by its SHA-256; again while its last line is cut."""
    left = READS
    while True:
        seen = yield from look(session, project, path)
        if seen.planned:  # a dry run fetches nothing
            return parse(b"")
        if seen.folder:
            raise NotFoundError(f"{path!r} is a folder, and no course", path="exec")
        with tempfile.TemporaryDirectory(prefix="cocalc-course-") as folder:
            here = Path(folder) / "read.course"
            yield from download_file(session, project, path, here, Meter(False, ""), seen)
            data = here.read_bytes()
        document = parse(data)
        left -= 1
        if not document.torn or not left:
            return document
        yield Sleep(PAUSE)


def _names(session: Session, accounts: list[str]) -> Flow[dict[str, Any]]:
    """Give the names of accounts; none where the server does not tell them, since the file has what matters."""
    found: dict[str, Any] = {}
    for start in range(0, len(accounts), NAMES):
        try:
            answer = yield from call(
                session, "accounts/get-names", {"account_ids": accounts[start : start + NAMES]}
            )
        except CoCalcError:
            break
        found.update(inner(answer, "names"))
    return found


def _projects(session: Session) -> Flow[dict[str, Any]]:
    """Give users and states of all projects of the caller, in one question; nothing where no key may read tables."""
    try:
        return (yield from by_generation(session, lambda: _rows(session), lambda: done({})))
    except CoCalcError:
        return {}


def _rows(session: Session) -> Flow[dict[str, Any]]:
    found: Any = yield from query.many(
        session, "projects_all", ["project_id", "users", "state", "course"], None
    )
    return {row["project_id"]: row for row in found}


def _student(record: dict[str, Any], names: dict[str, Any], projects: dict[str, Any]) -> Student:
    project = words(record, "project_id")
    row = projects.get(project or "")
    account = words(record, "account_id") or (words(inner(row, "course"), "account_id") if row else None)
    gone = record.get("deleted_account") is True
    member = row is None or (account or "") in inner(row, "users")
    return Student(
        record["student_id"],
        display_name(record, inner(names, account or "")),
        words(record, "email_address"),
        account,
        project,
        account is not None and not gone and member,
        project_state(inner(row, "state")) if row else None,
        words(record, "first_name"),
        words(record, "last_name"),
        parsed_time(record.get("last_email_invite")),
        words(record, "note"),
        record.get("deleted") is True,
        gone,
        record,
    )


def display_name(record: dict[str, Any], account: dict[str, Any]) -> str:
    """Give the name that the app shows: what the instructor typed, without an account the address, the account's, the address."""
    typed = f"{words(record, 'first_name') or ''} {words(record, 'last_name') or ''}".strip()
    address = words(record, "email_address")
    if typed:
        return typed
    if address and not words(record, "account_id"):
        return address
    own = f"{words(account, 'first_name') or ''} {words(account, 'last_name') or ''}".strip()
    return own or address or UNKNOWN
