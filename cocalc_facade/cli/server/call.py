"""Any route, as the table of routes knows it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from cocalc_facade import CoCalc, InvalidRequestError
from cocalc_facade._jobs.values.routes import RouteDescription, describe
from cocalc_facade.cli.completing import complete_file, complete_route
from cocalc_facade.cli.docstrings import help_of
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.kinds import Pair, of_kind, parsed
from cocalc_facade.cli.terminal import Terminal


def complete_argument(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Give the arguments of the route that the line names already."""
    try:
        found = describe(next(filter(None, (context.params.get("route"), *context.args)), ""))
    except InvalidRequestError:
        return []
    return [
        CompletionItem(f"{one.name}=", help=f"{one.kind}{', required' if one.required else ''}")
        for one in found.arguments
        if one.name.startswith(incomplete)
    ]


ROUTE = click.Argument(["route"], metavar="ROUTE", shell_complete=complete_route)
TEXTS = click.Option(
    ["-f", "--field", "texts"],
    type=Pair(),
    multiple=True,
    metavar="NAME=TEXT",
    shell_complete=complete_argument,
    help="An argument as text, which becomes a number or true or false where the route takes one.",
)
VALUES = click.Option(
    ["-F", "--json-field", "values"],
    type=Pair(json_only=True),
    multiple=True,
    metavar="NAME:=JSON",
    shell_complete=complete_argument,
    help="An argument as JSON.",
)
CHECK = click.Option(
    ["--check/--no-check"],
    default=True,
    help="--no-check sends what is not known of too, and calls unknown routes.",
)


def known(route: str, check: bool) -> RouteDescription | None:
    """Give what is known of a route; an unknown one is refused, unless `check` is off."""
    try:
        return describe(route)
    except InvalidRequestError:
        if check:
            raise
        return None


def kinds_of(found: RouteDescription | None) -> dict[str, str]:
    """Give the kinds of values that a route takes, by name."""
    return {one.name: one.kind for one in found.arguments} if found else {}


def arguments(kinds: Mapping[str, str], texts: tuple[Any, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    """Give the arguments that a command line says, each named once. A text becomes what `kinds` has for its name."""
    body: dict[str, Any] = {}
    for name, _, value in (*texts, *values):
        if name in body:
            raise click.UsageError(f"{name} is given twice")
        body[name] = of_kind(name, value, kinds.get(name)) if isinstance(value, str) else value
    return body


def read_input(place: str) -> str:
    """Give the text of a file; `-` is stdin."""
    try:
        read = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
        return read.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{place[:200]}: it is not UTF-8") from None


@click.pass_obj
def _call(
    terminal: Terminal,
    route: str,
    texts: tuple[Any, ...],
    values: tuple[Any, ...],
    source: str | None,
    check: bool,
) -> None:
    found = known(route, check)
    body: dict[str, Any] = {}
    if source is not None:
        try:
            body = parsed(read_input(source))
        except ValueError as error:
            raise click.UsageError(f"--input {source}: it is not JSON: {error}") from None
        if not isinstance(body, dict):
            raise click.UsageError(f"--input {source}: it must be one JSON object")
    body |= arguments(kinds_of(found), texts, values)
    if found and found.confirm:
        terminal.confirm(found.confirm)
    terminal.show(terminal.client.call(route, body, confirm=True, check=check))


call: Command = Command(
    name="call",
    callback=_call,
    params=[
        ROUTE,
        TEXTS,
        VALUES,
        click.Option(
            ["--input", "source"],
            metavar="FILE",
            shell_complete=complete_file,
            help="A file with one JSON object of arguments; - is stdin.",
        ),
        CHECK,
    ],
    help=help_of(CoCalc.call, "`cocalc-facade schema route ROUTE` tells the arguments of a route."),
    example="cocalc-facade call projects/stop -f project_id=826cd844-c73b-47a4-bbf1-cc75a50cf5ee\n"
    'cocalc-facade call user-query -F \'query:={"accounts": {"first_name": null}}\'',
)
