"""Check the homework of a course: run a command in every student's project, also for an hour, and write a CSV.

    python examples/course.py PROJECT_ID algebra.course results.csv --assignment homework/week1 --command "make test"

COCALC_API_KEY (and COCALC_HOST) say for whom and where. Projects that did not run before are stopped again, unless the command may still run there. What was done stands in
`results.jsonl` beside the CSV: after a crash the same command does the rest. Remove it to check anew.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

from cocalc_facade import CoCalc, CoCalcError, CompletedCommand, Member, Outcome

COLUMNS = ("student", "email", "project_id", "passed", "output", "error")


def row(outcome: Outcome[Member, CompletedCommand]) -> dict[str, object]:
    """What the CSV says of one student."""
    student, done = outcome.item, outcome.value
    return {
        "student": student.name,
        "email": student.email_address or "",
        "project_id": student.project_id or "",
        "passed": "" if done is None else done.returncode == 0,
        "output": "" if done is None else (done.stdout + done.stderr).strip()[-2000:],
        "error": outcome.error or "",
    }


def write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write the CSV, all of it or nothing."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    unfinished.replace(path)


def main(given: list[str] | None = None, client: CoCalc | None = None) -> int:
    """Do all of it; 1 when some student could not be checked."""
    parser = argparse.ArgumentParser(description="Run a command in every student's project.")
    parser.add_argument("project_id", help="the project in which the course is taught")
    parser.add_argument("course", help="its file, such as algebra.course")
    parser.add_argument("results", type=Path)
    parser.add_argument("--command", required=True)
    parser.add_argument("--assignment", help="run it in the folder that students have of this")
    parser.add_argument("--timeout", type=float, default=3600.0, help="seconds for each student")
    wanted = parser.parse_args(given)
    try:
        with nullcontext(client) if client else CoCalc() as server:
            course = server.course(wanted.project_id, wanted.course)
            asleep = {one.project_id for one in course.students() if one.state != "running"}
            outcomes = course.run_for_all(
                wanted.command,
                assignment=wanted.assignment,
                timeout=wanted.timeout,
                journal=wanted.results.with_suffix(".jsonl"),
                progress=sys.stderr.isatty(),
            )
            write(wanted.results, map(row, outcomes))
            done = {one.item.project_id for one in outcomes if one.ok}
            stopped = server.wait_for_projects(sorted(filter(None, done & asleep)), "stopped")
    except (CoCalcError, OSError) as error:
        print(f"course: {error}", file=sys.stderr)
        return 2
    passed = sum(one.value is not None and one.value.returncode == 0 for one in outcomes)
    print(f"{len(outcomes)} students: {passed} passed, {len(outcomes.failed)} could not be checked")
    for left in (outcomes, stopped):
        if left.failed:
            print(left.summary(), file=sys.stderr)
    return 1 if outcomes.failed else 0


if __name__ == "__main__":
    sys.exit(main())
