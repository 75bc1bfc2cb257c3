"""No socket is left open, whatever becomes of the event loop that it was opened in."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, gc
from cocalc_facade import AsyncCoCalc
from cocalc_facade.testing import StandIn

with StandIn().serve() as server:
    client = AsyncCoCalc(server.user.key if isinstance(server.user.key, str) else None, server.url)

    async def once():
        await client.call("customize", {})

    asyncio.run(once())
    gc.collect()
    asyncio.run(once())
    gc.collect()

    async def end():
        await client.aclose()

    CLOSE
    del client
    gc.collect()
print("done")
"""
