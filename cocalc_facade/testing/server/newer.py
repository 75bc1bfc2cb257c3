"""From a request to its answer, on a server of the newer generation: no pages, no documents, methods checked."""

from __future__ import annotations

import html
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.newer.table import POST_ONLY, ROUTES
from cocalc_facade.testing.wire.bodies import BadBody, parsed_body
from cocalc_facade.testing.wire.http import NEWER_BODY_LIMIT, Request, Response, answer, reply
from cocalc_facade.testing.wire.refusals import Crash, Refusal, Unanswered
from cocalc_facade.testing.world.identity import caller_of
from cocalc_facade.testing.world.site import Site

from . import newer_bridge
from .faults import Faults


class NewerDispatch:
    """Answers requests for a site of the newer generation.

    Args:
        site: how the server is set up, and what it holds.
        faults: those that wait for their calls.
    """

    def __init__(self, site: Site, faults: Faults) -> None:
        self._site = site
        self._faults = faults

    def respond(self, request: Request) -> tuple[Response, str, Any]:
        """The answer, the path as called, and the parameters that were heard."""
        raw = request.target.partition("?")[0]
        base = self._site.base_path
        path = raw.removeprefix(base) if (raw + "/").startswith(base + "/") else ""
        if raw == "/alive":
            return reply(200, "alive: YES", "text/plain; charset=utf-8"), raw, None
        if request.method == "OPTIONS":
            return reply(204, "", None), path, None
        if path in newer_bridge.BRIDGES:
            body = self._body(request)
            response = (
                body if isinstance(body, Response) else newer_bridge.BRIDGES[path](self._site, request, body)
            )
            return response, path, None
        name = path.removeprefix("/api/v2/")
        if not path.startswith("/api/v2/") or name not in ROUTES:
            return error_page(404, f"Cannot {request.method} {raw}"), path, None
        response, params = self._faults.around(self._site, name, lambda: self._route(request, name))
        return response, name, params

    def _body(self, request: Request) -> Any:
        try:
            return parsed_body(request, NEWER_BODY_LIMIT)
        except BadBody as fault:
            return error_page(fault.status, "Payload Too Large" if fault.status == 413 else "Bad Request")

    def _route(self, request: Request, name: str) -> tuple[Response, Any]:
        body = self._body(request)
        if isinstance(body, Response):
            return body, None
        if request.method != "POST" and name in POST_ONLY:
            response = answer({"error": "method_not_allowed"}, 405)
            response.headers.append(("Allow", "POST"))
            return response, None
        params = body if request.method == "POST" and isinstance(body, dict) else {}
        call = Call(self._site, name, params, None, request)
        try:
            if not self._site.oddities.database_down:
                call.caller = caller_of(self._site, request)
            result = ROUTES[name](call)
        except Refusal as refusal:
            result = {"error": str(refusal)}
        except Unanswered:
            result = {"error": "timeout"}
        except Crash:
            result = answer({"error": "api_v2_error"}, 500)
        response = result if isinstance(result, Response) else answer(result)
        response.headers += call.headers
        response.seconds += call.seconds
        return response, params


def error_page(status: int, text: str) -> Response:
    """A page as the server's framework writes it."""
    body = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        f"<body>\n<pre>{html.escape(text)}</pre>\n</body>\n</html>\n"
    )
    return reply(status, body, "text/html; charset=utf-8")
