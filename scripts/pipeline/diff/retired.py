"""What is retired between two releases: what stays, what leaves, and how it is called."""

from __future__ import annotations

from typing import Any

from cocalc_facade._drift.contract import Contract
from cocalc_facade._drift.names import field_name, method_name
from scripts.pipeline.document.version import major, numbers
from scripts.pipeline.retire import Retired, find, route_in


def until(retired: Retired, version: str) -> Retired:
    """Return what the release `version` has as retired, also what leaves with the one after it, or is back in it."""
    rows = [row for kind in retired.values() for row in kind]
    here = [
        row
        for row in rows
        if numbers(row["version"]) <= numbers(version) and major(row["version"]) == major(version)
    ]
    return {
        "operations": [row for row in here if "contract" in row],
        "fields": [row for row in here if "contract" not in row],
    }


def until_release(retired: Retired, before: Retired, base: Contract, new: Contract, version: str) -> Retired:
    """Return `retired` with what was so `before` and is not in `version`: until that is out, it may turn out to be as it was.

    That is what leaves with a new major version, and what is back although the contract of the last release, `base`, does not have it.
    """
    still = {_key(row) for rows in retired.values() for row in rows}
    rows = [row for kind in before.values() for row in kind]
    leaving = [row for row in rows if major(row["version"]) != major(version)]
    back = [
        row for row in rows if row not in leaving and _key(row) not in still and not _is_in(base, row, new)
    ]
    held = {"leaving": leaving, "back": back}
    return {**retired, **{kind: rows for kind, rows in held.items() if rows}}


def _is_in(contract: Contract, row: dict[str, Any], other: Contract) -> bool:
    if "contract" in row:
        return route_in(contract, row["route"], other) in contract
    return find(contract, row, other) is not None


def since_first(retired: Retired, earlier: Retired) -> Retired:
    """Return `retired` with the dates and the words of `earlier` for what is in both."""
    known = {_key(row): row for rows in earlier.values() for row in rows}

    def first(row: dict[str, Any]) -> dict[str, Any]:
        was = known.get(_key(row))
        return row if was is None else row | {"since": was["since"], "use": was["use"] or row["use"]}

    return {kind: [first(row) for row in rows] for kind, rows in retired.items()}


def left(before: Retired, retired: Retired, base: Contract, new: Contract) -> list[str]:
    """Return the Python names of what was kept `before`, beside what was in `base`, and is neither `retired` nor in the `new` contract."""
    still = {_key(row) for kind in ("operations", "fields") for row in retired[kind]}
    known = with_retired(new, before, retired)
    return [
        named(row, known)
        for row in [*before["operations"], *before["fields"]]
        if _key(row) not in still and not _is_in(new, row, base)
    ]


def with_retired(contract: Contract, *retired: Retired) -> Contract:
    """Return `contract` with the routes that are `retired`."""
    return {row["route"]: row["contract"] for kept in retired for row in kept["operations"]} | contract


def named(row: dict[str, Any], contract: Contract) -> str:
    """Return what is retired in Python names, those of routes as `contract` has them."""
    python = row.get("contract", contract.get(row["route"], {})).get("python")
    name = f"`client.{python}`" if python else f"`{method_name(row['route'])}`"
    if "contract" in row:
        return name
    parts = "".join(part if part[0] in "[{" else f".{field_name(part)}" for part in row["field"])
    return f"{name}: {'argument' if row['in'] == 'request' else 'answer'} `{parts.removeprefix('.')}`"


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["route"], row.get("in", ""), *row.get("field", ()))
