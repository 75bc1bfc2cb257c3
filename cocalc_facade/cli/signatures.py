"""The client's methods as commands: their signatures are the options, their docstrings the help."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

import click

from .completing import complete_file, complete_route
from .docstrings import NOT_TYPED, flag_of, help_of, is_positional, metavar_of, told
from .groups import Command
from .kinds import SECONDS, Exact, Kind, When
from .terminal import Terminal

COURSE = click.Argument(["course"], metavar="PROJECT:FILE.course")
PROJECT = click.Argument(["project"], metavar="PROJECT")


def parameters(
    method: Any,
    skip: Iterable[str] = (),
    positional: Iterable[str] = (),
    words: Mapping[str, str] | None = None,
) -> list[click.Parameter]:
    """Give the arguments and options for what a method takes. Options that are not given are None, so that the method's defaults hold."""
    said = {**told(method).arguments, **(words or {})}
    function = inspect.unwrap(method)
    left_out = {*NOT_TYPED, *skip}
    return [
        _parameter(one, function, said.get(name, ""), name in positional)
        for name, one in inspect.signature(function).parameters.items()
        if name not in left_out and one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    ]


def job(
    method: Any,
    *,
    example: str,
    name: str | None = None,
    through: str = "",
    skip: Iterable[str] = (),
    positional: Iterable[str] = (),
    confirm: str = "",
    fixed: Mapping[str, Any] | None = None,
    words: Mapping[str, str] | None = None,
    result: Callable[[Terminal, Any], int | None] | None = None,
) -> Command:
    """Make a method of the client, or of one of its handles, a command.

    Args:
        method: Where it is written, such as `Keys.create`.
        example: As it is typed, without the program's name.
        name: Of the command; else that of the method.
        through: The handle that it is a method of: an attribute of the client, or `project` or `course`,
            which the first argument names then.
        skip: Arguments that are not offered.
        positional: Arguments that are given without their names, though the method wants these.
        confirm: What it does that cannot be undone, completing "this …": it is asked for.
        fixed: Arguments that always are so, and are not offered.
        words: What to say of arguments, in place of what the docstring says.
        result: What to do with the value, in place of showing it; gives the exit code.
    """
    takes = inspect.signature(inspect.unwrap(method)).parameters
    always = fixed or {}
    typed = parameters(method, {*skip, *always}, positional, words)
    first = {"project": PROJECT, "course": COURSE}
    given = [first[through], *typed] if through in first else typed

    @click.pass_obj
    def run(terminal: Terminal, /, **values: Any) -> int | None:
        if confirm:
            terminal.confirm(confirm)
            if "confirm" in takes:
                values["confirm"] = True
        holder: Any = terminal.client
        if through == "project":
            holder = holder.project(values.pop("project"))
        elif through == "course":
            project, _, path = values.pop("course").partition(":")
            holder = holder.course(project, path)
        elif through:
            holder = getattr(holder, through)
        if "progress" in takes and terminal.watched:
            values["progress"] = True
        chosen = {key: value for key, value in values.items() if value is not None and value != ()}
        found = getattr(holder, method.__name__)(**chosen, **always)
        if result is not None:
            return result(terminal, found)
        terminal.show(found)
        return None

    return Command(
        name=name or method.__name__.replace("_", "-"),
        callback=run,
        params=given,
        help=help_of(method),
        example=f"cocalc-facade {example}",
    )


def _parameter(one: inspect.Parameter, function: Any, words: str, bare: bool) -> click.Parameter:
    kinds = _kinds(one.annotation, function)
    name = one.name
    flag = flag_of(name)
    positional = bare or is_positional(one)
    if bool in kinds:
        on = one.default is True
        return click.Option(
            [f"{flag}/{flag.replace('--', '--no-')}", name],
            default=None,
            help=_defaulted(words, flag[2:] if on else ""),
        )
    details: dict[str, Any] = {"type": _type(kinds)}
    if Mapping in kinds:
        return click.Option(
            [flag, name],
            type=str,
            multiple=True,
            callback=_as_mapping,
            metavar="NAME=VALUE",
            help=words,
        )
    if Iterable in kinds and not positional:
        return click.Option([flag, name], type=str, multiple=True, help=words)
    if positional:
        argument = click.Argument(
            [name],
            required=one.default is one.empty,
            shell_complete=complete_route if name == "route" else None,
            metavar=metavar_of(name) if one.default is one.empty else f"[{metavar_of(name)}]",
            **details,
        )
        argument.words = words  # type: ignore[attr-defined]
        return argument
    if one.default is one.empty:
        return click.Option([flag, name], required=True, help=words, **details)
    if name in ("journal", "to"):
        details["shell_complete"] = complete_file
    shown = "" if one.default in (None, "") else str(one.default).removesuffix(".0")
    return click.Option([flag, name], default=None, help=_defaulted(words, shown), **details)


def _defaulted(words: str, default: str) -> str:
    return f"{words}  [default: {default}]" if default else words


def _kinds(annotation: Any, function: Any) -> tuple[Any, ...]:
    """Give the kinds of values that an annotation allows: classes, and the words of a `Literal`."""
    if isinstance(annotation, str):
        annotation = eval(annotation, function.__globals__)  # noqa: S307 - our own annotations
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(kind for part in get_args(annotation) for kind in _kinds(part, function))
    origin = get_origin(annotation)
    if origin is Literal:
        return (click.Choice(list(get_args(annotation))),)
    if origin is not None and origin.__name__ in ("Mapping", "Iterable", "Sequence"):
        return (Mapping if origin.__name__ == "Mapping" else Iterable,)
    return (annotation if origin is None else origin,)


def _type(kinds: tuple[Any, ...]) -> Kind:
    for kind in kinds:
        if isinstance(kind, click.Choice):
            return kind
    if timedelta in kinds:
        return When(ahead=True)
    if datetime in kinds:
        return When(ahead=False)
    if Decimal in kinds:
        return Exact()
    if int in kinds:
        return click.INT
    return SECONDS if float in kinds else click.STRING


def _as_mapping(
    _context: click.Context, option: click.Parameter, value: tuple[str, ...]
) -> dict[str, str] | None:
    found = {}
    for text in value:
        name, sign, rest = text.partition("=")
        if not sign or not name:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param=option)
        found[name] = rest
    return found or None
