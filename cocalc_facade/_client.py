"""The client that waits for each answer, and what both clients share: construction, options, views."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, NoReturn, Self, TypedDict, TypeVar, Unpack

from cocalc_v2.resources import RawRoot, Root
from cocalc_v2.types import Lacking, Offering, Paging

from cocalc_facade import _calls, _jobs

from ._calls import engine
from ._calls.options import Options, known_names, whole
from ._calls.routes import Routes
from ._calls.session import Session
from ._calls.timeouts import Timeout, timeout_from
from ._errors import (
    CoCalcWarning,
    ConfigurationError,
    InvalidRequestError,
    SchemaMismatch,
    UnexpectedResponse,
)
from ._jobs.methods.jobs import Jobs
from ._wire.clock import Clock
from ._wire.drivers import Driver
from ._wire.flow import Flow
from ._wire.hosts import DEFAULT as DEFAULT_HOST
from ._wire.hosts import parse_host
from ._wire.keys import Key, KeySource, source
from ._wire.keys.leaving import leave
from ._wire.sending.threads import Transport

T = TypeVar("T")

Lacking._error = SchemaMismatch._of_missing
Paging._refused = partial(InvalidRequestError, field="limit")
Paging._misshapen = lambda path, words: UnexpectedResponse(words, path=path)

VARIABLES = ("COCALC_PROFILE", "COCALC_READ_ONLY", "COCALC_API_URL")
"""What of the environment is looked at beside the key and the host."""


class Changes(TypedDict, total=False):
    """What `with_options` can change; see `CoCalc` for what each means."""

    timeout: float | Timeout | None
    max_retries: int
    strict: bool
    on_mismatch: Callable[[_calls.Mismatch], object] | None
    on_request: Callable[[_calls.Request], object] | None
    on_response: Callable[[_calls.Response], object] | None
    log_bodies: bool
    max_rate_wait: float
    max_response_bytes: int
    read_only: bool
    dry_run: bool


class Settings(Changes, total=False):
    """What else a client can be made with; see `CoCalc` for what each means."""

    api_key: str | Callable[[], str] | None
    base_url: str | None
    http_client: Any
    auth: Literal["basic", "bearer"]
    allow_plain_http: bool
    max_connections: int | None


class Client(Offering):
    """What does not depend on how a client waits."""

    _session: Session
    _key: KeySource
    _driver: Any
    _is_view = False

    @known_names
    def __init__(
        self,
        api_key: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        http_client: Any = None,
        strict: bool | None = None,
        on_mismatch: Callable[[_calls.Mismatch], object] | None = None,
        on_request: Callable[[_calls.Request], object] | None = None,
        on_response: Callable[[_calls.Response], object] | None = None,
        auth: Literal["basic", "bearer"] | None = None,
        allow_plain_http: bool | None = None,
        log_bodies: bool | None = None,
        max_connections: int | None = None,
        max_rate_wait: float | None = None,
        max_response_bytes: int | None = None,
        read_only: bool | None = None,
        dry_run: bool = False,
        _clock: Clock | None = None,
        _profile: str | None = None,
    ) -> None:
        recent: tuple[Key, ...] = ()
        try:
            self._key, api_key = source(api_key), None
            recent = self._key.recent
            given = {
                "timeout": timeout,
                "max_retries": max_retries,
                "strict": strict,
                "auth": auth,
                "allow_plain_http": allow_plain_http,
                "log_bodies": log_bodies,
                "max_connections": max_connections,
                "max_rate_wait": max_rate_wait,
                "max_response_bytes": max_response_bytes,
                "read_only": read_only,
            }
            chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
            where = "base_url"
            if base_url is None:
                base_url, where = os.environ.get("COCALC_HOST") or None, "COCALC_HOST"
            if _profile is not None or any(map(os.environ.get, VARIABLES)):
                from ._settings.choosing import choose

                found = choose(chosen, (base_url, where), self._key, _profile)
                chosen, (base_url, where), self._key = found
                recent = self._key.recent
            scheme, limit = chosen.pop("auth", "basic"), chosen.pop("max_connections", None)
            plain_http = chosen.pop("allow_plain_http", False)
            if scheme not in ("basic", "bearer"):
                raise ConfigurationError("auth must be 'basic' or 'bearer'")
            if limit is not None and ((limit := whole(limit)) is None or limit < 1):
                raise ConfigurationError("max_connections must be a positive whole number")
            if "timeout" in chosen:
                chosen["timeout"] = timeout_from(chosen["timeout"])
            options = Options(
                on_mismatch=on_mismatch,
                on_request=on_request,
                on_response=on_response,
                dry_run=dry_run,
                **chosen,
            )
            host = parse_host(
                DEFAULT_HOST if base_url is None else base_url,
                allow_plain_http=plain_http,
                what=where,
            )
            clock = _clock or Clock()
            self._session = Session(host, options, Routes(), clock, self._key)
            self._driver = self._drive(host, scheme, clock, http_client, limit)
        except BaseException as error:
            api_key = None  # the traceback of what is raised holds this frame
            leave(error, recent)
            raise
        for caution in self._key.cautions:
            warnings.warn(caution, CoCalcWarning, stacklevel=3)

    def _drive(self, host: Any, auth: str, clock: Clock, given: Any, limit: int | None) -> Any:
        raise NotImplementedError

    @classmethod
    def from_profile(cls, name: str | None = None, /, **options: Unpack[Settings]) -> Self:
        """A client with what a profile of the file `cocalc-facade/config.toml` says: host, key, options.

        What is given here comes first, then the environment, then the profile.

        Args:
            name: The profile. Else COCALC_PROFILE, else the one that the file names as `default`.
            options: The arguments of the client.

        Raises:
            ConfigurationError: the file, the profile or a field of it makes no sense; the error names them.
        """
        try:
            return cls(**options, _profile=name or "")
        finally:
            del options  # the traceback of what is raised holds this frame, and there may be a key in it

    def with_options(self, **changes: Unpack[Changes]) -> Self:
        """Give a view of this client with other options: same connections, same key. This client stays as it is.

        Closing the view leaves the connections open. Raises `ConfigurationError` for a value that makes no sense, `TypeError` for
        an option that cannot be changed.
        """
        if unknown := changes.keys() - set(Options.__slots__):
            from ._calls.values.naming import unknown_option

            raise unknown_option("with_options", min(unknown), Options.__slots__)
        if changes.get("timeout") is not None:
            changes["timeout"] = timeout_from(changes["timeout"])  # type: ignore[arg-type]
        view = object.__new__(type(self))
        view._key = self._key
        view._driver = self._driver
        view._session = self._session.view(changes)
        view._is_view = True
        return view

    @property
    def planned(self) -> tuple[_calls.PlannedCall, ...]:
        """What a client with `dry_run` would have called so far, in order; shared by all views."""
        plan = self._session.plan
        return () if plan is None else tuple(plan.calls)

    def describe(self, path: str) -> _jobs.RouteDescription:
        """What is known of a route, without asking the server: its arguments, who may call it, what it changes.

        Raises:
            InvalidRequestError: the route is not known; the error suggests one.
        """
        from ._jobs.values.routes import describe

        return describe(path)

    def routes(self, prefix: str = "") -> tuple[str, ...]:
        """The paths of all routes that are known, or of those that begin so."""
        from ._jobs.values.routes import routes

        return routes(prefix)

    @property
    def mismatches(self) -> _calls.Mismatches:
        """Where answers departed from the schema so far, by kind, with counts; shared by all views."""
        return self._session.mismatches

    def __repr__(self) -> str:
        if "_session" not in vars(self):  # refused: what shows the variables of a traceback meets it so
            return f"<{type(self).__name__}, not made>"
        key = self._key.kind
        return f"<{type(self).__name__} {self._session.host.name}, {key}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} holds connections and a key, and is not pickled or copied")


class CoCalc(Client, Jobs, Root):
    """A CoCalc server, for code that waits for each answer. Safe to share between threads.

    `client.projects.stop(project_id=…)` and so on call the routes of the same path; `client.call` any route by its path.

    Args:
        api_key: The key, or a callable that gives it and is asked once for each call (rotation). Else COCALC_API_KEY, else the file that COCALC_API_KEY_FILE names.
            Without any, only calls that need no key work.
        base_url: The server, as people paste it; a base path is kept. Else COCALC_HOST, else https://cocalc.com.
        timeout: Seconds for a whole call with its repetitions and waits, or a `Timeout`. None: 120, more for operations that are known to be slow.
        max_retries: How often a call is repeated at most, when that can do no harm.
        http_client: An `httpx.Client` (or httpx2's) with proxies, certificates or a transport of your own. It is not closed by this client. For this
            machine and over plain http it must not take a proxy from the environment (`trust_env=False`).
        strict: Raise `SchemaMismatch` when an answer departs from the schema, instead of recording it.
        on_mismatch: Called with each `Mismatch`.
        on_request: Called with each `Request` before it is sent; nothing in it shows the key.
        on_response: Called with each `Response`; nothing in it shows the key, also where the server repeats it.
        auth: How the key is sent.
        allow_plain_http: Send the key over http:// to other machines than this one.
        log_bodies: Let the logger `cocalc_facade` show bodies at DEBUG.
        max_connections: How many calls are under way at most: 100 for threads, 20 for tasks by default.
        max_rate_wait: The longest wait in seconds that a refusal for rate may ask for and still be waited for.
        max_response_bytes: The largest answer that is taken, decompressed.
        read_only: Refuse with `ReadOnlyError`, before anything is sent, what changes something or is not known to read only. Else COCALC_READ_ONLY.
        dry_run: Make only the calls that read; what would change something is listed in `planned`, and answered with placeholders.

    What is not given comes from the environment, then from the profile that COCALC_PROFILE names; see `from_profile`.

    Raises:
        ConfigurationError: the key or the address makes no sense. Nothing is sent.
    """

    _driver: Driver

    def _drive(self, host: Any, auth: str, clock: Clock, given: Any, limit: int | None) -> Driver:
        return Driver(Transport(host, scheme=auth, clock=clock, given=given, limit=limit), clock, self._key)

    def _call(
        self,
        path: str,
        arguments: Mapping[str, Any],
        confirm: bool | None = None,
        *,
        start: int | None = None,
    ) -> Any:
        if start is not None:
            return self._driver.run(engine.page(self._session, path, arguments, start))
        return self._driver.run(engine.typed(self._session, path, arguments, confirm))

    def _run_flow(self, flow: Flow[T]) -> T:
        return self._driver.run(flow)

    def _iterate(self, flow: Flow[None]) -> Iterator[Any]:
        return self._driver.iterate(flow)

    def call(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        confirm: bool = False,
        timeout: float | Timeout | None = None,
        check: bool = True,
    ) -> Any:
        """Plain JSON from any route, also one that appeared yesterday.

        Args:
            path: For example "projects/stop".
            body: The parameters.
            confirm: For routes that need it, such as `accounts/delete`.
            timeout: As for the client, for this call.
            check: False sends parameters that this client does not know of, and takes any JSON for an answer.

        Raises:
            CoCalcError: see the error classes.
        """
        return self._driver.run(
            engine.call(self._session, path, body, confirm=confirm, timeout=timeout, check=check)
        )

    @property
    def with_raw_response(self) -> RawRoot:
        """The same methods, giving status, headers, body bytes and `.parse()`."""
        return RawRoutes(self)

    def whoami(self) -> _jobs.Identity:
        """Who the key speaks for, an account or a project. The one call to rely on to see whether a key is accepted.

        Raises:
            AuthenticationError: the server takes the caller for anonymous.
        """
        from ._jobs.account.identity import whoami

        return self._driver.run(whoami(self._session))

    def check_schema(self) -> _jobs.Report:
        """What the connected server publishes otherwise than when this client was made: false when nothing that a caller could notice.

        Fetches the server's document, which needs no key. `.severity`, `.breaking` and `.changes` tell what; `str()` says it in sentences.

        Raises:
            CoCalcError: the document does not come, or is none.
        """
        from ._drift.drift import check_schema

        return self._driver.run(check_schema(self._session))

    def close(self) -> None:
        """Close the connections, unless they belong to an `http_client` that was given, or this is a view."""
        if not self._is_view:
            self._driver.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()


class RawRoutes(Offering, RawRoot):
    """The routes of a client whose methods give answers undecoded."""

    def __init__(self, client: CoCalc) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"

    def _call(self, path: str, arguments: Mapping[str, Any], confirm: bool | None = None) -> Any:
        return self._client._run_flow(engine.raw(self._client._session, path, arguments, confirm))
