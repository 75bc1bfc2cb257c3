"""From a request to its answer: a page, a bridge, or a route of the API with all that lies before its handler."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import unquote

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.table import KNOWN, ROUTES
from cocalc_facade.testing.routes.unwritten import unwritten
from cocalc_facade.testing.wire.bodies import BadBody, parsed_body
from cocalc_facade.testing.wire.http import HEAD_LIMIT, JSON_TYPE, Request, Response, answer, reply
from cocalc_facade.testing.wire.refusals import Crash, Refusal, Unanswered
from cocalc_facade.testing.world.identity import caller_of
from cocalc_facade.testing.world.site import Site

from . import bridge, files, pages
from .faults import Faults
from .pages import not_found, page
from .validation import Validator

# Those that ask the database before they ask who calls.
WITHOUT_CALLER = {
    "accounts/search",
    "auth/password-reset",
    "auth/requires-token",
    "auth/sign-in",
    "auth/sso-strategies",
    "news/list",
    "token-action",
}

# What these say when the project does not answer; others say nothing.
UNDEFINED_WITHOUT_PROJECT = {"exec", "jupyter/execute", "jupyter/kernels"}


class Dispatch:
    """Answers requests for a site.

    Args:
        site: how the server is set up, and what it holds.
        faults: those that wait for their calls.
        validator: what refuses the requests that do not fit, as the development build does; None to refuse none.
    """

    def __init__(self, site: Site, faults: Faults, validator: Validator | None) -> None:
        self._site = site
        self._faults = faults
        self._validator = validator

    def respond(self, request: Request) -> tuple[Response, str, Any]:
        """The answer, the path as called, and the parameters that were heard."""
        size = (
            len(request.method)
            + len(request.target)
            + 12
            + sum(len(k) + len(v) + 4 for k, v in request.headers)
        )
        if size > HEAD_LIMIT:
            response = reply(431, "", None)
            response.close = True
            return response, request.target[:80], None
        raw, mark, query = request.target.partition("?")
        path = (
            raw.removeprefix(self._site.base_path)
            if (raw + "/").startswith(self._site.base_path + "/")
            else None
        )
        if raw in pages.WITHOUT_BASE:
            return pages.WITHOUT_BASE[raw](self._site, request), raw, None
        if path is None or path in pages.WITHOUT_BASE:
            response = not_found()
            return (response if path is None else self._with_cookie(response)), raw, None
        path = path or "/"
        kind = files.route_of(request, path)
        if kind is not None:
            give = partial(files.upload, self._site, request)
            if kind == files.FILES:
                give = partial(files.fetch, self._site, request, path)
            response, params = self._faults.around(self._site, kind, give)
            return response, kind, params
        if path.startswith("/blobs/"):
            return pages.blob(self._site, request), path, None
        if path in pages.BARE:
            return pages.BARE[path](self._site, request), path, None
        # One fault at a time: doubled slashes first, then the one at the end.
        single = re.sub("/{2,}", "/", path)
        straight = single if single != path else path.rstrip("/") or "/"
        if straight != path:
            target = self._site.base_path + straight + mark + query
            response = reply(308, target, None)
            response.headers += [("Location", target), ("Refresh", f"0;url={target}")]
            return self._with_cookie(response), path, None
        if path in pages.PAGES:
            return (
                self._conditional(request, self._with_cookie(pages.PAGES[path](self._site, request))),
                path,
                None,
            )
        if path in bridge.BRIDGES:
            return self._with_cookie(bridge.BRIDGES[path](self._site, request)), path, None
        name = unquote(path).removeprefix("/api/v2/") if "%" not in path else ""
        if not path.startswith("/api/v2/") or name not in KNOWN:
            return self._with_cookie(not_found()), path, None
        response, params = self._faults.around(self._site, name, lambda: self._route(request, name))
        return response, name, params

    def _route(self, request: Request, name: str) -> tuple[Response, Any]:
        published = self._validator is not None and name in self._validator.paths
        try:
            body = parsed_body(request)
        except BadBody as fault:
            return self._with_cookie(reply(fault.status, str(fault), None, reason=str(fault))), None
        if published and (refused := self._validated(request, name, body)):
            if isinstance(refused, Response):
                return self._conditional(request, self._with_cookie(refused)), body
            body = refused.value
        # Parameters are those of a POST; only the bookmarks look at the body of any method.
        heard = request.method == "POST" or name.startswith("bookmarks/")
        params = body if heard and isinstance(body, dict) else {}
        call = Call(self._site, name, params, None, request)
        response = self._run(call)
        response.seconds += call.seconds
        return self._conditional(request, self._with_cookie(response)), params

    def _validated(self, request: Request, name: str, body: Any) -> Any:
        assert self._validator is not None
        if request.method != "POST":
            response = answer({"message": "Method not allowed."}, 405)
            response.headers.append(("Allow", "POST"))
            return response
        if not self._validator.has_body(name):
            return None
        if (request.header("content-type") or "").partition(";")[0].strip() != "application/json":
            return answer({"message": "Invalid media type. Expected application/json."}, 415)
        outcome = self._validator.check(name, body)
        if outcome.issues:
            return answer({"message": "Invalid request body.", "errors": outcome.issues}, 400)
        return outcome

    def _run(self, call: Call) -> Response:
        handler = ROUTES.get(call.path, unwritten)
        try:
            if not self._site.oddities.database_down:
                call.caller = caller_of(self._site, call.request)
            elif call.path in WITHOUT_CALLER:
                raise Refusal("connect ENOENT /var/run/postgresql/.s.PGSQL.5432")
            result = handler(call)
        except Refusal as refusal:
            result = {"error": str(refusal)}
        except Unanswered:
            result = {"error": "undefined"} if call.path in UNDEFINED_WITHOUT_PROJECT else {}
        except Crash:
            return self._crashed(call)
        response = result if isinstance(result, Response) else answer(result)
        response.headers += call.headers
        return response

    def _crashed(self, call: Call) -> Response:
        if self._validator is None:
            return reply(500, "Internal Server Error", None)
        if call.path in self._validator.paths:
            return answer({"message": "An unknown error occurred, trying again might help."}, 500)
        link = '<link data-next-font="" rel="preconnect" href="/" crossorigin="anonymous"/>'
        return page("500", "Internal Server Error", 500, head=link)

    def _with_cookie(self, response: Response) -> Response:
        """Every answer of the web application sets a fresh session cookie that means nothing."""
        value = f"connect.sid=s%3A{self._site.world.uuid()}; Path={self._site.base_path or '/'}; HttpOnly"
        response.headers += [("Vary", "Accept-Encoding"), ("Set-Cookie", value)]
        return response

    def _conditional(self, request: Request, response: Response) -> Response:
        wanted = request.header("if-none-match")
        tag = response.header("etag")
        if response.status != 200 or tag is None or wanted is None:
            return response
        if wanted.strip() != "*" and tag not in [
            item.strip().removeprefix("W/") for item in wanted.split(",")
        ]:
            return response
        response.status, response.reason, response.body = 304, "Not Modified", b""
        if response.header("content-type") is None:
            response.headers.append(("Content-Type", JSON_TYPE))
        return response
