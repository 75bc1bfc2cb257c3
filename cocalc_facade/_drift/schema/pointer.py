"""References inside a document: what one leads to, and the one way to write it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from cocalc_facade._drift.kinds import Json

_SCHEMAS = ("components", "schemas")


def followed(document: Json, ref: str) -> tuple[tuple[str, ...], Json] | None:
    """Return the steps to what a reference of the form `#/…` leads to, and that; None where it leads nowhere.

    Besides JSON Pointer as it is meant, escaped and in percent signs where an address needs them, it is read as tools write
    it that escape nothing: the whole rest may be the name of a component.
    """
    if not ref.startswith("#/"):
        return None
    for text in dict.fromkeys((ref[2:], unquote(ref[2:]))):
        if (found := _walked(document, [_plain(part) for part in text.split("/")])) is not None:
            return found
        first, second, *rest = *text.split("/", 2), ""
        if (first, second) == _SCHEMAS and (found := _walked(document, [first, second, rest[0]])) is not None:
            return found
    return None


def written(steps: tuple[str, ...]) -> str:
    """Return the reference that leads along `steps`."""
    return "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def _plain(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _walked(document: Json, parts: list[str]) -> tuple[tuple[str, ...], Json] | None:
    node: Any = document
    for part in parts:
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
            node = node[int(part)]
        else:
            return None
    return tuple(parts), node
