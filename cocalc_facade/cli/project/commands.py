"""Commands in a project: run them, and follow or end those that run."""

from __future__ import annotations

import sys
from typing import Any

import click

from cocalc_facade._jobs.methods.projects import ProjectJobs
from cocalc_facade.cli.docstrings import help_of
from cocalc_facade.cli.ending import say
from cocalc_facade.cli.groups import Command, Group
from cocalc_facade.cli.output import write
from cocalc_facade.cli.signatures import job, parameters
from cocalc_facade.cli.terminal import Terminal


class Lines:
    """Writes lines as they come. Whether the last one ends is known at the end only."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._pending = ""

    def __call__(self, line: str) -> None:
        text = f"{self._pending}{line}"
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()
        self._pending = "\n"

    def end(self, whole: str) -> None:
        """Write the end of the last line, if the whole output has one."""
        if self._pending and whole.endswith("\n"):
            self._stream.write("\n")
            self._stream.flush()


def _completed(terminal: Terminal, follow: Any) -> int:
    """Run or follow a command, and give its exit code."""
    if terminal.json or terminal.fields:
        done = follow()
        terminal.show(done)
        return int(done.returncode)
    out, err = Lines(sys.stdout), Lines(sys.stderr)
    try:
        done = follow(stream=out, stream_stderr=err)
    except BaseException:
        err.end("\n")  # what is said of it has a line of its own
        raise
    if done.planned:
        return 0
    out.end(done.stdout)
    err.end(done.stderr)
    if done.truncated:
        say("warning: there was more output; --max-output takes more")
    return int(done.returncode)


@click.pass_obj
def _run(terminal: Terminal, /, project_id: str, command: tuple[str, ...], **values: Any) -> int:
    given = {name: value for name, value in values.items() if value is not None}
    if command[0] == "--":
        command = command[1:]
    elif command[0][:1] == "-":
        raise click.UsageError("options stand before PROJECT; a command that begins with - stands after --")
    if not command or not any(command):
        raise click.UsageError("there is no command after PROJECT")
    words: Any = command[0] if len(command) == 1 else list(command)
    return _completed(terminal, lambda **more: terminal.client.run(project_id, words, **given, **more))


@click.pass_obj
def _wait(terminal: Terminal, /, project_id: str, job_id: str, **values: Any) -> int:
    given = {name: value for name, value in values.items() if value is not None}
    return _completed(
        terminal, lambda **more: terminal.client.wait_for_command(project_id, job_id, **given, **more)
    )


def _stopped(terminal: Terminal, ran: bool) -> None:
    if terminal.json:
        terminal.show({"stopped": ran})
    elif not terminal.client.planned:
        write("stopped\n" if ran else "it had ended already\n")


PROJECT_ID = click.Argument(["project_id"], metavar="PROJECT")

run: Command = Command(
    name="run",
    callback=_run,
    params=[
        PROJECT_ID,
        click.Argument(["command"], metavar="COMMAND…", nargs=-1, required=True, type=click.UNPROCESSED),
        *parameters(ProjectJobs.run, skip=("project_id", "command", "check")),
    ],
    help=help_of(
        ProjectJobs.run,
        "One word is a line for a shell; several are a command and its arguments as they are. The exit code is the command's. "
        "Its output comes as it grows. Ctrl-C leaves it running, and says how to get at it.\n\n"
        "It is started as a job of the project and followed, so that a lost connection does not end it. A stopped project is started, which takes "
        "seconds. The command is never started twice.",
        all_of_it=False,
    ),
    example="cocalc-facade run 826cd844-c73b-47a4-bbf1-cc75a50cf5ee -- make -j 2 test",
    context_settings={"allow_interspersed_args": False},
)

jobs: Group = Group(
    "jobs",
    help="Commands that run already.",
    commands=[
        Command(
            name="wait",
            callback=_wait,
            params=[
                PROJECT_ID,
                click.Argument(["job_id"], metavar="JOB"),
                *parameters(ProjectJobs.wait_for_command, skip=("project_id", "job_id")),
            ],
            help=help_of(ProjectJobs.wait_for_command),
            example="cocalc-facade jobs wait 826cd844-c73b-47a4-bbf1-cc75a50cf5ee JOB",
        ),
        job(
            ProjectJobs.stop_command,
            name="stop",
            example="jobs stop 826cd844-c73b-47a4-bbf1-cc75a50cf5ee JOB",
            words={"job_id": "As `run` tells it when it is interrupted."},
            result=_stopped,
        ),
    ],
)
