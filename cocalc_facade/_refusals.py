"""How the server says no: its wordings, and the error that each one means.

The table is read from top to bottom, the first pattern found decides. What no row knows is an `APIError` with the server's words.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ._answers import load
from ._errors import (
    APIError,
    AuthenticationError,
    CoCalcError,
    CommandError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TimedOut,
    UnexpectedResponse,
)
from ._flow import Answer

if TYPE_CHECKING:
    from ._routes import Route

START = 200
NOT_SIGNED_IN = "the key is missing, wrong, expired or banned, or the server's database is away"
CUT = "the server gives up after 60 seconds while the command goes on; run longer ones asynchronously (async_call)"

WORDINGS: tuple[tuple[str, type[CoCalcError], str | None], ...] = (
    (r"^undefined$", TimedOut, CUT),
    (r"too many requests|rate limit|try again in [\d.]+ second", RateLimitError, None),
    (
        r"(must|need to|have to) be (signed|logged) ?in|must be authenticated|^not (signed|logged) in|^invalid auth$"
        r"|not authenticated|must sign in|authentication via an api key|anonymous (get|set|\w*) ?quer"
        r"|no account_id specified|user must be signed",
        AuthenticationError,
        NOT_SIGNED_IN,
    ),
    (
        r"collaborator|\badmins?\b|permission|not allowed|do not have (read|write) access|must be (the )?owner|forbidden"
        r"|access denied|not authorized|must own|only the owner",
        PermissionDeniedError,
        None,
    ),
    (r"command '|exited with nonzero|ENOENT.*spawn|spawn .*ENOENT|killed command", CommandError, None),
    (r"not found|does not exist|no such|unknown (account|project)|^no .* with id", NotFoundError, None),
    (r"invalid|must be a|must specify|must be given|required|is not iterable|violates|malformed|FATAL: ", InvalidRequestError, None),
)
_COMPILED = [(re.compile(pattern, re.IGNORECASE), kind, hint) for pattern, kind, hint in WORDINGS]

STATUSES: dict[int, type[APIError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: InvalidRequestError,
    413: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
    431: InvalidRequestError,
}


def refusal(value: dict[str, Any], answer: Answer, route: Route) -> CoCalcError | None:
    """The error that a JSON object in a success means, if it means one."""
    words = value.get("error")
    if words and not (route.error_is_data and len(value) > 1):
        return worded(_text(words), answer, route, value)
    return None


def worded(text: str, answer: Answer, route: Route, value: dict[str, Any] | None = None) -> CoCalcError:
    """The error that the server's words mean."""
    for pattern, kind, hint in _COMPILED:
        if pattern.search(text):
            error = kind(text, path=route.path, status=answer.status, hint=hint)
            if isinstance(error, RateLimitError):
                _add_wait(error)
            if isinstance(error, TimedOut):
                error.maybe_executed = True
            return error
    return APIError(text, path=route.path, status=answer.status)


def other(answer: Answer, route: Route) -> tuple[Any, CoCalcError | None]:
    """What an answer means that is not JSON with status 200."""
    status = answer.status
    if 300 <= status < 400:
        return None, UnexpectedResponse("redirect", path=route.path, status=status, location=answer.headers.get("location"))
    try:
        value = load(answer.body)
    except (ValueError, RecursionError):
        value = None
    text = _start(answer)
    if isinstance(value, dict):
        text = _text(value.get("error") or value.get("message") or text)
    if 200 <= status < 300:
        return None, UnexpectedResponse("not JSON", path=route.path, status=status, body=_start(answer))
    kind = STATUSES.get(status, ServerError if status >= 500 else APIError)
    return None, kind(text, path=route.path, status=status)


def not_json(answer: Answer, route: Route, error: Exception) -> CoCalcError:
    """The error for a body that says it is JSON and is not."""
    return UnexpectedResponse(f"the answer is not JSON: {error}", path=route.path, status=answer.status, body=_start(answer))


def _start(answer: Answer) -> str:
    return answer.body[:START].decode("utf-8", "replace")


def _text(words: Any) -> str:
    return words if isinstance(words, str) else json.dumps(words, ensure_ascii=False)


def _add_wait(error: RateLimitError) -> None:
    wait = re.search(r"try again in ([0-9.]+) second", error.message)
    rule = re.search(r"\(rule: (.*?)\)", error.message)
    error.retry_after = float(wait[1]) if wait else None
    error.rule = rule[1] if rule else None
