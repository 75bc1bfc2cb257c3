"""Commands and groups of them: the options of all commands, groups that are imported when used, suggestions for what was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import click

from .completing import complete_profile
from .ending import EXIT_CODES, INTERRUPTED
from .ending.words import NAME
from .kinds import SECONDS
from .terminal import Terminal


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Keep what an option of all commands says; the one nearest to the command holds.

    An empty one is refused: a script passes it whose variable is not set, and would ask another server than it means.
    """
    if value in ("", ()):
        raise click.BadParameter("it is empty", context, option)
    if value and isinstance(context.obj, Terminal) and option.name:
        setattr(context.obj, option.name, value)


def _fields(context: click.Context, option: click.Parameter, value: tuple[str, ...]) -> None:
    if value:
        _keep(context, option, tuple(name for part in ",".join(value).split(",") if (name := part.strip())))


def _shared(*names: str, help: str, callback: Any = _keep, **more: Any) -> click.Option:  # noqa: A002 - click's word
    return click.Option(names, help=help, callback=callback, expose_value=False, **more)


SHARED = (
    _shared("--json", is_flag=True, help="JSON on stdout, for programs."),
    _shared(
        "--fields", metavar="NAME,…", multiple=True, callback=_fields, help="Only these fields of the result."
    ),
    _shared("--host", metavar="ADDRESS", help="The server; else COCALC_HOST, else the profile's."),
    _shared(
        "--profile",
        metavar="NAME",
        shell_complete=complete_profile,
        help="Of the configuration file; else COCALC_PROFILE.",
    ),
    _shared("--timeout", type=SECONDS, metavar="SECONDS", help="The longest that a whole call may take."),
    _shared("--read-only", is_flag=True, help="Refuse what would change something."),
    _shared("--dry-run", is_flag=True, help="Make only the calls that read, and list the others."),
    _shared("--yes", is_flag=True, help="Answer yes to every question."),
)
"""The options of all commands, before or after the command's name. A command with an option of the same name has its own."""


_OTHER_NAMES = {
    "project": ("project_id",),
    "projects": ("project_id",),
    "course": ("project_id", "path"),
    "place": ("path",),
    "names": ("fields",),
    "file": ("items",),
}
"""What the client calls arguments that have another name here."""


_FILES = ("csv", "source", "output", "journal", "to")
"""Options that name a file."""


class _Shared(click.Command):
    """What takes the options of all commands."""

    example: str = ""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        names = {name for option in own for name in option.opts}
        return [*own, *(option for option in SHARED if names.isdisjoint(option.opts))]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of this command; those of all commands are shown by the first help only."""
        everyone = ctx.parent is None
        shown = [option for option in self.get_params(ctx) if everyone or option not in SHARED]
        named = [
            (one.make_metavar(ctx), words)
            for one in shown
            if isinstance(one, click.Argument) and (words := getattr(one, "words", ""))
        ]
        if named:
            with formatter.section("Arguments"):
                formatter.write_dl(named)
        rows = [
            row
            for one in shown
            if isinstance(one, click.Option) and (row := one.get_help_record(ctx)) is not None
        ]
        if rows:
            with formatter.section("Options"):
                formatter.write_dl(rows)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)
        if self.example:
            with formatter.section("Example"):
                for line in self.example.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}$ {line}\n")
        if not everyone:
            formatter.write_paragraph()
            formatter.write_text(f"Every command takes --json, --fields, --dry-run and more: {NAME} --help")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an empty argument for a required one or for a file, which a script passes whose variable is not set."""
        rest = super().parse_args(ctx, args)
        if ctx.resilient_parsing:
            return rest
        for parameter in self.params:
            empty = ctx.params.get(parameter.name or "") == ""
            if empty and (parameter.required or parameter.name in _FILES):
                raise click.BadParameter("it is empty", ctx, parameter)
        return rest


class Command(_Shared):
    """A command, with an example."""

    def __init__(self, *arguments: Any, example: str = "", **details: Any) -> None:
        line = details.get("help", "").partition("\n\n")[0]
        details.setdefault("short_help", line.partition(". ")[0].rstrip(".") + ".")
        super().__init__(*arguments, **details)
        self.example = example

    def invoke(self, ctx: click.Context) -> Any:
        """Do it; what is refused of an argument is said of the option that gives it."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            name, sign, rest = getattr(error, "message", "").partition(": ")
            if sign and getattr(error, "status", ...) is None and (typed := self._typed(name, ctx)):
                rest = re.sub(r"`(\w+)`", lambda found: self._typed(found[1], ctx) or found[0], rest)
                error.message = f"{typed}: {rest}"  # type: ignore[attr-defined]
            raise

    def _typed(self, name: str, ctx: click.Context) -> str | None:
        for one in self.params:
            if name in (one.name, *_OTHER_NAMES.get(one.name or "", ())):
                return one.make_metavar(ctx) if isinstance(one, click.Argument) else max(one.opts, key=len)
        return None


class Group(_Shared, click.Group):
    """A group of commands."""

    command_class: type[click.Command] | None = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of an unknown one say what was meant."""
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing and name[:1] != "-":
            from cocalc_facade._calls.values.naming import meant

            known = self.list_commands(ctx)
            hint = meant(name, known, f"there are {', '.join(known)}")
            raise click.UsageError(f"there is no command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


class Later(Group):
    """A group whose commands are imported when they are used: by name, the module that has it and what it is for."""

    def __init__(self, later: Mapping[str, tuple[str, str]], **details: Any) -> None:
        super().__init__(**details)
        self.later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.later:
            return None
        from importlib import import_module

        place = self.later[cmd_name][0]
        command: click.Command = getattr(import_module(f".{place}", __package__), cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in self.later.items()])
        codes = sorted((code, words) for code, words in EXIT_CODES.values())
        with formatter.section("Exit codes"):
            formatter.write_dl(
                [("0", "done"), *((str(code), words) for code, words in codes), (str(INTERRUPTED), "Ctrl-C")]
            )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=words)
            for name, (_, words) in self.later.items()
            if name.startswith(incomplete)
        ]
        return found if incomplete[:1] != "-" else click.Command.shell_complete(self, ctx, incomplete)
