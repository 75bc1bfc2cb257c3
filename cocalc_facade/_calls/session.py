"""What one client knows while it calls: server, options, and what it has learned. Flows get it as their first argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .meaning.learned import Learned

if TYPE_CHECKING:
    from cocalc_facade._wire.clock import Clock
    from cocalc_facade._wire.hosts import Host
    from cocalc_facade._wire.keys import KeySource

    from .decoding.mismatches import Mismatches
    from .options import Options
    from .routes import Routes


class Session:
    """State, and nothing that runs: the flows are functions that take it. `now()` is the clock that `Sleep` moves."""

    __slots__ = ("_mismatches", "clock", "host", "key", "learned", "options", "resume_at", "routes")

    def __init__(self, host: Host, options: Options, routes: Routes, clock: Clock, key: KeySource) -> None:
        self.key = key
        self.host = host
        self.options = options
        self.routes = routes
        self.clock = clock
        self.resume_at: dict[str, float] = {}
        self.learned = Learned()
        self._mismatches: Mismatches | None = None

    def now(self) -> float:
        """Monotonic seconds, on the clock that `Sleep` waits by."""
        return self.clock.now()

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
        other.resume_at = self.resume_at
        other.learned = self.learned
        other._mismatches = self.mismatches
        return other
