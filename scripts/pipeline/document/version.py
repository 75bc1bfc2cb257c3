"""The next version, from what changed for those who pin the last one."""

import re

from cocalc_facade._drift.change import Severity

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def proposed(current: str, severity: Severity, unreleased: str | None = None) -> str:
    """Return the version that follows `current`: breaking is a major step, invisible a patch, anything else minor.

    `unreleased` is what was proposed before and is not released yet: the proposal never falls behind it.
    """
    first, second, third = numbers(current)
    steps = {
        Severity.BREAKING: (first + 1, 0, 0),
        Severity.NOTABLE: (first, second + 1, 0),
        Severity.COMPATIBLE: (first, second + 1, 0),
        Severity.INVISIBLE: (first, second, third + 1),
    }
    found = max(steps[severity], numbers(unreleased or current))
    return ".".join(map(str, found))


def major(version: str) -> int:
    """Return the first number of `version`."""
    return numbers(version)[0]


def numbers(version: str) -> tuple[int, int, int]:
    """Return the three numbers of `version`, which order as versions do."""
    match = _VERSION.match(version)
    if match is None:
        raise ValueError(f"{version[:40]!r} is not a version of three numbers")
    first, second, third = (int(number) for number in match.groups())
    return first, second, third
