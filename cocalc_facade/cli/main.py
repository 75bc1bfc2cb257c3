"""The command line as a whole: what commands there are, and one run of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from .ending import end, say
from .ending.signals import interruptions
from .ending.words import NAME
from .groups import Later
from .terminal import Terminal

if TYPE_CHECKING:
    from cocalc_facade import CoCalc

COMPLETE = "_COCALC_FACADE_COMPLETE"
"""The variable by which a shell asks for completions."""

COMMANDS = {
    "whoami": ("account.key", "Who the key speaks for."),
    "can": ("account.key", "Whether the key may call a route."),
    "keys": ("account.keys", "API keys: list, create, rotate, delete."),
    "accounts": ("account.key", "Other accounts: find, list, their projects."),
    "email-of": ("account.key", "The email address of an account, for admins."),
    "purchases": ("account.money", "What was bought, as a table or CSV."),
    "licenses": ("account.money", "The licences that you manage."),
    "cart": ("account.cart", "The shopping cart, and buying what is in it."),
    "projects": ("project.projects", "Projects: list, state, start, stop, create, find, ensure."),
    "run": ("project.commands", "Run a command in a project."),
    "jobs": ("project.commands", "Commands that run already: wait, stop."),
    "ls": ("project.files", "What is in a directory of a project."),
    "cat": ("project.files", "Write a file of a project to stdout."),
    "cp": ("project.files", "Copy files: up, down, or between projects."),
    "mv": ("project.files", "Rename a file of a project."),
    "rm": ("project.files", "Delete a file or folder of a project."),
    "mkdir": ("project.files", "Make a folder in a project."),
    "latex": ("project.latex", "Compile LaTeX, and get the PDF or the errors."),
    "evaluate": ("project.jupyter", "Run code in a Jupyter kernel."),
    "kernels": ("project.jupyter", "The kernels that there are."),
    "course": ("project.courses", "A course: students, grades, hand out, collect."),
    "query": ("server.tables", "Read a table of the database."),
    "update": ("server.tables", "Set fields of a row of a table."),
    "call": ("server.call", "Call any route."),
    "map": ("server.many", "Call a route for each line of a file."),
    "schema": ("server.schema", "The routes, and whether the server still has them so."),
    "mcp": ("server.agents", "Serve tools for agents over the Model Context Protocol."),
    "completion": ("server.completion", "What a shell needs to complete commands and routes."),
}
"""Each command with the module that has it, and what it is for."""


def _version(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from cocalc_facade import __version__

        click.echo(f"{NAME} {__version__}")
        context.exit()


root: Later = Later(
    COMMANDS,
    name=NAME,
    help="CoCalc from the shell. The key comes from COCALC_API_KEY, a file that COCALC_API_KEY_FILE names, or a profile.",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="The version.",
        )
    ],
)
root.example = f"{NAME} projects list --json --fields project_id,title"


def run(arguments: list[str], connect: Callable[..., CoCalc] | None = None) -> int:
    """Do what a command line says, and give the exit code. `connect` makes the client in place of `CoCalc`."""
    terminal = Terminal(connect)
    with interruptions() as came:
        try:
            if instruction := os.environ.get(COMPLETE):
                from click.shell_completion import shell_complete

                return shell_complete(root, {}, NAME, COMPLETE, instruction)
            _warn_in_one_line()
            code = _done(arguments, terminal)
            sys.stdout.flush()
        except BaseException as error:
            code = end(terminal.meant(error), came)
            try:
                terminal.finish()
            except BaseException as another:
                return end(another, came)
    return code


def _done(arguments: list[str], terminal: Terminal) -> int:
    try:
        with root.make_context(NAME, list(arguments), obj=terminal) as context:
            code = root.invoke(context)
    except click.exceptions.NoArgsIsHelpError as bare:
        click.echo(bare.ctx.get_help() if bare.ctx else "", err=True)
        return 2
    except click.exceptions.Exit as ended:
        return ended.exit_code
    terminal.finish()
    return code if isinstance(code, int) else 0


def _warn_in_one_line() -> None:
    import warnings

    def show(message: Warning | str, *_where: object) -> None:
        say(f"warning: {message}")

    warnings.showwarning = show  # type: ignore[assignment]
