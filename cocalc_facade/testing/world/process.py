"""A command that runs in a project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .files import Files

OUTPUT_LIMIT = 40_000_000


class Killed(Exception):
    """The command ran out of time."""


@dataclass(slots=True)
class Process:
    """A command that runs on its own time: what it wrote, when, and how long it took."""

    files: Files
    cwd: str
    env: dict[str, str]
    started: float
    limit: float = float("inf")
    elapsed: float = 0.0
    written: list[tuple[float, str, bytes]] = field(default_factory=list)
    size: int = 0
    code: int = 0
    kill: Callable[[int], bool] | None = None

    def spend(self, seconds: float) -> None:
        """Let time pass, up to the limit at which the command is killed."""
        self.elapsed += seconds
        if self.elapsed > self.limit:
            self.elapsed = self.limit
            raise Killed

    def put(self, stream: str, data: bytes) -> None:
        """Write to `stdout` or `stderr`."""
        if not data:
            return
        self.size += len(data)
        if self.size > OUTPUT_LIMIT:
            raise Killed
        self.written.append((self.elapsed, stream, data))

    def output(self, stream: str, until: float = float("inf")) -> str:
        """What was written so far; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(data for at, name, data in self.written if name == stream and at <= until).decode(
            "utf-8", "replace"
        )

    def now(self) -> float:
        """The time on the server at which the command is."""
        return self.started + self.elapsed
