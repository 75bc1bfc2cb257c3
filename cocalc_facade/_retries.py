"""Whether a call that failed is sent again, and after how long."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from ._errors import CoCalcError, RateLimitError, TransportError

if TYPE_CHECKING:
    from ._flow import Answer
    from ._routes import Route
    from ._session import Session

FIRST = 0.5
LONGEST = 8.0
GATEWAY = (502, 503, 504)


def delay(
    session: Session,
    route: Route,
    error: CoCalcError,
    answer: Answer | None,
    tries: int,
    deadline: float,
    wait_for_rate: bool,
) -> float | None:
    """Seconds to wait before the call is sent again, or None when it is not."""
    if isinstance(error, RateLimitError):
        if error.retry_after is None or (tries > session.options.max_retries and not wait_for_rate):
            return None
        wait = error.retry_after
        if wait > session.options.rate_limit_wait and not wait_for_rate:
            return None
    elif tries > session.options.max_retries:
        return None
    elif isinstance(error, TransportError) and error.status is None:
        if error.maybe_executed and not route.idempotent:
            return None
        wait = backoff(tries)
    elif answer is not None and answer.status in GATEWAY and route.idempotent:
        wait = backoff(tries)
    else:
        return None
    return wait if session.now() + wait < deadline else None


def backoff(tries: int) -> float:
    """Exponential, with full jitter."""
    return random.uniform(0.0, min(LONGEST, FIRST * 2.0 ** (tries - 1)))  # noqa: S311 - spreads load, hides nothing
