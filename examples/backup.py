"""Keep a copy of the files of all projects, each night: what is there already is not fetched again.

    python examples/backup.py /backups/cocalc --exclude "*.pyc" --exclude .cache

Each project has a folder that is named by its id, and `projects.csv` says what they are and how it went. Files that a project no longer has stay here. Projects that did not
run are started for it, and stopped again. COCALC_API_KEY (and COCALC_HOST) say for whom and where; with `--account` an administrator saves those of somebody else.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from cocalc_facade import CoCalc, CoCalcError, Outcome, ProjectRow, Transfer

COLUMNS = ("project_id", "title", "files", "same", "bytes", "refused", "error")


def row(project: ProjectRow, outcome: Outcome[str, Transfer]) -> dict[str, object]:
    """What the list says of one project."""
    done = outcome.value or Transfer()
    return {
        "project_id": project.project_id,
        "title": project.title or "",
        "files": len(done.files),
        "same": len(done.same),
        "bytes": done.size,
        "refused": "; ".join(f"{one.path}: {one.why}" for one in done.refused),
        "error": outcome.error or "",
    }


def back_up(client: CoCalc, folder: Path, projects: Sequence[ProjectRow], exclude: Sequence[str]) -> int:
    """Fetch the files of all projects, write the list; gives how many could not be saved whole."""
    folder.mkdir(parents=True, exist_ok=True)

    def fetch(project_id: str) -> Transfer:
        return client.project(project_id).download("", folder / project_id, exclude=exclude)

    outcomes = client.map(fetch, [one.project_id for one in projects], concurrency=4)
    rows = [row(project, outcome) for project, outcome in zip(projects, outcomes, strict=True)]
    unfinished = folder / "projects.csv.part"
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    unfinished.replace(folder / "projects.csv")
    asleep = {one.project_id for one in projects if one.state != "running"}
    left = client.wait_for_projects(
        [one.item for one in outcomes if one.ok and one.item in asleep], "stopped"
    )
    for found in (outcomes, left):
        if found.failed:
            print(found.summary(), file=sys.stderr)
    return sum(bool(one["error"] or one["refused"]) for one in rows)


def main(given: list[str] | None = None, client: CoCalc | None = None) -> int:
    """Do all of it; 1 when something could not be saved, 2 when nothing could."""
    parser = argparse.ArgumentParser(description="Save the files of all projects.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exclude", action="append", default=[], help="names to leave out, such as *.pyc")
    parser.add_argument("--account", help="the id of somebody else, for administrators")
    wanted = parser.parse_args(given)
    try:
        with nullcontext(client) if client else CoCalc() as server:
            projects = [one for one in server.projects_of(wanted.account) if not one.deleted]
            failed = back_up(server, wanted.folder, projects, wanted.exclude)
    except (CoCalcError, OSError) as error:
        print(f"backup: {error}", file=sys.stderr)
        return 2
    print(f"{len(projects)} projects, {failed} not saved whole")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
