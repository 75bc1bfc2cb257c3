"""Whole answers that are lists of objects, as the tables that the typed methods promise."""

from __future__ import annotations

from typing import Any


def tabled(result: list[Any]) -> list[Any]:
    """Give a list of objects as a table; one of plain values as it is."""
    from cocalc_v2.tables import Table
    from cocalc_v2.types import Answer

    return Table(result) if all(row is None or isinstance(row, Answer) for row in result[:2]) else result
