"""Many calls at once. Made by scripts/async_jobs.py from methods/many.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from os import PathLike
from typing import Any, TypeVar, overload

from cocalc_facade import _jobs

from .runner import AsyncRunner

Item = TypeVar("Item")
Value = TypeVar("Value")


class AsyncManyJobs(AsyncRunner):
    """Many calls at once."""

    @overload
    async def map(
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
    async def map(
        self,
        what: Callable[..., Awaitable[Value]],
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
    async def map(
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

        >>> outcomes = await client.map(client.run, [project_id], "echo hello")
        >>> [outcome.value.stdout.strip() for outcome in outcomes]
        ['hello']
        """
        from cocalc_facade._jobs.many.map import run_map

        return await self._run_flow(
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

    async def wait_for_projects(
        self,
        project_ids: Iterable[Item],
        state: _jobs.WantedState = "running",
        *,
        timeout: float = 600.0,
        request: bool = True,
        concurrency: int = 32,
        progress: bool = False,
        on_done: Callable[[_jobs.Outcome[Item, _jobs.ProjectState]], object] | None = None,
    ) -> _jobs.Outcomes[Item, _jobs.ProjectState]:
        """Bring many projects to a state, and give what became of each, in their order.

        As `wait_for_project`, but the states of all are asked for at once: one call of `user-query` a round, in which the server gives all
        projects of the account, every 1 to 5 seconds. A start or a stop is not waited for beyond 1.5 seconds: the server goes on with it by itself.
        It is asked for again when the project settled elsewhere. On a server of the newer generation each project is asked for its state.

        Args:
            project_ids: The projects; one that is named twice has two outcomes.
            state: `"running"` or `"stopped"`.
            timeout: Seconds to wait in all.
            request: False only watches, and starts or stops nothing.
            concurrency: Starts or stops at a time, 1 to 256.
            progress: As for `map`.
            on_done: Called with each outcome as soon as it is known.

        Raises:
            InvalidRequestError: one of the ids is none. Nothing was sent.
            AuthenticationError: the key is not accepted.
            MapInterrupted: on Ctrl-C; `.outcomes` holds those that got there.

        The errors of the outcomes: TimedOut for a project that is not there in time, ServerError for one that the server could not start, three times,
        PermissionDeniedError for one that is not the account's or not there at all, NotFoundError for one that is deleted and would have to be started.

        >>> outcomes = await client.wait_for_projects([project_id], "running")
        >>> [outcome.value.state for outcome in outcomes]
        ['running']
        """
        from cocalc_facade._jobs.many.states import wait_for_all

        return await self._run_flow(
            wait_for_all(
                self._session,
                project_ids,
                state,
                timeout=timeout,
                request=request,
                concurrency=concurrency,
                progress=progress,
                on_done=on_done,
            )
        )
