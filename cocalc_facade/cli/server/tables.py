"""The tables of the database."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from cocalc_facade import TABLES
from cocalc_facade._jobs.methods.tables import TableJobs
from cocalc_facade.cli.docstrings import help_of, told
from cocalc_facade.cli.ending import say
from cocalc_facade.cli.groups import Command
from cocalc_facade.cli.kinds import Pair, of_kind
from cocalc_facade.cli.terminal import Terminal

from .call import arguments

CONDITION = Pair(compared=True)
_SIGNS = {"=": "=="}


def conditions(table: str, given: tuple[Any, ...]) -> dict[str, Any] | None:
    """Give what `--where` says, as `client.query` takes it: texts as what the field of the table is, and times also as spans before now."""
    kinds = _kinds(table)
    found: dict[str, Any] = {}
    for condition in given:
        name, sign, value = (
            condition if isinstance(condition, tuple) else CONDITION.convert(condition, None, None)
        )
        if name in found:
            raise click.UsageError(f"{name} has two conditions, and the server takes one for each field")
        if isinstance(value, str):
            value = of_kind(name, value, kinds.get(name))
        if value is None:
            value = {"IS": None}
        found[name] = value if sign == "=" else {_SIGNS.get(sign, sign): value}
    return found or None


def _kinds(table: str) -> dict[str, str]:
    return dict(TABLES[table].read) if table in TABLES else {}


def _tables(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in TABLES if name.startswith(incomplete)]


def _fields(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    table = TABLES.get(context.params.get("table") or "")
    return [CompletionItem(name) for name in (table.read if table else ()) if name.startswith(incomplete)]


def _values(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    table = TABLES.get(context.params.get("table") or "")
    fields = (*table.key, *table.write) if table else ()
    return [CompletionItem(f"{name}=") for name in dict.fromkeys(fields) if name.startswith(incomplete)]


@click.pass_obj
def _query(
    terminal: Terminal, table: str, names: tuple[str, ...], where: tuple[Any, ...], one: bool, check: bool
) -> None:
    fields = [field for name in names for field in name.split(",")]
    found = terminal.client.query(table, fields, conditions(table, where), many=not one, check=check)
    if getattr(found, "cut", False):
        say("warning: the server gives no more rows than these")
    terminal.show(found)


@click.pass_obj
def _update(terminal: Terminal, table: str, values: tuple[Any, ...]) -> None:
    terminal.client.update(table, arguments(_kinds(table), values, ()))  # type: ignore[arg-type]
    terminal.show(None)


_TABLE = click.Argument(["table"], shell_complete=_tables)
_WORDS = told(TableJobs.query).arguments

query: Command = Command(
    name="query",
    callback=_query,
    params=[
        _TABLE,
        click.Argument(["names"], metavar="FIELDS…", nargs=-1, required=True, shell_complete=_fields),
        click.Option(
            ["--where"],
            type=CONDITION,
            multiple=True,
            help="Only these: name=text, name:=json, or with == != < <= > >= between the two. A time may be a span before now, such as 7d. "
            """Other operators are JSON: title:='{"ILIKE": "%calc%"}'.""",
        ),
        click.Option(["--one"], is_flag=True, help="One row."),
        click.Option(["--check/--no-check"], default=True, help=_WORDS["check"]),
    ],
    help=help_of(
        TableJobs.query,
        "All rows are given, unless --one is said.",
        line="Read rows of a table of the database.",
    ),
    example="cocalc-facade query projects_all project_id title --where 'title=Calculus 1'",
)
update: Command = Command(
    name="update",
    callback=_update,
    params=[
        _TABLE,
        click.Argument(
            ["values"], metavar="NAME=VALUE…", nargs=-1, required=True, type=Pair(), shell_complete=_values
        ),
    ],
    help=help_of(TableJobs.update, "Values are name=text or name:=json."),
    example="cocalc-facade update accounts first_name=Ada",
)
