"""What a command is given, and how it may end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cocalc_facade.testing.world.process import OUTPUT_LIMIT, Killed, Process


class Leave(Exception):
    """`exit` was called."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Streams:
    """Where a command reads from and writes to: a stream of the process, a buffer, or a file."""

    stdin: bytes = b""
    out: bytearray | str = "stdout"
    err: bytearray | str = "stderr"

    def write(self, process: Process, data: bytes) -> None:
        """Write to standard output."""
        self._put(process, self.out, data)

    def complain(self, process: Process, text: str) -> None:
        """Write a line to standard error."""
        self._put(process, self.err, text.encode() + b"\n")

    def _put(self, process: Process, target: bytearray | str, data: bytes) -> None:
        if isinstance(target, bytearray):
            target += data
            if len(target) > OUTPUT_LIMIT:
                raise Killed
        else:
            process.put(target, data)


Command = Callable[[Process, list[str], Streams], int]
