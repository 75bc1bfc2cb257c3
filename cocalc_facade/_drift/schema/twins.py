"""Schemas that are written out where a component that holds itself says the same.

`Tree` may hold a list of `Tree`, or a list of what is a tree written out once more: the same values fit. Two schemas are twins
when no path into them, through references however often, tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from cocalc_facade._drift.kinds import Json

from .pointer import followed
from .vocabulary import COMPOSED, VOCABULARY

PREFIX = "#/components/schemas/"
MAX_ROUNDS = 100
_PROSE = frozenset({"title", "description", "example", "examples", "$comment", "externalDocs"})


def twins(document: dict[str, Json]) -> dict[int, str]:
    """Return which schemas of `document`, by their ids, say the same as a component that holds itself, and the reference to that."""
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(schemas, dict):
        return {}
    looping = _looping(schemas)
    if not looping:
        return {}
    nodes = list(_inside(document.get("paths"), document.get("components")))
    colours = _colours(document, nodes)
    first: dict[int, str] = {}
    for name in sorted(looping):
        if id(schemas[name]) in colours and "$ref" not in schemas[name] and _alone(schemas[name]) is None:
            first.setdefault(colours[id(schemas[name])], PREFIX + name)
    return {
        id(node): first[colours[id(node)]]
        for node in nodes
        if isinstance(node, dict) and "$ref" not in node and colours.get(id(node)) in first
    }


def _looping(schemas: dict[str, Json]) -> set[str]:
    """Give the components that lead to themselves."""
    leads = {
        name: {
            node["$ref"].removeprefix(PREFIX)
            for node in _inside(schema)
            if isinstance(node, dict) and isinstance(node.get("$ref"), str)
        }
        for name, schema in schemas.items()
    }
    left = {name: {other for other in others if other in leads} for name, others in leads.items()}
    while ends := [name for name, others in left.items() if not others & left.keys()]:
        for name in ends:
            del left[name]
    return set(left)


def _inside(*starts: Json) -> Iterator[Json]:
    """Yield every object and list, however deep."""
    pending = list(starts)
    while pending:
        node = pending.pop()
        if isinstance(node, dict | list):
            yield node
            pending += node.values() if isinstance(node, dict) else node


def _colours(document: dict[str, Json], nodes: list[Json]) -> dict[int, int]:
    """Give each node a number, the same for those that nothing tells apart; none when that takes too long to see."""
    targets = {id(node): _target(document, node) for node in nodes}
    found = dict.fromkeys(targets, 0)
    count = 1
    for _ in range(MAX_ROUNDS):
        known: dict[Json, int] = {}
        found = {id(node): _colour(node, targets, found, known) for node in nodes}
        for node in nodes:  # a reference is what it refers to
            target = targets[id(node)]
            if target is not None and _alone(node) is not None:
                found[id(node)] = found[id(target)]
        if len(set(found.values())) == count:
            return found
        count = len(set(found.values()))
    return {}


def _target(document: dict[str, Json], node: Json) -> Json:
    """Give what a reference leads to in the end, None for what is none or leads nowhere."""
    ref = node.get("$ref") if isinstance(node, dict) else None
    ref = ref if isinstance(ref, str) else _alone(node)
    for _ in range(20):
        place = None if ref is None else followed(document, ref)
        if place is None or not isinstance(place[1], dict):
            break
        if (ref := _alone(place[1])) is None:
            return place[1]
    return None


def _alone(node: Json) -> str | None:
    """Give the reference that a schema is and nothing else: itself, or as the one part of a composition."""
    if not isinstance(node, dict):
        return None
    said = [key for key in node if key in VOCABULARY and key not in _PROSE]
    if len(said) != 1 or said[0] not in COMPOSED:
        return None
    inner = node[said[0]]
    if said[0] == "$ref":
        return inner if isinstance(inner, str) else None
    return _alone(inner[0]) if isinstance(inner, list) and len(inner) == 1 else None


def _colour(node: Json, targets: dict[int, Json], found: dict[int, int], known: dict[Json, int]) -> int:
    def part(value: Json) -> Json:
        if isinstance(value, dict | list):
            return found[id(value)]
        return type(value).__name__, value

    if isinstance(node, list):
        look: Json = ("list", *map(part, node))
    else:
        target = targets[id(node)]
        look = frozenset(
            (key, found[id(target)] if key == "$ref" and target is not None else part(value))
            for key, value in node.items()
            if key not in _PROSE
        )
    return known.setdefault(look, len(known))
