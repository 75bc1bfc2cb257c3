"""Run a command in very many projects from several processes or machines: each has a client of its own, and no key travels.

    python examples/many_machines.py projects.txt --command "make test" --processes 2
    python examples/many_machines.py projects.txt --command "make test" --dask tcp://scheduler:8786

`projects.txt` has an id on each line. COCALC_API_KEY (or COCALC_API_KEY_FILE) and COCALC_HOST must be set where the work is done: for Dask on every
worker. The projects are dealt out by their ids to 16 parts, each with a journal in the folder `journals`: a run that was killed goes on where it was, also
with other processes and with more projects. Another command needs another folder to run in, or a fresh `journals`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import zlib
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from cocalc_facade import CoCalc, CompletedCommand, Outcome, Outcomes

PARTS = 16
AT_ONCE = 16
"""How many projects are under way at a time, all machines together: what the server allows to an account does not grow with them."""


def part(ids: list[str], command: str, journal: str, concurrency: int) -> Outcomes[str, CompletedCommand]:
    """What one worker does: it makes its own client, from its own environment."""
    with CoCalc() as client:
        return client.map(
            client.run, ids, command, timeout=600, check=True, journal=journal, concurrency=concurrency
        )


def everywhere(
    executor: Executor, ids: list[str], command: str, folder: Path, workers: int
) -> Outcomes[str, CompletedCommand]:
    """Give the outcomes of all projects, from an executor that does so many parts at a time."""
    folder.mkdir(exist_ok=True)
    parts: dict[int, list[str]] = {}
    for project in ids:
        parts.setdefault(zlib.crc32(project.encode()) % PARTS, []).append(project)
    futures = {
        number: executor.submit(
            part, dealt, command, str(folder / f"part-{number}.jsonl"), max(AT_ONCE // workers, 1)
        )
        for number, dealt in parts.items()
    }
    found: dict[str, Outcome[str, CompletedCommand]] = {}
    for number, future in futures.items():
        try:
            found |= {outcome.item: outcome for outcome in future.result()}
        except Exception as error:  # of the part as a whole: the others go on
            found |= {project: Outcome(project, None, error) for project in parts[number]}
    return Outcomes(tuple(found[project] for project in ids))


def main(given: list[str] | None = None) -> int:
    """Do all of it; 1 when it failed for some project."""
    parser = argparse.ArgumentParser(description="Run a command in very many projects.")
    parser.add_argument("projects", type=Path)
    parser.add_argument("--command", required=True)
    parser.add_argument(
        "--processes", type=int, default=2, choices=range(1, PARTS + 1), metavar="N", help="here; 1 to 16"
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="of a Dask scheduler; needs `pip install distributed`"
    )
    wanted = parser.parse_args(given)
    try:
        ids = list(dict.fromkeys(wanted.projects.read_text(encoding="utf-8").split()))
    except (OSError, ValueError) as error:
        parser.error(f"{wanted.projects}: {error}")
    executor: Executor
    if wanted.dask:
        from distributed import Client

        cluster = Client(wanted.dask)
        executor, workers = cluster.get_executor(), min(sum(cluster.nthreads().values()), PARTS)
    else:
        executor = ProcessPoolExecutor(wanted.processes, multiprocessing.get_context("spawn"))
        workers = wanted.processes
    with executor:
        outcomes = everywhere(executor, ids, wanted.command, Path("journals"), max(workers, 1))
    print(outcomes.summary())
    return 1 if outcomes.failed else 0


if __name__ == "__main__":
    sys.exit(main())
