"""Names that come from a project, and which of them can be a file here: nothing of them leads out of the folder that they are for."""

from __future__ import annotations

import os
import unicodedata
from fnmatch import fnmatchcase
from pathlib import Path

DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}
LONGEST, LONGEST_PATH, DEEPEST = 255, 4000, 200
OURS = ".cocalc-"


def fault_of(path: bytes) -> str | None:
    """Say why a relative path cannot be a file here; None when it can."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return "its name is not UTF-8"
    if text.startswith("/"):
        return "its name is absolute"
    parts = text.split("/")
    if "\0" in text or "" in parts or "." in parts:
        return "its name is none"
    if ".." in parts:
        return "its name leads out of the folder"
    if (
        len(path) > LONGEST_PATH
        or len(parts) > DEEPEST
        or any(len(part.encode()) > LONGEST for part in parts)
    ):
        return "its name is too long"
    if parts[-1].startswith(OURS) and parts[-1].endswith(".part"):
        return "its name is one of this client's own"
    return _fault_on_windows(parts) if os.name == "nt" else None


def _fault_on_windows(parts: list[str]) -> str | None:
    for part in parts:
        bad = any(char in '<>:"\\|?*' or ord(char) < 32 for char in part) or part[-1] in ". "
        if bad or part.split(".")[0].strip().lower() in DEVICES:
            return "Windows holds no such name"
    return None


def link_fault(path: str, target: bytes) -> str | None:
    """Say why a link at a path is not made: it must lead to something within the tree, and `..` may only begin it."""
    try:
        parts = target.decode().split("/")
    except UnicodeDecodeError:
        return "it is a link to a name that is not UTF-8"
    ups = 0
    while ups < len(parts) and parts[ups] == "..":
        ups += 1
    if not target or target.startswith(b"/") or b"\0" in target:
        return "it is a link that leads out of the folder"
    if ups > path.count("/") or ".." in parts[ups:]:
        return "it is a link that leads out of the folder"
    return None


def shown(path: bytes) -> str:
    """Give a path as text, with what is no text escaped."""
    return path.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def excluded(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern names the path or a folder above it: by its name, or with a slash by its path from the top."""
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        above, name = "/".join(parts[:end]), parts[end - 1]
        if any(
            fnmatchcase(above if "/" in pattern else name, pattern.removeprefix("/")) for pattern in patterns
        ):
            return True
    return False


def folded(path: str) -> str:
    """Give what is the same for names that some file systems take for one."""
    return unicodedata.normalize("NFC", path).casefold()


def tells_case(folder: Path) -> bool:
    """Whether the file system of a folder holds two names that differ in case only."""
    probe = folder / f"{OURS}Case-{os.getpid()}"
    try:
        probe.touch(exist_ok=True)
        try:
            return not probe.with_name(probe.name.lower()).exists()
        finally:
            probe.unlink(missing_ok=True)
    except OSError:
        return True
