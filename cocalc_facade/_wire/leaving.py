"""What everything goes through before it is shown: answers before errors are made of them, and exceptions before they leave us.

Nothing of it shows a key. The traceback of an exception keeps its files and lines, while the frames of this package, and of what it calls,
forget their variables. Frames of users stay as they are, also those of their hooks: what is in their variables is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from cocalc_facade._errors import CoCalcError

from .flow import Answer, Fault
from .keys import forget
from .keys.redaction import MASK

if TYPE_CHECKING:
    from .keys import Key

Shown = TypeVar("Shown", str, bytes)


def shown(answer: Answer | Fault, keys: Iterable[Key]) -> Answer | Fault:
    """Give what came back as it may be shown; the very same when there is nothing to hide in it."""
    cleaner = _Cleaner(keys)
    if isinstance(answer, Fault):
        message, start = cleaner.redacted(answer.message), cleaner.redacted(answer.start)
        if message is answer.message and start is answer.start:
            return answer
        return Fault(answer.kind, message, sent=answer.sent, status=answer.status, start=start)
    headers, body = _headers(answer.headers, cleaner), cleaner.redacted(answer.body)
    if headers is answer.headers and body is answer.body:
        return answer
    return Answer(answer.status, headers, body)


def leave(error: BaseException, keys: Iterable[Key]) -> None:
    """Make an exception, and those that it came from, fit to leave. `keys` are those that may be repeated in it."""
    for link in forget(error):
        if isinstance(link, CoCalcError):
            settle(link, keys)


def settle(error: CoCalcError, keys: Iterable[Key]) -> None:
    """Take the keys out of all that an error shows."""
    cleaner = _Cleaner(keys)
    details = vars(error)
    for name, value in details.items():
        details[name] = cleaner.clean(value)
    error.args = cleaner.clean(error.args)


def _headers(headers: Mapping[str, str], cleaner: _Cleaner) -> Mapping[str, str]:
    """Give the headers without the key, and without what a cookie would let one do."""
    clean = {
        cleaner.redacted(name): MASK if name.lower() == "set-cookie" else cleaner.redacted(value)
        for name, value in headers.items()
    }
    return headers if clean == dict(headers.items()) else clean


class _Cleaner:
    """Takes keys out of texts, and of containers of texts; a text that stands in several places is looked through once."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = tuple(keys)
        self._done: dict[int, str] = {}

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
