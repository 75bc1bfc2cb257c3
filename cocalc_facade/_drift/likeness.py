"""What of the new document is most like what of the old one: which may be the same under another name."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from .kinds import Way


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


def likely_pairs(old: list[Way], new: list[Way]) -> list[tuple[Way, Way]]:
    """Return which alternative became which, those with most fields in common first."""
    alike: list[tuple[float, str, str, int, int]] = []
    for index, one in enumerate(old):
        for place, other in enumerate(new):
            first, second = sorted((str(one), str(other)))
            alike.append((-_overlap(one, other), first, second, index, place))
    left, right = set(range(len(old))), set(range(len(new)))
    pairs = []
    for *_, index, place in sorted(alike):
        if index in left and place in right:
            left.remove(index)
            right.remove(place)
            pairs.append((old[index], new[place]))
    return pairs


def _overlap(one: Way, other: Way) -> float:
    first, second = set(one["fields"]), set(other["fields"])
    return len(first & second) / max(1, len(first | second))
