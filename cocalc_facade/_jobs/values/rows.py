"""Results that are rows: a frozen sequence that shows itself as a table and becomes a file or a data frame."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_origin, overload

import attrs
from cocalc_v2 import tables

from cocalc_facade import _jobs
from cocalc_facade._json.form import fields, jsonable
from cocalc_facade._json.records import Listed, Record

R = TypeVar("R")
SHOWN = tables.ON_A_PAGE


@attrs.frozen(repr=False)
class Rows(Listed[R], Generic[R]):
    """Rows of one kind, in the server's order. Each is an attrs object or a dictionary. In JSON they are a list of objects."""

    rows: tuple[R, ...]

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        first = f", first {self.rows[0]!r}" if self.rows else ""
        return f"<{self._caption()}{first}>"

    def __str__(self) -> str:
        return tables.text(self.to_records(), self._caption())

    def _caption(self) -> str:
        return f"{type(self).__name__}: {tables.counted(len(self.rows), 'row')}"

    def to_records(self) -> list[dict[str, Any]]:
        """Give the rows as a list of plain dictionaries."""
        return [_record(row) for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """Give the rows, and what is known of all of them together, as plain JSON. A list of the rows alone is what `jsonable` gives."""
        found: dict[str, Any] = jsonable(fields(self))
        return found

    def to_dataframe(self) -> _jobs.DataFrame:
        """Give the rows as a pandas data frame, which has the columns also without rows. Raises ImportError when pandas is not installed."""
        return tables.frame(self.to_records(), self._names())

    def to_csv(self, path: str | os.PathLike[str], *, escape_formulas: bool = True) -> Path:
        """Write the rows to a file of comma-separated values, which is replaced as a whole, and give its path.

        UTF-8, with a line of names. What is nested is written as JSON, bytes as base64, money exactly, a time in ISO 8601, None as nothing.

        Args:
            path: The file.
            escape_formulas: Put `'` before text that a spreadsheet would take for a formula, since others may have written it.
        """
        return tables.csv(self.to_records(), path, escape_formulas, _cell, self._names())

    def _names(self) -> list[str]:
        """The columns that a table of no rows has; none where each row may have others."""
        bases = getattr(type(self), "__orig_bases__", ())
        kinds = [get_origin(kind) or kind for base in bases for kind in get_args(base)]
        fields = next((attrs.fields(kind) for kind in kinds if attrs.has(kind)), ())
        return [field.name for field in fields if field.repr and not field.name.startswith("_")]

    def _repr_html_(self) -> str:
        return tables.html(self.to_records(), self._caption())

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))


# The subclasses have it in constructors of their own, in modules that do not know `R`.
attrs.resolve_types(Rows)


@attrs.frozen(repr=False)
class Row(Record):
    """One row; it shows the fields that say something."""

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{field.name}={_brief(value)}"
            for field in attrs.fields(type(self))
            if (value := getattr(self, field.name)) != field.default
        )
        return f"{type(self).__name__}({shown})"


def _brief(value: object) -> str:
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else repr(value)


def _cell(value: Any) -> Any:
    if isinstance(value, BaseException):
        return str(value)
    try:
        return jsonable(value)
    except (TypeError, ValueError):
        return str(value)  # what a function of the user gave; the other rows are not lost for it


def _record(row: object) -> dict[str, Any]:
    return dict(row) if isinstance(row, Mapping) else fields(row)
