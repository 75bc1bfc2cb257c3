"""From an answer that says no, or says nothing that makes sense, to the error that it means."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import (
    APIError,
    CoCalcError,
    CommandError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
    TimedOut,
    UnexpectedResponse,
)
from cocalc_facade._wire.flow import Answer

from .headers import request_id, retry_after
from .payloads import load
from .wordings import SECONDS, STATUSES, WORDINGS

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route

START = 300
LONG = 2000
GATEWAY = "a gateway in front of the server answered; the server may be starting or overloaded"

_ROWS = [(re.compile(row.pattern, re.IGNORECASE | re.DOTALL), row) for row in WORDINGS]


def refusal(value: dict[str, Any], answer: Answer, route: Route) -> CoCalcError | None:
    """Give the error that a JSON object in a success means, or None when it is a value."""
    words = value.get("error")
    if words and not (route.error_is_data and len(value) > 1):
        return _worded(words, value, answer, route)
    for shape in route.failure:
        words = _inside(shape, value)
        if words:
            error = _worded(words, value, answer, route)
            return _issues(error, value["issues"]) if shape == "issues" else error
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


def _worded(words: Any, value: dict[str, Any], answer: Answer, route: Route) -> CoCalcError:
    text = _text(words)
    code = value.get("code")
    # What decides stands at one of the ends; a command's whole output may lie between them.
    told = text if len(text) <= 2 * LONG else f"{text[:LONG]} {text[-LONG:]}"
    searched = f"{told} {code[:LONG]}" if isinstance(code, str) else told
    for pattern, row in _ROWS:
        match = pattern.search(searched)
        if match:
            return _made(row.error, text, value, answer, route, row.hint, match)
    return _made(APIError, text, value, answer, route, None, None)


def _made(
    kind: type[CoCalcError],
    text: str,
    value: dict[str, Any],
    answer: Answer,
    route: Route,
    hint: str | None,
    match: re.Match[str] | None,
) -> CoCalcError:
    details: dict[str, Any] = {"hint": hint, **_where(answer, route)}
    code = value.get("code")
    if issubclass(kind, APIError) and isinstance(code, str):
        details["code"] = code
    if issubclass(kind, TimedOut):
        details["maybe_executed"] = True
        text = f"the server cut the call off (it said {text!r})"
    elif issubclass(kind, RateLimitError):
        details.update(_rate(text, answer))
    elif issubclass(kind, CommandError):
        details.update(_command(text))
    elif issubclass(kind, InvalidRequestError) and match is not None:
        details["field"] = _field(match, route)
    return kind(text, **details)


def _field(match: re.Match[str], route: Route) -> str | None:
    """Give the parameter that the words name, if it is one: `w is not iterable` names a variable of the server."""
    name = next((name for key, name in match.groupdict().items() if key.startswith("field") and name), None)
    if name is None or not route.known or "." in name:
        return name
    return next((field for field in route.kinds if field.lower() == name.lower()), None)


def _issues(error: CoCalcError, issues: Any) -> CoCalcError:
    """A form came back with remarks by field: whatever their words are, the form has to be filled in otherwise."""
    if type(error) is not APIError:
        return error
    details = {
        **vars(error),
        "field": next(iter(issues)) if isinstance(issues, dict) and len(issues) == 1 else None,
    }
    return InvalidRequestError(details.pop("message"), **details)


def _inside(shape: str, value: dict[str, Any]) -> Any:
    """Give the words of a failure that a success of this route can hold, by the name that the operation table has for its shape."""
    if shape == "issues":
        issues = value.get("issues")
        if isinstance(issues, dict):
            return "; ".join(f"{name}: {_text(text)}" for name, text in issues.items())
        return issues
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
    if answer.status == 204:
        return None, None
    what = (
        "HTML" if "html" in kind or answer.body[:15].lstrip().startswith(b"<") else kind or "no content type"
    )
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
    """`{error}`, or what a development build says: `{message, errors}`."""
    status = answer.status
    words = value.get("error") or value.get("message") or f"status {status}"
    if status >= 500:
        return _made(ServerError, _text(words), value, answer, route, None, None)
    problems = value.get("errors")
    if isinstance(problems, list) and problems:
        field, problem = _problem(problems)
        text = f"{_text(words)} {field}: {problem}" if field else f"{_text(words)} {problem}"
        return InvalidRequestError(text, field=field, **_where(answer, route))
    if status in (405, 415) or (status == 404 and not value.get("error")):
        return _made(STATUSES[status], _text(words), value, answer, route, None, None)
    error = _worded(words, value, answer, route)
    kind = STATUSES.get(status, APIError)
    if type(error) is APIError or (status in STATUSES and status != 400):
        return _made(kind, _text(words), value, answer, route, error.hint, None)
    return error


def _problem(problems: list[Any]) -> tuple[str | None, str]:
    """Give the field and the words of the first thing that a development build's validation found; in a union, of its first branch."""
    problem = problems[0]
    for _ in range(10):
        branches = problem.get("unionErrors") if isinstance(problem, dict) else None
        if not (
            isinstance(branches, list)
            and branches
            and isinstance(branches[0], dict)
            and branches[0].get("issues")
        ):
            break
        issues = branches[0]["issues"]
        problem = issues[0] if isinstance(issues, list) else issues
    if not isinstance(problem, dict):
        return None, _text(problem)
    path = problem.get("path")
    field = ".".join(map(str, path)) if isinstance(path, list) and path else None
    return field, _text(problem.get("message") or problem.get("code") or "")


def _status_alone(answer: Answer, route: Route, kind: str) -> CoCalcError:
    """Give an error status with HTML, plain text or nothing."""
    status = answer.status
    details: dict[str, Any] = _where(answer, route)
    page = "html" in kind or answer.body[:15].lstrip().startswith(b"<")
    words = "" if page else " ".join(_start(answer).split())
    if status == 404:
        return NotFoundError(words or "the server has no such route", hint=_no_route(route), **details)
    if status >= 500:
        gateway = status in (502, 503, 504) or status >= 520
        text = words or f"the server failed with status {status}"
        return ServerError(text, hint=GATEWAY if gateway else None, **details)
    if status == 429:
        return RateLimitError(words or "too many requests", **_rate(words, answer), **details)
    if status == 413:
        details["hint"] = "the server takes at most 1 MB"
    if status in STATUSES:
        return STATUSES[status](words or f"the server answered with status {status}", **details)
    if 400 <= status < 500:
        return APIError(words or f"the server answered with status {status}", **details)
    return unexpected(answer, route, f"the server answered with status {status}")


def _no_route(route: Route) -> str:
    if route.known:
        return "this server lacks the route: another version of CoCalc, or base_url points elsewhere"
    from difflib import get_close_matches

    from cocalc_v2.operations import OPERATIONS

    close = get_close_matches(route.path, OPERATIONS, n=3)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else "check the path and base_url"


def _rate(text: str, answer: Answer) -> dict[str, Any]:
    wait = re.search(r"\b(?:try again in|wait) (\d{1,9}(?:\.\d{1,9})?|an?) (second|minute|hour)", text, re.I)
    rule = re.search(r"\(rule: ([^)]*)\)", text)
    if wait is None:
        told = retry_after(answer)
    else:
        told = (float(wait[1]) if wait[1][0].isdigit() else 1.0) * SECONDS[wait[2].lower()]
    return {"retry_after": told, "rule": rule[1] if rule else None}


def _command(text: str) -> dict[str, Any]:
    code = re.search(r"exited with nonzero code (\d{1,9})", text)
    stderr = re.search(r"-- stderr='(.*)'\s*$", text, re.DOTALL)
    return {"exit_code": int(code[1]) if code else None, "stderr": stderr[1] if stderr else None}


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


def _start(answer: Answer) -> str:
    return answer.body[:START].decode("utf-8", "replace")


def _text(words: Any) -> str:
    return words if isinstance(words, str) else json.dumps(words, ensure_ascii=False, default=str)
