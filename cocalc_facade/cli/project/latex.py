"""LaTeX: a PDF, or errors as `file:line: message`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cocalc_facade import LatexMessage
from cocalc_facade._jobs.methods.projects import ProjectJobs
from cocalc_facade.cli.ending import FAILED, put, say
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.signatures import help_of, parameters
from cocalc_facade.cli.terminal import Terminal


def _placed(message: LatexMessage, file: str, compiled: str) -> str:
    """Give `file:line: message`; the document itself has its name here, not the one that it was compiled under."""
    if message.file is None or Path(message.file).name == Path(compiled).name:
        place = f"{file}:{message.line}" if message.line else file
        return f"{place}: {message.message}"
    return str(message)


@click.pass_obj
def _latex(terminal: Terminal, /, file: str, output: str | None, **values: Any) -> int | None:
    given = {name: value for name, value in values.items() if value is not None}
    if output == "-":
        raise click.UsageError("-o -: a PDF is not written to stdout; ./- is a file of that name")
    target = Path(output) if output is not None else Path(file).with_suffix(".pdf")
    if target.is_dir() or not target.parent.is_dir():
        raise FileNotFoundError(2, "it is no place for a file", str(target))
    if target.exists() and target.samefile(file):
        raise click.UsageError(
            f"{target} is the source, and would be replaced by the PDF; -o says where that goes"
        )
    terminal.note(f"compiling {file}")
    try:
        result = terminal.client.compile_latex(Path(file), **given)
    except UnicodeDecodeError:
        raise click.UsageError(f"{file}: it is not UTF-8") from None
    if result.planned:
        return None
    for message in result.errors:
        put(" ".join(_placed(message, file, result.path).split()))
    if result.data is not None:
        result.save(target)
        terminal.note(f"wrote {target}")
    elif not result.errors:
        say(f"{file}: {result.failure or 'LaTeX made no PDF'}")
    if terminal.json or terminal.fields:
        terminal.show(
            {**result.to_dict(), "data": None, "saved": str(target) if result.data is not None else None}
        )
    return None if result.ok else FAILED


latex: Command = Command(
    name="latex",
    callback=_latex,
    params=[
        click.Argument(["file"], metavar="FILE.tex", type=click.Path(exists=True, dir_okay=False)),
        click.Option(
            ["-o", "--output"], metavar="FILE.pdf", help="Where the PDF goes; else beside the source."
        ),
        *parameters(ProjectJobs.compile_latex, skip=("source", "check", "ttl")),
    ],
    help=help_of(
        ProjectJobs.compile_latex, "Errors go to stderr as file:line: message; the exit code is 1 then."
    ),
    example="cocalc-facade latex thesis.tex -o thesis.pdf",
)
