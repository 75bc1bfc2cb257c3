"""Keeps keys out of what the libraries below log: at `DEBUG` they print the headers of answers as they come."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from . import Key

PARTS = ("connection", "http11", "http2", "proxy", "socks")


class _Hiding(logging.Filter):
    """Changes records; a logger asks it only for those that it is about to hand on."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: WeakValueDictionary[int, Key] = WeakValueDictionary()

    def hide(self, key: Key) -> None:
        """Keep a key out of records for as long as it is in use."""
        self._keys[id(key)] = key

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the keys out of a record."""
        words = shown = record.getMessage()
        for reference in self._keys.valuerefs():
            key = reference()
            if key is not None:
                shown = key.redact(shown)
        if shown is not words:
            record.msg, record.args = shown, ()
        return True


_hiding = _Hiding()


def watch(library: str) -> None:
    """Have the loggers of httpx, or of the library that shares its face, asked to keep keys to themselves."""
    core = library.replace("httpx", "httpcore")
    for name in (library, *(f"{core}.{part}" for part in PARTS)):
        logging.getLogger(name).addFilter(_hiding)


hide = _hiding.hide
