"""What a development build says of a request that does not fit its schema: `{message, errors}`."""

from __future__ import annotations

from typing import Any

DEEPEST = 10
LONGEST = 200


def problem(problems: list[Any]) -> tuple[str | None, Any]:
    """Give the field and the words of the first thing that was found; in a union, of its first branch."""
    found = problems[0]
    for _ in range(DEEPEST):
        branches = found.get("unionErrors") if isinstance(found, dict) else None
        first = branches[0] if isinstance(branches, list) and branches else None
        issues = first.get("issues") if isinstance(first, dict) else None
        if not issues:
            break
        found = issues[0] if isinstance(issues, list) else issues
    if not isinstance(found, dict):
        return None, found
    path = found.get("path")
    field = ".".join(map(str, path[:DEEPEST])) if isinstance(path, list) and path else None
    return field[:LONGEST] if field else None, found.get("message") or found.get("code") or ""
