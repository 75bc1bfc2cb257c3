"""One route for many items."""

from __future__ import annotations

from typing import Any

import click

from cocalc_facade import ConfigurationError
from cocalc_facade._jobs.methods.many import ManyJobs
from cocalc_facade.cli.ending import FAILED, say
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.kinds import parsed
from cocalc_facade.cli.signatures import help_of, parameters
from cocalc_facade.cli.terminal import Terminal

from .call import ROUTE, TEXTS, VALUES, arguments, known, read_input


def items_of(text: str, place: str) -> list[Any]:
    """Give the items of a file: those of a JSON list, or one a line, a JSON object or a text."""
    try:
        if text.lstrip().startswith("["):
            return list(parsed(text))
        lines = [
            line.strip() for line in text.split("\n")
        ]  # and not at the other ends of lines, which JSON may hold
        return [parsed(line) if line[0] in '{"' else line for line in lines if line]
    except ValueError as error:
        raise click.UsageError(f"{place}: it is not JSON: {error}") from None


@click.pass_obj
def _map(
    terminal: Terminal,
    /,
    route: str,
    file: str,
    texts: tuple[Any, ...],
    values: tuple[Any, ...],
    **options: Any,
) -> int | None:
    found = known(route, check=True)
    items = items_of(read_input(file), file)
    named = arguments(found, texts, values)
    if found and found.confirm:
        terminal.confirm(f"{found.confirm}, {len(items)} times")
    given = {name: value for name, value in options.items() if value is not None}
    if clash := named.keys() & given.keys():
        raise click.UsageError(
            f"{min(clash)} is an option of map and an argument of the route; put it into each item"
        )
    outcomes = terminal.client.map(route, items, progress=terminal.watched, confirm=True, **given, **named)
    first = outcomes.failed[0].error if len(outcomes.failed) == len(outcomes) > 0 else None
    if isinstance(first, ConfigurationError):
        raise first  # nothing was sent, as without a key
    terminal.show(outcomes)
    if outcomes.failed:
        say(outcomes.summary().partition("\n")[0])
        return FAILED
    return None


map: Command = Command(  # noqa: A001 - the command's name
    name="map",
    callback=_map,
    params=[
        ROUTE,
        click.Argument(["file"], metavar="FILE"),
        TEXTS,
        VALUES,
        *parameters(ManyJobs.map, skip=("what", "items", "further", "named")),
    ],
    help=help_of(
        ManyJobs.map,
        "FILE has an item a line, a JSON object of arguments or the text of the one that is needed, or is a JSON list; - is stdin. "
        "-f and -F are arguments for all. With --journal, what was done is not done again.",
    ),
    example="cocalc-facade map projects/stop ids.txt --journal stop.jsonl",
)
