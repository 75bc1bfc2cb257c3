"""Facts: what keeps callers safe belongs to the route, not to a document or a correction of it.

`openapi/routes.yaml` says of each route who may call it, whether a call changes something, may be repeated, takes long, costs
money, or wants a confirmation. It holds for every document, with and without overlay and supplement.
Servers of the newer generation publish no document: what is known of their routes is said there too, and in
`openapi/newer-routes.yaml` of those that only they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cocalc_facade._drift.names import respelled
from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.overlay import read_yaml
from scripts.pipeline.published import Document, DocumentError

EXTENSION = "x-cocalc-"
PIPELINE = ("x-cocalc-published", "x-cocalc-retired")

Facts = Mapping[str, Mapping[str, Any]]


class Stated(NamedTuple):
    """A document whose routes say what is known of them, and those of which nothing is."""

    document: Document
    unknown: tuple[str, ...]


class Newer(NamedTuple):
    """The routes that only newer servers have, each with what a key must be able to, and the day of this knowledge."""

    as_of: str
    routes: Mapping[str, tuple[str, ...]]


def read_facts(path: Path) -> Facts:
    """Return what is known of each route. Raises DocumentError when the file is malformed."""
    found = read_yaml(path)
    if not isinstance(found, dict) or not all(isinstance(row, dict) for row in found.values()):
        raise DocumentError("a line for each route is expected, with what is known of it", path.name)
    return found


def state(document: Document, facts: Facts) -> Stated:
    """Return `document` with what is known of each of its routes; what the document itself says of that goes.

    A route that is only spelled otherwise than before is the same route. A fact about an argument that the document does
    not have is left out.
    """
    here = [path.removeprefix(PREFIX) for path in document["paths"]]
    gone = facts.keys() - set(here)
    earlier = {now: was for was, now in respelled(gone, [r for r in here if r not in facts]).items()}
    paths = {}
    unknown = []
    for path, item in document["paths"].items():
        route: str = path.removeprefix(PREFIX)
        known = facts.get(earlier.get(route, route))
        if known is None:
            unknown.append(route)
        operation = {
            key: value
            for key, value in item["post"].items()
            if not key.startswith(EXTENSION) or key in PIPELINE
        }
        operation |= {f"{EXTENSION}{name}": value for name, value in (known or {}).items()}
        pages = operation.get("x-cocalc-pagination")
        if pages is not None:
            arguments = set(_arguments(document, operation))
            if not {pages.get(name) for name in ("limit", "offset", "cursor")} - {None} <= arguments:
                del operation["x-cocalc-pagination"]
        paths[path] = {**item, "post": operation}
    return Stated({**document, "paths": paths}, tuple(unknown))


def lacking(facts: Facts, generation: str) -> frozenset[str]:
    """Return the routes that servers of a generation, `cocalc` or `ai`, are known not to have."""
    return frozenset(
        route for route, row in facts.items() if generation == "ai" and row.get("newer-servers") is False
    )


def read_newer(path: Path) -> Newer:
    """Return what is known of the routes that only newer servers have. Raises DocumentError when the file is malformed."""
    found = read_yaml(path)
    if (
        not isinstance(found, dict)
        or set(found) != {"as-of", "routes"}
        or not isinstance(found["as-of"], str)
        or not isinstance(found["routes"], dict)
    ):
        raise DocumentError("a date `as-of` and `routes` are expected", path.name)
    rows = {
        str(route): tuple(map(str, row)) if isinstance(row, list) else (str(row),)
        for route, row in found["routes"].items()
    }
    return Newer(found["as-of"], rows)


def newer_module(newer: Newer) -> str:
    """Return the text of the generated module by which a client knows of the routes that only newer servers have."""
    rows = (f"    {route!a}: {capability!a},\n" for route, capability in sorted(newer.routes.items()))
    doc = '"""The routes that only newer servers have, with what a key must be able to, and the day of all that is known of these."""'
    return (
        f"{doc}\n\nfrom typing import Final\n\nAS_OF: Final = {newer.as_of!a}\n\n"
        f"# fmt: off\nROUTES: Final = {{\n{''.join(rows)}}}\n"
    )


def _arguments(document: Document, operation: Mapping[str, Any]) -> Iterator[str]:
    body = operation.get("requestBody", {})
    pending = [entry.get("schema") for entry in body.get("content", {}).values()]
    seen: set[str] = set()
    while pending:
        schema = pending.pop()
        if not isinstance(schema, dict):
            continue
        ref = schema.get("$ref")
        if isinstance(ref, str) and ref not in seen:
            seen.add(ref)
            pending.append(document.get("components", {}).get("schemas", {}).get(ref.rpartition("/")[2]))
        yield from schema.get("properties", {})
        for key in ("anyOf", "oneOf", "allOf"):
            pending += schema.get(key, [])
