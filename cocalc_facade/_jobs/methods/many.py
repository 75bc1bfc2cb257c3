"""Many calls at once. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from typing import Any, TypeVar, overload

from cocalc_facade import _jobs

from .runner import Runner

Item = TypeVar("Item")
Value = TypeVar("Value")


class ManyJobs(Runner):
    """Many calls at once."""

    @overload
    def map(
        self,
        what: str,
        items: Iterable[Item],
        *,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[Item, Any]], object] | None = None,
        confirm: bool = False,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
        **named: Any,
    ) -> _jobs.Outcomes[Item, Any]: ...
    @overload
    def map(
        self,
        what: Callable[..., Value],
        items: Iterable[Item],
        *further: Any,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[Item, Value]], object] | None = None,
        confirm: bool = False,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
        **named: Any,
    ) -> _jobs.Outcomes[Item, Value]: ...
    def map(
        self,
        what: Any,
        items: Iterable[Any],
        *further: Any,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[Any, Any]], object] | None = None,
        confirm: bool = False,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
        **named: Any,
    ) -> _jobs.Outcomes[Any, Any]:
        """Do one thing for many items at once, and give each item's value or error, in their order.

        At most `concurrency` are under way at a time; those that only wait, as jobs between two questions, hold no thread. When the server
        refuses one for its rate, all wait. Items that do not fit are refused before anything is sent, when they come as a list.

        Args:
            what: A route, such as `"projects/stop"`, whose values are plain JSON; a method of this client or of its handles, such as
                `client.projects.stop`, `client.run` or `project.copy_to`; or a function of one item, for AsyncCoCalc one that gives what
                is awaited.
            items: What the function takes first. For a route the value of the argument that it needs, or a dictionary of arguments, which
                methods take too.
            *further: Further arguments for all, after the item.
            concurrency: Under way at a time, 1 to 256.
            progress: Show a bar on a terminal or in a notebook (with the `progress` extra), else lines.
            on_error: `"collect"` keeps each item's error; `"raise"` starts nothing more and raises the first.
            resume: Outcomes of an earlier run: what succeeded there is not done again.
            on_done: Called with each outcome as soon as it is known.
            confirm: For routes that want it.
            journal: A file that each outcome is written to as it comes, a line of JSON each. What succeeded there, in an earlier run of the
                same, is not done again. It may hold what the server answered, and is readable by its owner only.
            fsync: Wait after each line until it is on the disk, for a machine that may lose power.
            **named: Further arguments for all, by their names.

        Raises:
            InvalidRequestError: the route, an item or an argument does not fit, or the journal is of another run. Nothing was sent.
            TypeError: the same, of a wrong type.
            MapInterrupted: on Ctrl-C, a KeyboardInterrupt whose `.outcomes` holds what was done. A CancelledError has `.outcomes` too.

        >>> outcomes = client.map(client.run, [project_id], "echo hello")
        >>> [outcome.value.stdout.strip() for outcome in outcomes]
        ['hello']
        """
        from cocalc_facade._jobs.many.map import run_map

        return self._run_flow(
            run_map(
                self,
                what,
                items,
                further,
                named,
                concurrency=concurrency,
                progress=progress,
                on_error=on_error,
                resume=resume,
                on_done=on_done,
                confirm=confirm,
                journal=journal,
                fsync=fsync,
            )
        )
