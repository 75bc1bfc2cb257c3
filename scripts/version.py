"""The next version, from what changed for those who pin the last one."""

import re

from cocalc_facade._changes import Severity

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def proposed(current: str, severity: Severity, unreleased: str | None = None) -> str:
    """Return the version that follows `current`: breaking is a major step, invisible a patch, anything else minor.

    `unreleased` is what was proposed before and is not released yet: the proposal never falls behind it.
    """
    first, second, third = _parts(current)
    steps = {
        Severity.BREAKING: (first + 1, 0, 0),
        Severity.NOTABLE: (first, second + 1, 0),
        Severity.COMPATIBLE: (first, second + 1, 0),
        Severity.INVISIBLE: (first, second, third + 1),
    }
    found = max(steps[severity], _parts(unreleased or current))
    return ".".join(map(str, found))


def major(version: str) -> int:
    """Return the first number of `version`."""
    return _parts(version)[0]


def _parts(version: str) -> tuple[int, int, int]:
    match = _VERSION.match(version)
    if match is None:
        raise ValueError(f"{version[:40]!r} is not a version of three numbers")
    first, second, third = (int(number) for number in match.groups())
    return first, second, third
