"""What `on_request` and `on_response` are shown: the exchange without the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ._flow import Answer, Fault, Send
    from ._session import Session

MASK = "***"


class Request(NamedTuple):
    """A request that is about to be sent. `headers` show the authorization masked."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    attempt: int


class Response(NamedTuple):
    """What came back; `status` is None when no answer came, and `fault` says why."""

    request: Request
    status: int | None
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    fault: str | None


def tell_request(session: Session, send: Send, attempt: int) -> Request:
    """Show the request to the hook, if there is one."""
    from ._schema import user_agent

    headers = {"authorization": MASK, "content-type": "application/json", "user-agent": user_agent()}
    request = Request("POST", session.host.api + send.path, send.path, headers, send.body, attempt)
    if session.options.on_request is not None:
        session.options.on_request(request)
    return request


def tell_response(session: Session, request: Request, answer: Answer | Fault, seconds: float) -> None:
    """Show the answer to the hook, if there is one."""
    hook = session.options.on_response
    if hook is None:
        return
    status: int | None = answer.status
    fault = getattr(answer, "message", None)
    headers: Mapping[str, str] = getattr(answer, "headers", {})
    body: bytes = getattr(answer, "body", b"")
    hook(Response(request, status, headers, body, seconds, fault))
