"""A command that runs in a project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .files import Files

OUTPUT_LIMIT = 40_000_000
TERM = 15


class Killed(Exception):
    """The command ran out of time."""


class Died(Exception):
    """A shell got a signal that ends it.

    Args:
        pid: which shell.
        signal: the signal's number.
    """

    def __init__(self, pid: int, signal: int) -> None:
        super().__init__(pid, signal)
        self.pid = pid
        self.signal = signal


@dataclass(slots=True)
class Process:
    """A command that runs on its own time: what it wrote, when, and how long it took.

    `pid` is that of the shell that runs at the moment, `arguments` are what it was given, its name first. `held` is until when children
    in the background hold the output: so long the server waits. `steps` tell when single commands ended, and how often something
    was written until then. `traps` says that its shell outlives a TERM, and then tells how its child ended.
    """

    files: Files
    cwd: str
    env: dict[str, str]
    started: float
    limit: float = float("inf")
    elapsed: float = 0.0
    written: list[tuple[float, str, bytes]] = field(default_factory=list)
    size: int = 0
    code: int = 0
    pid: int = 0
    arguments: list[str] = field(default_factory=lambda: ["bash"])
    signal: int = 0
    unable: bool = False
    ended_by_others: bool = False
    traps: bool = False
    background: bool = False
    has_shell: bool = True
    held: float = 0.0
    last_pid: int = 0
    steps: list[tuple[float, int]] = field(default_factory=list)
    at_exit: str = ""
    kill: Callable[[int, int], bool] | None = None

    def fresh_pid(self) -> int:
        """The pid of one more process of this command."""
        self.last_pid = max(self.last_pid, self.pid) + 1
        return self.last_pid

    def spend(self, seconds: float) -> None:
        """Let time pass, up to the limit at which the command is killed; what runs in the background is beyond it."""
        self.elapsed += seconds
        if self.elapsed > self.limit and not self.background:
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

    def finish(self) -> None:
        """The command is over when the last of its children has let go of the output."""
        self.elapsed = max(self.elapsed, self.held)
        self.written.sort(key=lambda item: item[0])

    def end(self, at: float, signal: int, *, group: bool) -> None:
        """A signal from elsewhere, so many seconds after the start: with its group it ends at once, a shell alone leaves its child to run on."""
        last = (at, sum(item[0] <= at for item in self.written))
        if not group and self.has_shell:
            last = min((step for step in self.steps if step[0] > at), default=last)
        self.elapsed = last[0]
        del self.written[last[1] :]
        self.signal, self.ended_by_others = signal, True
        if signal == TERM and self.traps:
            self.signal, self.code = 0, 128 + signal

    def output(self, stream: str, until: float = float("inf")) -> str:
        """What was written so far; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(data for at, name, data in self.written if name == stream and at <= until).decode(
            "utf-8", "replace"
        )

    def now(self) -> float:
        """The time on the server at which the command is."""
        return self.started + self.elapsed
