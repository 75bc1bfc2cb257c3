"""Kinds of values on a command line: times, spans of time, pairs of a name and a value."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from math import inf, nan
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    Kind = click.ParamType[Any]
else:
    Kind = click.ParamType

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_PAIR = re.compile(r"([^=:<>!]+?)(:=|==|!=|<=|>=|=|<|>)(.*)", re.DOTALL)


_TRUTH = {"true": True, "false": False}
_NUMBERS: dict[str, tuple[str, tuple[type, ...]]] = {
    "integer": ("a whole number", (int,)),
    "number": ("a number", (int, float)),
}
_JSON = {"array": "a list", "list": "a list", "object": "an object", "map": "an object"}
_EXAMPLES = {"array": '["a"]', "list": '["a"]', "object": '{"a": 1}', "map": '{"a": 1}'}


class When(Kind):
    """A time in ISO 8601, local where it names no zone, or a span such as `12h` or `7d`: `ahead` from now, else before now."""

    name = "time"

    def __init__(self, *, ahead: bool) -> None:
        self.ahead = ahead

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return self._moment(value, param, ctx)

    def _moment(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        from datetime import UTC, datetime, timedelta

        try:
            if match := _SPAN.fullmatch(value.strip()):
                span = timedelta(seconds=float(match[1]) * _UNITS[match[2]])
                return span if self.ahead else datetime.now(UTC) - span
            moment = datetime.fromisoformat(value.strip())
            return moment if moment.tzinfo is not None else moment.astimezone()
        except (ValueError, OverflowError, OSError):
            self.fail(
                f"{value!r} is neither a time, such as 2026-01-31 or 2026-01-31T12:00, nor a span, such as 12h or 7d",
                param,
                ctx,
            )


class Seconds(Kind):
    """A span of time in seconds."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = nan
        if not 0 < seconds < inf:
            self.fail(f"{value!r} is no number of seconds above zero", param, ctx)
        return seconds


SECONDS = Seconds()


class Exact(Kind):
    """An amount of money."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from decimal import Decimal, InvalidOperation

        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            self.fail(f"{value!r} is no amount", param, ctx)
        return amount


class Pair(Kind):
    """`name=text`, or `name:=json`; where `compared`, also with another sign of comparison between the two."""

    name = "name=value"

    def __init__(self, *, compared: bool = False, json_only: bool = False) -> None:
        self.compared = compared
        self.json_only = json_only

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str, Any]:
        match = _PAIR.fullmatch(value)
        if match is None or (not self.compared and match[2] not in ("=", ":=")):
            self.fail(
                f"{value!r} is not {'name:=json' if self.json_only else 'name=text or name:=json'}",
                param,
                ctx,
            )
        name, sign, text = match[1].strip(), match[2], match[3]
        if sign == ":=" or self.json_only:
            return name, "=", as_json(text, name, self, param, ctx)
        return name, sign, text


def as_json(
    text: str, name: str, kind: Kind, param: click.Parameter | None, ctx: click.Context | None
) -> Any:
    """Give what JSON says."""
    try:
        return parsed(text)
    except ValueError as error:
        text_form = f"{'-f ' if getattr(kind, 'json_only', False) else ''}{name}=text"
        kind.fail(f"{name}: {text[:80]!r} is not JSON: {error}; a text is given as {text_form}", param, ctx)


def of_kind(name: str, text: str, kind: str | None) -> Any:
    """Give what a text is where a value of some kind is wanted: a number, true or false, a time."""
    if kind in _NUMBERS:
        what, types = _NUMBERS[kind]
        try:
            number = parsed(text)
        except ValueError:
            number = None
        if type(number) not in types:
            raise click.UsageError(f"{name} must be {what}, not {text!r}")
        return number
    if kind == "boolean":
        if text not in _TRUTH:
            raise click.UsageError(f"{name} must be true or false, not {text!r}")
        return _TRUTH[text]
    if kind == "time":
        try:
            return When(ahead=False).convert(text, None, None)
        except click.BadParameter as error:
            raise click.UsageError(f"{name}: {error.message}") from None
    if kind in _JSON:
        raise click.UsageError(
            f"{name} is {_JSON[kind]}, and given as JSON, such as {name}:={_EXAMPLES[kind]}"
        )
    return text


def parsed(text: str) -> Any:
    """Give what JSON says: NaN and infinities are none, and no object has a name twice.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_named_once)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (inf, -inf):
        raise ValueError(f"{text} is too large a number")
    return number


def _named_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice")
    return found
