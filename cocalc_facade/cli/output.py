"""Results on stdout: tables for people, JSON for programs, bytes as they are."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import click


class UnknownField(click.UsageError):
    """A name of `--fields` that the result does not have."""


class Form(NamedTuple):
    """How results are written. `width` is None where stdout is no form."""

    json: bool
    fields: tuple[str, ...]
    width: int | None
    coloured: bool


def show(form: Form, value: Any) -> None:
    """Write a result: JSON with `--json`, else a table, `name  value` lines, or the text itself."""
    if form.json:
        from cocalc_facade import jsonable

        write(_json(_chosen(jsonable(value), form.fields), form.width is not None))
        return
    if value is None:
        return
    if isinstance(value, bytes):
        write_bytes(value)
        return
    from .tables import lines, table

    plain = _plain(value)
    if isinstance(plain, list) and all(isinstance(row, Mapping) for row in plain):
        write(table(_chosen(plain, form.fields), form.width, form.coloured))
    elif isinstance(plain, list):
        write("".join(f"{line}\n" for line in map(_line, plain)))
    elif isinstance(plain, Mapping):
        write(lines(_chosen(plain, form.fields), form.width, form.coloured))
    else:
        write(f"{_line(plain)}\n")


def write(text: str) -> None:
    """Write text to stdout; what its encoding does not have is escaped."""
    out = sys.stdout
    encoding = out.encoding or "utf-8"
    out.write(text.encode(encoding, "backslashreplace").decode(encoding))
    out.flush()


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _json(value: Any, indented: bool) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False, indent=2 if indented else None, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2 if indented else None, allow_nan=False)
    return f"{_escaped(text) if indented else text}\n"


def _escaped(text: str) -> str:
    """Write what a terminal would obey or hide as JSON escapes it."""
    if text.replace("\n", "").isprintable():
        return text
    import json

    return "".join(
        sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1].replace("\x7f", "\\u007f")
        for sign in text
    )


def _plain(value: Any) -> Any:
    """Give a value as a list of mappings, one mapping, or a single thing. Times and money stay what they are."""
    from cocalc_facade import jsonable

    if hasattr(value, "to_records"):
        return value.to_records()
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [_plain(row) for row in value]
    if isinstance(value, Mapping | str) or not hasattr(value, "to_dict"):
        return value
    from cocalc_facade._json.form import fields

    return fields(value) if hasattr(type(value), "__attrs_attrs__") else jsonable(value)


def _line(value: Any) -> str:
    from .tables import cell

    return cell(value)


def _chosen(value: Any, names: tuple[str, ...]) -> Any:
    """Give only the fields of those names; a point leads into an object."""
    if not names:
        return value
    rows = value if isinstance(value, list) else [value]
    known = dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row)
    for name in names:
        if known and not any(_may_have(row, name) for row in rows):
            _unknown(name, list(known))
    chosen = [{name: _at(row, name) for name in names} if isinstance(row, Mapping) else row for row in rows]
    return chosen if isinstance(value, list) else chosen[0]


def _at(row: Mapping[str, Any], name: str) -> Any:
    if name in row:
        return row[name]
    first, _, rest = name.partition(".")
    inner = row.get(first)
    return _at(inner, rest) if rest and isinstance(inner, Mapping) else None


def _may_have(row: Any, name: str) -> bool:
    """Tell whether a field is there, or is of an object that is not known to lack it."""
    if not isinstance(row, Mapping):
        return False
    first, point, rest = name.partition(".")
    if name in row or (point and first in row and row[first] is None):
        return True
    return bool(point) and _may_have(row.get(first), rest)


def _unknown(name: str, known: list[str]) -> None:
    from cocalc_facade._calls.values.naming import meant

    hint = meant(name.lower(), known, f"there are {', '.join(known)}")
    raise UnknownField(f"--fields: there is no field {name!r}; {hint}")
