"""Whether a call that failed is sent again, and after how long."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import attrs

from cocalc_facade._errors import CoCalcError, ConnectionFailed, RateLimitError, TimedOut, UnexpectedResponse
from cocalc_facade._json.records import Unpacked
from cocalc_facade._wire.flow import Fault, Flow, Sleep

from .meaning.headers import retry_after

if TYPE_CHECKING:
    from cocalc_facade._wire.flow import Answer

    from .routes import Route
    from .session import Session

FIRST = 0.5
LONGEST = 8.0
GATEWAY = (502, 503, 504)
LOST = ("connect", "lost", "timeout", "truncated")


@attrs.frozen
class Attempt(Unpacked):
    """One try of a call: its number, how it ended, how long it took, and the wait after it (None: it was the last)."""

    number: int
    outcome: str
    seconds: float
    waited: float | None


def delay(
    session: Session,
    route: Route,
    error: CoCalcError,
    answer: Answer | Fault,
    tries: int,
    deadline: float,
    wait_for_rate: bool,
) -> float | None:
    """Seconds to wait before the call is sent again, or None when it is not."""
    patient = (wait_for_rate or session.patient) and isinstance(error, RateLimitError)
    if tries > session.options.max_retries and not patient:
        return None
    if isinstance(error, RateLimitError):
        wait = error.retry_after
        believed = error.status == 429 or (error.rule is not None and not error.maybe_executed)
        if not believed or wait is None or (wait > session.options.max_rate_wait and not patient):
            return None
        wait += random.uniform(0.0, 0.1)  # noqa: S311 - spreads load, hides nothing
        now = session.now()
        for path, resume in list(session.resume_at.items()):
            if resume <= now:  # made-up paths have no end
                session.resume_at.pop(path, None)
        session.resume_at[route.path] = now + wait
    elif isinstance(answer, Fault):
        if answer.kind not in LOST or (answer.sent and not route.idempotent):
            return None
        wait = backoff(tries)
    elif answer.status in GATEWAY and route.idempotent:
        told = retry_after(answer)
        wait = backoff(tries) if told is None else told
        if wait > session.options.max_rate_wait:
            return None
    else:
        return None
    return wait if session.now() + wait < deadline else None


def pause(session: Session, path: str, deadline: float) -> Flow[None]:
    """Wait until the server takes calls of the route again, if it said when: what one call was told holds for all of a client."""
    resume = session.resume_at.get(path)
    if resume is None:
        return
    now = session.now()
    if resume <= now:
        session.resume_at.pop(path, None)
    elif resume - now <= session.options.max_rate_wait and resume < deadline:
        yield Sleep(resume - now)


def backoff(tries: int) -> float:
    """Exponential, with full jitter."""
    return random.uniform(0.0, min(LONGEST, FIRST * 2.0 ** (tries - 1)))  # noqa: S311 - spreads load, hides nothing


def clip(phases: dict[str, float | None], left: float) -> dict[str, float | None]:
    """Give the limits of a further try: none longer than what is left of the total."""
    left = max(left, 0.001)
    return {name: left if limit is None else min(limit, left) for name, limit in phases.items()}


def left_of_job(route: Route, phases: dict[str, float | None], left: float) -> dict[str, float | None]:
    """Give limits that fit into what is left of a job's time. Raises when nothing is."""
    if left <= 0:
        raise TimedOut("the time that the client's `timeout` gives to the whole job is over", path=route.path)
    return clip(phases, left)


def fault_error(fault: Fault, route: Route) -> CoCalcError:
    """Give the error that a fault of the transport is for the caller."""
    kind: type[CoCalcError]
    if fault.kind in ("timeout", "pool"):
        kind = TimedOut
    elif fault.kind in ("garbage", "truncated", "too-large", "encoding"):
        kind = UnexpectedResponse
    else:
        kind = ConnectionFailed
    hint = None
    if not fault.sent:
        hint = (
            "nothing was sent"
            if fault.kind != "certificate"
            else "nothing was sent; check base_url and the clock, and for an authority of your own SSL_CERT_FILE"
        )
    elif not route.idempotent:
        hint = "the call may have run, and is not repeated because running it twice could do harm"
    elif fault.status is None:
        hint = "the call may have run"
    details = {"path": route.path, "status": fault.status, "hint": hint, "maybe_executed": fault.sent}
    if fault.start:
        details["body"] = fault.start.decode("utf-8", "replace")
    return kind(fault.message, **details)
