"""Results that are rows: a frozen sequence that shows itself as a table and becomes a data frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Generic, TypeVar, overload

import attrs

from cocalc_facade import _jobs

R = TypeVar("R")
SHOWN = 60


@attrs.frozen(repr=False)
class Rows(Sequence[R], Generic[R]):
    """Rows of one kind, in the server's order. Each is an attrs object or a dictionary."""

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

    def _caption(self) -> str:
        return f"{type(self).__name__}: {len(self.rows)} row{'s' if len(self.rows) != 1 else ''}"

    def to_records(self) -> list[dict[str, Any]]:
        """Give the rows as a list of plain dictionaries."""
        return [_record(row) for row in self.rows]

    def to_dataframe(self) -> _jobs.DataFrame:
        """Give the rows as a pandas data frame. Raises ImportError, saying so, when pandas is not installed."""
        from importlib import import_module

        try:
            pandas = import_module("pandas")
        except ImportError:
            raise ImportError("to_dataframe() needs pandas: pip install pandas") from None
        return pandas.DataFrame(self.to_records())

    def _repr_html_(self) -> str:
        records = self.to_records()[:SHOWN]
        columns = list(dict.fromkeys(name for record in records for name in record))
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{_cell(record.get(name))}</td>" for name in columns) + "</tr>"
            for record in records
        )
        more = f"<p>… and {len(self.rows) - SHOWN} more</p>" if len(self.rows) > SHOWN else ""
        caption = escape(self._caption())
        return (
            f"<table><caption>{caption}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
        )


# The subclasses have it in constructors of their own, in modules that do not know `R`.
attrs.resolve_types(Rows)


@attrs.frozen(repr=False)
class Row:
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


def _record(row: object) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return dict(row)
    return {
        field.name: getattr(row, field.name)
        for field in attrs.fields(type(row))  # type: ignore[arg-type] # every row that is no mapping is an attrs object
        if field.repr
    }


def _cell(value: object) -> str:
    return "" if value is None else escape(str(value))
