"""Departures seen in use, as candidates for `openapi/overlay.yaml`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from scripts.pipeline.overlay import overlay
from scripts.pipeline.published import Document, DocumentError

SCALARS = ("string", "integer", "number", "boolean", "null")
COMPONENTS = "#/components/schemas/"

Step = str | int


class Departure(NamedTuple):
    """What came instead of what was expected, at one place of one route's answers."""

    path: str
    where: tuple[str, ...]
    expected: str
    got: tuple[str, ...]
    times: int


def departures(lines: Iterable[str]) -> list[Departure]:
    """Return what the lines of a mismatch file say, one for each place. Raises DocumentError."""
    found: dict[tuple[str, tuple[str, ...]], Departure] = {}
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            key = str(row["path"]), tuple(str(part) for part in row["where"])
            expected, got, times = str(row["expected"]), str(row["got"]), int(row.get("times", 1))
        except (ValueError, KeyError, TypeError):
            raise DocumentError(
                f"line {number} is not a mismatch as client.mismatches.to_jsonl() writes it"
            ) from None
        before = found.get(key, Departure(*key, expected, (), 0))
        found[key] = before._replace(got=tuple(sorted({*before.got, got})), times=before.times + times)
    return sorted(found.values())


def suggest(document: Document, found: Departure) -> dict[str, Any] | None:
    """Return an action that lets the answer be what came, tried on `document`; None when one action cannot say it."""
    place = _place(document, found)
    if place is None or not set(found.got) <= set(SCALARS):
        return None
    steps, schema = place
    said = f"Seen {found.times} times: expected {found.expected}, got {', '.join(found.got)}. Why?"
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(kinds, list) and "enum" not in schema and "const" not in schema:
        more = [
            kind for kind in found.got if kind not in kinds and not (kind == "integer" and "number" in kinds)
        ]
        # An update of a list appends to it.
        update = {"type": more if isinstance(schema["type"], list) else [*kinds, *more]}
        action = {"target": _target(steps), "description": said, "update": update}
    elif isinstance(schema.get("anyOf"), list) and len(found.got) == 1:
        action = {"target": _target((*steps, "anyOf")), "description": said, "update": {"type": found.got[0]}}
    else:
        return None
    try:
        overlay(document, {"overlay": "1.0.0", "info": {"title": "a", "version": "1"}, "actions": [action]})
    except DocumentError:
        return None
    return action


def _place(document: Document, found: Departure) -> tuple[tuple[Step, ...], dict[str, Any]] | None:
    """Return where in `document` the schema of the departure is, and the schema."""
    steps: tuple[Step, ...] = ("paths", f"/api/v2/{found.path}", "post", "responses", "200", "content")
    content = _at(document, steps)
    if not isinstance(content, dict) or not content:
        return None
    steps = (*steps, next(iter(content)), "schema")
    places = list(_resolved(document, steps, 0))
    for part in found.where:
        places = [inner for place in places for inner in _inside(document, place, part)]
    # The narrowest schema of several alternatives is the one that was expected.
    return next(
        ((place, schema) for place in places if isinstance(schema := _at(document, place), dict)), None
    )


def _inside(document: Document, steps: tuple[Step, ...], part: str) -> Iterator[tuple[Step, ...]]:
    schema = _at(document, steps)
    if not isinstance(schema, dict):
        return
    if part == "*" and isinstance(schema.get("items"), dict):
        yield from _resolved(document, (*steps, "items"), 0)
    elif part in schema.get("properties", {}):
        yield from _resolved(document, (*steps, "properties", part), 0)
    elif isinstance(schema.get("additionalProperties"), dict):
        yield from _resolved(document, (*steps, "additionalProperties"), 0)


def _resolved(document: Document, steps: tuple[Step, ...], depth: int) -> Iterator[tuple[Step, ...]]:
    """Yield the places that `steps` stands for: behind a reference, and each alternative."""
    schema = _at(document, steps)
    if not isinstance(schema, dict) or depth > 20:
        return
    ref = schema.get("$ref", "")
    if ref.startswith(COMPONENTS):
        yield from _resolved(document, ("components", "schemas", ref.removeprefix(COMPONENTS)), depth + 1)
        return
    arms = schema.get("anyOf", [])
    inner = [
        place
        for index in range(len(arms))
        for place in _resolved(document, (*steps, "anyOf", index), depth + 1)
    ]
    objects = [
        place for place in inner if "properties" in _at(document, place) or "items" in _at(document, place)
    ]
    yield from objects or [steps]


def _at(document: Document, steps: tuple[Step, ...]) -> Any:
    node: Any = document
    for step in steps:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _target(steps: tuple[Step, ...]) -> str:
    """Return `steps` as a JSONPath."""
    text = "$"
    for step in steps:
        plain = isinstance(step, str) and step.isidentifier()
        quoted = str(step).replace("\\", "\\\\").replace("'", "\\'")
        text += f".{step}" if plain else f"[{step}]" if isinstance(step, int) else f"['{quoted}']"
    return text
