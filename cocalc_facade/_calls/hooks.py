"""What `on_request` and `on_response` are shown: the exchange without the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from cocalc_facade._errors import printable
from cocalc_facade._json.records import Unpacked
from cocalc_facade._wire.flow import Fault
from cocalc_facade._wire.keys.redaction import MASK

if TYPE_CHECKING:
    from cocalc_facade._wire.flow import Answer


@attrs.frozen
class Request(Unpacked):
    """A request that is about to be sent, with `***` where the key stands in it."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    attempt: int


@attrs.frozen
class Response(Unpacked):
    """What came back; `status` is None when no answer came, and `fault` says why. `***` stands for the key, and for what is in a cookie."""

    request: Request
    status: int | None
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    fault: str | None


class Watch:
    """Shows the tries of one call to the hooks."""

    def __init__(
        self,
        address: Callable[[str], str],
        on_request: Callable[[Request], object] | None,
        on_response: Callable[[Response], object] | None,
    ) -> None:
        self._address = address
        self._on_request = on_request
        self._on_response = on_response

    def request(self, path: str, body: bytes, attempt: int) -> Request:
        """Show what is about to be sent; `body` without the key."""
        from cocalc_facade._version import user_agent

        headers = {"authorization": MASK, "content-type": "application/json", "user-agent": user_agent()}
        request = Request("POST", self._address(path), path, headers, body, attempt)
        hook = self._on_request
        if hook is not None:
            hook(request)
        return request

    def response(self, request: Request, shown: Answer | Fault, seconds: float) -> None:
        """Show what came back, or why nothing came; `shown` without the key."""
        hook = self._on_response
        if hook is None:
            return
        if isinstance(shown, Fault):
            hook(Response(request, shown.status, {}, b"", seconds, printable(shown.message)))
        else:
            hook(Response(request, shown.status, shown.headers, shown.body, seconds, None))
