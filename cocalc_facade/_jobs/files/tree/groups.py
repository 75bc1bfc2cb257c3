"""Which files of a tree go together, and what a project's checksums of them say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .landing import Entry

ALONE = 4 * 1024 * 1024
"""Bytes; a larger file comes by itself."""
TOGETHER = 16 * 1024 * 1024
"""Bytes of small files that come together, and are in memory meanwhile."""
NAMES = 200_000
"""Bytes of names in one script, and, with their checksums, in its answer."""


def groups(files: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Give the files in groups that go together; large ones alone."""
    group: list[Entry] = []
    size = names = 0
    for entry in files:
        if entry.size > ALONE:
            yield [entry]
            continue
        long = len(entry.path.encode()) + 80
        if group and (size + entry.size > TOGETHER or names + long > NAMES):
            yield group
            group, size, names = [], 0, 0
        group.append(entry)
        size, names = size + entry.size, names + long
    if group:
        yield group


def in_scripts(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Give entries in groups whose names fit into one script."""
    group: list[Entry] = []
    names = 0
    for entry in entries:
        long = len(entry.path.encode()) + 80
        if group and names + long > NAMES:
            yield group
            group, names = [], 0
        group.append(entry)
        names += long
    if group:
        yield group


def summed(output: str) -> dict[str, str]:
    """Read what `sha256sum -z` wrote of names that begin with `./`."""
    return {row[68:]: row[:64] for row in output.lstrip("\n").split("\0") if row[64:68] == "  ./"}
