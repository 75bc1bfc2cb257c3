"""Tools for agents: the server of the Model Context Protocol, which is a room of its own and has its own options."""

from __future__ import annotations

from importlib import import_module

import click

from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.terminal import Terminal


@click.pass_obj
def _mcp(terminal: Terminal, arguments: tuple[str, ...]) -> int:
    if terminal.read_only and "--allow-changes" in arguments:
        raise click.UsageError("--read-only and --allow-changes contradict each other")
    if terminal.dry_run:
        raise click.UsageError("mcp has no dry run; without --allow-changes it only reads")
    try:
        room = import_module("cocalc_facade.mcp")
    except ModuleNotFoundError as missing:
        if missing.name != "cocalc_facade.mcp":
            raise
        raise click.UsageError("this version has no server for agents") from None
    given = [("--profile", terminal.profile), ("--host", terminal.host), ("--timeout", terminal.timeout)]
    before = [word for name, value in given if value is not None for word in (name, str(value))]
    return int(room.main([*before, *arguments]))


mcp: Command = Command(
    name="mcp",
    callback=_mcp,
    params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
    help="Serve the client's jobs and routes as tools, over stdin and stdout. It only reads, unless started with --allow-changes.",
    example="cocalc-facade mcp --allow-changes",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
