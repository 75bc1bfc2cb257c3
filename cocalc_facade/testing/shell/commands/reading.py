"""What commands read, and how they say that they cannot."""

from __future__ import annotations

import re

from cocalc_facade.testing.shell.command import Streams
from cocalc_facade.testing.world.process import Process


def source(process: Process, name: str, streams: Streams) -> bytes | None:
    """The content of a file, or of what comes in for `-`; None when there is none to read."""
    if name == "-":
        return streams.stdin
    if name == "/dev/null":
        return b""
    return process.files.read(process.files.resolve(name, process.cwd))


def trouble(process: Process, name: str) -> str:
    """Why a file cannot be read."""
    return process.files.unreadable(process.files.resolve(name, process.cwd))


def encoded(text: str) -> bytes:
    """A text as bytes; what came from no text goes back to what it was."""
    return text.encode("utf-8", "surrogateescape")


def unescaped(text: str) -> str:
    """A text with its escapes, such as that of a newline, replaced by what they stand for."""
    codes = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "e": "\x1b", "0": "\0"}
    pattern = r"\\(x[0-9a-fA-F]{1,2}|0?[0-7]{3}|[ntr\\abe0])"

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] == "x" or (code.isdigit() and len(code) >= 3):
            value = int(code[1:], 16) if code[0] == "x" else int(code, 8) & 255
            return bytes([value]).decode("utf-8", "surrogateescape")
        return codes[code]

    return re.sub(pattern, one, text)
