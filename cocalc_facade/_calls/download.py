"""What lies outside the API, such as a PDF: fetched without the key, and repeated like a call that does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from cocalc_facade._wire.flow import Answer, Fault, Fetch, Flow, Sleep

from .meaning.refusals import other
from .meaning.shown import shown
from .retries import clip, delay, fault_error
from .routes import outside
from .timeouts import for_operation, timeout_from

if TYPE_CHECKING:
    from .session import Session
    from .timeouts import Timeout


def download(
    session: Session, target: str, *, timeout: float | Timeout | None = None, limit: int | None = None
) -> Flow[bytes]:
    """Get `target` (path and query below the configured server) outside the API, without the key; gives the body.

    Repeated like an idempotent call.
    """
    route = outside(target)
    options = session.options
    limits = timeout_from(timeout) if timeout is not None else options.timeout or for_operation(None)
    deadline = min(session.now() + limits.total, session.until)
    fetch = Fetch(target, limits.phases, deadline, limit or options.max_response_bytes)
    tries = 0
    while True:
        tries += 1
        answer: Answer | Fault = yield fetch
        if isinstance(answer, Answer) and answer.status == 200:
            return answer.body
        # The key was not sent, and may have been noted by whoever answers.
        seen = shown(answer, session.key.recent)
        if isinstance(seen, Answer):
            error = other(seen, route)[1] or _impossible()
        else:
            error = fault_error(seen, route)
        wait = delay(session, route, error, answer, tries, deadline, False)
        if wait is None:
            raise error
        yield Sleep(wait)
        fetch.timeouts = clip(limits.phases, deadline - session.now())


def _impossible() -> NoReturn:
    raise AssertionError("an answer other than 200 is an error")
