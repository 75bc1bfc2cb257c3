"""Tables for people, as wide as their terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from unicodedata import category, east_asian_width

from click import style
from cocalc_v2.tables import columns

from cocalc_facade import jsonable
from cocalc_facade._errors import printable

GAP = "  "
NARROWEST = 6
EMOJI = "\ufe0f"
"""What makes the sign before it a picture, and two columns wide of one."""
ID = 36
"""Characters of an id, which is not cut: it is there to be used."""


def table(rows: Sequence[Mapping[str, Any]], width: int | None, coloured: bool) -> str:
    """Give rows as a table with a line of names. What is too wide for the terminal is cut, and ends in `…`."""
    if not rows:
        return ""
    names = columns(rows)
    cells = [[cell(row.get(name)) for name in names] for row in rows]
    heads = [cell(name).upper() for name in names]
    widths = [max(map(across, column)) for column in zip(heads, *cells, strict=True)]
    if width is not None:
        widths = _narrowed(widths, width)
    head = _row(heads, widths, width)
    shown = [style(head, bold=True) if coloured else head, *(_row(line, widths, width) for line in cells)]
    return "".join(f"{line}\n" for line in shown)


def lines(row: Mapping[str, Any], width: int | None, coloured: bool) -> str:
    """Give an object as lines of a name and a value; those that say nothing are left out. What is too wide for the terminal goes on below."""
    told = {
        cell(name): cell(value) for name, value in row.items() if value is not None and value not in ((), [])
    }
    longest = max(map(across, told), default=0)
    room = None if width is None else max(width - longest - len(GAP), NARROWEST)
    shown = []
    for name, value in told.items():
        head = _to(name, longest)
        first, *further = _folded(value, room)
        shown += [f"{style(head, bold=True) if coloured else head}{GAP}{first}"]
        shown += [f"{'':{longest + len(GAP)}}{part}" for part in further]
    return "".join(f"{line.rstrip()}\n" for line in shown)


def cell(value: Any) -> str:
    """Give a value as it stands in a table: one line, and nothing that a terminal would obey."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo is not None else value
        return moment.isoformat(" ", "seconds").replace("+00:00", "Z")
    if isinstance(value, BaseException):
        return printable(" ".join(str(value).split()))
    if not isinstance(value, str):
        value = jsonable(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(" ".join(text.split()))


def across(text: str) -> int:
    """Give the columns that a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_across, text))


def _across(sign: str) -> int:
    if category(sign) in ("Mn", "Me") and sign != EMOJI:
        return 0
    return 2 if east_asian_width(sign) in "WF" else 1


def _folded(text: str, width: int | None) -> list[str]:
    """Give the lines that a text takes, broken between words where that is possible."""
    if width is None or across(text) <= width:
        return [text]
    found, line, taken = [], "", 0
    for sign in text:
        taken += _across(sign)
        if taken > width:
            whole, _, begun = line.rpartition(" ")
            kept, line = (whole, begun) if whole and sign != " " else (line, "")
            found.append(kept)
            taken = across(line) + _across(sign)
            if sign == " ":
                taken = 0
                continue
        line += sign
    return [*found, line]


def _narrowed(widths: list[int], width: int) -> list[int]:
    """Take from the widest, until all fit: at first not from ids."""
    fitting = list(widths)
    room = width - len(GAP) * (len(widths) - 1)
    for kept in (ID, None):
        while sum(fitting) > room:
            able = [one for one in fitting if one > NARROWEST and one != kept]
            if not able:
                break
            fitting[fitting.index(max(able))] -= 1
    return fitting


def _row(line: Sequence[str], widths: Sequence[int], width: int | None) -> str:
    shown = GAP.join(_to(text, one) for text, one in zip(line, widths, strict=True)).rstrip()
    return shown if width is None else _cut(shown, width)


def _to(text: str, width: int) -> str:
    cut = _cut(text, width)
    return cut + " " * (width - across(cut))


def _cut(text: str, width: int) -> str:
    if across(text) <= width:
        return text
    kept, taken = [], 1
    for sign in text:
        taken += across(sign)
        if taken > width:
            break
        kept.append(sign)
    return f"{''.join(kept)}…"
