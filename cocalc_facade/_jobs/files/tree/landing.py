"""The folder that a tree is fetched into: what may be written there, and how. Nothing is written through a link."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

import attrs

from cocalc_facade._jobs.files.one.sources import kind_of, special
from cocalc_facade._jobs.files.results import Refused

from .names import fault_of, folded, link_fault, shown, tells_case

KINDS = {"p": "a FIFO", "s": "a socket", "b": "a device", "c": "a device", "D": "a door"}


@attrs.frozen
class Entry:
    """What a project says is in its tree."""

    path: str
    kind: str
    mode: int
    size: int
    link: bytes = b""


class Landing:
    """Takes entries, and refuses those that cannot or must not be here, each by its name."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.refused: list[Refused] = []
        self._folders = {""}

    def begin(self) -> None:
        """Make the folder."""
        self.top.mkdir(parents=True, exist_ok=True)
        self._one_case = not tells_case(self.top)

    def refuse(self, path: str, why: str) -> None:
        """Note what is not fetched."""
        self.refused.append(Refused(path, why))

    def sift(self, entries: Iterable[tuple[str, int, int, bytes, bytes]]) -> list[Entry]:
        """Give the entries that may be here, from kind, mode, size, path and target of a link."""
        kept: list[Entry] = []
        seen: set[str] = set()
        for kind, mode, size, name, link in entries:
            fault = fault_of(name)
            path = shown(name)
            if fault is None and kind not in "fdl":
                fault = f"it is {KINDS.get(kind, 'of an unknown kind')}"
            if fault is None and kind == "l":
                fault = link_fault(path, link)
            if fault is None:
                same = folded(path) if self._one_case else path
                if same in seen:
                    fault = "another name of the tree is the same here"
                seen.add(same)
            if fault is not None:
                self.refuse(path, fault)
                continue
            kept.append(Entry(path, kind, mode, size, link))
        return kept

    def place_of(self, path: str) -> Path | None:
        """Give where a file goes, its folder made; None, and it is refused, when something else is in the way."""
        above = path.rpartition("/")[0]
        try:
            self._enter(above)
            there = self.top / path
            found = _kind_there(there)
            if found is not None and stat.S_ISDIR(found):
                self.refuse(path, "a folder is there")
                return None
            if (in_the_way := special(there)) is not None:
                self.refuse(path, f"{in_the_way} is there, which is not replaced")
                return None
            return there
        except (OSError, ValueError) as error:
            self.refuse(path, reason(error))
            return None

    def folder(self, path: str) -> None:
        """Make a folder."""
        try:
            self._enter(path)
        except (OSError, ValueError) as error:
            self.refuse(path, reason(error))

    def _enter(self, path: str) -> None:
        if path in self._folders:
            return
        self._enter(path.rpartition("/")[0])
        there = self.top / path
        found = _kind_there(there)
        if found is None:
            there.mkdir()
        elif not stat.S_ISDIR(found):
            raise ValueError(
                f"{kind_of(found) if not stat.S_ISREG(found) else 'a file'} is there where a folder should be"
            )
        self._folders.add(path)

    def linked(self, entry: Entry) -> bool:
        """Whether the link is here already."""
        there = self.top / entry.path
        return there.is_symlink() and os.fsencode(there.readlink()) == entry.link

    def link(self, entry: Entry) -> bool:
        """Make a link; says whether it is there now."""
        there = self.place_of(entry.path)
        if there is None:
            return False
        new = there.with_name(f".cocalc-{hashlib.sha256(os.fsencode(there.name)).hexdigest()[:24]}.part")
        try:
            new.unlink(missing_ok=True)
            new.symlink_to(entry.link.decode())
            new.replace(there)
        except OSError as error:
            self.refuse(entry.path, reason(error))
            return False
        return True

    def finish(self, entries: Iterable[Entry]) -> None:
        """Give the folders their modes, the inner ones first; the owner may always enter and write."""
        for entry in sorted(entries, key=lambda entry: -len(entry.path)):
            there = self.top / entry.path
            if entry.path in self._folders and os.name != "nt":
                there.chmod((entry.mode & 0o777) | 0o700)


def checksum(path: Path) -> str | None:
    """Give the SHA-256 of a regular file, None for anything else."""
    found = _kind_there(path)
    if found is None or not stat.S_ISREG(found):
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(path: Path) -> int | None:
    """Give the size of a regular file, None for anything else."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def reason(error: Exception) -> str:
    """Give why this machine does not take a file; raise again what stops everything, such as a full disk."""
    import errno

    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
            raise error
        return (error.strerror or type(error).__name__).lower()
    return str(error)


def _kind_there(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None
