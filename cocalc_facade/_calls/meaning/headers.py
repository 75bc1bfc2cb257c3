"""What the headers of an answer say of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocalc_facade._wire.flow import Answer

# Digits, and characters of a date: what is longer is neither.
LONGEST_NUMBER = 9
LONGEST_DATE = 64


def request_id(answer: Answer) -> str | None:
    """Give the name that the server, or what stands in front of it, has for this request."""
    return answer.headers.get("x-request-id") or answer.headers.get("cf-ray")


def retry_after(answer: Answer) -> float | None:
    """Give the wait in seconds that the header Retry-After asks for, as a number or in any form of a date that HTTP knows."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    whole, _, fraction = text.partition(".")
    if (
        whole.isascii()
        and whole.isdecimal()
        and (not fraction or (fraction.isascii() and fraction.isdecimal()))
    ):
        digits = whole.lstrip("0") or "0"
        if len(digits) > LONGEST_NUMBER:
            return float(10**LONGEST_NUMBER)
        return float(f"{digits}.{fraction[:LONGEST_NUMBER] or '0'}")
    import time

    moment = _timestamp(text)
    return None if moment is None else max(0.0, moment - time.time())


def _timestamp(text: str) -> float | None:
    """Give a date as seconds since 1970: IMF-fixdate, RFC 850's or asctime's. What names no zone means GMT."""
    from datetime import UTC, datetime
    from email.utils import parsedate_tz

    if len(text) > LONGEST_DATE:
        return None
    try:
        # RFC 850's form is not known to it without a zone.
        parsed = parsedate_tz(text) or parsedate_tz(f"{text} GMT")
        if parsed is None:
            return None
        year, month, day, hour, minute, second = parsed[:6]
        moment = datetime(
            year, month, day, hour, minute, min(second, 59), tzinfo=UTC
        )  # a leap second is none
        return moment.timestamp() - (parsed[9] or 0)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
