"""Code in a Jupyter kernel."""

from __future__ import annotations

from typing import Any

from cocalc_facade._jobs.methods.projects import ProjectJobs
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.output import write
from cocalc_facade.cli.signatures import job
from cocalc_facade.cli.terminal import Terminal


def _put_out(terminal: Terminal, done: Any) -> None:
    if terminal.json or terminal.fields or terminal.client.planned:
        terminal.show(done)
        return
    write(done.stdout)
    if done.text is not None:
        write(f"{done.text}\n")


evaluate: Command = job(
    ProjectJobs.evaluate,
    example="evaluate '2 + 40' --project-id 826cd844-c73b-47a4-bbf1-cc75a50cf5ee",
    result=_put_out,
)
kernels: Command = job(
    ProjectJobs.kernels, example="kernels --project-id 826cd844-c73b-47a4-bbf1-cc75a50cf5ee"
)
