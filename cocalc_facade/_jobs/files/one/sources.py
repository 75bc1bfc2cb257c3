"""What is sent: bytes, or a file of this machine, read in pieces so that none has to fit into memory."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import IO, Any

from cocalc_facade._errors import ConflictError
from cocalc_facade._jobs.values.checks import refuse


class Bytes:
    """Bytes in memory; they take the mode of the file whose place they take."""

    mode: int | None = None

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def checksum(self) -> str:
        """Give the SHA-256."""
        return hashlib.sha256(self.data).hexdigest()

    def piece(self, start: int, length: int) -> bytes:
        """Give some of them."""
        return self.data[start : start + length]

    def check(self) -> None:
        """Nothing changes them."""


class File:
    """A regular file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found = found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise refuse("here", f"{path.name!r} is {kind_of(found.st_mode)}, not a file")
        self.size = found.st_size
        self.mode: int | None = mode_of(found)

    def checksum(self) -> str:
        """Give the SHA-256."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def piece(self, start: int, length: int) -> bytes:
        """Give some of its bytes."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def check(self) -> None:
        """Raise ConflictError when the file has changed since it was first looked at."""
        now, then = self.path.stat(), self._found
        if (now.st_size, now.st_mtime_ns, now.st_ino) != (then.st_size, then.st_mtime_ns, then.st_ino):
            raise ConflictError(
                f"here: {self.path.name!r} changed while it was read", hint="nothing was put in place"
            )


class Spool:
    """An archive that is made here: in memory while it is small, else in a file without a name."""

    mode: int | None = None

    def __init__(self) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who made this
        self.size = 0

    def checksum(self) -> str:
        """Give the SHA-256."""
        self.file.seek(0)
        return hashlib.file_digest(self.file, "sha256").hexdigest()  # type: ignore[arg-type]

    def piece(self, start: int, length: int) -> bytes:
        """Give some of its bytes."""
        self.file.seek(start)
        return self.file.read(length)

    def check(self) -> None:
        """Nobody else has it."""


Source = Bytes | File | Spool


def mode_of(found: os.stat_result) -> int:
    """Give the permissions of a file as a project has them; Windows knows only whether it may be written."""
    if os.name == "nt":
        return 0o644
    return stat.S_IMODE(found.st_mode) & 0o777


def kind_of(mode: int) -> str:
    """Say what lies there that is no file."""
    kinds: list[tuple[Any, str]] = [
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISLNK, "a link"),
        (stat.S_ISFIFO, "a FIFO"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ]
    return next((words for test, words in kinds if test(mode)), "something else")


def special(path: Path) -> str | None:
    """Say what lies at a path when that is neither file, link nor folder: a file that took its place would do harm."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return None
    plain = stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)
    return None if plain else kind_of(mode)
