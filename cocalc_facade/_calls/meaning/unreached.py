"""A project that could not be started, told from one that was waited for in vain: the server says the same of both, and only the time differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_facade._errors import CoCalcError, ServerError

from .headers import request_id
from .payloads import is_json, load

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._wire.flow import Answer

# The server stops waiting for a project after 60 s, and what it began goes on. What it says long before that, it says because it could not begin.
LONG_BEFORE = 50.0
NOT_STARTED = "the project could not be started, so nothing ran"
HINT = (
    "the server does not say why: its state and error in client.project(…).state() may, or its page in the browser;"
    " a quota, a licence or the host can be the reason"
)
# Where a success is more than an empty object. `projects/touch` answers one in either case.
MORE_THAN_EMPTY = frozenset(
    {
        "latex",
        "projects/call",
        "projects/copy-url",
        "projects/start",
        "projects/write-text-file",
        "jupyter/execute",
        "jupyter/kernels",
    }
)
THROUGH_A_PROJECT = MORE_THAN_EMPTY | {"exec", "projects/copy-path", "projects/touch"}


def unreached(answer: Answer, route: Route, seconds: float) -> CoCalcError | None:
    """Give the error that `{}` or "undefined" after so many seconds means, where it means that the project did not start."""
    if seconds >= LONG_BEFORE or answer.status != 200 or route.path not in THROUGH_A_PROJECT:
        return None
    try:
        value = load(answer.body) if is_json(answer) else None
    except (ValueError, RecursionError):
        return None
    if value == {}:
        if route.path not in MORE_THAN_EMPTY:
            return None
    elif value != {"error": "undefined"}:
        return None
    return ServerError(
        NOT_STARTED, hint=HINT, path=route.path, status=answer.status, request_id=request_id(answer)
    )


def is_unreached(error: BaseException | None) -> bool:
    """Tell whether an error says that the project could not be started."""
    return isinstance(error, ServerError) and error.message == NOT_STARTED
