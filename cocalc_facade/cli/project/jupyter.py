"""Code in a Jupyter kernel."""

from __future__ import annotations

import sys
from typing import Any

from cocalc_facade._jobs.methods.projects import ProjectJobs
from cocalc_facade.cli.ending import FAILED, masked, say
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.output import write
from cocalc_facade.cli.signatures import job
from cocalc_facade.cli.terminal import Terminal


def _put_out(terminal: Terminal, done: Any) -> int | None:
    """Show what code put out, also what came before it failed."""
    if terminal.client.planned:
        return None
    if terminal.json or terminal.fields:
        terminal.show(done)
    else:
        write(done.stdout)
        sys.stderr.write(masked(done.stderr))
        sys.stderr.flush()
        if done.text is not None:
            write(f"{done.text}\n")
    if done.error is not None:
        say(str(done.error))
        return FAILED
    return None


evaluate: Command = job(
    ProjectJobs.evaluate,
    example="evaluate '2 + 40' --project-id 826cd844-c73b-47a4-bbf1-cc75a50cf5ee",
    fixed={"check": False},
    result=_put_out,
)
kernels: Command = job(
    ProjectJobs.kernels,
    words={"project_id": "The project; without it those of the site."},
    example="kernels --project-id 826cd844-c73b-47a4-bbf1-cc75a50cf5ee",
)
