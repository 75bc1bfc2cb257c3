"""One file to a project, or from one, by the routes that the site's pages use. They are no part of the API, and a site may close them.

The key goes there in the header or the cookie of that request, and nowhere else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cocalc_facade._calls.meaning.payloads import load
from cocalc_facade._calls.meaning.refusals import other, unexpected
from cocalc_facade._calls.meaning.shown import shown
from cocalc_facade._calls.retries import clip, delay, fault_error, left_of_job
from cocalc_facade._calls.routes import outside
from cocalc_facade._calls.timeouts import Timeout
from cocalc_facade._errors import CoCalcError, NotAvailableError, UnexpectedResponse
from cocalc_facade._wire.flow import Answer, Fault, Receive, Sleep, Upload

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow, Sink

UPLOAD = "upload"
FILES = "files"
SLOWEST = 20_000
"""Bytes a second that a connection brings at least; slower ones run into the end of the call."""
SHORT = 10_000


def put(session: Session, project_id: str, folder: str, name: str, data: bytes) -> Flow[None]:
    """Send bytes as a file into a folder of a project that runs; sent again when the connection breaks, for it does no harm twice.

    Raises:
        CoCalcError: the server did not take it; the routes say little of why.
    """
    limits = _limits(session, len(data))
    deadline = min(session.now() + limits.total, session.until)
    route = outside(UPLOAD)
    if session.options.read_only or session.plan is not None:
        from cocalc_facade._calls.guarding.holding import hold

        told = {"project_id": project_id, "folder": folder, "name": name, "bytes": len(data)}
        words = "writes a file in a project"
        body = json.dumps(told).encode()
        if hold(route, body, session.plan, session.key, read_only=session.options.read_only, words=words):
            return
    key = session.key()
    if key is None:
        raise NotAvailableError("without a key nothing is uploaded", path=UPLOAD)
    phases = left_of_job(route, limits.phases, deadline - session.now())
    step = Upload(project_id, folder, name, data, key, phases, deadline, SHORT)
    tries = 0
    while True:
        tries += 1
        answer: Answer | Fault = yield step
        seen = shown(answer, (key,))
        error = _refused(seen, route)
        if error is None:
            return
        wait = delay(session, route, error, answer, tries, deadline, False)
        if wait is None:
            raise error
        yield Sleep(wait)
        step.timeouts = clip(limits.phases, deadline - session.now())


def receive(session: Session, project_id: str, name: str, sink: Sink, size: int) -> Flow[None]:
    """Let the file's bytes, `size` of them, go to `sink` as they come. Not repeated: who counts them knows where to go on.

    Raises:
        CoCalcError: the server does not give it, or the connection broke.
    """
    limits = _limits(session, size)
    deadline = min(session.now() + limits.total, session.until)
    route = outside(FILES)
    key = session.key()
    if key is None or key.cookie() is None:
        raise NotAvailableError("no key that a cookie can hold", path=FILES)
    phases = left_of_job(route, limits.phases, deadline - session.now())
    answer: Answer | Fault = yield Receive(project_id, name, sink, key, phases, deadline, max(size, SHORT))
    if isinstance(answer, Answer) and answer.status == 200:
        if answer.body:  # a client that was given has read it already
            sink(answer.body)
        return
    seen = shown(answer, (key,))
    if isinstance(seen, Fault):
        raise fault_error(seen, route)
    raise other(seen, route)[1] or _unexpected(seen, route)


def _limits(session: Session, size: int) -> Timeout:
    """Give the time that so many bytes may take; there is always an end."""
    given = session.options.timeout
    total = 60.0 + size / SLOWEST
    return Timeout(total, read=min(70.0, total)) if given is None else given


def _refused(seen: Answer | Fault, route: Route) -> CoCalcError | None:
    if isinstance(seen, Fault):
        return fault_error(seen, route)
    if seen.status != 200:
        return other(seen, route)[1] or _unexpected(seen, route)
    try:
        value = load(seen.body)
    except ValueError:
        value = None
    return None if isinstance(value, dict) and value.get("status") == "ok" else _unexpected(seen, route)


def _unexpected(seen: Answer, route: Route) -> UnexpectedResponse:
    return unexpected(seen, route, "the answer is not what this route gives")
