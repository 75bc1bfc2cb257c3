"""Run a command in very many projects from several processes or machines: each has a client of its own, and no key travels.

    python examples/many_machines.py projects.txt --command "make test" --processes 2
    python examples/many_machines.py projects.txt --command "make test" --dask tcp://scheduler:8786

`projects.txt` has an id on each line. COCALC_API_KEY (or COCALC_API_KEY_FILE) and COCALC_HOST must be set where the work is done: for Dask on every
worker. Each part of the projects has a journal in the folder `journals`, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from cocalc_facade import CoCalc, CompletedCommand, Outcomes

AT_ONCE = 16
"""How many projects are under way at a time, all machines together: what the server allows to an account does not grow with them."""


def part(ids: list[str], command: str, journal: str, concurrency: int) -> Outcomes[str, CompletedCommand]:
    """What one worker does: it makes its own client, from its own environment."""
    with CoCalc() as client:
        return client.map(
            client.run, ids, command, timeout=600, check=True, journal=journal, concurrency=concurrency
        )


def everywhere(
    executor: Executor, ids: list[str], command: str, folder: Path, parts: int
) -> Outcomes[str, CompletedCommand]:
    """Give the outcomes of all projects, which are dealt out to so many parts."""
    folder.mkdir(exist_ok=True)
    futures = [
        executor.submit(
            part, ids[number::parts], command, str(folder / f"part-{number}.jsonl"), max(AT_ONCE // parts, 1)
        )
        for number in range(parts)
    ]
    found = {outcome.item: outcome for future in futures for outcome in future.result()}
    return Outcomes(tuple(found[project] for project in ids))


def main(given: list[str] | None = None) -> int:
    """Do all of it; 1 when it failed for some project."""
    parser = argparse.ArgumentParser(description="Run a command in very many projects.")
    parser.add_argument("projects", type=Path)
    parser.add_argument("--command", required=True)
    parser.add_argument("--processes", type=int, default=2, help="processes here, or parts for Dask")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="of a Dask scheduler; needs `pip install distributed`"
    )
    wanted = parser.parse_args(given)
    ids = list(dict.fromkeys(wanted.projects.read_text(encoding="utf-8").split()))
    if wanted.dask:
        from distributed import Client

        executor = Client(wanted.dask).get_executor()
    else:
        executor = ProcessPoolExecutor(wanted.processes, multiprocessing.get_context("spawn"))
    with executor:
        outcomes = everywhere(executor, ids, wanted.command, Path("journals"), wanted.processes)
    print(outcomes.summary())
    return 1 if outcomes.failed else 0


if __name__ == "__main__":
    sys.exit(main())
