"""What the client knows of the server, and whether it still holds."""

from __future__ import annotations

from typing import Any

import click

from cocalc_facade import SCHEMA, CoCalc
from cocalc_facade._jobs.values.routes import describe, routes
from cocalc_facade.cli.completing import complete_route
from cocalc_facade.cli.docstrings import help_of
from cocalc_facade.cli.ending import FAILED
from cocalc_facade.cli.groups import Command, Group
from cocalc_facade.cli.output import write
from cocalc_facade.cli.signatures import job
from cocalc_facade.cli.terminal import Terminal

from .call import ROUTE


def _checked(terminal: Terminal, report: Any) -> int | None:
    if terminal.json or terminal.fields:
        terminal.show(report)
    else:
        write(f"{report}\n")
    return FAILED if report.breaking else None


@click.pass_obj
def _route(terminal: Terminal, route: str) -> None:
    found = describe(route)
    if terminal.json or terminal.fields:
        terminal.show(found)
        return
    told = found.to_dict()
    del told["arguments"], told["text"], told["python"]
    terminal.show({name: value for name, value in told.items() if value is not None})
    if found.arguments:
        write("\n")
        terminal.show([{k: v for k, v in one.to_dict().items() if k != "python"} for one in found.arguments])


@click.pass_obj
def _routes(terminal: Terminal, prefix: str) -> None:
    terminal.show(list(routes(prefix)))


@click.pass_obj
def _show(terminal: Terminal) -> None:
    terminal.show(SCHEMA)


@click.pass_obj
def _generation(terminal: Terminal) -> None:
    terminal.show(terminal.client.generation)


schema: Group = Group(
    "schema",
    help="What the client knows of the server, and whether it still holds.",
    commands=[
        job(CoCalc.check_schema, name="check", example="schema check", result=_checked),
        Command(
            name="route",
            callback=_route,
            params=[ROUTE],
            help=help_of(CoCalc.describe),
            example="cocalc-facade schema route projects/stop",
        ),
        Command(
            name="routes",
            callback=_routes,
            params=[click.Argument(["prefix"], default="", shell_complete=complete_route)],
            help=help_of(CoCalc.routes),
            example="cocalc-facade schema routes projects/",
        ),
        Command(
            name="show",
            callback=_show,
            help="The document that the client was generated from.",
            example="cocalc-facade schema show --json",
        ),
        Command(
            name="generation",
            callback=_generation,
            help=help_of(CoCalc.generation.fget),  # type: ignore[attr-defined]
            example="cocalc-facade schema generation",
        ),
    ],
)
