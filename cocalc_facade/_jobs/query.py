"""Reading and writing tables through user-query, without its traps.

The server tells a read from a write only by whether any value is null. So a write cannot set null, and a read without a field to fill in
would be a write; both are refused here. Reads are repeated like any other read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
from cocalc_v2.tables import counted

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import InvalidRequestError, PermissionDeniedError, UnexpectedResponse

from .tables import TABLES, Table
from .values.checks import instant, parsed_time, plain_text, refuse, suggestion
from .values.rows import Rows

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

OF_LISTS = frozenset({"ANY", "MINLEN", "MAXLEN"})
"""Measured: on a field of another type the database fails."""

OPERATORS = frozenset(
    {"==", "=", "!=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT", "LIKE", "ILIKE", "NOT LIKE", "NOT ILIKE"}
    | OF_LISTS
)


@attrs.frozen(repr=False)
class QueryRows(Rows[dict[str, Any]]):
    """The rows of a query for many. `limit` is the table's own limit; `cut` says that it was reached, so rows may be missing."""

    table: str
    limit: int | None = None

    @property
    def cut(self) -> bool:
        """Whether the table's limit was reached."""
        return self.limit is not None and len(self.rows) >= self.limit

    def _caption(self) -> str:
        more = f", the limit of {self.table}: there may be more" if self.cut else ""
        return f"{self.table}: {counted(len(self.rows), 'row')}{more}"


def one(
    session: Session,
    table: str,
    fields: Sequence[str],
    where: Mapping[str, Any] | None,
    *,
    known: bool = True,
) -> Flow[dict[str, Any] | None]:
    """Give the first matching row, with every field that was asked for, or None when there is none."""
    query = _read(table, fields, where, known=known)
    if known and TABLES[table].form == "many":
        rows = yield from many(session, table, fields, where)
        return rows[0] if rows else None
    answer = yield from _ask(session, table, query)
    row = _row(answer, table)
    if row is None:
        return None
    if any(field not in row for field in fields) and not _single_only(table):
        # A development build drops what its schema's example lacks; the form for many passes it untouched.
        rows = yield from many(session, table, fields, where, known=known)
        return rows[0] if rows else None
    return _decoded(table, fields, where, row)


def many(
    session: Session,
    table: str,
    fields: Sequence[str],
    where: Mapping[str, Any] | None,
    *,
    known: bool = True,
) -> Flow[QueryRows]:
    """Give all matching rows up to the table's limit; a field without value is None."""
    query = _read(table, fields, where, known=known)
    if known and TABLES[table].form == "single":
        raise refuse("many", f"{table} gives one row at a time")
    answer = yield from _ask(session, table, [query])
    rows = _rows(answer, table)
    limit = TABLES[table].limit if table in TABLES else None
    return QueryRows(tuple(_decoded(table, fields, where, row) for row in rows), table, limit)


def update(session: Session, table: str, values: Mapping[str, Any], *, known: bool = True) -> Flow[None]:
    """Set fields of one row, which is made if it is not there."""
    if not isinstance(values, Mapping):
        raise TypeError(f"values: expected a dictionary, not {type(values).__name__}")
    if not values:
        raise refuse("values", "must name at least one field")
    for field, value in values.items():
        if _holds_null(value):
            raise refuse(
                field,
                "is None, which the server takes for a question",
                "a field cannot be set to null by user-query",
            )
    if known:
        _check_write(_table(table), values)
    row = {field: _wire(value, field) for field, value in values.items()}
    answer = yield from call(session, "user-query", {"query": {table: row}})
    if _inner(answer, table):
        raise InvalidRequestError("the server read the row instead of writing it", path="user-query")


def _read(
    table: str, fields: Sequence[str], where: Mapping[str, Any] | None, *, known: bool
) -> dict[str, Any]:
    if isinstance(fields, str) or not isinstance(fields, Sequence):
        raise TypeError("fields: expected a list of field names")
    if where is not None and not isinstance(where, Mapping):
        raise TypeError(f"where: expected a dictionary, not {type(where).__name__}")
    where = where or {}
    plain_text(table, "table")
    if known:
        definition = _table(table)
        for field in [*fields, *where]:
            if field not in definition.read:
                raise _unknown_field(definition, field, list(definition.read))
    if not any(field not in where for field in fields):
        raise refuse(
            "fields",
            "ask for at least one field that `where` does not fix",
            "else the server would take it for a write",
        )
    kinds = TABLES[table].read if known else {}
    row: dict[str, Any] = dict.fromkeys(fields)
    row.update({field: _condition(value, field, kinds.get(field)) for field, value in where.items()})
    return row


def _condition(value: Any, field: str, kind: str | None) -> Any:
    if value is None:
        raise refuse(field, "None cannot be compared with", 'use {"IS": None} or {"IS NOT": None}')
    if isinstance(value, Mapping) and not ("relative_time" in value and "unit" in value):
        if len(value) != 1:
            raise refuse(field, "expected one operator with its value")
        [(operator, operand)] = value.items()
        if operator not in OPERATORS:
            raise refuse(field, f"{operator!r} is no operator; known are {', '.join(sorted(OPERATORS))}")
        if operator in OF_LISTS and kind not in {None, "list", "any"}:
            raise refuse(field, f"{operator} is for lists, and this field is of type {kind}")
        if operand is None and operator not in {"IS", "IS NOT"}:
            raise refuse(
                field, f"None cannot be compared with {operator}", 'use {"IS": None} or {"IS NOT": None}'
            )
        return {operator: _wire(operand, field)}
    return _wire(value, field)


def _wire(value: Any, field: str) -> Any:
    if isinstance(value, datetime):
        return instant(value, field)
    if isinstance(value, timedelta):
        return {"relative_time": value.total_seconds(), "unit": "seconds"}
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _wire(inner, field) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_wire(inner, field) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise refuse(field, f"{value!r} is not a number that JSON has")
    return value


def _holds_null(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_null(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_null(inner) for inner in value)
    return value is None


def _table(name: str) -> Table:
    try:
        return TABLES[name]
    except KeyError:
        raise refuse(
            "table",
            f"{name!r} is unknown{suggestion(name, TABLES)}; known are {', '.join(sorted(TABLES))}",
            "check=False sends it all the same",
        ) from None


def _unknown_field(table: Table, field: str, known: list[str]) -> InvalidRequestError:
    return refuse(
        field,
        f"{table.name} has no such field{suggestion(field, known)}; it has {', '.join(known)}",
        "check=False sends it all the same",
    )


def _check_write(table: Table, values: Mapping[str, Any]) -> None:
    if not table.write:
        raise refuse("table", f"{table.name} can only be read")
    for field in values:
        if field not in table.write and field not in table.key and field != "account_id":
            raise _unknown_field(table, field, [*table.key, *table.write])
    for field in table.key:
        if field not in values and not (field == "id" and table.name != "messages"):
            raise refuse(field, f"a write to {table.name} must give it")


def _ask(session: Session, table: str, query: Any) -> Flow[Any]:
    try:
        return (yield from call(session, "user-query", {"query": {table: query}}, repeatable=True))
    except (InvalidRequestError, PermissionDeniedError) as error:
        if error.message.startswith("FATAL:") and table in TABLES and not error.hint:
            error.hint = f"{table} gives {TABLES[table].scope}"
        raise


def _inner(answer: Any, table: str) -> Any:
    """Give what an answer holds for a table: nothing where the server found no row, or wrote one."""
    found = answer.get("query") if isinstance(answer, dict) else None
    if not isinstance(found, dict) or (found and table not in found):
        raise UnexpectedResponse(f"the answer is not for {table}", path="user-query")
    return found.get(table)


def _row(answer: Any, table: str) -> dict[str, Any] | None:
    row = _inner(answer, table)
    if row is not None and not isinstance(row, dict):
        raise UnexpectedResponse("the answer holds no row", path="user-query")
    return row


def _rows(answer: Any, table: str) -> list[dict[str, Any]]:
    rows = _inner(answer, table)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnexpectedResponse("the answer holds no rows", path="user-query")
    return rows


def _single_only(table: str) -> bool:
    return table in TABLES and TABLES[table].form == "single"


def _decoded(table: str, fields: Sequence[str], where: Mapping[str, Any] | None, row: Any) -> dict[str, Any]:
    kinds = TABLES[table].read if table in TABLES else {}
    asked = {name: value for name, value in row.items() if name in fields or name not in (where or {})}
    full = {**dict.fromkeys(fields), **asked}
    for name, value in full.items():
        if kinds.get(name) == "time" and value is not None:
            full[name] = parsed_time(value) or value
    return full
