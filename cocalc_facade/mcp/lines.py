"""The lines of stdin, read so that nobody has to wait for the next one when the server is to end.

The protocol's package reads in a thread that cannot be left: after Ctrl-C, or when nobody reads what is written any more, it would sit there until stdin ends.
"""

from __future__ import annotations

import asyncio
import os
import threading
from codecs import BOM_UTF8
from queue import SimpleQueue


class Lines:
    """Iterates over the lines of a descriptor, as text. What is not UTF-8 in it stays to be refused."""

    def __init__(self, descriptor: int = 0) -> None:
        self._file = os.fdopen(os.dup(descriptor), "rb")
        self._wanted: SimpleQueue[asyncio.Future[bytes]] = SimpleQueue()
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def __aiter__(self) -> Lines:
        return self

    async def __anext__(self) -> str:
        wanted: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._wanted.put(wanted)
        if line := await wanted:
            return line.removeprefix(BOM_UTF8).decode("utf-8", "surrogateescape")
        raise StopAsyncIteration

    def _read(self) -> None:
        while True:
            wanted = self._wanted.get()
            try:
                line = self._file.readline()
            except OSError:
                line = b""
            try:
                wanted.get_loop().call_soon_threadsafe(_give, wanted, line)
            except RuntimeError:  # the loop has ended
                return
            if not line:
                return


def _give(wanted: asyncio.Future[bytes], line: bytes) -> None:
    if not wanted.done():
        wanted.set_result(line)
