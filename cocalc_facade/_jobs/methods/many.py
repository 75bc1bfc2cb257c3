"""Many calls at once. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from cocalc_facade import _jobs

from .runner import Runner

T = TypeVar("T")


class ManyJobs(Runner):
    """Many calls at once."""

    def map(
        self,
        path: str,
        items: Iterable[Any],
        *,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome] = (),
        on_done: Callable[[_jobs.Outcome], object] | None = None,
        confirm: bool = False,
    ) -> _jobs.Outcomes:
        """Call one route for many items at once, and give each item's answer or error, in their order.

        At most `concurrency` calls run at a time. When the server refuses one for its rate, all wait.

        Args:
            path: The route, such as `"projects/stop"`.
            items: Dictionaries of arguments; or bare values, for a route that needs a single argument.
            concurrency: Calls at a time, 1 to 256.
            progress: Show a bar on a terminal or in a notebook (with the `progress` extra), lines in a log.
            on_error: `"collect"` keeps each item's error; `"raise"` starts nothing more and raises the first.
            resume: Outcomes of an earlier run: what succeeded there is not called again.
            on_done: Called with each outcome as soon as it is known, to keep it beyond a crash.
            confirm: For routes that want it.

        Raises:
            MapInterrupted: on Ctrl-C, a KeyboardInterrupt whose `.outcomes` holds what was done.

        >>> outcomes = client.map("projects/touch", [project_id])
        >>> [outcome.ok for outcome in outcomes]
        [True]
        """
        from cocalc_facade._jobs.map import run_map

        return self._run_flow(
            run_map(
                self._session,
                path,
                items,
                concurrency=concurrency,
                progress=progress,
                on_error=on_error,
                resume=resume,
                on_done=on_done,
                confirm=confirm,
            )
        )
