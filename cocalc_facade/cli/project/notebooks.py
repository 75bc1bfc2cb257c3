"""Code in Jupyter kernels, and which kernels there are."""

from __future__ import annotations

from typing import Any

import click

from cocalc_facade._jobs.methods.projects import ProjectJobs
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.output import write
from cocalc_facade.cli.signatures import help_of, job, parameters
from cocalc_facade.cli.terminal import Terminal


@click.pass_obj
def _evaluate(terminal: Terminal, /, code: str, **values: Any) -> None:
    given = {name: value for name, value in values.items() if value is not None}
    result = terminal.client.evaluate(code, **given)
    if terminal.json or terminal.fields or terminal.client.planned:
        terminal.show(result)
    else:
        text = str(result)
        write(text if text.endswith("\n") or not text else f"{text}\n")


evaluate = Command(
    name="evaluate",
    callback=_evaluate,
    params=[
        click.Argument(["code"], metavar="CODE"),
        click.Option(["--kernel"], help="One of `kernels`; else python3."),
        *parameters(ProjectJobs.evaluate, skip=("code", "kernel", "check")),
    ],
    help=help_of(ProjectJobs.evaluate, "With --json all that it put out is shown, pictures as base64."),
    example="cocalc-facade evaluate 'print(1 + 1)' --kernel python3",
)
kernels = job(ProjectJobs.kernels, name="kernels", example="cocalc-facade kernels")
