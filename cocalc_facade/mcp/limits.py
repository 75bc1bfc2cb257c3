"""How much of an answer is told: its beginning, in a form that still is JSON, and that it was cut."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

TEXT = 30_000
"""Characters of an answer's text."""
MEDIA = 1_000_000
"""Bytes of a picture or a PDF."""
ARGUMENTS = 4_000_000
"""Characters of a call's arguments, as JSON."""

LESS = "Ask for less: fewer fields, a filter, a part."
"""How to get what was cut, where nothing better is known."""

DEEPEST = 60
LEFT_OUT = "…"


def written(value: Any) -> str:
    """Give JSON as text, whatever its depth; what is too deep is left out."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except RecursionError:
        return json.dumps(_shortened(value, len(LEFT_OUT) + 2 * TEXT, 2 * TEXT), ensure_ascii=False)


def cut(value: Any, limit: int = TEXT) -> str:
    """Give JSON as text of at most `limit` characters: with the beginnings of its lists, and both ends of its long texts."""
    most = limit
    while most > 1:
        text = json.dumps(_shortened(value, most, max(1, most // 8)), ensure_ascii=False)
        if len(text) <= limit:
            return text
        most //= 2
    return json.dumps(LEFT_OUT)


def ends(text: str, most: int) -> str:
    """Give both ends of a text that is longer than `most`, with how much stands between them."""
    if len(text) <= most:
        return text
    tail = most // 3
    head = most - tail
    return f"{text[:head]}{LEFT_OUT}[{len(text) - most} characters]{LEFT_OUT}{text[len(text) - tail :]}"


def _shortened(value: Any, longest: int, most: int, depth: int = 0) -> Any:
    if isinstance(value, str):
        return ends(value, longest)
    if not isinstance(value, dict | list):
        return value
    if depth >= DEEPEST:
        return LEFT_OUT
    more = len(value) - most
    if isinstance(value, dict):
        kept = {
            ends(name, longest): _shortened(inner, longest, most, depth + 1)
            for name, inner in islice(value.items(), most)
        }
        return {**kept, LEFT_OUT: f"{more} more"} if more > 0 else kept
    items = [_shortened(item, longest, most, depth + 1) for item in islice(value, most)]
    return [*items, f"{LEFT_OUT} {more} more"] if more > 0 else items
