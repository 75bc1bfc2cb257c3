"""The stand-in: an in-memory CoCalc that answers requests, whatever brings them."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import unquote

from . import pages, routes  # noqa: F401 - routes fills the table of handlers
from .calls import ROUTES, Call
from .clock import Clock, iso
from .faults import Fault, Faults, Kind
from .identity import caller_of, masked
from .seed import Ids, Seed, seed
from .state import START_SECONDS, STOP_SECONDS, Account, Key, Project, World
from .unwritten import packaged, unwritten
from .validation import Validator
from .wire import (
    HEAD_LIMIT,
    JSON_TYPE,
    BadBody,
    Crash,
    Refusal,
    Request,
    Response,
    answer,
    parsed_body,
    reply,
)

if TYPE_CHECKING:
    import httpx

    from .serving import Server
    from .transport import Transport

Build = Literal["production", "development"]
SECRETS = {"password", "currentPassword", "newPassword", "api_key", "token", "registrationToken", "code"}

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


@dataclass(slots=True)
class Oddities:
    """The real server's odd ways. All are on; each can be switched off, and `database_down` on.

    `cut_seconds`: when the hub stops waiting for a project, None for never. `idle_seconds`: when an idle connection is
    closed (over sockets), None for never. `key_cache_seconds`: how long a deleted key goes on working.
    `start_races`: a start during a stop answers ok and the project ends stopped; parallel starts may answer EEXIST.
    `latex_seconds`: how long a compilation takes. `rate_limits`: the throttle. `jupyter_hangs`: code with history runs into the 60 seconds.
    """

    cut_seconds: float | None = 60.0
    idle_seconds: float | None = 5.0
    key_cache_seconds: float = 15.0
    latex_seconds: float = 1.5
    start_races: bool = True
    rate_limits: bool = True
    jupyter_hangs: bool = False
    database_down: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """One request that arrived: what was called, with what, by whom (the key's ends only), and the status given."""

    method: str
    path: str
    params: Any
    key: str
    status: int

    def __str__(self) -> str:
        who = f" ({self.key})" if self.key else ""
        return f"{self.method} {self.path} {json.dumps(self.params, default=str)}{who} -> {self.status}"


class StandIn:
    """An in-memory CoCalc with accounts, keys, projects and the ways of the real server.

    It starts with three people: `user` (with a project, `project`), `second` (with `second_project`) and `admin`; each
    has a working `key`. There is a key of the user's project (`project_key`) and an `expired_key`.

    Args:
        build: `production`, as deployed sites run, or `development`, which validates requests.
        base_path: such as `/base/path`; everything lies under it then.
        clock: the time it lives in; default is a fake one that answers move.
        docs_design: which of the two designs the page about the API has, `redoc` or `swagger`.
        document: the OpenAPI document to publish; default is today's.
        start_seconds, stop_seconds: how long projects take for it.
        oddities: which of the real server's odd ways it has.
        ids: the ids of what it starts with, where fixed ones are wanted.
    """

    def __init__(
        self,
        build: Build = "production",
        *,
        base_path: str = "",
        clock: Clock | None = None,
        docs_design: Literal["redoc", "swagger"] = "redoc",
        document: dict[str, Any] | None = None,
        start_seconds: float = START_SECONDS,
        stop_seconds: float = STOP_SECONDS,
        oddities: Oddities | None = None,
        ids: Ids | None = None,
    ) -> None:
        if build not in get_args(Build):
            raise ValueError(f"build: production or development, got {build!r}")
        if base_path and (not base_path.startswith("/") or base_path.endswith("/")):
            raise ValueError(f"base_path: like /base/path, got {base_path!r}")
        self.build = build
        self.base_path = base_path
        self.docs_design = docs_design
        self.document_text = pages.published_text() if document is None else json.dumps(document)
        self.start_seconds, self.stop_seconds = start_seconds, stop_seconds
        self.oddities = oddities or Oddities()
        self.jupyter = True
        self.clock_given = clock is not None
        self.world = World(clock or Clock(), random.Random(2026))  # noqa: S311 - ids, the same in every run
        self.born = self.world.now()
        self.requests: list[Received] = []
        self._seed: Seed = seed(self.world, ids or Ids())
        self._faults = Faults()
        self._lock = threading.RLock()
        self._validator = Validator(packaged("published.json")) if build == "development" else None
        self._known = {*packaged("anonymous.json"), *ROUTES}

    # What it starts with.

    @property
    def user(self) -> Account:
        """A person with a project."""
        return self._seed.user

    @property
    def second(self) -> Account:
        """Another person, with a project of their own."""
        return self._seed.second

    @property
    def admin(self) -> Account:
        """An admin."""
        return self._seed.admin

    @property
    def project(self) -> Project:
        """The project of `user`."""
        return self._seed.project

    @property
    def second_project(self) -> Project:
        """The project of `second`."""
        return self._seed.second_project

    @property
    def project_key(self) -> Key:
        """A key of `project`: it speaks for the project as if that were an account."""
        return self._seed.project_key

    @property
    def expired_key(self) -> Key:
        """A key of `user` whose time is over."""
        return self._seed.expired_key

    @property
    def clock(self) -> Clock:
        """The time it lives in."""
        return self.world.clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self.world.clock = clock

    @property
    def site_url(self) -> str:
        """The address that the site believes to have: no host name is configured, so it is wrong, as measured."""
        return "https://localhost" + self.base_path

    def iso(self, moment: float) -> str:
        """A moment as the server writes it."""
        return iso(moment)

    # What tests do to it.

    def fail(
        self, path: str, *, kind: Kind, times: int | None = 1, status: int = 503, seconds: float = 10.0
    ) -> None:
        """Let the next calls of a path fail.

        Args:
            path: the route, such as `projects/stop`, or `*`.
            kind: `refused` (no connection), `drop_before` and `drop_after` (the connection ends before or after the
                handler ran), `stale_connection` (a pooled connection that the server had closed), `status` (a gateway's
                page), `html` (the same with 200), `rate_limit`, `truncate`, `latency`, `undefined` (the 60 second cut, while the command goes on),
                `database` (away during the call).
            times: how often; None for always.
            status: the status for `status`.
            seconds: the delay for `latency`, the wait for `rate_limit`.
        """
        self._faults.add(Fault(path, kind, times, 200 if kind == "html" else status, seconds))

    def heal(self) -> None:
        """Forget all faults that still wait."""
        self._faults.clear()

    def purchase(
        self, account: Account, cost: float, *, service: str = "license", **more: Any
    ) -> dict[str, Any]:
        """Add a purchase of an account (a negative cost is a credit); gives the row."""
        row = {
            "id": len(self.world.purchases) + 1,
            "time": iso(self.world.now()),
            "account_id": account.account_id,
            "cost": cost,
            "cost_per_hour": None,
            "cost_so_far": None,
            "period_start": None,
            "period_end": None,
            "pending": False,
            "service": service,
            "invoice_id": None,
            "description": {"type": service},
            "project_id": None,
            "tag": None,
            "notes": None,
            **more,
        }
        self.world.purchases.append(row)
        return row

    def view(self, project: Project, path: str = "") -> None:
        """Let somebody look at a directory, after which the `listings` table has it."""
        project.listings[path.strip("/")] = self.world.now()

    def restart(self, project: Project) -> None:
        """Restart a project, which loses its jobs."""
        project.restart(self.world.now())

    # The three ways to reach it.

    def transport(self) -> Transport:
        """A transport for httpx clients, sync and async: no socket."""
        from .transport import Transport

        return Transport(self)

    def client(self, **options: Any) -> httpx.Client:
        """An httpx client whose calls arrive here."""
        import httpx

        given = {"base_url": "http://localhost" + self.base_path, "timeout": 120.0, **options}
        return httpx.Client(transport=self.transport(), **given)

    def async_client(self, **options: Any) -> httpx.AsyncClient:
        """An asynchronous httpx client whose calls arrive here."""
        import httpx

        given = {"base_url": "http://localhost" + self.base_path, "timeout": 120.0, **options}
        return httpx.AsyncClient(transport=self.transport(), **given)

    @contextmanager
    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve on loopback; gives the address, base path included."""
        with self.server(port, host) as server:
            yield server.url

    def server(self, port: int = 0, host: str = "127.0.0.1") -> Server:
        """A server on loopback, to be used as a context manager. Its time is real unless a clock was given."""
        from .serving import Server

        return Server(self, host, port)

    # Answering.

    def handle(self, request: Request) -> Response:
        """The answer to one request; it says itself how long it takes and whether it arrives."""
        with self._lock:
            response, path, params = self._respond(request)
            if request.method == "HEAD":
                response.headers.append(("Content-Length", str(len(response.body))))
                response.body = b""
            self.requests.append(
                Received(request.method, path, _shown(params), masked(request), response.status)
            )
            return response

    def _respond(self, request: Request) -> tuple[Response, str, Any]:
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
        path = raw.removeprefix(self.base_path) if (raw + "/").startswith(self.base_path + "/") else None
        if raw in pages.WITHOUT_BASE:
            return pages.WITHOUT_BASE[raw](self, request), raw, None
        if path is None or path in pages.WITHOUT_BASE:
            response = pages.not_found()
            return (response if path is None else self._with_cookie(response)), raw, None
        path = path or "/"
        if path.startswith("/blobs/"):
            return pages.blob(self, request), path, None
        if path in pages.BARE:
            return pages.BARE[path](self, request), path, None
        # One fault at a time: doubled slashes first, then the one at the end.
        single = re.sub("/{2,}", "/", path)
        straight = single if single != path else path.rstrip("/") or "/"
        if straight != path:
            target = self.base_path + straight + mark + query
            response = reply(308, target, None)
            response.headers += [("Location", target), ("Refresh", f"0;url={target}")]
            return self._with_cookie(response), path, None
        if path in pages.PAGES:
            return self._conditional(request, self._with_cookie(pages.PAGES[path](self, request))), path, None
        if path in pages.API_PAGES:
            return self._with_cookie(pages.API_PAGES[path](self, request)), path, None
        name = unquote(path).removeprefix("/api/v2/") if "%" not in path else ""
        if not path.startswith("/api/v2/") or name not in self._known:
            return self._with_cookie(pages.not_found()), path, None
        return self._faulty(request, name)

    def _faulty(self, request: Request, name: str) -> tuple[Response, str, Any]:
        fault = self._faults.take(name)
        if fault and (instead := fault.instead(name)):
            return instead, name, None
        before = self.oddities.database_down
        self.oddities.database_down = before or bool(fault and fault.kind == "database")
        try:
            response, params = self._route(request, name)
        finally:
            self.oddities.database_down = before
        return (fault.after(response) if fault else response), name, params

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
        call = Call(self, name, params, None, request)
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
        handler: Callable[[Call], Any] = ROUTES.get(call.path, unwritten)
        try:
            if not self.oddities.database_down:
                cache = self.oddities.key_cache_seconds
                call.caller = caller_of(
                    self.world, call.request, base_path=self.base_path, cache_seconds=cache
                )
            elif call.path in WITHOUT_CALLER:
                raise Refusal("connect ENOENT /var/run/postgresql/.s.PGSQL.5432")
            result = handler(call)
        except Refusal as refusal:
            result = {"error": str(refusal)}
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
        return pages.page("500", "Internal Server Error", 500, head=link)

    def _with_cookie(self, response: Response) -> Response:
        """Every answer of the web application sets a fresh session cookie that means nothing."""
        value = f"connect.sid=s%3A{self.world.uuid()}; Path={self.base_path or '/'}; HttpOnly"
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


def _shown(params: Any) -> Any:
    """Parameters without what must stay secret."""
    if not isinstance(params, dict):
        return params
    return {key: "..." if key in SECRETS else value for key, value in params.items()}
