"""No socket is left open, whatever becomes of the event loop that it was opened in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cocalc_facade.testing import StandIn

PROGRAM = """
import asyncio, gc, sys
from cocalc_facade import AsyncCoCalc

client = AsyncCoCalc(base_url=sys.argv[1])

async def calls():
    asyncio.get_running_loop().slow_callback_duration = 3600  # what asyncio says of a busy machine is not the matter
    await asyncio.gather(*(client.call("customize") for _ in range(3)))

for _ in range(2):
    asyncio.run(calls())
    gc.collect()
if sys.argv[2] == "closed":
    asyncio.run(client.aclose())
if sys.argv[2] != "left to the end":
    del client
gc.collect()
print("done")
"""


@pytest.mark.parametrize("end", ["closed", "forgotten", "left to the end"])
def test_a_client_in_two_event_loops_leaves_no_socket_open(end: str) -> None:
    with StandIn().serve() as address:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-X", "dev", "-c", PROGRAM, address, end],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
