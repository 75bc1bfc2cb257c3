"""The jobs in a few minutes, on a CoCalc that runs on this machine: code to paste, and what it gives. At the end, how the client is made.

`--numbers` shows what each step of the pipeline did. With `COCALC_API_KEY` (and `COCALC_HOST`) set, the jobs that change nothing run against that
server instead, by a client that refuses anything else.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
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
WIDTH = 80
console = Console(width=WIDTH, highlight=False)


class Job(NamedTuple):
    """Code that is shown and run; `changes` keeps it from a real server."""

    title: str
    code: str
    changes: bool = True


BEGIN = """\
from pathlib import Path
from tempfile import mkdtemp

from cocalc_facade import CoCalc, CoCalcError

client = CoCalc()  # the server: COCALC_HOST, the key: COCALC_API_KEY
project_id = client.projects.get(limit=1)[0].project_id
folder = Path(mkdtemp())"""
"""What the code of the jobs begins with, for whoever pastes it."""

JOBS = (
    Job("Who does the key speak for?", "client.whoami()", changes=False),
    Job("Your projects", "print(client.projects.get(limit=5))", changes=False),
    Job(
        "Run a command, see its output as it comes",
        """\
client.run(project_id, "for i in 1 2 3; do echo step $i; sleep 1; done",
           timeout=300, stream=print).returncode""",
    ),
    Job(
        "Move a folder there and back",
        """\
(folder / "a.txt").write_text("hello\\n")
project = client.project(project_id)
project.upload(folder, "homework")
project.run("sha256sum homework/a.txt > homework/sum.txt")
project.download("homework", folder)
(folder / "sum.txt").read_text()""",
    ),
    Job(
        "Compile LaTeX, keep the PDF",
        r"""source = r"\documentclass{article}\begin{document}$e^{i\pi}$\end{document}"
result = client.compile_latex(source, project_id=project_id)
result.save(folder / "euler.pdf")
result.ok, len(result.pdf)""",
    ),
    Job(
        "Twenty projects at once, each with its own outcome",
        """\
made = [client.projects.create(title=f"Student {n}") for n in range(20)]
ids = [project.project_id for project in made]
client.wait_for_projects(ids, "running")
stranger = "00000000-0000-4000-8000-000000000000"
outcomes = client.map(client.run, [*ids, stranger], "echo ready")
print(outcomes.summary())""",
    ),
    Job(
        "A course: its students, and the tests of all of them",
        """\
course = client.course(project_id, "algebra.course")
course.hand_out("homework/week1")
tested = course.run_for_all("test -f README.md",
                            assignment="homework/week1")
[(done.item.name, done.value.returncode) for done in tested]""",
    ),
    Job(
        "Code in a fresh Jupyter kernel",
        'client.evaluate("6 * 7", project_id=project_id).text',
    ),
    Job(
        "A project that is made once, and found by its title",
        """\
made = client.ensure_project(title="Results")
client.find_project(title="Results").project_id == made.project_id""",
    ),
    Job(
        "Only list what a script would change",
        """\
trial = client.with_options(dry_run=True)
trial.projects.stop(project_id=project_id)
print(*trial.planned, sep="\\n")""",
    ),
    Job(
        "Ask the database",
        """\
client.query("accounts", ["first_name", "created", "balance"])""",
        changes=False,
    ),
    Job(
        "All purchases, page by page, money exactly",
        "print(client.iter_purchases(decimal=True).all())",
        changes=False,
    ),
    Job(
        "Stop a project, and know that it stopped",
        'client.wait_for_project(project_id, "stopped").state',
    ),
    Job(
        "A failure says what happened, and whether the call may have run",
        """\
try:
    client.project(project_id).read_text("not-there.txt")
except CoCalcError as error:
    print(type(error).__name__, error, error.maybe_executed, sep="\\n")""",
    ),
    Job("A mistake says what was meant", "client.projects.stpo(project_id=project_id)", changes=False),
)
NEXT = """\
What to do next: docs/quickstart.md leads to a program of your own in five
minutes, and docs/cookbook.md has twelve whole programs. To paste the code,
start a stand-in, set the two variables that it prints, and start Python:
  $ .venv/bin/python -m cocalc_facade.testing --course"""


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; the exit code is 0 when everything went as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", action="store_true", help="show what each step of the pipeline did")
    options = parser.parse_args(arguments)
    if os.environ.get("COCALC_API_KEY"):
        with CoCalc(read_only=True) as client:
            console.print(f"\n[bold]{escape(repr(client))}[/]: only jobs that change nothing")
            _code(BEGIN)
            return _run([job for job in JOBS if not job.changes], {"client": client})
    standin = StandIn(clock=RealClock(), start_seconds=0.5, stop_seconds=1)
    standin.add_course(students=3)
    standin.purchase(standin.user, service="license", cost=12.5)
    standin.purchase(standin.user, service="openai-gpt-4", cost=0.07)
    with standin.serve() as url, tempfile.TemporaryDirectory() as place:
        console.print(f"\n[bold]A CoCalc stand-in runs at {url}[/]")
        _title("All that follows begins with this")
        _code(BEGIN)
        with CoCalc(standin.user.key, url) as client:
            names = {"client": client, "project_id": standin.project.project_id, "folder": Path(place)}
            failed = _run(JOBS, names)
        made = _regenerate(url, numbers=options.numbers)
    console.print(f"\n{NEXT}\n")
    return failed or not made


def _run(jobs: Any, names: dict[str, Any]) -> int:
    """Show and run the jobs; give how many raised what they should not."""
    names |= {"CoCalcError": CoCalcError, "print": _print}
    failed = 0
    for job in jobs:
        _title(job.title)
        _code(job.code)
        try:
            value = _value(job.code, names)
        except AttributeError as error:
            console.print(Padding(f"[red]{type(error).__name__}[/] {escape(str(error))}", (0, 2)))
        except CoCalcError as error:
            failed += 1
            console.print(Padding(f"[red]{type(error).__name__}[/] {escape(str(error))}", (0, 2)))
        else:
            if value is not None:
                _print(repr(value))
    return failed


def _code(code: str) -> None:
    shown = Syntax(code, "python", theme="ansi_dark", background_color="default")
    console.print(Padding(shown, (0, 2)))


def _value(code: str, names: dict[str, Any]) -> object:
    """Run code as at a prompt: the value of the last line is given."""
    body = ast.parse(code).body
    last = body[-1]
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module(body, []), "demo", "exec"), names)  # noqa: S102 - the code above
        return None
    exec(compile(ast.Module(body[:-1], []), "demo", "exec"), names)  # noqa: S102
    return eval(compile(ast.Expression(last.value), "demo", "eval"), names)  # noqa: S307


def _print(*values: object, sep: str = " ") -> None:
    console.print(Padding(f"[green]{escape(sep.join(map(str, values)).rstrip())}[/]", (0, 2)))


def _regenerate(url: str, *, numbers: bool) -> bool:
    """Make the client anew from the served document, and compare it with what is committed, byte for byte."""
    _title("How the client is made: from the served document, in one command")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "openapi").mkdir()
        for kept in ("names.yaml", "lock.json"):  # the names that are given away, by a run
            shutil.copy(REPOSITORY / "openapi" / kept, folder / "openapi")
        command = ["scripts/regenerate.py", "--source", f"{url}/api/v2", "--output", place]
        console.print(f"  [dim]$[/] python scripts/regenerate.py --source {url}/api/v2")
        finished = subprocess.run(  # noqa: S603 - this repository's own script
            [sys.executable, *command], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        if numbers or finished.returncode:
            _print(finished.stdout + finished.stderr)
        if finished.returncode:
            return False
        package = "generated/cocalc_v2"
        count, different = _differences(dircmp(REPOSITORY / package, folder / package))
    if different:
        console.print(f"  [red]differs from what is committed:[/] {escape(', '.join(different[:5]))}")
        return False
    console.print(f"  {SCHEMA.operations} routes, {count} files, byte for byte those that are committed")
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


def _title(text: str) -> None:
    console.print()
    console.rule(f"[bold]{escape(text)}", align="left", style="dim")


if __name__ == "__main__":
    sys.exit(main())
