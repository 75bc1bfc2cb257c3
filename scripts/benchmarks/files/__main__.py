"""The server for it, until its input ends: a stand-in whose answers take no time, and which keeps no record of requests."""

from __future__ import annotations

import sys
from collections import deque

from cocalc_facade.testing import Clock, StandIn


def main() -> None:
    """Print address, key and project, and serve."""
    standin = StandIn(clock=Clock())
    standin.requests = deque(maxlen=1)  # type: ignore[assignment]
    standin.project.restart(standin.world.now())
    with standin.serve() as address:
        print(address, standin.user.key, standin.project.project_id, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
