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


FORGOTTEN = """
import asyncio, gc, sys
from cocalc_facade import AsyncCoCalc, CoCalc

async def calls():
    asyncio.get_running_loop().slow_callback_duration = 3600
    client = AsyncCoCalc(sys.argv[2], sys.argv[1])
    await client.projects.get()  # the client keeps the group, and the group the client
    async for _ in client.projects.iter_get():
        break

def threads():
    client = CoCalc(sys.argv[2], sys.argv[1])
    client.projects.get()
    client.project(client.projects.get()[0].project_id).state()

for _ in range(2):
    asyncio.run(calls())
    threads()
gc.collect()
print("done")
"""


def test_a_client_that_was_made_in_a_function_and_never_closed_leaves_none_open() -> None:
    standin = StandIn()
    with standin.serve() as address:
        assert run(FORGOTTEN, address, standin.user.key) == (0, "done\n", "")


@pytest.mark.parametrize("end", ["closed", "forgotten", "left to the end"])
def test_a_client_in_two_event_loops_leaves_no_socket_open(end: str) -> None:
    with StandIn().serve() as address:
        assert run(PROGRAM, address, end) == (0, "done\n", "")


def run(program: str, *arguments: str) -> tuple[int, str, str]:
    """What became of a program in a Python that says whatever it can."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr
