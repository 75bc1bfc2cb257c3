"""Two sides in turns: what a row is, and how its ratio is found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

Side = Callable[[], float]
"""Does its work once and says what it cost: CPU seconds, or bytes."""


class NotHereError(Exception):
    """The row cannot be measured in this environment; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, and the function that sets up its two sides."""

    name: str
    target: float
    what: str
    against: str
    setting_up: Callable[[ExitStack], tuple[Side, Side]]


@dataclass(frozen=True, slots=True)
class Result:
    """What one row gave: `ratios`, one for each round, and the medians of both sides' costs."""

    row: Row
    ratios: list[float]
    ours: float
    theirs: float
    ratio: float = field(init=False)
    low: float = field(init=False)
    high: float = field(init=False)

    def __post_init__(self) -> None:
        quarters = quantiles(self.ratios, n=4)
        for name, value in (("ratio", median(self.ratios)), ("low", quarters[0]), ("high", quarters[2])):
            object.__setattr__(self, name, value)

    @property
    def verdict(self) -> str:
        """`reached` or `missed`; `noise` when the spread is wider than the distance to the target."""
        if self.high - self.low > abs(self.row.target - self.ratio):
            return "noise"
        return "reached" if self.ratio <= self.row.target else "missed"

    def as_json(self) -> dict[str, Any]:
        """The row for machines; `low` and `high` enclose the middle half of the rounds."""
        numbers = {"ratio": self.ratio, "low": self.low, "high": self.high}
        return {
            "name": self.row.name,
            **{key: round(value, 4) for key, value in numbers.items()},
            "target": self.row.target,
        }


ROWS: dict[str, Row] = {}


def row(
    target: float, what: str, against: str
) -> Callable[[Callable[[ExitStack], tuple[Side, Side]]], Callable[[ExitStack], tuple[Side, Side]]]:
    """Enter the decorated function as a row of its name; it gives our side and the other."""

    def enter(
        setting_up: Callable[[ExitStack], tuple[Side, Side]],
    ) -> Callable[[ExitStack], tuple[Side, Side]]:
        name = setting_up.__name__.rstrip("_").replace("_", "-")
        ROWS[name] = Row(name, target, what, against, setting_up)
        return setting_up

    return enter


ENOUGH = 2.0
"""What the dearer side costs in a round at least, by doing its work again: CPU seconds (or bytes)."""


def measure(row: Row, rounds: int) -> Result:
    """Both sides in turns, each first in every other round, after one round that does not count."""
    with ExitStack() as stack:
        ours, theirs = row.setting_up(stack)
        pairs = [_round(ours, theirs, number) for number in range(rounds + 1)][1:]
    return Result(
        row,
        [mine / other for mine, other in pairs],
        median(mine for mine, _ in pairs),
        median(other for _, other in pairs),
    )


def _round(ours: Side, theirs: Side, number: int) -> tuple[float, float]:
    """Give what the sides cost; work that is soon done is done in turns, so that a busy moment of the machine meets both."""
    mine = other = 0.0
    while max(mine, other) < ENOUGH:
        if number % 2:
            other += theirs()
            mine += ours()
        else:
            mine += ours()
            other += theirs()
    return mine, other
