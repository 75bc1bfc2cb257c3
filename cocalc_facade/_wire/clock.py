"""Time as flows see it."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Time as flows see it. Tests give one whose `sleep` returns at once and moves `now`."""

    now: Callable[[], float] = staticmethod(time.monotonic)
    sleep: Callable[[float], None] = staticmethod(time.sleep)

    async def asleep(self, seconds: float) -> None:
        """Wait without holding up other tasks."""
        import asyncio

        await asyncio.sleep(seconds)
