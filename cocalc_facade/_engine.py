"""One call as a flow: check, send, wait and send again, or finish.

A call is sent again only when that cannot do harm: the operation table says that it is idempotent, the request surely never reached the
server, or the server said that it refused it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._answers import judge
from ._arguments import body_of
from ._flow import Answer, Fetch, Flow, Send, Sleep
from ._timeouts import for_operation, timeout_from

if TYPE_CHECKING:
    from ._errors import CoCalcError
    from ._routes import Route
    from ._session import Session
    from ._timeouts import Timeout


def call(
    session: Session,
    path: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    timeout: float | Timeout | None = None,
    confirm: bool | None = None,
    check: bool = True,
    wait_for_rate: bool = False,
) -> Flow[Any]:
    """Call a route; gives plain JSON, raises a `CoCalcError`."""
    route = session.routes[path]
    body = body_of(route, arguments)
    _, value, error = yield from exchange(session, route, body, timeout, wait_for_rate)
    if error is not None:
        raise error
    return value


def exchange(
    session: Session, route: Route, body: bytes, timeout: float | Timeout | None, wait_for_rate: bool
) -> Flow[tuple[Answer, Any, CoCalcError | None]]:
    """Send until there is an answer to keep; gives it with its meaning. Raises when no answer came."""
    options = session.options
    limits = timeout_from(timeout) if timeout is not None else options.timeout or for_operation(route.seconds)
    begin = session.now()
    send = Send(route.path, body, limits.phases(), begin + limits.total, options.limit)
    tries = 0
    while True:
        answer = yield send
        tries += 1
        if type(answer) is Answer:
            value, error = judge(answer, route)
            if error is None:
                return answer, value, None
        else:
            answer, error = None, fault_error(answer, route)
        from ._retries import delay

        wait = delay(session, route, error, answer, tries, send.deadline, wait_for_rate)
        if wait is None:
            if answer is None:
                raise error
            return answer, None, error
        yield Sleep(wait)


def fault_error(fault: Any, route: Route) -> CoCalcError:
    """The error that a fault of the transport is for the caller."""
    from ._errors import ConnectionFailed, TimedOut, UnexpectedResponse

    kind: type[CoCalcError] = ConnectionFailed
    if fault.kind in ("timeout", "pool"):
        kind = TimedOut
    elif fault.kind in ("garbage", "truncated", "too-large", "encoding"):
        kind = UnexpectedResponse
    return kind(fault.message, path=route.path, status=fault.status, maybe_executed=fault.sent)


def download(session: Session, target: str, *, timeout: float | Timeout | None = None, limit: int | None = None) -> Flow[bytes]:
    """Get something outside the API."""
    from ._routes import Route

    limits = timeout_from(timeout) if timeout is not None else session.options.timeout or for_operation(None)
    answer = yield Fetch(target, limits.phases(), session.now() + limits.total, limit or session.options.limit)
    if type(answer) is not Answer:
        raise fault_error(answer, Route(target, None))
    if answer.status != 200:
        from ._refusals import other

        _, error = other(answer, Route(target, None))
        assert error is not None
        raise error
    return answer.body
