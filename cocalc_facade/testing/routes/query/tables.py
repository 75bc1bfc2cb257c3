"""The tables that user-query reads and writes: who may, which fields, and how many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cocalc_facade.testing.data import packaged


@dataclass(frozen=True, slots=True)
class Table:
    """What user-query allows on a table."""

    name: str
    get: frozenset[str]
    set: frozenset[str] = frozenset()
    key: frozenset[str] = frozenset()
    limit: int = 100_000
    members: bool = False
    anonymous: bool = False
    admin: bool = False


def _tables() -> dict[str, Table]:
    keys = ("get", "set", "key")
    return {
        name: _table(name, {key: frozenset(value) if key in keys else value for key, value in row.items()})
        for name, row in packaged("tables.json").items()
    }


def _table(name: str, row: dict[str, Any]) -> Table:
    return Table(name, **row)


TABLES = _tables()
