"""What a course refuses before anything is done for anybody, and how its failures are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade import InvalidRequestError, Member, NotAvailableError, NotFoundError, Outcome, Outcomes
from cocalc_facade.testing import TestCourse


@pytest.fixture
def course(bench: Any) -> TestCourse:
    return bench.standin.add_course(students=3)


def change(bench: Any, course: TestCourse, **fields: Any) -> None:
    """Change the assignment in the file; None takes a field away."""
    files = bench.standin.project.files
    place = files.resolve(course.path)
    records = [json.loads(line) for line in files.read(place).decode().split("\n")]
    for record in records:
        if record["table"] == "assignments":
            record.update(fields)
            for name in [name for name, value in record.items() if value is None]:
                del record[name]
    files.write(place, "\n".join(map(json.dumps, records)).encode(), bench.standin.clock.now())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"command": ""}, "command: must not be empty"),
        ({"command": None}, "command: expected a shell line"),
        ({"command": "a\0b"}, "command: must not contain a NUL"),
        ({"timeout": -1}, "timeout: must be above zero"),
        ({"timeout": "5"}, "timeout: expected a number"),
        ({"cwd": "../.."}, r"cwd: '../..' leaves its directory"),
        ({"max_output": 0}, "max_output: must be"),
    ],
)
def test_a_command_that_does_not_fit_is_refused_once_and_not_for_each_student(
    bench: Any, client: Any, course: TestCourse, arguments: dict[str, Any], words: str
) -> None:
    handle = client.course(bench.project_id, course.path)
    with pytest.raises((InvalidRequestError, TypeError), match=words):
        handle.run_for_all(**{"command": "make test", **arguments})
    students = {one.project.project_id for one in course.students if one.project is not None}
    assert not any(request.get("project_id") in students for request in bench.seen("exec"))


@pytest.mark.parametrize(
    ("fields", "job", "words"),
    [
        ({"path": "../x"}, "hand_out", "path: '../x' leaves its directory"),
        ({"path": None}, "hand_out", "path: must not be empty"),
        ({"path": "", "has_student_subdir": True}, "hand_out", "path: must not be empty"),
        ({"target_path": "../x"}, "hand_out", "target_path: '../x' leaves its directory"),
        ({"target_path": "a\0b"}, "collect", "target_path: must not contain a NUL"),
        ({"collect_path": "../x"}, "collect", "collect_path: '../x' leaves its directory"),
        ({"collect_path": None}, "collect", "has no folder to collect into"),
    ],
)
def test_an_assignment_whose_folders_lead_elsewhere_is_refused_before_anything_is_copied(
    bench: Any, client: Any, course: TestCourse, fields: dict[str, Any], job: str, words: str
) -> None:
    handle = client.course(bench.project_id, course.path)
    [assignment] = handle.assignments()
    change(bench, course, **fields)
    with pytest.raises(InvalidRequestError, match=words):
        getattr(handle, job)(assignment.assignment_id)
    assert bench.seen("projects/copy-path") == []


def test_a_folder_here_that_is_none_is_refused(
    bench: Any, client: Any, course: TestCourse, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for place, words in (("", "must not be empty"), ("a\0b", "NUL"), (tmp_path / "file", "is a file")):
        with pytest.raises(InvalidRequestError, match=f"^to: .*{words}"):
            client.course(bench.project_id, course.path).collect("homework/week1", to=place)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_folder_that_is_named_like_a_course_is_none(bench: Any, client: Any) -> None:
    files = bench.standin.project.files
    files.make_directory(files.resolve("old.course"), bench.standin.clock.now())
    with pytest.raises(NotFoundError, match=r"'old\.course' is a folder, and no course"):
        client.course(bench.project_id, "old.course").read()


def test_a_dry_run_says_that_it_cannot_know_the_course(bench: Any, course: TestCourse) -> None:
    handle = bench.client(dry_run=True).course(bench.project_id, course.path)
    for job in (lambda: handle.hand_out("homework/week1"), lambda: handle.collect("homework/week1")):
        with pytest.raises(NotAvailableError, match="in a dry run the course is not read"):
            job()
    assert bench.seen("exec") == []


def test_an_address_is_the_same_in_any_case(bench: Any, client: Any, course: TestCourse) -> None:
    handle = client.course(bench.project_id, course.path)
    wanted = course.students[1].email_address.upper()
    assert [one.item.student_id for one in handle.hand_out("homework/week1", students=[wanted])] == [
        course.students[1].student_id
    ]


def test_failures_that_have_one_cause_are_one_group_whatever_the_students_are_called() -> None:
    students = [Member(f"s{number}", f"Name {number}", f"name{number}@example.org") for number in range(3)]
    told = Outcomes(tuple(Outcome(one, None, ValueError(f"{one.name}: no answer")) for one in students))
    assert [cause.message for cause in told.causes()] == ["…: no answer"]
    assert "      Name 1 <name1@example.org>" in told.summary().splitlines()
    paths = [{"path": f"week{word}.tex", "n": 1} for word in ("one", "two")]
    told = Outcomes(tuple(Outcome(one, None, ValueError(f"no {one['path']}")) for one in paths))
    assert [cause.message for cause in told.causes()] == ["no …"]


def test_a_summary_of_very_many_causes_stays_short() -> None:
    words = ["".join(chr(97 + int(digit)) for digit in f"{number:04}") for number in range(2_000)]
    told = Outcomes(tuple(Outcome(number, None, ValueError(word)) for number, word in enumerate(words)))
    lines = told.summary().splitlines()
    assert len(lines) < 50
    assert lines[0] == "2,000 items: 0 ok, 2,000 failed"
    assert lines[-1] == "  1,980 items for 1,980 other reasons, which `causes()` gives"
    assert len(told.causes()) == 2_000
