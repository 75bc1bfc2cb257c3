"""From an answer that says no, or says nothing that makes sense, to the error that it means."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import (
    APIError,
    AuthenticationError,
    CoCalcError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    TimedOut,
    UnexpectedResponse,
)
from cocalc_facade._wire.flow import Answer

from .absence import instead_of, no_route
from .details import of_words
from .headers import request_id, retry_after
from .payloads import load
from .statuses import CODES, STATUSES, meaning_of
from .validation import problem
from .words.lookup import meaning
from .words.wording import NO_KEY_MAY

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route

START = 300
LONGEST_CODE = 100
MOST_REMARKS = 20
# Bytes of an answer whose words are not text but JSON; more of it nobody reads.
ENOUGH = 20_000
# Statuses that only say that the request is wrong somehow, or nothing.
UNDECIDED = (400, *(status for status in range(400, 500) if status not in STATUSES))
# What filling in a form otherwise does not mend.
BEYOND_A_FORM = (AuthenticationError, PermissionDeniedError, RateLimitError, ConflictError)
GATEWAY = "a gateway in front of the server answered; the server may be starting or overloaded"


def refusal(value: dict[str, Any], answer: Answer, route: Route) -> CoCalcError | None:
    """Give the error that a JSON object in a success means, or None when it is a value."""
    words = value.get("error")
    if words and not (route.error_is_data and len(value) > 1):
        return _worded(words, value, answer, route)
    for shape in route.failure:
        if shape == "issues":
            issues = value.get("issues")
            if issues:
                return _form(issues, answer, route)
            continue
        words = _inside(shape, value)
        if words:
            # A project wrote these after the call had reached it.
            return _worded(words, value, answer, route, begun=shape in ("event", "response-event"))
    return None


def other(answer: Answer, route: Route) -> tuple[Any, CoCalcError | None]:
    """Give what an answer means that is not a success with JSON."""
    status = answer.status
    kind = answer.headers.get("content-type", "").lower()
    if 200 <= status < 300:
        return _other_media(answer, route, kind)
    if 300 <= status < 400:
        return None, _redirect(answer, route)
    value = _quietly(answer.body) if "json" in kind else None
    if isinstance(value, dict):
        return None, _status_with_json(value, answer, route)
    return None, _status_alone(answer, route, kind)


def unexpected(answer: Answer, route: Route, message: str, **details: Any) -> UnexpectedResponse:
    """Give the error for an answer that is none, with the start of its body."""
    details = {**_where(answer, route), "body": _start(answer), **details}
    if 200 <= answer.status < 300:
        details["maybe_executed"] = True
    return UnexpectedResponse(message, **details)


def not_json(answer: Answer, route: Route, error: Exception) -> CoCalcError:
    """Give the error for a body that says that it is JSON, and is not."""
    if isinstance(error, UnicodeDecodeError):
        reason = "it is not UTF-8"
    elif isinstance(error, RecursionError):
        reason = "it is nested too deeply"
    else:
        reason = str(error)
    return unexpected(answer, route, f"the answer is not JSON: {reason}")


def _worded(
    words: Any, value: dict[str, Any], answer: Answer, route: Route, *, begun: bool = False
) -> CoCalcError:
    """Give the error that the server's words mean; by its code, where a newer server gives one that is known."""
    text = _text(words, answer)
    details = _where(answer, route)
    code = value.get("code")
    if isinstance(code, str):
        details["code"] = code[:LONGEST_CODE]
        if code in CODES:
            kind, hint = CODES[code]
            if issubclass(kind, RateLimitError):
                details["retry_after"] = retry_after(answer)
            return kind(text, hint=hint, **details)
    found = meaning(text, route)
    if found is None:
        # Nobody knows whose words these are, so nobody knows what was done before they were written.
        return APIError(
            text, **{**details, "maybe_executed": answer.status == 200 or details["maybe_executed"]}
        )
    row, match = found
    if row.begun or begun:
        details["maybe_executed"] = True
    if issubclass(row.error, TimedOut):
        details.pop("code", None)
        return row.error(f"the server cut the call off (it said {text[:START]!r})", hint=row.hint, **details)
    assert issubclass(row.error, APIError)
    hint = row.hint
    if hint == NO_KEY_MAY and route.operation is not None and route.operation.instead:
        hint = f"{hint}; {instead_of(route.operation.instead)}"
    more = of_words(row.error, text, match, answer, route)
    if "field" in more and more["field"] is None and "field" in match.groupdict():
        details["maybe_executed"] = (
            True  # what is no parameter of the route is checked by somebody else, later
        )
    return row.error(text, hint=hint, **{**details, **more})


def _form(issues: Any, answer: Answer, route: Route) -> CoCalcError:
    """A form came back with remarks by field: it has to be filled in otherwise, unless a remark says that it is no use."""
    details = _where(answer, route)
    if not isinstance(issues, dict):
        return InvalidRequestError(_text(issues, answer), **details)
    remarks = {name: _text(words, answer)[:ENOUGH] for name, words in islice(issues.items(), MOST_REMARKS)}
    text = "; ".join(f"{name}: {words}" for name, words in remarks.items())
    for words in remarks.values():
        found = meaning(words, route)
        if found is not None and found[0].error in BEYOND_A_FORM:
            return found[0].error(text, hint=found[0].hint, **details)
    field = next(iter(remarks)) if len(issues) == 1 else None
    return InvalidRequestError(text, field=field, **details)


def _inside(shape: str, value: dict[str, Any]) -> Any:
    """Give the words of a failure that a success of this route can hold, by the name that the operation table has for its shape."""
    if shape == "message":
        return value.get("message")
    if shape == "response-event":
        inner = value.get("response")
        value = inner if isinstance(inner, dict) else {}
        shape = "event"
    if shape in ("event", "status") and value.get(shape) == "error":
        return value.get("error") or value.get("message") or value.get("stderr") or "error"
    return None


def _other_media(answer: Answer, route: Route, kind: str) -> tuple[Any, CoCalcError | None]:
    """Give a success that is not JSON: text, when the schema of the route says text."""
    if kind.startswith("text/plain") and route.known:
        try:
            text = answer.body.decode()
        except UnicodeDecodeError:
            return None, unexpected(answer, route, "the answer is not UTF-8")
        found: list[tuple[tuple[str | int, ...], str, str]] = []
        route.decode(text, found)
        if not found:
            return text, None
    what = "HTML" if _is_page(answer, kind) else kind or "no content type"
    return None, unexpected(
        answer, route, f"the answer is not JSON but {what}", hint="is base_url a CoCalc server?"
    )


def _redirect(answer: Answer, route: Route) -> CoCalcError:
    target = answer.headers.get("location")
    if answer.status == 304 or not target:
        return unexpected(answer, route, f"the server answered with status {answer.status} and no content")
    return unexpected(
        answer,
        route,
        f"the server redirects to {target[:200]}",
        location=target,
        hint="redirects are not followed, because the key would go along; set base_url to where the server is",
    )


def _status_with_json(value: dict[str, Any], answer: Answer, route: Route) -> CoCalcError:
    """`{error}`, or what a development build says: `{message, errors}`. Where the status says enough, the words do not decide."""
    status = answer.status
    words = value.get("error") or value.get("message") or f"status {status}"
    problems = value.get("errors")
    if status < 500 and isinstance(problems, list) and problems:
        field, remark = problem(problems)
        place = f" {field}:" if field else ""
        text = f"{_text(words, answer)}{place} {_text(remark, answer)}"
        return InvalidRequestError(text, field=field, **_where(answer, route))
    kind = meaning_of(status)
    if status < 500:
        error = _worded(words, value, answer, route)
        if type(error) is kind or (status in UNDECIDED and type(error) is not APIError):
            return error
    details = _where(answer, route)
    code = value.get("code")
    if isinstance(code, str):
        details["code"] = code[:LONGEST_CODE]
    if issubclass(kind, RateLimitError):
        details["retry_after"] = retry_after(answer)
    return kind(_text(words, answer), **details)


def _status_alone(answer: Answer, route: Route, kind: str) -> CoCalcError:
    """Give an error status with HTML, plain text or nothing."""
    status = answer.status
    details: dict[str, Any] = _where(answer, route)
    words = "" if _is_page(answer, kind) else " ".join(_start(answer).split())
    error = meaning_of(status)
    if issubclass(error, NotFoundError) and status == 404:
        return NotFoundError(words or "the server has no such route", hint=no_route(answer, route), **details)
    if status < 400:
        return unexpected(answer, route, f"the server answered with status {status}")
    if status >= 500:
        gateway = status in (502, 503, 504) or status >= 520
        text = words or f"the server failed with status {status}"
        return error(text, hint=GATEWAY if gateway else None, **details)
    if issubclass(error, RateLimitError):
        return RateLimitError(words or "too many requests", **_wait(words, answer, route), **details)
    if status == 413:
        details["hint"] = "the server takes at most 1 MB"
    return error(words or f"the server answered with status {status}", **details)


def _wait(words: str, answer: Answer, route: Route) -> dict[str, Any]:
    """Give what a refusal with status 429 says of the wait: in the throttle's own words, or in a header."""
    found = meaning(words, route)
    if found is not None and issubclass(found[0].error, RateLimitError):
        return of_words(RateLimitError, words, found[1], answer, route)
    return {"retry_after": retry_after(answer)}


def _where(answer: Answer, route: Route) -> dict[str, Any]:
    return {
        "path": route.path,
        "status": answer.status,
        "maybe_executed": answer.status >= 500 or None,
        "request_id": request_id(answer),
    }


def _quietly(body: bytes) -> Any:
    try:
        return load(body)
    except (ValueError, RecursionError):
        return None


def _is_page(answer: Answer, kind: str) -> bool:
    return "html" in kind or answer.body[:15].lstrip().startswith(b"<")


def _start(answer: Answer) -> str:
    return answer.body[:START].decode("utf-8", "replace")


def _text(words: Any, answer: Answer) -> str:
    """Give words as text; what is not text is written as JSON, from a large answer as it came."""
    if isinstance(words, str):
        return words
    if len(answer.body) <= ENOUGH:
        with suppress(RecursionError):
            return json.dumps(words, ensure_ascii=False, default=str)
    return answer.body[:ENOUGH].decode("utf-8", "replace")
