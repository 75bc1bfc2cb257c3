"""Tables whose rows are too small to be tests of their own: what surrounds a test takes longer than they do."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from _pytest.mark import ParameterSet

Test = Callable[..., None]


def every_row(
    names: str | Sequence[str],
    rows: Iterable[Any],
    *,
    ids: Callable[[Any], object] | Sequence[object] | None = None,
) -> Callable[[Test], Test]:
    """Take a table as `pytest.mark.parametrize` does, and try all its rows in one test, which names each that fails.

    The fixtures are the same for all rows, so a row must not see what another did to them.
    """
    arguments = [names] if isinstance(names, str) else list(names)
    table = [
        row if isinstance(row, ParameterSet) else pytest.param(*([row] if isinstance(names, str) else row))
        for row in rows
    ]
    assert table, "a table without rows tests nothing"
    assert not any(row.marks for row in table), "a mark is of a test, and a row is none"

    def named(number: int) -> str:
        if callable(ids):
            return ", ".join(str(ids(value)) for value in table[number].values)
        return repr(ids[number] if ids else table[number].id or table[number].values)[:300]

    def of_all(test: Test) -> Test:
        @functools.wraps(test)
        def tried(**fixtures: Any) -> None:
            failed: list[BaseException] = []
            for number, row in enumerate(table):
                try:
                    test(**fixtures, **dict(zip(arguments, row.values, strict=True)))
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"of the row {named(number)}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(table)} rows", failed)

        wanted = inspect.signature(test)
        tried.__signature__ = wanted.replace(  # type: ignore[attr-defined]
            parameters=[one for name, one in wanted.parameters.items() if name not in arguments]
        )
        del tried.__wrapped__  # type: ignore[attr-defined]
        return tried

    return of_all
