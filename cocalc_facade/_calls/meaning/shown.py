"""What came back as it may be shown: what an error is made of, a log line or a hook sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from cocalc_facade._wire.flow import Answer, Fault
from cocalc_facade._wire.keys.leaving import Cleaner
from cocalc_facade._wire.keys.redaction import MASK

if TYPE_CHECKING:
    from cocalc_facade._wire.keys import Key

SHORT = 64 * 1024


def is_short(answer: Answer) -> bool:
    """Tell whether all of a refusal is to be shown.

    Of a longer one an error keeps little. That is looked at for itself, as all that it keeps is; where it was cut, less than eight characters of a key are left.
    """
    return len(answer.body) <= SHORT


def shown(answer: Answer | Fault, keys: Iterable[Key]) -> Answer | Fault:
    """Give what came back as it may be shown; the very same when there is nothing to hide in it."""
    cleaner = Cleaner(keys)
    if isinstance(answer, Fault):
        message, start = cleaner.redacted(answer.message), cleaner.redacted(answer.start)
        if message is answer.message and start is answer.start:
            return answer
        return Fault(answer.kind, message, sent=answer.sent, status=answer.status, start=start)
    headers, body = _headers(answer.headers, cleaner), cleaner.redacted(answer.body)
    if headers is answer.headers and body is answer.body:
        return answer
    return Answer(answer.status, headers, body)


def _headers(headers: Mapping[str, str], cleaner: Cleaner) -> Mapping[str, str]:
    """Give the headers without the key, and without what a cookie would let one do."""
    clean = {
        cleaner.redacted(name): MASK if name.lower() == "set-cookie" else cleaner.redacted(value)
        for name, value in headers.items()
    }
    return headers if clean == dict(headers.items()) else clean
