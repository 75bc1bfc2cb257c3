"""What is fetched: kept beside its place until it is whole and right, and there for a second call to go on with."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

FLAGS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class Held:
    """Bytes in memory, at most `expected` of them."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.size = 0
        self.error: OSError | None = None
        self.overrun = False
        self._chunks: list[bytes] = []

    def __call__(self, chunk: bytes) -> bool:
        """Take what comes; a `Sink`."""
        self.size += len(chunk)
        self.overrun = self.size > self.expected
        if not self.overrun:
            self._chunks.append(chunk)
        return not self.overrun

    def checksum(self) -> str:
        """Give the SHA-256 of what is here."""
        return hashlib.sha256(self.whole()).hexdigest()

    def whole(self) -> bytes:
        """Give all of it."""
        if len(self._chunks) != 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0]

    def begin(self) -> None:
        """Nothing is here from before."""

    def restart(self) -> None:
        """Forget all."""
        self.size, self.overrun = 0, False
        self._chunks.clear()


class Part:
    """A file on its way: `.cocalc-….part` in the folder where it belongs, named by what it will be.

    What goes wrong with the disk is kept in `error`, for a sink raises nothing.
    """

    def __init__(self, target: Path, sha256: str, expected: int) -> None:
        self.target = target
        self.expected = expected
        self.size = 0
        self.error: OSError | None = None
        self.overrun = False
        name = hashlib.sha256(os.fsencode(target.name) + sha256.encode()).hexdigest()[:24]
        self.path = target.with_name(f".cocalc-{name}.part")
        self._sum: Any = hashlib.sha256()
        self._descriptor = -1

    def begin(self) -> None:
        """Open it, and go on behind what a call before has left."""
        self._descriptor = os.open(self.path, FLAGS, 0o600)
        while chunk := os.read(self._descriptor, 1 << 20):
            self._sum.update(chunk)
            self.size += len(chunk)
        if self.size > self.expected:
            self.restart()

    def __call__(self, chunk: bytes) -> bool:
        """Take what comes; a `Sink`."""
        if self.size + len(chunk) > self.expected:
            self.overrun = True
            return False
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            self.error = error
            return False
        self._sum.update(chunk)
        self.size += len(chunk)
        return True

    def checksum(self) -> str:
        """Give the SHA-256 of what is here."""
        return str(self._sum.hexdigest())

    def restart(self) -> None:
        """Forget all."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self._sum, self.size, self.overrun = hashlib.sha256(), 0, False

    def settle(self, mode: int, *, safe: bool = True) -> None:
        """Put it into its place, in one step; `safe` from a loss of power too, which takes time with many small files."""
        if safe:
            os.fsync(self._descriptor)
        self.close()
        self.path.chmod(mode & 0o777)
        self.path.replace(self.target)

    def discard(self) -> None:
        """Leave nothing of it."""
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave what is here for a second call."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
