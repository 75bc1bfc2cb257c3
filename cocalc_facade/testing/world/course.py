"""A course as the app leaves it: its file, the students' accounts and projects, what is to be given out."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .clock import iso
from .state import Account, Project, World


@dataclass(frozen=True, slots=True)
class CourseMember:
    """A student: the id in the course, the account if there is one, the project if it is made."""

    student_id: str
    email_address: str
    account: Account | None
    project: Project | None


@dataclass(frozen=True, slots=True)
class TestCourse:
    """A course of the stand-in: where its file lies, and who is in it."""

    project: Project
    path: str
    students: tuple[CourseMember, ...]

    __test__ = False


def add_course(
    world: World,
    teacher: Account,
    project: Project,
    path: str,
    *,
    students: int,
    joined: int,
    assignments: Sequence[str],
    handouts: Sequence[str],
) -> TestCourse:
    """Add a course to a project; the first `joined` students have accounts, all have projects, which never ran."""
    now = world.now()
    base, title = path.removesuffix(".course"), posixpath.basename(path).removesuffix(".course")
    records: list[dict[str, Any]] = [{"table": "settings", "title": title, "allow_collabs": True}]
    found = []
    for number in range(students):
        email = f"student{number}@example.org"
        account = world.add_account(email, "Student", f"No. {number}") if number < joined else None
        owned = world.add_project(teacher.account_id, f"{email} - {title}")
        owned.users[teacher.account_id]["hide"] = True
        owned.course = {
            "type": "student",
            "project_id": project.project_id,
            "path": path,
            "email_address": email,
        }
        record = {
            "table": "students",
            "student_id": world.uuid(),
            "email_address": email,
            "project_id": owned.project_id,
        }
        if account is not None:
            owned.users[account.account_id] = {"group": "collaborator"}
            owned.course["account_id"] = record["account_id"] = account.account_id
        records.append(record)
        found.append(CourseMember(record["student_id"], email, account, owned))
    for source in (*assignments, *handouts):
        folder = project.files.resolve(source)
        project.files.make_directory(folder, now)
        project.files.write(f"{folder}/README.md", f"# {source}\n".encode(), now)
    for source in assignments:
        graded = posixpath.join(posixpath.dirname(source), f"graded-{posixpath.basename(source)}")
        records.append(
            {
                "table": "assignments",
                "assignment_id": world.uuid(),
                "path": source,
                "target_path": source,
                "collect_path": f"{base}-collect/{source}",
                "graded_path": graded,
                "due_date": iso(now + 14 * 86_400),
            }
        )
    records += [
        {"table": "handouts", "handout_id": world.uuid(), "path": source, "target_path": source}
        for source in handouts
    ]
    place = project.files.resolve(path)
    project.files.make_directory(posixpath.dirname(place), now)
    project.files.write(place, course_text(records).encode(), now)
    return TestCourse(project, path, tuple(found))


def course_text(records: Sequence[dict[str, Any]]) -> str:
    """The text of a course file: a record a line, keys and lines sorted, without a newline at the end."""
    lines = [
        json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True) for record in records
    ]
    return "\n".join(sorted(lines))
