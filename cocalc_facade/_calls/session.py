"""What one client knows while it calls: server, options, and what it has learned. Flows get it as their first argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import _engine
from ._errors import ConfigurationError
from ._flow import Flow

if TYPE_CHECKING:
    from ._drivers import Clock
    from ._hooks import Request, Response
    from ._hosts import Host
    from ._keys import KeySource
    from ._mismatches import Mismatch, Mismatches
    from ._raw import RawAnswer
    from ._routes import Routes
    from ._timeouts import Timeout

LIMIT = 256 * 1024 * 1024


class Options:
    """What can be set per client and per view. `timeout` None means the defaults, which are longer for slow operations."""

    __slots__ = (
        "log_bodies",
        "max_rate_wait",
        "max_response_bytes",
        "max_retries",
        "on_mismatch",
        "on_request",
        "on_response",
        "strict",
        "timeout",
    )

    def __init__(
        self,
        *,
        timeout: Timeout | None = None,
        max_retries: int = 2,
        strict: bool = False,
        on_mismatch: Callable[[Mismatch], object] | None = None,
        on_request: Callable[[Request], object] | None = None,
        on_response: Callable[[Response], object] | None = None,
        log_bodies: bool = False,
        max_rate_wait: float = 60.0,
        max_response_bytes: int = LIMIT,
    ) -> None:
        if isinstance(max_retries, bool) or not isinstance(max_retries, int) or max_retries < 0:
            raise ConfigurationError("max_retries must be a whole number, 0 or more")
        if (
            isinstance(max_response_bytes, bool)
            or not isinstance(max_response_bytes, int)
            or max_response_bytes < 1
        ):
            raise ConfigurationError("max_response_bytes must be a positive whole number")
        if (
            isinstance(max_rate_wait, bool)
            or not isinstance(max_rate_wait, int | float)
            or not max_rate_wait >= 0
        ):
            raise ConfigurationError("max_rate_wait must be a number of seconds, 0 or more")
        for name, hook in (
            ("on_mismatch", on_mismatch),
            ("on_request", on_request),
            ("on_response", on_response),
        ):
            if hook is not None and not callable(hook):
                raise ConfigurationError(f"{name} must be callable, not {type(hook).__name__}")
        self.timeout = timeout
        self.max_retries = max_retries
        self.strict = bool(strict)
        self.on_mismatch = on_mismatch
        self.on_request = on_request
        self.on_response = on_response
        self.log_bodies = log_bodies
        self.max_rate_wait = max_rate_wait
        self.max_response_bytes = max_response_bytes

    def with_changes(self, changes: Mapping[str, Any]) -> Options:
        """Give the same options but for `changes`."""
        return Options(**{**{name: getattr(self, name) for name in self.__slots__}, **changes})


class Session:
    """The seam between flows and a client: `call`, `typed` and `download` are flows, `now()` is the clock that `Sleep` moves."""

    __slots__ = ("_mismatches", "clock", "host", "key", "options", "resume_at", "routes")

    def __init__(self, host: Host, options: Options, routes: Routes, clock: Clock, key: KeySource) -> None:
        self.key = key
        self.host = host
        self.options = options
        self.routes = routes
        self.clock = clock
        self.resume_at: dict[str, float] = {}
        self._mismatches: Mismatches | None = None

    def now(self) -> float:
        """Monotonic seconds, on the clock that `Sleep` waits by."""
        return self.clock.now()

    @property
    def mismatches(self) -> Mismatches:
        """The departures from the schema that were seen so far."""
        if self._mismatches is None:
            from ._mismatches import Mismatches

            self._mismatches = Mismatches()
        return self._mismatches

    def view(self, changes: Mapping[str, Any]) -> Session:
        """Give the same session with other options; what is learned is shared."""
        other = Session(self.host, self.options.with_changes(changes), self.routes, self.clock, self.key)
        other.resume_at = self.resume_at
        other._mismatches = self.mismatches
        return other

    def call(
        self,
        path: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | Timeout | None = None,
        confirm: bool | None = None,
        check: bool = True,
        wait_for_rate: bool = False,
        repeatable: bool = False,
    ) -> Flow[Any]:
        """Call a route; gives plain JSON, raises a `CoCalcError`.

        `check=False` sends arguments that the operation table does not know. With `wait_for_rate` a refusal for rate is waited for as often and as
        long as the total time allows. `repeatable` says that this very request does no harm when it runs twice, whatever
        the table says of its route.
        """
        return _engine.call(
            self,
            path,
            arguments,
            timeout=timeout,
            confirm=confirm,
            check=check,
            wait_for_rate=wait_for_rate,
            repeatable=repeatable,
        )

    def typed(self, path: str, arguments: Mapping[str, Any], confirm: bool | None = None) -> Flow[Any]:
        """Call a route; gives the typed result."""
        return _engine.typed(self, path, arguments, confirm)

    def raw(self, path: str, arguments: Mapping[str, Any], confirm: bool | None = None) -> Flow[RawAnswer]:
        """Call a route; gives the answer undecoded, whatever it means."""
        return _engine.raw(self, path, arguments, confirm)

    def download(
        self, target: str, *, timeout: float | Timeout | None = None, limit: int | None = None
    ) -> Flow[bytes]:
        """Get `target` (path and query below the configured server) outside the API, without the key; gives the body."""
        return _engine.download(self, target, timeout=timeout, limit=limit)
