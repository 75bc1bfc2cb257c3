"""What one client knows while it calls: server, key, options, and what it has learned. Flows get it as their first argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import _engine
from ._flow import Flow

if TYPE_CHECKING:
    from ._drivers import Clock
    from ._routes import Routes
    from ._timeouts import Timeout


class Options:
    """What can be set per client and per view. `timeout` None means the defaults, longer for slow operations."""

    __slots__ = ("limit", "max_retries", "on_mismatch", "rate_limit_wait", "strict", "timeout")

    def __init__(
        self,
        *,
        timeout: Timeout | None = None,
        max_retries: int = 2,
        strict: bool = False,
        on_mismatch: Callable[[Any], object] | None = None,
        rate_limit_wait: float = 60.0,
        limit: int = 256 * 1024 * 1024,
    ) -> None:
        self.timeout = timeout
        self.max_retries = max_retries
        self.strict = strict
        self.on_mismatch = on_mismatch
        self.rate_limit_wait = rate_limit_wait
        self.limit = limit


class Session:
    """The seam between flows and a client: `call`, `typed`, `download` are flows, `now()` is the clock that `Sleep` moves."""

    __slots__ = ("clock", "options", "routes")

    def __init__(self, options: Options, routes: Routes, clock: Clock) -> None:
        self.options = options
        self.routes = routes
        self.clock = clock

    def now(self) -> float:
        """Monotonic seconds, on the clock that `Sleep` waits by."""
        return self.clock.now()

    def call(
        self,
        path: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        timeout: float | Timeout | None = None,
        confirm: bool | None = None,
        check: bool = True,
        wait_for_rate: bool = False,
    ) -> Flow[Any]:
        """Call a route; gives plain JSON, raises a `CoCalcError`."""
        return _engine.call(
            self, path, arguments, timeout=timeout, confirm=confirm, check=check, wait_for_rate=wait_for_rate
        )

    def download(self, target: str, *, timeout: float | Timeout | None = None, limit: int | None = None) -> Flow[bytes]:
        """Get `target` (path and query, below the configured server) outside the API, without the key; gives the body."""
        return _engine.download(self, target, timeout=timeout, limit=limit)
