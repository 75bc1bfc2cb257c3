"""What `on_request` and `on_response` are shown: the exchange without the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ._flow import Fault

if TYPE_CHECKING:
    from ._flow import Answer, Send
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


class Watch:
    """Shows the tries of one call to the hooks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def request(self, send: Send, attempt: int) -> Request:
        """Show what is about to be sent."""
        from ._schema import user_agent

        headers = {"authorization": MASK, "content-type": "application/json", "user-agent": user_agent()}
        request = Request("POST", self._session.host.api + send.path, send.path, headers, send.body, attempt)
        hook = self._session.options.on_request
        if hook is not None:
            hook(request)
        return request

    def response(self, request: Request, answer: Answer | Fault, seconds: float) -> None:
        """Show what came back, or why nothing came."""
        hook = self._session.options.on_response
        if hook is None:
            return
        if isinstance(answer, Fault):
            hook(Response(request, answer.status, {}, b"", seconds, answer.message))
        else:
            hook(Response(request, answer.status, answer.headers, answer.body, seconds, None))
