"""Coverage: the table of all routes in docs/coverage.md, from `openapi/client.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.document.released import attributes

TARGET = "docs/coverage.md"

_WHO = {
    "none": "anyone",
    "optional": "anyone; more with a key",
    "account": "account",
    "account-or-project": "account or project",
    "project": "project",
    "admin": "admin",
    "admin-or-partner": "admin or partner",
}
_KEYS = {"none": "anyone", "never": "no key", "": "yes"}
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_TIMES = {"iso", "epoch-ms", "epoch-s"}
_HEAD = """\
# All routes in one table

Every route of the server, and what this client knows of it. Written by `scripts/regenerate.py`
from `openapi/client.json`; not edited by hand.

"Published" routes are in the document that the server serves; the others only in `openapi/supplement/`.
A call that is "repeated" is sent again when the answer got lost, because that does no harm.
"Newer servers" are those of the generation cocalc-ai: "no" for a route that they lack, else who may call it there, by what a key must be
able to. That is known as of the date in `openapi/newer-routes.yaml`, which also names the routes that only they have.
"Page" is how many rows come when no limit is given, and the most that may be asked for.
"""


def coverage(document: dict[str, Any]) -> str:
    """The page for a finished document, as Markdown."""
    rows = [_row(path, item["post"]) for path, item in sorted(document["paths"].items())]
    published = sum(item["post"]["x-cocalc-published"] for item in document["paths"].values())
    typed = sum("Any" not in _answer(_schema(item["post"])) for item in document["paths"].values())
    counts = f"{len(rows)} routes, {published} of them published, {typed} with an answer that is more than plain JSON."
    head = [
        "Route",
        "Python",
        "Published",
        "Who may call",
        "Newer servers",
        "Repeated",
        "Page",
        "Answer",
        "Take care",
    ]
    table = [head, ["---"] * len(head), *rows]
    return "\n".join([_HEAD, counts, "", *(f"| {' | '.join(row)} |" for row in table), ""])


def _row(path: str, operation: dict[str, Any]) -> list[str]:
    return [
        f"`{path.removeprefix(PREFIX)}`",
        f"`client.{'.'.join(attributes(path, operation))}`",
        "yes" if operation["x-cocalc-published"] else "no",
        _WHO[operation.get("x-cocalc-auth", "account")],
        _newer(operation),
        "yes" if operation.get("x-cocalc-idempotent") else "no",
        page_sizes(operation.get("x-cocalc-pagination")),
        f"`{_answer(_schema(operation))}`",
        ", ".join(_care(operation)),
    ]


def _newer(operation: dict[str, Any]) -> str:
    """Whether newer servers answer the route, and what a key must be able to there."""
    answers = operation.get("x-cocalc-newer-servers")
    if not answers:
        return "no" if answers is False else ""
    words = operation.get("x-cocalc-capability", [])
    needed = [words] if isinstance(words, str) else words
    return _KEYS.get(" ".join(needed)) or " and ".join(f"`{word}`" for word in needed)


def page_sizes(pagination: dict[str, Any] | None) -> str:
    """Say how many rows come when no limit is given, and the most that may be asked for."""
    if pagination is None:
        return ""
    sizes = [str(pagination.get("default", "all"))]
    if "max" in pagination:
        sizes.append(f"at most {pagination['max']}")
    if not {"offset", "cursor"} & set(pagination):
        sizes.append("further pages on newer servers only" if "next" in pagination else "no further pages")
    return ", ".join(sizes)


def _care(operation: dict[str, Any]) -> Iterator[str]:
    if "x-cocalc-fails" in operation:
        yield "always fails"
    if operation.get("deprecated"):
        yield "deprecated"
    if "x-cocalc-confirm" in operation:
        yield "asks for `confirm=True`"
    if operation.get("x-cocalc-charges"):
        yield "may charge money"
    if "x-cocalc-changes" in operation or operation.get("x-cocalc-mutates", True):
        yield "changes state"
    if "x-cocalc-timeout" in operation:
        yield f"waits up to {operation['x-cocalc-timeout']:g} s"


def _schema(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = next(iter(operation["responses"]["200"]["content"].values()))["schema"]
    return schema


def _answer(schema: dict[str, Any]) -> str:
    """The Python type that an answer decodes to."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    arms = schema.get("anyOf") or schema.get("oneOf")
    if arms:
        return _union([_answer(arm) for arm in arms])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return _union([_answer({**schema, "type": kind}) for kind in kinds])
    if schema.get("x-cocalc-time") in _TIMES and kinds != "null":
        return "datetime"
    if kinds == "array":
        return f"list[{_answer(schema.get('items', {}))}]"
    if kinds == "object":
        value = schema.get("additionalProperties")
        return f"dict[str, {_answer(value) if isinstance(value, dict) else 'Any'}]"
    return _SCALARS.get(str(kinds), "Any")


def _union(parts: list[str]) -> str:
    # A bare | would end the cell of the table.
    return " or ".join(dict.fromkeys(parts))
