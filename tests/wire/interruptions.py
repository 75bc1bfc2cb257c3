"""Calls that a timer interrupts at random microseconds: how they ended, and what stayed behind.

`python -m tests.wire.interruptions` does it 20,000 times and writes the counts into docs/configuration.md; a test does it a few hundred times.
"""

from __future__ import annotations

import gc
import random
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from cocalc_facade import CoCalc
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.report import machine

from .wires import KEY, PROJECT

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
BEGIN = "<!-- interruptions, written by tests/wire/interruptions.py -->\n"
END = "<!-- the end of interruptions -->\n"
ARGUMENTS = {"project_id": PROJECT}
CONNECTIONS = 3
SHORTEST, LONGEST = 0.00002, 0.0006
"""Seconds until the timer goes off: a call takes about as long."""


class EnoughError(TimeoutError):
    """What a time limit of a user's raises: the class of the operating system's own faults."""


class Counts:
    """How interrupted calls ended, and what was found after each."""

    def __init__(self) -> None:
        self.tries = self.raised = self.answered = 0
        self.lost = self.turns = self.sockets = self.unusable = 0

    def row(self, name: str) -> str:
        """A line of the table."""
        cells = self.tries, self.raised, self.answered, self.lost, self.turns, self.sockets, self.unusable
        return f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |"


@contextmanager
def remote(connections: int = CONNECTIONS) -> Iterator[CoCalc]:
    """A client of a server in another process, while no cycles are collected: what others have left behind does not meet the signals here."""
    gc.collect()
    gc.disable()
    with (
        loopback() as address,
        CoCalc(KEY, address, timeout=30, max_retries=2, max_connections=connections) as client,
    ):
        client.call("projects/stop", ARGUMENTS)
        yield client
    gc.enable()


def left(client: CoCalc) -> int:
    """How many turns are free."""
    turns: int = client._driver.transport._turns._value
    return turns


def open_sockets(port: int) -> int:
    """How many sockets of clients are open; what only the collector of cycles would close counts."""
    count = 0
    for thing in gc.get_objects():
        try:
            if isinstance(thing, socket.socket) and thing.fileno() >= 0:
                count += thing.getpeername()[1:2] == (port,)
        except OSError:
            pass
    return count


def port_of(client: CoCalc) -> int:
    """Where its server listens."""
    return int(client._session.host.base.rpartition(":")[2])


def interrupt(
    client: CoCalc,
    tries: int,
    raised: type[BaseException],
    prepare: Callable[[], object] = lambda: None,
    *,
    every: int = 100,
) -> Counts:
    """Let a timer interrupt calls. Turns are counted after each, open sockets after `every` so many, and at the end."""
    counts = Counts()
    armed = fired = False

    def ring(number: int, frame: FrameType | None) -> None:
        nonlocal fired
        if armed:
            fired = True
            raise raised

    before = signal.signal(signal.SIGALRM, ring)
    try:
        for count in range(1, tries + 1):
            prepare()
            fired = False
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, random.uniform(SHORTEST, LONGEST))
                    armed = True
                    client.call("projects/stop", ARGUMENTS)
                finally:
                    armed = False
                    signal.setitimer(signal.ITIMER_REAL, 0)
                counts.lost += fired
                counts.answered += 1
            except raised:
                counts.raised += 1
            counts.tries += 1
            counts.turns += client._driver.transport._turns._limit - left(client)
            if count % every == 0 or count == tries:
                counts.sockets += max(0, open_sockets(port_of(client)) - 1)
                try:
                    client.call("projects/stop", ARGUMENTS, timeout=5)
                except Exception:
                    counts.unusable += 1
    finally:
        signal.signal(signal.SIGALRM, before)
    return counts


def table(tries: int) -> str:
    """What came of so many tries of each kind."""
    lines = [
        f"A timer that went off at a random microsecond of a call, on {machine()} with Python {sys.version.split()[0]}, by `python -m tests.wire.interruptions {tries}`:",
        "",
        "| its handler raised | tries | it came out | the call was done first | it was lost | turns left taken | connections left open | next calls that failed |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, raised in (("`KeyboardInterrupt`", KeyboardInterrupt), ("a `TimeoutError`", EnoughError)):
        with remote() as client:
            kept = interrupt(client, tries // 4, raised)
            lines.append(kept.row(f"{name}, on an open connection"))
            new = interrupt(client, tries // 4, raised, client._driver.transport._clear)
            lines.append(new.row(f"{name}, on a new connection"))
    return "\n".join([*lines, ""])


def page(measured: str) -> str:
    """The page with what was measured."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}{measured}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(table(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)), "utf-8")
