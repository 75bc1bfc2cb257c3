"""What of the new document is most like what of the old one: which may be the same under another name."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any


def likely_renames(gone: dict[str, Any], came: dict[str, Any]) -> dict[str, str]:
    """Return pairs, both ways, of one that went and one like it that came, the most alike names first."""
    alike = sorted(
        (_unlikeness(one, other), one, other) for one in gone for other in came if gone[one] == came[other]
    )
    pairs: dict[str, str] = {}
    for _, one, other in alike:
        if one not in pairs and other not in pairs:
            pairs[one], pairs[other] = other, one
    return pairs


def _unlikeness(one: str, other: str) -> float:
    first, second = sorted((one, other))
    return -SequenceMatcher(None, first, second).ratio()
