"""Tables for people, as wide as their terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from unicodedata import combining, east_asian_width

from click import style
from cocalc_v2.tables import columns

from cocalc_facade import jsonable
from cocalc_facade._errors import printable

GAP = "  "
NARROWEST = 6
ID = 36
"""Characters of an id, which is not cut: it is there to be used."""


def table(rows: Sequence[Mapping[str, Any]], width: int | None, coloured: bool) -> str:
    """Give rows as a table with a line of names. What is too wide for the terminal is cut, and ends in `…`."""
    if not rows:
        return ""
    names = columns(rows)
    cells = [[cell(row.get(name)) for name in names] for row in rows]
    heads = [name.upper() for name in names]
    widths = [max(map(across, column)) for column in zip(heads, *cells, strict=True)]
    if width is not None:
        widths = _narrowed(widths, width)
    head = _row(heads, widths, width)
    shown = [style(head, bold=True) if coloured else head, *(_row(line, widths, width) for line in cells)]
    return "".join(f"{line}\n" for line in shown)


def lines(row: Mapping[str, Any], coloured: bool) -> str:
    """Give an object as lines of a name and a value; those that say nothing are left out."""
    told = {name: value for name, value in row.items() if value is not None and value != () and value != []}
    longest = max(map(across, map(str, told)), default=0)
    return "".join(
        f"{style(_to(str(name), longest), bold=True) if coloured else _to(str(name), longest)}{GAP}{cell(value)}\n"
        for name, value in told.items()
    )


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
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


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
