"""A course: its file read whatever stands in it, and what is done for all of its students, each with an outcome."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import InvalidRequestError, NotFoundError, PermissionDeniedError
from cocalc_facade._jobs.courses.document import parse
from cocalc_facade._jobs.courses.rows import Mark, mark_of
from cocalc_facade.testing import TestCourse

EXAMPLE = (Path(__file__).parents[1] / "data" / "ex101.course").read_bytes()
ADA, BEN = "33333333-3333-4333-8333-333333333333", "55555555-5555-4555-8555-555555555555"


@pytest.fixture
def course(bench: Any) -> TestCourse:
    return bench.standin.add_course(students=3, handouts=("notes",))


def put(bench: Any, path: str, data: bytes) -> None:
    files = bench.standin.project.files
    files.write(files.resolve(path), data, bench.standin.clock.now())


def content(bench: Any, client: Any, data: bytes) -> Any:
    put(bench, "ex101.course", data)
    return client.course(bench.project_id, "ex101.course").read()


def test_the_example_is_read_as_it_is_meant(bench: Any, client: Any) -> None:
    found = content(bench, client, EXAMPLE)
    assert (found.title, found.description, found.problems) == ("Example 101", "Made-up example", ())
    ada, ben = sorted(found.students, key=lambda one: one.student_id)
    assert (ada.name, ada.email_address, ada.invited) == ("Ada Example", "ada@example.org", None)
    assert (ben.name, ben.account_id, ben.joined) == ("ben@example.org", None, False)
    assert ben.invited == datetime(2026, 9, 1, 8, tzinfo=UTC)
    [task] = found.assignments
    assert (task.path, task.collect_path, task.due) == (
        "hw/week1",
        "ex101-collect/hw/week1",
        datetime(2026, 9, 15, 21, 59, tzinfo=UTC),
    )
    assert (task.given_out, task.collected, task.graded, task.returned, task.failed) == (2, 1, 1, 1, 1)
    work = {(row.path, row.student_id): row for row in found.work}
    assert work["hw/week1", ADA].collected == datetime(2026, 9, 15, 22, 10, tzinfo=UTC)
    assert work["hw/week1", BEN].given_out == datetime(2026, 9, 1, 9, tzinfo=UTC)
    assert (work["hw/week1", BEN].collected, work["hw/week1", BEN].problem) == (None, "made-up failure")
    assert work["notes/syllabus", ADA].given_out == datetime(2026, 9, 1, 9, 5, tzinfo=UTC)
    grades = {row.student_id: row for row in found.grades}
    assert (grades[ADA].grade, grades[ADA].comment, grades[BEN].grade) == ("9/10", "Neat.", None)


def test_a_course_as_rows_tables_and_json(bench: Any, client: Any, tmp_path: Path) -> None:
    found = content(bench, client, EXAMPLE)
    assert [row["name"] for row in found.to_dict()["students"]] == ["ben@example.org", "Ada Example"]
    assert "9/10" in found.grades.to_csv(tmp_path / "grades.csv").read_text("utf-8")
    assert len(found.work.to_records()) == 4
    json.dumps(found.to_dict())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"table":"students","student_id":', "not JSON"),
        (b"[1,2]", "a list, and no record"),
        (b'{"table":"students"}', "a record of students without student_id"),
        (b'{"table":"assignments","assignment_id":7}', "without assignment_id"),
        (b'{"table":"settings","title":"Again"}', "merged field by field"),
        (b'{"student_id":"' + ADA.encode() + b'","table":"students"}', "which counts"),
        (b'{"table":"students","student_id":"x","note":"\xff"}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"table":"students","student_id":"x","n":' + b"1" * 5000 + b"}", "not JSON"),
        (b"\x00", "not JSON"),
    ],
)
def test_a_line_that_makes_no_sense_is_told_with_its_number_and_the_rest_counts(
    line: bytes, why: str
) -> None:
    lines = EXAMPLE.split(b"\n")
    found = parse(b"\n".join([*lines[:-1], line, lines[-1]]))
    [problem] = found.problems
    assert problem.line == len(lines)
    assert why in problem.why
    assert {one["student_id"] for one in found.students} >= {ADA, BEN}
    assert len(found.handouts) == 1


def test_of_two_records_of_one_student_the_first_counts_and_settings_are_merged() -> None:
    found = parse(
        b'{"table":"settings","title":"A"}\n{"table":"settings","description":"B"}\n'
        b'{"table":"students","student_id":"s","note":"first"}\n{"table":"students","student_id":"s","note":"second"}'
    )
    assert found.settings == {"title": "A", "description": "B"}
    assert [one["note"] for one in found.students] == ["first"]


def test_unknown_tables_and_fields_are_kept(bench: Any, client: Any) -> None:
    more = b'\n{"table":"polls","poll":1}\n{"table":"students","student_id":"s","new_field":[1]}\n\n'
    found = content(bench, client, b"\xef\xbb\xbf" + EXAMPLE + more)
    assert found.problems == ()
    assert found.others == ({"table": "polls", "poll": 1},)
    [kept] = [one for one in found.students if one.student_id == "s"]
    assert (kept.fields["new_field"], kept.name) == ([1], "Unknown Student")


@given(st.binary() | st.lists(st.binary(max_size=60), max_size=8).map(b"\n".join))
def test_whatever_a_file_holds_every_line_is_a_record_or_a_problem(data: bytes) -> None:
    found = parse(data)
    lines = {
        number
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)
        if line.strip()
    }
    assert {problem.line for problem in found.problems} <= lines
    for problem in found.problems:
        problem.text.encode()


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "path",
    "target_path",
    "grades",
    "comments",
    "last_assignment",
    "last_collect",
    "nbgrader_scores",
    "status",
    "name",
    "note",
    "deleted",
    "due_date",
    "email_address",
    "account_id",
    "project_id",
    "first_name",
    "last_name",
    "last_email_invite",
    "has_student_subdir",
    "title",
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["students", "assignments", "handouts", "settings"]),
            st.dictionaries(st.sampled_from(FIELDS), PLAIN, max_size=6),
        ),
        max_size=6,
    )
)
def test_fields_of_any_kind_make_rows(records: list[tuple[str, dict[str, Any]]]) -> None:
    from cocalc_facade._jobs.courses import reading

    key = {"students": "student_id", "assignments": "assignment_id", "handouts": "handout_id"}
    lines = [
        json.dumps({**fields, "table": table, **({key[table]: f"id{number}"} if table in key else {})})
        for number, (table, fields) in enumerate(records)
    ]
    document = parse("\n".join(lines).encode())
    students = [reading._student(one, {}, {}) for one in document.students]
    found = reading.content(document, students, "x")
    assert len(found.students) == sum(table == "students" for table, _ in records)
    assert len(found.assignments) == sum(table == "assignments" for table, _ in records)
    json.dumps(found.to_dict())


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        (None, None),
        ("", None),
        ({"time": 0}, Mark(datetime(1970, 1, 1, tzinfo=UTC))),
        ({"error": {}}, Mark(error="{}")),
        ({"error": "", "start": 0}, Mark(start=datetime(1970, 1, 1, tzinfo=UTC))),
        ({"error": "disk full", "time": 0}, Mark(datetime(1970, 1, 1, tzinfo=UTC), "disk full")),
        (7, Mark(error="not a mark: 7")),
    ],
)
def test_a_mark_says_whether_a_copy_worked(value: Any, mark: Any) -> None:
    assert mark_of(value) == mark
    assert mark is None or mark.done == (mark.time is not None and mark.error is None)


def test_scores_of_nbgrader_are_added_up_and_what_is_left_is_counted(bench: Any, client: Any) -> None:
    cells = {"a": {"points": 3, "score": 2, "manual": False}, "b": {"points": 5, "manual": True}}
    record = {
        "table": "assignments",
        "assignment_id": "a",
        "path": "p",
        "nbgrader_scores": {"s": {"x.ipynb": cells, "y.ipynb": "crashed"}},
    }
    found = content(bench, client, json.dumps(record).encode() + b'\n{"table":"students","student_id":"s"}')
    assert [(row.score, row.points, row.open) for row in found.grades] == [(2, 8, 1)]


def test_deleted_students_are_listed_and_nothing_is_done_for_them(bench: Any, client: Any) -> None:
    found = content(
        bench, client, EXAMPLE.replace(b'"first_name":"Ada"', b'"deleted":true,"first_name":"Ada"')
    )
    assert [one.name for one in found.students if one.deleted] == ["Ada Example"]
    assert {row.student_id for row in found.grades} == {BEN}
    assert found.assignments[0].graded == 0


def test_who_has_joined_is_in_the_project_with_an_account(bench: Any, client: Any) -> None:
    course = bench.standin.add_course(students=3, joined=2)
    course.students[1].project.users.pop(course.students[1].account.account_id)
    found = {one.student_id: one for one in client.course(bench.project_id, course.path).students()}
    joined = [found[one.student_id] for one in course.students]
    assert [one.joined for one in joined] == [True, False, False]
    assert [one.state for one in joined] == ["opened"] * 3
    assert joined[0].name == "Student No. 0"
    assert joined[2].name == "student2@example.org"


def test_a_file_that_is_being_saved_is_read_again(bench: Any, client: Any) -> None:
    put(bench, "ex101.course", EXAMPLE[:-40])
    project = bench.standin.project
    whole = (bench.standin.clock.now() + 1.5, project.files.resolve("ex101.course"), EXAMPLE)
    project.arriving.append(whole)
    assert client.course(bench.project_id, "ex101.course").read().problems == ()


def test_a_file_that_stays_cut_is_read_as_far_as_it_goes(bench: Any, client: Any) -> None:
    found = content(bench, client, EXAMPLE[:-40])
    assert [problem.line for problem in found.problems] == [5]
    assert len(found.students) == 2
    assert bench.clock.slept.count(2.0) == 2


def test_a_file_that_is_not_there_is_not_found(bench: Any, client: Any) -> None:
    with pytest.raises(NotFoundError):
        client.course(bench.project_id, "none.course").read()


@pytest.mark.parametrize("path", ["notes.md", "", "../x.course", 7])
def test_a_path_that_is_no_course_is_refused_before_anything_is_sent(
    bench: Any, client: Any, path: Any
) -> None:
    with pytest.raises((InvalidRequestError, TypeError), match=r"^path: "):
        client.course(bench.project_id, path)
    assert bench.seen() == []


def homework(course: TestCourse, number: int, name: str = "README.md") -> bytes | None:
    files = course.students[number].project.files
    return files.read(files.resolve(f"homework/week1/{name}"))


def test_an_assignment_is_given_to_all_and_once_more_changes_nothing(
    bench: Any, client: Any, course: TestCourse
) -> None:
    before = bench.standin.project.files.read(bench.standin.project.files.resolve(course.path))
    handle = client.course(bench.project_id, course.path)
    for _ in range(2):
        outcomes = handle.hand_out("homework/week1")
        assert len(outcomes) == 3
        assert outcomes.failed == ()
        assert [homework(course, number) for number in range(3)] == [b"# homework/week1\n"] * 3
        assert homework(course, 0, "README.md~") is None
    assert {outcome.item.email_address for outcome in outcomes} == {
        one.email_address for one in course.students
    }
    assert bench.standin.project.files.read(bench.standin.project.files.resolve(course.path)) == before


def test_what_a_student_wrote_stays_unless_it_is_to_be_overwritten(
    bench: Any, client: Any, course: TestCourse
) -> None:
    handle = client.course(bench.project_id, course.path)
    handle.hand_out("homework/week1")
    bench.standin.clock.advance(60)
    client.project(course.students[0].project.project_id).write_text("homework/week1/README.md", "mine")
    client.project(course.students[0].project.project_id).write_text("homework/week1/more.md", "mine")
    handle.hand_out("homework/week1")
    assert (homework(course, 0), homework(course, 0, "more.md")) == (b"mine", b"mine")
    handle.hand_out("homework/week1", students=[course.students[0].email_address], overwrite=True)
    assert (homework(course, 0), homework(course, 0, "more.md")) == (b"# homework/week1\n", None)


def test_work_is_collected_where_the_app_collects_it(bench: Any, client: Any, course: TestCourse) -> None:
    handle = client.course(bench.project_id, course.path)
    handle.hand_out("homework/week1", students=[one.student_id for one in course.students[:2]])
    outcomes = handle.collect("homework/week1")
    assert [outcome.ok for outcome in outcomes] == [True, True, False]
    mine = client.project(bench.project_id)
    assert mine.read_text(outcomes[0].value + "/README.md") == "# homework/week1\n"
    assert outcomes[0].value == f"algebra-collect/homework/week1/{course.students[0].student_id}"


def test_work_is_collected_into_a_folder_here(
    bench: Any, client: Any, course: TestCourse, tmp_path: Path
) -> None:
    handle = client.course(bench.project_id, course.path)
    handle.hand_out("homework/week1", students=[one.student_id for one in course.students[:2]])
    outcomes = handle.collect("homework/week1", to=tmp_path / "work", journal=tmp_path / "run.jsonl")
    assert [type(outcome.error) for outcome in outcomes] == [type(None), type(None), NotFoundError]
    for one in course.students[:2]:
        assert (tmp_path / "work" / one.student_id / "README.md").read_bytes() == b"# homework/week1\n"
    assert not (tmp_path / "work" / course.students[2].student_id).exists()


def test_a_command_runs_for_all_also_longer_than_the_server_waits(
    bench: Any, client: Any, course: TestCourse
) -> None:
    handle = client.course(bench.project_id, course.path)
    handle.hand_out("homework/week1")
    outcomes = handle.run_for_all("sleep 100; cat README.md", assignment="homework/week1")
    assert [outcome.value.stdout for outcome in outcomes] == ["# homework/week1\n"] * 3
    failed = handle.run_for_all("exit 3", check=True, students=[course.students[0].student_id])
    assert "exit" in str(failed[0].error)


def test_a_student_without_project_and_one_out_of_reach_are_named_and_the_rest_is_done(
    bench: Any, client: Any, course: TestCourse
) -> None:
    place = bench.standin.project.files.resolve(course.path)
    data = bench.standin.project.files.read(place)
    gone = course.students[0].project.project_id.encode()
    put(
        bench,
        course.path,
        data.replace(b',"project_id":"' + gone + b'"', b"").replace(b'"project_id":"' + gone + b'",', b""),
    )
    course.students[1].project.users.pop(bench.standin.user.account_id)
    outcomes = client.course(bench.project_id, course.path).hand_out("homework/week1")
    errors = {outcome.item.student_id: type(outcome.error) for outcome in outcomes}
    assert [errors[one.student_id] for one in course.students] == [
        NotFoundError,
        PermissionDeniedError,
        type(None),
    ]
    assert "student0@example.org" in outcomes.summary() or "Student No. 0" in outcomes.summary()


@pytest.mark.parametrize("name", ["homework/weak1", "", 3, "homework"])
def test_an_assignment_that_is_not_there_is_refused_with_a_suggestion(
    bench: Any, client: Any, course: TestCourse, name: Any
) -> None:
    for job in ("hand_out", "collect"):
        with pytest.raises((InvalidRequestError, TypeError), match=r"^assignment: "):
            getattr(client.course(bench.project_id, course.path), job)(name)
    assert bench.seen("projects/copy-path") == []


def test_a_student_that_is_not_there_is_refused(bench: Any, client: Any, course: TestCourse) -> None:
    with pytest.raises(InvalidRequestError, match="is no student of the course"):
        client.course(bench.project_id, course.path).hand_out("homework/week1", students=["nobody"])
    assert bench.seen("projects/copy-path") == []


def test_what_was_done_stands_in_a_journal_and_is_not_done_again(
    bench: Any, client: Any, course: TestCourse, tmp_path: Path
) -> None:
    handle = client.course(bench.project_id, course.path)
    bench.standin.fail("projects/copy-path", kind="drop_before")
    first = handle.hand_out("homework/week1", journal=tmp_path / "run.jsonl", concurrency=1)
    assert len(first.failed) == 1
    before = len(bench.seen("projects/copy-path"))
    again = handle.hand_out("homework/week1", journal=tmp_path / "run.jsonl")
    assert again.failed == ()
    assert [outcome.item for outcome in again] == [outcome.item for outcome in first]
    assert len(bench.seen("projects/copy-path")) <= before + 2
