"""What the published document says that no class, type or argument of the client can say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cocalc_facade._drift.contract import Contract
from cocalc_facade._drift.kinds import Json
from scripts.pipeline.published import printable

_BOUNDS = ("multipleOf", "uniqueItems", "minProperties", "maxProperties")
_SHOWN = 3


def unmodelled(contract: Contract) -> tuple[str, ...]:
    """A line for each keyword that the client leaves to the server: how often it is said, and where."""
    places: dict[str, list[str]] = defaultdict(list)
    for route, row in sorted(contract.items()):
        for side in ("request", "answer"):
            for keyword, parts in _said(row[side], ()):
                field = ".".join(parts) or f"the {side}"
                places[keyword].append(f"{printable(route)} {printable(field)}")
    return tuple(_line(keyword, found) for keyword, found in sorted(places.items()))


def _line(keyword: str, found: list[str]) -> str:
    distinct = list(dict.fromkeys(found))
    more = f", and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
    return f"{keyword} in {', '.join(distinct[:_SHOWN])}{more}"


def _said(kind: dict[str, Json], parts: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each keyword that is only a condition, and the place that it is about."""
    for facts in kind.values():
        for one in (facts, *facts.get("either", ()), *facts.get("ways", ())):
            yield from ((condition[0], parts) for condition in one.get("where", ()))
            yield from ((name, parts) for name in _BOUNDS if name in one)
            yield from (inner for said in one.get("types", {}).values() for inner in _said(said, parts))
        for name, field in facts.get("fields", {}).items():
            yield from _said(field["type"], (*parts, name))
        for inner in (facts.get("items"), facts.get("rest"), *facts.get("tuple", ())):
            if inner:
                yield from _said(inner, parts)
