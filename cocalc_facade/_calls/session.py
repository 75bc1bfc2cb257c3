"""What one client knows while it calls: server, options, and what it has learned. Flows get it as their first argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cocalc_facade._wire.clock import Clock
    from cocalc_facade._wire.hosts import Host
    from cocalc_facade._wire.keys import KeySource

    from .decoding.mismatches import Mismatches
    from .guarding.plan import Plan
    from .learning.learned import Learned
    from .options import Options
    from .routes import Routes


class Session:
    """State, and nothing that runs: the flows are functions that take it. `now()` is the clock that `Sleep` moves."""

    __slots__ = (
        "_learned",
        "_mismatches",
        "clock",
        "host",
        "key",
        "options",
        "patient",
        "plan",
        "resume_at",
        "routes",
        "until",
    )

    def __init__(self, host: Host, options: Options, routes: Routes, clock: Clock, key: KeySource) -> None:
        self.key = key
        self.host = host
        self.options = options
        self.plan: Plan | None = _plan() if options.dry_run else None
        self.routes = routes
        self.clock = clock
        self.resume_at: dict[str, float] = {}
        self._learned: Learned | None = None
        self.until = float("inf")
        self.patient = False  # wait as long as the server says when it refuses a call for its rate
        self._mismatches: Mismatches | None = None

    def now(self) -> float:
        """Monotonic seconds, on the clock that `Sleep` waits by."""
        return self.clock.now()

    @property
    def learned(self) -> Learned:
        """What answers told of the server and of the key."""
        if self._learned is None:
            from .learning.learned import Learned

            self._learned = Learned()
        return self._learned

    @property
    def newer(self) -> bool:
        """Whether the server is known to be of the newer generation."""
        return self._learned is not None and self._learned.generation == "ai"

    @property
    def mismatches(self) -> Mismatches:
        """The departures from the schema that were seen so far."""
        if self._mismatches is None:
            from .decoding.mismatches import Mismatches

            self._mismatches = Mismatches()
        return self._mismatches

    def view(self, changes: Mapping[str, Any]) -> Session:
        """Give the same session with other options; what is learned is shared."""
        other = Session(self.host, self.options.with_changes(changes), self.routes, self.clock, self.key)
        other.plan = self.plan or other.plan
        other.resume_at = self.resume_at
        other._learned = self.learned
        other._mismatches = self.mismatches
        other.until = self.until
        other.patient = self.patient
        return other

    def for_one_job(self) -> Session:
        """Give the same session for a job of several calls, which all end when the time that the client's `timeout` gives is over."""
        limits = self.options.timeout
        if limits is None:
            return self
        other = self.view({})
        other.until = min(self.until, self.now() + limits.total)
        return other


def _plan() -> Plan:
    from .guarding.plan import Plan

    return Plan()
