"""From nothing to the first answer: every round is a new interpreter."""

from __future__ import annotations

import sys
from contextlib import ExitStack

from scripts.benchmarks.contest import Side, row
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.worker import cold, command

PROJECT = "6f0e4b5a-3c1d-4e2f-8a9b-0c1d2e3f4a5b"


@row(0.25, "`import cocalc_facade`", "`import httpx`")
def import_(stack: ExitStack) -> tuple[Side, Side]:
    """Only what every program that mentions the package pays."""
    return cold("import cocalc_facade"), cold("import httpx")


@row(1.10, "import, build a client", "`import httpx; httpx.Client()`")
def ready(stack: ExitStack) -> tuple[Side, Side]:
    """Up to the point where a call can be made."""
    return cold("from cocalc_facade import CoCalc; CoCalc().projects.stop"), cold(
        "import httpx; httpx.Client().post"
    )


@row(0.85, "the same and the first typed call", "the same and `client.post(…).json()`")
def first_call(stack: ExitStack) -> tuple[Side, Side]:
    """With all that is imported only when a call is made or an answer decoded."""
    server = stack.enter_context(loopback())
    return (
        cold(
            f"from cocalc_facade import CoCalc; CoCalc(base_url={server!r}).projects.stop(project_id={PROJECT!r})"
        ),
        cold(
            f"import httpx; httpx.Client().post('{server}/api/v2/projects/stop', json={{'project_id': {PROJECT!r}}}).json()"
        ),
    )


ARGPARSE = [sys.executable, "-c", "import argparse"]
"""What a command line costs that is not one."""


@row(1.5, "`cocalc-facade --version`", '`python -c "import argparse"`')
def cli_version(stack: ExitStack) -> tuple[Side, Side]:
    """The whole process; nothing is imported for it."""
    return command([sys.executable, "-m", "cocalc_facade", "--version"]), command(ARGPARSE)


@row(3.0, "`cocalc-facade --help`", '`python -c "import argparse"`')
def cli_start(stack: ExitStack) -> tuple[Side, Side]:
    """The whole process, with click and without the client."""
    return command([sys.executable, "-m", "cocalc_facade", "--help"]), command(ARGPARSE)
