"""Plain JSON of which nothing is sure, taken apart: a value of the right kind, or None, or UnexpectedResponse."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from cocalc_facade._errors import UnexpectedResponse

State: TypeAlias = Literal[
    "archived", "archiving", "closed", "closing", "opened", "opening", "pending", "running", "saving", "starting", "stopped", "stopping", "unarchiving",
]  # fmt: skip
"""The server's words for the state of a project. Another one is kept as it is."""


def an_object(value: Any, path: str) -> dict[str, Any]:
    """Give a JSON object."""
    if not isinstance(value, dict):
        raise UnexpectedResponse("the answer is no object", path=path, body=repr(value)[:200])
    return value


def objects(value: Any, path: str) -> list[dict[str, Any]]:
    """Give the objects in a list, without what else may be in it."""
    if not isinstance(value, list):
        raise UnexpectedResponse("the answer holds no list", path=path, body=repr(value)[:200])
    return [row for row in value if isinstance(row, dict)]


def inner(value: Any, name: str) -> dict[str, Any]:
    """Give the object under a name; an empty one when there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def text(value: Any) -> str | None:
    """Give a text."""
    return value if isinstance(value, str) else None


def project_state(found: dict[str, Any]) -> State | None:
    """Give the state in what the server says of one."""
    state: Any = text(found.get("state"))
    return state  # type: ignore[no-any-return] # a word that is not listed is kept, too


def integer(value: Any) -> int | None:
    """Give a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: Any) -> float | None:
    """Give a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e300 else None
