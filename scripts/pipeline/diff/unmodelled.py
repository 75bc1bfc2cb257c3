"""What the published document says that no class, type or argument of the client can say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cocalc_facade._drift.contract import Contract
from cocalc_facade._drift.kinds import Json
from cocalc_facade._drift.schema.pointer import followed
from scripts.pipeline.published import Document, printable

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


def closed_parts(document: Document) -> tuple[str, ...]:
    """A line for each place where one schema is made of several that each take no fields but their own: no object fits them all.

    Who publishes that means the fields of all, and so it is read.
    """
    holders = {
        **{
            f"the component {name}": one
            for name, one in document.get("components", {}).get("schemas", {}).items()
        },
        **document.get("paths", {}),
    }
    return tuple(
        f"closed parts of one whole, read as one, in {printable(name)}"
        for name, holder in sorted(holders.items())
        if any(_excludes(document, node) for node in _objects(holder))
    )


def _excludes(document: Document, node: dict[str, Json]) -> bool:
    parts = node.get("allOf")
    resolved = [_resolved(document, part) for part in parts] if isinstance(parts, list) else []
    closed = [
        frozenset(part["properties"])
        for part in resolved
        if part.get("additionalProperties") is False and isinstance(part.get("properties"), dict)
    ]
    return len(set(closed)) > 1


def _resolved(document: Document, part: Json) -> dict[str, Json]:
    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
        place = followed(document, part["$ref"])
        part = None if place is None else place[1]
    return part if isinstance(part, dict) else {}


def _objects(node: Json) -> Iterator[dict[str, Json]]:
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending += node.values()
        elif isinstance(node, list):
            pending += node
