"""What every exception goes through before it leaves us: nothing that it tells shows a key, and nothing that it holds leads to one.

Its traceback keeps its files and lines, while the frames of this package, and of what it calls, forget their variables. Frames of users stay as they
are, also those of their hooks: what is in their variables is theirs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from cocalc_facade._errors import CoCalcError, printable

if TYPE_CHECKING:
    from . import Key

Shown = TypeVar("Shown", str, bytes)

OURS = frozenset(("cocalc_facade", "cocalc_v2"))
LIBRARIES = frozenset(("httpx", "httpx2", "httpcore", "httpcore2"))
"""Whose exceptions carry the request, and its headers with it."""
BELOW = (
    OURS | LIBRARIES | sys.stdlib_module_names | {"h11", "h2", "hpack", "socksio", "anyio", "trio", "msgspec"}
)
"""What this package calls, by the first part of the module's name."""


def leave(error: BaseException, keys: Iterable[Key]) -> None:
    """Make an exception, and those that it came from, fit to leave. `keys` are those that may be repeated in it.

    Where the stack has no room even for that, the traceback ends here.
    """
    try:
        links = forget(error)
        cleaner = Cleaner(keys)
        for link in links:
            if isinstance(link, CoCalcError):
                cleaner.settle(link)
            else:
                cleaner.tidy(link)
    except RecursionError:
        error.__context__ = error.__traceback__ = None


def forget(error: BaseException) -> list[BaseException]:
    """Take out of the frames of an exception, and of those that it came from, what they remember; gives them all.

    It calls nothing in Python, so that it works where the stack has no room.
    """
    links = [error]
    seen = set()
    for link in links:
        if id(link) in seen:
            continue
        seen.add(id(link))
        first = trace = link.__traceback__
        ours = False
        while trace is not None:
            module = str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0]
            # What begins in a frame of a user was caught there, and is ours only from where we were called.
            ours = ours or module in (BELOW if trace is first else OURS)
            if ours and module in BELOW:
                try:  # noqa: SIM105 - what suppresses is written in Python
                    trace.tb_frame.clear()
                except RuntimeError:
                    pass  # it runs, and takes care of itself
            trace = trace.tb_next
        context = link.__context__
        kind = type(context).__module__.partition(".")[0]
        hidden = link.__suppress_context__ and link.__cause__ is None and isinstance(link, CoCalcError)
        if hidden or kind in LIBRARIES:
            link.__context__ = context = None
        if context is not None:
            links.append(context)
        if link.__cause__ is not None:
            links.append(link.__cause__)
        if isinstance(link, BaseExceptionGroup):
            links.extend(link.exceptions)
    return links


class Cleaner:
    """Takes keys out of texts, and of containers of texts; a text that stands in several places is looked through once."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)
        self._done: dict[int, str] = {}

    def settle(self, error: CoCalcError) -> None:
        """Take the keys out of all that an error shows."""
        details = vars(error)
        for name, value in details.items():
            details[name] = self.clean(value)
        error.args = self.clean(error.args)

    def tidy(self, error: BaseException) -> None:
        """Take the keys out of an exception that is not ours: out of its notes, which may be, and of what Python's own ones say."""
        if notes := getattr(error, "__notes__", None):
            error.__notes__ = [printable(self.clean(note)) for note in notes]
        if type(error).__module__ == "builtins" and (args := self.clean(error.args)) != error.args:
            error.args = args

    def clean(self, value: Any) -> Any:
        """Give a value without the keys in its texts."""
        if isinstance(value, str):
            if id(value) not in self._done:
                self._done[id(value)] = self.redacted(value)
            return self._done[id(value)]
        if isinstance(value, bytes):
            return self.redacted(value)
        if isinstance(value, tuple):
            items = map(self.clean, value)
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        if isinstance(value, list):
            return [self.clean(item) for item in value]
        return value

    def redacted(self, shown: Shown) -> Shown:
        """Give a text or bytes without the keys."""
        for key in self._keys:
            shown = key.redact(shown)
        return shown
