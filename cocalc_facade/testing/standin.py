"""The stand-in: an in-memory CoCalc that answers requests, whatever brings them."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from .data import packaged, text
from .routes.newer.table import ROUTES as NEWER
from .routes.table import KNOWN
from .server.dispatch import Dispatch
from .server.faults import Faults, Kind
from .server.files import FILES, UPLOAD
from .server.newer import NewerDispatch
from .server.validation import Validator
from .wire.http import Request, Response
from .world.clock import Clock, iso
from .world.course import TestCourse, add_course
from .world.identity import masked
from .world.seed import Ids, Seed, seed
from .world.site import Design, Generation, Oddities, Site
from .world.state import CAPABILITIES, START_SECONDS, STOP_SECONDS, Account, Key, Project, World

if TYPE_CHECKING:
    import httpx

    from .server import in_process, loopback
else:  # modules that annotations name, imported when somebody resolves these
    from cocalc_v2.types import Later

    httpx = Later("httpx")
    in_process = Later("cocalc_facade.testing.server.in_process")
    loopback = Later("cocalc_facade.testing.server.loopback")

Build = Literal["production", "development"]
SECRETS = {"password", "currentPassword", "newPassword", "api_key", "token", "registrationToken", "code"}


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


class StandIn(Site):
    """An in-memory CoCalc with accounts, keys, projects and the ways of the real server.

    It starts with three people: `user` (with a project, `project`), `second` (with `second_project`) and `admin`; each
    has a working `key`. There is a key of the user's project (`project_key`) and an `expired_key`.

    Args:
        build: `production`, as deployed sites run, or `development`, which validates requests.
        generation: `cocalc`, or `ai` for the rewritten servers, whose keys have capabilities.
        base_path: such as `/base/path`; everything lies under it then.
        clock: the time it lives in; default is a fake one that answers move.
        docs_design: which of the two designs the page about the API has, `redoc` or `swagger`.
        document: the OpenAPI document to publish; default is today's.
        start_seconds, stop_seconds: how long projects take for it.
        oddities: which of the real server's odd ways it has.
        ids: the ids of what it starts with, where fixed ones are wanted.
        homes: where the directories of projects lie.
    """

    def __init__(
        self,
        build: Build = "production",
        *,
        generation: Generation = "cocalc",
        base_path: str = "",
        clock: Clock | None = None,
        docs_design: Design = "redoc",
        document: dict[str, Any] | None = None,
        start_seconds: float = START_SECONDS,
        stop_seconds: float = STOP_SECONDS,
        oddities: Oddities | None = None,
        ids: Ids | None = None,
        homes: str = "/home",
    ) -> None:
        if build not in get_args(Build):
            raise ValueError(f"build: production or development, got {build!r}")
        if generation not in get_args(Generation):
            raise ValueError(f"generation: cocalc or ai, got {generation!r}")
        if generation == "ai" and build == "development":
            raise ValueError("build: the newer generation is played as it is deployed, without validation")
        if base_path and (not base_path.startswith("/") or base_path.endswith("/")):
            raise ValueError(f"base_path: like /base/path, got {base_path!r}")
        super().__init__(
            world=World(clock or Clock(), random.Random(2026), homes=homes),  # noqa: S311 - ids, the same in every run
            document_text=text("published.json") if document is None else json.dumps(document),
            base_path=base_path,
            docs_design=docs_design,
            start_seconds=start_seconds,
            stop_seconds=stop_seconds,
            oddities=oddities or Oddities(),
            clock_given=clock is not None,
            generation=generation,
        )
        self.build = build
        self.requests: list[Received] = []
        self._seed: Seed = seed(self.world, ids or Ids(), newer=generation == "ai")
        newer = generation == "ai"
        self._faults = Faults(NEWER if newer else {*KNOWN, UPLOAD, FILES}, generation)
        self._lock = threading.RLock()
        validator = Validator(packaged("published.json")) if build == "development" else None
        self._dispatch = (
            NewerDispatch(self, self._faults) if newer else Dispatch(self, self._faults, validator)
        )

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

    def iso(self, moment: float) -> str:
        """A moment as the server writes it."""
        return iso(moment)

    # What tests do to it.

    def fail(
        self,
        path: str,
        *,
        kind: Kind,
        times: int | None = 1,
        status: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Let the next calls of a path fail.

        Args:
            path: the route, such as `projects/stop`, or `*`.
            kind: `refused` (no connection), `drop_before` and `drop_after` (the connection ends before or after the
                handler ran), `stale_connection` (a pooled connection that the server had closed), `status` (a gateway's
                page), `html` (the same, with 200 unless said), `rate_limit`, `truncate`, `latency`, `undefined` (the 60 second cut, while the command goes on),
                `database` (away during the call).
            times: how often; None for always.
            status: for `status` (default 503) and `html` (default 200).
            seconds: the delay for `latency`, the wait for `rate_limit`; default 10.

        Raises:
            ValueError: there is no such route, the kind has no such argument, or the server does not throttle the route;
                a near name is told.
        """
        self._faults.add(path, kind, times, status, seconds)

    def heal(self) -> None:
        """Forget all faults that still wait."""
        self._faults.clear()

    def purchase(
        self, account: Account, cost: float | None, *, service: str = "license", **more: Any
    ) -> dict[str, Any]:
        """Add a purchase of an account (a negative cost is a credit, None one that still runs); gives the row."""
        return self.world.add_purchase(account, cost, service=service, **more)

    def add_key(
        self, account: Account, *capabilities: str, projects: Iterable[Project] = (), name: str | None = None
    ) -> Key:
        """Add a key of an account, on a server of the newer generation with some capabilities; gives it, its text is `secret`.

        Args:
            account: whose key it is.
            capabilities: what it may, such as `project:list`; only with `generation="ai"`.
            projects: the projects on its list.
            name: how it is called.

        Raises:
            ValueError: there is no such capability, or keys have none on this server.
        """
        listed = [project.project_id for project in projects]
        if self.generation != "ai":
            if capabilities or listed:
                raise ValueError("capabilities: keys have them on a server of generation 'ai' only")
            return self.world.add_key(account.account_id, name)
        unknown = [word for word in capabilities if word not in CAPABILITIES]
        if unknown or not capabilities:
            raise ValueError(f"capabilities: one or more of {', '.join(CAPABILITIES)}; got {unknown}")
        return self.world.add_newer_key(account.account_id, name, capabilities, listed)

    def add_course(
        self,
        path: str = "algebra.course",
        *,
        students: int = 3,
        joined: int | None = None,
        assignments: Sequence[str] = ("homework/week1",),
        handouts: Sequence[str] = (),
    ) -> TestCourse:
        """Add a course to the project of `user`: its file, students with projects, and folders with a `README.md` to give out.

        Args:
            path: the course file.
            students: how many there are.
            joined: how many of them, the first, have an account and are in their projects; default is all.
            assignments: folders of assignments.
            handouts: folders of handouts.
        """
        return add_course(
            self.world,
            self.user,
            self.project,
            path,
            students=students,
            joined=students if joined is None else joined,
            assignments=assignments,
            handouts=handouts,
        )

    def view(self, project: Project, path: str = "") -> None:
        """Let somebody look at a directory, after which the `listings` table has it."""
        project.listings[path.strip("/")] = self.world.now()

    def restart(self, project: Project) -> None:
        """Restart a project, which loses its jobs."""
        project.restart(self.world.now())

    # The three ways to reach it.

    def transport(self) -> in_process.Transport:
        """A transport for httpx clients, sync and async: no socket."""
        return in_process.Transport(self, self.handle)

    def client(self, **options: Any) -> httpx.Client:
        """An httpx client whose calls arrive here."""
        given = {"base_url": "http://localhost" + self.base_path, "timeout": 120.0, **options}
        return httpx.Client(transport=self.transport(), **given)

    def async_client(self, **options: Any) -> httpx.AsyncClient:
        """An asynchronous httpx client whose calls arrive here."""
        given = {"base_url": "http://localhost" + self.base_path, "timeout": 120.0, **options}
        return httpx.AsyncClient(transport=self.transport(), **given)

    @contextmanager
    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve on loopback; gives the address, base path included."""
        with self.server(port, host) as server:
            yield server.url

    def server(self, port: int = 0, host: str = "127.0.0.1") -> loopback.Server:
        """A server on loopback, to be used as a context manager. Its time is real unless a clock was given."""
        return loopback.Server(self, self.handle, host, port)

    # Answering.

    def handle(self, request: Request) -> Response:
        """The answer to one request; it says itself how long it takes and whether it arrives."""
        with self._lock:
            response, path, params = self._dispatch.respond(request)
            if request.method == "HEAD":
                response.headers.append(("Content-Length", str(len(response.body))))
                response.body = b""
            self.requests.append(
                Received(request.method, path, _shown(params), masked(request), response.status)
            )
            return response


def _shown(params: Any) -> Any:
    """Parameters without what must stay secret."""
    if not isinstance(params, dict):
        return params
    return {key: "..." if key in SECRETS else value for key, value in params.items()}
