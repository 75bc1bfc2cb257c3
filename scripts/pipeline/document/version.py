"""The next version, from what changed for those who pin the last one."""

import re
import tomllib
from pathlib import Path

from cocalc_facade._drift.change import Severity

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def proposed(current: str, severity: Severity, *, major_version_zero: bool = False) -> str:
    """Return the version that follows `current`: breaking is a major step, invisible a patch, anything else minor.

    With `major_version_zero` a version below 1.0 stays below it, and every step but the patch is one smaller: breaking is a
    minor step, anything else a patch, as Cargo reads such versions.
    """
    first, second, third = numbers(current)
    larger, smaller, patch = (first + 1, 0, 0), (first, second + 1, 0), (first, second, third + 1)
    if major_version_zero and first == 0:
        larger, smaller = smaller, patch
    steps = {Severity.BREAKING: larger, Severity.INVISIBLE: patch}
    return ".".join(map(str, steps.get(severity, smaller)))


def stays_below_one(pyproject: Path) -> bool:
    """Tell whether the project of `pyproject.toml` wants breaking changes below 1.0 to be minor steps; not without that file."""
    if not pyproject.exists():
        return False
    tool = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {})
    return tool.get("cocalc-facade", {}).get("major_version_zero") is True


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
