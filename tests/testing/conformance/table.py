"""How many recorded requests are answered as recorded, file by file: `python -m tests.testing.conformance.table`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from . import meeting, newer, test_conformance
from .agreement import differences, disagreements
from .exchanges import DEVIATIONS

Row = tuple[str, str, bool]


def first_meeting() -> Iterator[Row]:
    for server, group in test_conformance.GROUPS:
        for name, said in test_conformance.replayed(server, group).items():
            yield f"{server}, {group}", name, not said


def second_meeting() -> Iterator[Row]:
    for route, members in meeting.routes().items():
        for exchange in members:
            yield route, exchange.name, not disagreements(meeting.Scene(exchange))


def without_key() -> Iterator[Row]:
    for row in test_conformance.routes_without_key():
        recorded, response = test_conformance.asked_without_key(row)
        yield str(row["path"]), str(row["path"]), not differences(recorded, response, "POST")


def newer_generation() -> Iterator[Row]:
    for route, members in newer.routes().items():
        for exchange in members:
            yield route, exchange.name, not disagreements(newer.Scene(exchange))


FILES = {
    "recorded.jsonl": first_meeting,
    "second-meeting.jsonl": second_meeting,
    "every-route-without-key.jsonl": without_key,
    "newer-generation.jsonl": newer_generation,
}


def table() -> str:
    """A line for each file: how many were asked, agree, and deviate for a listed reason; then those that do not agree."""
    lines = [f"{'file':32}{'asked':>7}{'agreed':>8}{'deviations':>12}{'other':>7}"]
    others, total = [], [0, 0, 0, 0]
    for file, rows in FILES.items():
        counts = [0, 0, 0, 0]
        for group, name, agrees in rows():
            place = 1 if agrees else 2 if name in DEVIATIONS else 3
            counts[0] += 1
            counts[place] += 1
            if not agrees:
                others.append(f"{file}: {group}: {name}: {DEVIATIONS.get(name, 'not listed')}")
        total = [left + right for left, right in zip(total, counts, strict=True)]
        lines.append(f"{file:32}{counts[0]:7}{counts[1]:8}{counts[2]:12}{counts[3]:7}")
    lines.append(f"{'all':32}{total[0]:7}{total[1]:8}{total[2]:12}{total[3]:7}")
    return "\n".join([*lines, *others])


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
