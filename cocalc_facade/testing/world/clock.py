"""The time that a stand-in lives in."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime

START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class Clock:
    """A time that passes only when told to, or when an answer takes its time.

    A command `sleep 5` answers at once and leaves the clock five seconds later. With `flows=False` even that does not
    move it: then only `advance` does, and a project that was told to stop is still stopping when the answer arrives.

    Args:
        start: seconds since the epoch; default is the start of 2026.
        flows: whether the seconds that an answer takes pass on this clock.
    """

    def __init__(self, start: float = START, *, flows: bool = True) -> None:
        self.flows = flows
        self._now = float(start)
        self._lock = threading.Lock()

    def now(self) -> float:
        """The time in seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        if seconds < 0:
            raise ValueError(f"seconds: a clock does not go back, got {seconds!r}")
        with self._lock:
            self._now += seconds

    def sleep(self, seconds: float) -> None:
        """What a client that waits does: let time pass."""
        self.advance(seconds)

    async def asleep(self, seconds: float) -> None:
        """What a client that waits does: let time pass, after others had their turn."""
        await asyncio.sleep(0)
        self.sleep(seconds)

    def pass_until(self, moment: float) -> float:
        """The seconds that a caller must really wait for this moment: none, the clock jumps there."""
        if self.flows:
            with self._lock:
                self._now = max(self._now, moment)
        return 0.0


class RealClock(Clock):
    """The time of the machine, or one that runs as fast from another start.

    Args:
        start: seconds since the epoch at which to start; default is now.
    """

    def __init__(self, start: float | None = None) -> None:
        super().__init__()
        self._offset = 0.0 if start is None else start - time.time()

    def now(self) -> float:
        """The time in seconds since the epoch."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Skip so many seconds."""
        if seconds < 0:
            raise ValueError(f"seconds: a clock does not go back, got {seconds!r}")
        self._offset += seconds

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Wait without holding up other tasks."""
        await asyncio.sleep(seconds)

    def pass_until(self, moment: float) -> float:
        """The seconds that a caller must really wait for this moment."""
        return max(0.0, moment - self.now())


def iso(moment: float) -> str:
    """The moment as the server writes it: UTC with milliseconds and a Z."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
