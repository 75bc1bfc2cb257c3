"""What the headers of an answer say of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocalc_facade._wire.flow import Answer


def request_id(answer: Answer) -> str | None:
    """Give the name that the server, or what stands in front of it, has for this request."""
    return answer.headers.get("x-request-id") or answer.headers.get("cf-ray")


def retry_after(answer: Answer) -> float | None:
    """Give the wait in seconds that the header Retry-After asks for, in either of its forms."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    import time
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return None
