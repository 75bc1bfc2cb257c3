"""Signs of life of a call that takes long, for clients that asked for them: many wait for as long as these come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

EVERY = 5.0
"""Seconds from one to the next."""


@asynccontextmanager
async def signs_of_life(report: Callable[..., Awaitable[None]]) -> AsyncIterator[None]:
    """Tell every few seconds how long the call has taken, until the block ends."""
    telling = asyncio.create_task(_tell(report))
    try:
        yield
    finally:
        telling.cancel()


async def _tell(report: Callable[..., Awaitable[None]]) -> None:
    with suppress(Exception):  # nobody listens any more
        signs = 0
        while True:
            await asyncio.sleep(EVERY)
            signs += 1
            await report(signs * EVERY, message=f"{signs * EVERY:g} s")
