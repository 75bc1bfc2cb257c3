"""Check the homework of a course: start every student's project, run a command in it, stop it, write a CSV.

    python examples/course.py students.csv results.csv --command "test -f homework.ipynb"

`students.csv` has the columns `student` and `project_id`. COCALC_API_KEY (and COCALC_HOST) say for whom and where.
Projects that were running before stay running.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cocalc_facade import CoCalc, CoCalcError


@dataclass
class Result:
    """What is known of one student."""

    student: str
    project_id: str
    passed: bool | None = None
    output: str = ""
    error: str = ""


def students(path: Path) -> list[Result]:
    """The students of a file; ValueError names the line that is wrong."""
    found: list[Result] = []
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        missing = {"student", "project_id"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: no column {' and '.join(sorted(missing))}")
        for row in rows:
            if not row["student"] or not row["project_id"]:
                raise ValueError(f"{path}, line {rows.line_num}: student and project_id must not be empty")
            found.append(Result(row["student"], row["project_id"]))
    return found


def check(client: CoCalc, results: list[Result], command: str, *, concurrency: int = 8) -> None:
    """Run `command` in every project and note what came of it; only projects that were started here are stopped."""
    to_stop = [
        result.project_id for result in results if (state := state_of(client, result)) != "running" and state
    ]
    try:
        run_everywhere(client, results, command, concurrency)
    finally:
        by_id = {result.project_id: result for result in results}
        for outcome in client.map("projects/stop", to_stop, concurrency=concurrency).failed:
            by_id[outcome.item].error += f" (and not stopped: {outcome.error})"


def state_of(client: CoCalc, result: Result) -> str:
    """The state of a student's project; empty, with the reason in `error`, when it is out of reach."""
    try:
        row = client.query("projects_all", ["project_id", "state"], {"project_id": result.project_id})
    except CoCalcError as error:
        result.error = str(error)
        return ""
    return str((row or {}).get("state", {}).get("state", "unknown"))


def run_everywhere(client: CoCalc, results: Iterable[Result], command: str, concurrency: int) -> None:
    """Run `command` in all projects that are within reach; a stopped one starts for it."""
    reachable = [result for result in results if not result.error]
    calls = [
        {
            "project_id": result.project_id,
            "command": command,
            "bash": True,
            "err_on_exit": False,
            "max_output": 2000,
        }
        for result in reachable
    ]
    outcomes = client.map("exec", calls, concurrency=concurrency)
    for result, outcome in zip(reachable, outcomes, strict=True):
        if outcome.error is not None:
            result.error = str(outcome.error)
        else:
            result.passed = outcome.value["exit_code"] == 0
            result.output = (outcome.value["stdout"] + outcome.value["stderr"]).strip()


def write(path: Path, results: list[Result]) -> None:
    """Write the CSV, all of it or nothing."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, [field.name for field in fields(Result)])
        rows.writeheader()
        rows.writerows(asdict(result) for result in results)
    unfinished.replace(path)


def main(given: list[str] | None = None, client: CoCalc | None = None) -> int:
    """Do all of it; 1 when some student could not be checked."""
    parser = argparse.ArgumentParser(description="Run a command in every student's project.")
    parser.add_argument("students", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--command", required=True)
    wanted = parser.parse_args(given)
    try:
        results = students(wanted.students)
    except (OSError, ValueError) as error:
        print(f"course: {error}", file=sys.stderr)
        return 2
    with client or CoCalc() as server:
        check(server, results, wanted.command)
    write(wanted.results, results)
    passed = sum(result.passed is True for result in results)
    failed = sum(bool(result.error) for result in results)
    print(f"{len(results)} students: {passed} passed, {failed} could not be checked")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
