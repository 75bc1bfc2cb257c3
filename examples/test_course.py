"""The course script, tested with nothing but the fixtures that come with the package."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from course import main

from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn

COMMAND = ["--command", "test -f homework.ipynb"]


@pytest.fixture
def course(cocalc: CoCalc, tmp_path: Path) -> Path:
    """Fifty students; every other one has done the homework."""
    lines = ["student,project_id"]
    for number in range(50):
        made = cocalc.projects.create(title=f"student {number}")
        if number % 2:
            homework = {"project_id": made.project_id, "path": "homework.ipynb", "content": "{}"}
            cocalc.call("projects/write-text-file", homework)
            cocalc.projects.stop(project_id=made.project_id)
        lines.append(f"student {number},{made.project_id}")
    (tmp_path / "students.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def run(folder: Path, client: CoCalc) -> tuple[int, list[dict[str, str]]]:
    code = main([str(folder / "students.csv"), str(folder / "results.csv"), *COMMAND], client)
    with (folder / "results.csv").open(encoding="utf-8") as file:
        return code, list(csv.DictReader(file))


def states(server: StandIn) -> set[str]:
    rows = [project for project in server.world.projects.values() if project.title.startswith("student")]
    return {project.state(server.clock.now()) for project in rows}


def test_fifty_projects_are_checked_and_stopped_again(
    course: Path, cocalc: CoCalc, cocalc_server: StandIn
) -> None:
    code, rows = run(course, cocalc)
    assert code == 0
    assert [row["passed"] for row in rows] == ["False", "True"] * 25
    cocalc_server.clock.advance(10)
    assert states(cocalc_server) == {"opened"}


def test_a_project_out_of_reach_is_named_and_the_others_are_checked(
    course: Path, cocalc: CoCalc, cocalc_server: StandIn
) -> None:
    with (course / "students.csv").open("a", encoding="utf-8") as file:
        file.write(f"stranger,{cocalc_server.second_project.project_id}\n")
    code, rows = run(course, cocalc)
    assert code == 1
    assert [row["student"] for row in rows if row["error"]] == ["stranger"]
    assert sum(row["passed"] == "True" for row in rows) == 25


def test_a_lost_connection_costs_one_student_and_not_the_course(
    course: Path, cocalc: CoCalc, cocalc_server: StandIn
) -> None:
    cocalc_server.fail("exec", kind="drop_after")
    code, rows = run(course, cocalc)
    assert code == 1
    assert sum(bool(row["error"]) for row in rows) == 1
    cocalc_server.clock.advance(10)
    assert states(cocalc_server) == {"opened"}


def test_a_project_that_was_running_is_left_running(
    course: Path, cocalc: CoCalc, cocalc_server: StandIn
) -> None:
    first = (course / "students.csv").read_text("utf-8").splitlines()[1].partition(",")[2]
    cocalc.projects.start(project_id=first)
    run(course, cocalc)
    cocalc_server.clock.advance(10)
    assert cocalc_server.world.projects[first].state(cocalc_server.clock.now()) == "running"


def test_a_file_without_the_columns_is_refused_in_one_line(
    cocalc: CoCalc, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "students.csv").write_text("name\nx\n", "utf-8")
    assert main([str(tmp_path / "students.csv"), str(tmp_path / "results.csv"), *COMMAND], cocalc) == 2
    assert (
        capsys.readouterr().err == f"course: {tmp_path / 'students.csv'}: no column project_id and student\n"
    )
    assert not (tmp_path / "results.csv").exists()
