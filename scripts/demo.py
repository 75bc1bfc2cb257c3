"""The whole story on one screen: fetch, regenerate, compare with what is committed, then the documented jobs.

Without a key it runs against a stand-in server on loopback. With `COCALC_API_KEY` (and `COCALC_HOST`) set, the jobs
that change nothing run against that server instead.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from filecmp import dircmp
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.syntax import Syntax

from cocalc_facade import SCHEMA, CoCalc, CoCalcError
from cocalc_facade.testing import RealClock, StandIn

REPOSITORY = Path(__file__).resolve().parent.parent
console = Console(width=110, highlight=False)


class World(NamedTuple):
    """What the jobs work on."""

    project_id: str
    account_id: str


Job = Callable[[CoCalc, World], object]


class Shown(NamedTuple):
    """A job, its title, and whether it is kept to servers that are not real."""

    title: str
    run: Job
    changes: bool
    admin: bool


JOBS: list[Shown] = []


def job(title: str, *, changes: bool = False, admin: bool = False) -> Callable[[Job], Job]:
    """Add a job to the demo; `changes` keeps it from a real server, `admin` runs it with an admin's key."""

    def add(run: Job) -> Job:
        JOBS.append(Shown(title, run, changes, admin))
        return run

    return add


@job("Who does the key speak for?")
def whoami(client: CoCalc, _: World) -> object:
    return client.whoami()


@job("Start a project and run a command in it", changes=True)
def run_command(client: CoCalc, world: World) -> object:
    client.wait_for_project(world.project_id, "running")
    return client.run(world.project_id, "echo 'from the project' > note.txt; cat note.txt; exit 3")


@job("A long command, its output as it grows", changes=True)
def run_long(client: CoCalc, world: World) -> object:
    return client.run(
        world.project_id, "for i in 1 2 3; do echo step $i; sleep 1; done", timeout=300, stream=print
    )


@job("What is in a directory", changes=True)
def directory(client: CoCalc, world: World) -> object:
    return client.list_directory(world.project_id, live=True)


@job("Compile LaTeX, keep the PDF", changes=True)
def latex(client: CoCalc, world: World) -> object:
    source = r"\documentclass{article}\begin{document}$e^{i\pi}=-1$\end{document}"
    result = client.compile_latex(source, project_id=world.project_id)
    return result, result.pdf[:8]


@job("Stop a project, and know that it stopped", changes=True)
def stop(client: CoCalc, world: World) -> object:
    client.projects.stop(project_id=world.project_id)
    return client.wait_for_project(world.project_id, "stopped")


@job("Ask the database")
def query(client: CoCalc, _: World) -> object:
    return client.query("projects", ["project_id", "title", "state"], many=True)


@job("All purchases, page by page")
def purchases(client: CoCalc, _: World) -> object:
    mine = client.iter_purchases(decimal=True)
    return mine.all(), mine.total


@job("The email address of an account (admins only)", admin=True)
def email(client: CoCalc, world: World) -> object:
    return client.email_of(world.account_id)


@job("A licence into the cart; nothing is bought without confirm=True", changes=True)
def cart(client: CoCalc, _: World) -> object:
    client.cart.add_license(user="academic", run_limit=2, period="monthly")
    return client.cart.checkout()


@job("Make an API key that ends by itself, see it masked, delete it", changes=True)
def keys(client: CoCalc, _: World) -> object:
    from datetime import UTC, datetime, timedelta

    key = client.keys.create("for a script", expires=datetime.now(UTC) + timedelta(days=1))
    client.keys.delete(key.id)
    return key


@job("A route that CoCalc does not publish")
def names(client: CoCalc, world: World) -> object:
    return client.accounts.get_names(account_ids=[world.account_id])


@job("Hundreds of projects at once", changes=True)
def many(client: CoCalc, _: World) -> object:
    made = [client.projects.create(title=f"Student {n}").project_id for n in range(20)]
    return client.map("projects/start", [*made, "not-a-project"], concurrency=8)


@job("A mistake says what to do")
def mistake(client: CoCalc, _: World) -> object:
    return client.call("projects/stop", {"projectid": "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"})


def main() -> int:
    """Run the demo; the exit code is 0 when everything went as it should."""
    key = os.environ.get("COCALC_API_KEY")
    if key:
        return _jobs_on_a_real_server()
    standin = StandIn(clock=RealClock(), start_seconds=0.5, stop_seconds=1)
    standin.purchase(standin.user, service="license", cost=12.5)
    standin.purchase(standin.user, service="openai-gpt-4", cost=0.07)
    with standin.serve() as url:
        console.print(f"\n[bold]A CoCalc stand-in runs at {url}[/]")
        if not _regenerate(url):
            return 1
        world = World(standin.project.project_id, standin.user.account_id)
        with CoCalc(standin.user.key, url) as client, CoCalc(standin.admin.key, url) as admin:
            for shown in JOBS:
                _show(shown, admin if shown.admin else client, world)
    console.print()
    return 0


def _regenerate(url: str) -> bool:
    """Regenerate from the served document and compare the result with what is committed, byte for byte."""
    _title("From the served document to the client")
    with tempfile.TemporaryDirectory() as folder:
        command = ["scripts/regenerate.py", "--source", f"{url}/api/v2", "--output", folder]
        console.print(
            Padding(f"[dim]$[/] python {escape(' '.join(command[:-1]))} {escape('TEMPORARY')}", (0, 2))
        )
        began = time.monotonic()
        finished = subprocess.run(  # noqa: S603 - this repository's own script
            [sys.executable, *command], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        console.print(Padding(escape((finished.stdout + finished.stderr).strip()), (0, 4)))
        if finished.returncode:
            return False
        package = "generated/cocalc_v2"
        count, different = _differences(dircmp(REPOSITORY / package, Path(folder) / package))
    if different:
        console.print(f"  [red]differs from what is committed:[/] {escape(', '.join(different[:5]))}")
        return False
    seconds = time.monotonic() - began
    console.print(
        f"  [green]✓[/] {count} files in {seconds:.0f} s, byte for byte those that are committed "
        f"({SCHEMA.operations} operations)"
    )
    return True


def _differences(found: dircmp[str]) -> tuple[int, list[str]]:
    different = [*found.left_only, *found.right_only, *found.diff_files, *found.funny_files]
    different = [name for name in different if name != "__pycache__"]
    count = len(found.same_files)
    for name, below in found.subdirs.items():
        if name != "__pycache__":
            more, others = _differences(below)
            count += more
            different += [f"{name}/{other}" for other in others]
    return count, different


def _jobs_on_a_real_server() -> int:
    with CoCalc() as client:
        console.print(f"\n[bold]{escape(repr(client))}[/]: only jobs that change nothing")
        account = client.query("accounts", ["account_id"])
        projects = client.projects.get(limit=1)
        world = World(
            projects[0].project_id or "" if projects else "", str(account["account_id"]) if account else ""
        )
        for shown in JOBS:
            if not shown.changes:
                _show(shown, client, world)
    return 0


def _show(shown: Shown, client: CoCalc, world: World) -> None:
    _title(shown.title)
    lines = inspect.getsource(shown.run).splitlines()
    body = textwrap.dedent(
        "\n".join(lines[next(i for i, line in enumerate(lines) if line.startswith("def ")) + 1 :])
    )
    console.print(Padding(Syntax(body, "python", theme="ansi_dark", background_color="default"), (0, 2)))
    with _indented_output():
        try:
            result = shown.run(client, world)
        except CoCalcError as error:
            console.print(f"  [red]{type(error).__name__}[/] {escape(str(error))}")
        else:
            for part in result if type(result) is tuple else (result,):
                console.print(Padding(f"[green]{escape(_text(part))}[/]", (0, 2)))


def _text(value: Any) -> str:
    return "\n".join(repr(item) for item in value) if type(value) is list else repr(value)


@contextmanager
def _indented_output() -> Iterator[None]:
    """What a job prints by itself stands under its code."""
    yield
    console.file.flush()


def _title(text: str) -> None:
    console.print()
    console.rule(f"[bold]{escape(text)}", align="left", style="dim")


if __name__ == "__main__":
    sys.exit(main())
