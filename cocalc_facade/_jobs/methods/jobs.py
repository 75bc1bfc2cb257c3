"""The documented jobs as methods of the client. Each only starts a flow; what it does stands in the module named for the job.

`scripts/async_jobs.py` makes `_async_jobs.py` from this file, so both clients have the same methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from os import PathLike
    from typing import Any, Literal, TypeVar
    from uuid import UUID

    from ._commands import CompletedCommand
    from ._flow import Flow
    from ._handles import Cart, Keys, Project, PurchasePages
    from ._latex import LatexResult
    from ._licenses import Licenses
    from ._listing import DirectoryListing
    from ._map import OnError, Outcome, Outcomes
    from ._projects import ProjectState, WantedState
    from ._query import QueryRows
    from ._run import Stream
    from ._session import Session
    from ._tables import TableName

    T = TypeVar("T")


class Jobs:
    """The jobs that need more than one call, or more care than one call takes by itself."""

    _session: Session

    def _run_flow(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def _iterate(self, flow: Flow[None]) -> Iterator[Any]:
        raise NotImplementedError

    def wait_for_project(
        self,
        project_id: str | UUID,
        state: WantedState = "running",
        *,
        timeout: float = 300.0,
        request: bool = True,
    ) -> ProjectState:
        """Bring a project to a state, and return when the database says that it is there.

        The server answers "ok" to a start or a stop that came to nothing, so the state is asked for and the request
        made again whenever the project settled elsewhere. Somebody else starting it at the same time does no harm.

        Calls `user-query`, and `projects/start` or `projects/stop`. A start takes 2 to 120 seconds, a stop 8 to 60;
        a running project counts against the quotas of its owner.

        Args:
            project_id: The project; the account of the key must be a collaborator.
            state: `"running"` or `"stopped"`.
            timeout: Seconds to wait in all.
            request: False only watches, and starts or stops nothing.

        Raises:
            TimedOut: the project is not there in time; the text says what state it is in.
            PermissionDeniedError: no such project, or not a collaborator (the server does not say which).

        >>> reached = client.wait_for_project(project_id, "running")
        >>> reached.state
        'running'
        """
        from . import _projects

        return self._run_flow(
            _projects.wait_for(self._session, project_id, state, timeout=timeout, request=request)
        )

    def project(self, project_id: str | UUID, *, keep_running: bool = False) -> Project:
        """Give a handle on one project: `start`, `stop`, `run`, `files`, `write_text`, `read_text`, `copy_to`.

        Nothing is sent by this. In a `with` block the project runs, and is stopped at the end if the block had to
        start it; `keep_running=True` leaves it running.

        >>> with client.project(project_id, keep_running=True) as project:
        ...     project.write_text("notes.txt", "hello")
        ...     text = project.read_text("notes.txt")
        >>> text
        'hello'
        """
        from ._checks import identifier
        from ._handles import Project

        return Project(self, identifier(project_id), keep_running)

    @overload
    def query(
        self,
        table: TableName,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: Literal[False] = False,
        check: bool = True,
    ) -> dict[str, Any] | None: ...
    @overload
    def query(
        self,
        table: TableName,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: Literal[True],
        check: bool = True,
    ) -> QueryRows: ...
    @overload
    def query(
        self,
        table: str,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: bool = False,
        check: bool,
    ) -> dict[str, Any] | QueryRows | None: ...
    def query(
        self,
        table: str,
        fields: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        many: bool = False,
        check: bool = True,
    ) -> dict[str, Any] | QueryRows | None:
        """Read a table: one row as a dictionary (None when there is none), or with `many=True` all rows.

        Calls `user-query` once, and repeats it like any read. Every table has its own scope and limit: `projects`
        gives at most 300 edited in the last 6 weeks, `projects_all` all of them. A result with as many rows as its
        limit has `.cut` set. Fields without value are None, times are aware datetimes.

        Args:
            table: One of the known tables; an unknown name is refused with the list of those.
            fields: What to read. At least one must not be in `where`, else the server would take it for a write.
            where: Field to value, or to `{operator: value}` with one of `== != < <= > >= LIKE ILIKE IS`, `IS NOT`,
                `NOT LIKE`, `NOT ILIKE`, `ANY MINLEN MAXLEN`. A `timedelta` is relative to now.
            many: Whether to give all rows.
            check: False sends what this version does not know, too.

        Raises:
            InvalidRequestError: an unknown table or field; nothing was sent.
            PermissionDeniedError: a project that the key cannot see; the server does not tell that from none.

        >>> client.query("accounts", ["first_name"])
        {'first_name': 'Uma'}
        >>> rows = client.query("projects", ["project_id", "title"], many=True)
        >>> rows[0]["project_id"] == project_id
        True
        """
        from . import _query

        if many:
            return self._run_flow(_query.many(self._session, table, fields, where, known=check))
        return self._run_flow(_query.one(self._session, table, fields, where, known=check))

    def update(self, table: TableName, values: Mapping[str, Any], *, check: bool = True) -> None:
        """Set fields of one row, which is made when it is not there.

        Calls `user-query` once, and never repeats it. Maps are merged key by key, other values replaced. A field
        cannot be set to null this way: the server would take that for a question, so None is refused. Writing
        `site_license` or `action_request` of a project changes its quotas or restarts it.

        Raises:
            InvalidRequestError: None, an unknown field, one that cannot be written, or a missing key field; nothing
                was sent.
            PermissionDeniedError: the row is not yours to change.

        >>> client.update("accounts", {"first_name": "Uma"})
        """
        from . import _query

        self._run_flow(_query.update(self._session, table, values, known=check))

    def run(
        self,
        project_id: str | UUID,
        command: str | Sequence[str],
        *,
        timeout: float = 30.0,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        check: bool = False,
        max_output: int = 100_000,
        stream: Stream | None = None,
        stream_stderr: Stream | None = None,
        compute_server_id: int | None = None,
    ) -> CompletedCommand:
        r"""Run a command in a project, like `subprocess.run`, and give its exit code and output.

        Up to 30 seconds it is one call of `exec`. With a longer `timeout`, or a `stream`, it is started as a job and
        polled, since the server cuts every call at 60 seconds; a lost connection does not end it. A stopped project
        is started, which takes seconds. The command is never started twice.

        Args:
            project_id: The project; the key's account must be a collaborator, a project key works for its own.
            command: A shell line as text, or a list of words that no shell sees.
            timeout: Seconds after which the server kills the command.
            cwd: Where to run it, relative to the home directory.
            env: More environment variables.
            check: Raise CommandError when the exit code is not 0.
            max_output: Characters kept of each stream, at most 1,000,000: the server's effort grows with the square.
            stream: Called with each new line of stdout while the command runs, such as `print`.
            stream_stderr: The same for stderr.
            compute_server_id: Run it on this compute server of the project.

        Raises:
            CommandError: it could not be started, was killed at its timeout, or its result was lost to a restart of
                the project; with `check=True` also a nonzero exit.
            TimedOut: nothing was heard of it in time; whether it runs is in the text.
            PermissionDeniedError: not a collaborator.

        Ctrl-C or a cancelled task leaves the job running: a note on the exception has its id, for `wait_for_command`.

        >>> done = client.run(project_id, "echo hello; exit 3")
        >>> done.returncode, done.stdout
        (3, 'hello\n')
        """
        from . import _run

        return self._run_flow(
            _run.run(
                self._session,
                project_id,
                command,
                timeout=timeout,
                cwd=cwd,
                env=env,
                check=check,
                max_output=max_output,
                stream=stream,
                stream_stderr=stream_stderr,
                compute_server_id=compute_server_id,
            )
        )

    def wait_for_command(
        self,
        project_id: str | UUID,
        job_id: str,
        *,
        timeout: float = 3600.0,
        max_output: int = 100_000,
        stream: Stream | None = None,
        stream_stderr: Stream | None = None,
    ) -> CompletedCommand:
        r"""Follow a job that runs already, such as one whose `run` was interrupted, and give its end.

        Calls `exec` to poll. The project remembers a job for an hour, among 100, until it restarts.

        Args:
            project_id: The project.
            job_id: From the note on the interruption, or from `client.exec(…, async_call=True)`.
            timeout: Seconds to wait; the command is not killed.
            max_output: As it was given to the job.
            stream: Called with each line of stdout.
            stream_stderr: Called with each line of stderr.

        Raises:
            CommandError: the project does not know the job any more.

        >>> job = client.call("exec", {"project_id": project_id, "command": "echo 1", "async_call": True})
        >>> done = client.wait_for_command(project_id, job["job_id"])
        >>> done.stdout
        '1\n'
        """
        from . import _run

        return self._run_flow(
            _run.wait_for(
                self._session,
                project_id,
                job_id,
                timeout=timeout,
                max_output=max_output,
                stream=stream,
                stream_stderr=stream_stderr,
            )
        )

    def compile_latex(
        self,
        source: str | PathLike[str] | None = None,
        *,
        path: str | None = None,
        project_id: str | UUID | None = None,
        command: str | None = None,
        timeout: float = 30.0,
        ttl: int = 3600,
        check: bool = False,
    ) -> LatexResult:
        r"""Compile LaTeX in a project and give the PDF, the log, and the errors with file and line.

        Calls `latex`, and downloads the PDF from the same server, without the key. Takes 2 to 60 seconds. With a
        `timeout` above 45 it needs `path` and `project_id`: the server cuts at 60 seconds, the PDF is then waited
        for by reading it. The project is started if need be.

        Args:
            source: LaTeX text, or a `pathlib.Path` of a file here. It is compiled in the project's /tmp, or
                written to `path` first when that is given too.
            path: A .tex file in the project.
            project_id: The project; by default the account's most recent one, made when there is none.
            command: What to run instead of latexmk, in the directory of the file.
            timeout: Seconds, 5 to 3600, after which the compilation is killed.
            ttl: Seconds, at least 60, for which the server keeps the PDF at its public address.
            check: Raise CommandError at once unless all went well.

        Raises:
            CommandError: by `.pdf`, `.save()` and `check=True`, with the first LaTeX error.
            TimedOut: the server gave up on it, or it is not done in time.
            PermissionDeniedError: not a collaborator.

        >>> document = r"\documentclass{article}\begin{document}Hello\end{document}"
        >>> result = client.compile_latex(document, project_id=project_id)
        >>> result.ok, result.pdf[:5]
        (True, b'%PDF-')
        """
        from . import _latex

        return self._run_flow(
            _latex.compile_latex(
                self._session,
                source,
                path=path,
                project_id=project_id,
                command=command,
                timeout=timeout,
                ttl=ttl,
                check=check,
            )
        )

    def list_directory(
        self, project_id: str | UUID, path: str = "", *, live: bool = False, compute_server_id: int = 0
    ) -> DirectoryListing:
        """Give what is in a directory of a project: names, whether directories, sizes, times.

        By default from the database, which is quick and wakes nobody, knows only what somebody looked at, holds at
        most 200 entries, and may be old: `.as_of` and `.missing` say so. With `live=True` the project is asked,
        and started for it. Calls `user-query`, or `exec`.

        Args:
            project_id: The project.
            path: Relative to the home directory; `""` is the home itself.
            live: Ask the project itself.
            compute_server_id: The compute server whose files are meant; 0 is the project.

        Raises:
            NotFoundError: no such directory, or one that the database does not know, never an empty listing.
            PermissionDeniedError: not a collaborator.

        >>> listing = client.list_directory(project_id, live=True)
        >>> listing.complete, listing.live
        (True, True)
        """
        from . import _listing

        return self._run_flow(
            _listing.list_directory(
                self._session, project_id, path, live=live, compute_server_id=compute_server_id
            )
        )

    def walk_directory(
        self, project_id: str | UUID, path: str = "", *, live: bool = True, compute_server_id: int = 0
    ) -> Iterator[DirectoryListing]:
        """Iterate over the listings of a directory and of all below it, each before those inside it.

        One `exec` for each directory, as the iteration comes to it; links are not followed. With `live=False` from
        the database, which raises NotFoundError at the first directory that nobody looked at.

        >>> for listing in client.walk_directory(project_id):
        ...     names = listing.names()
        """
        from . import _listing

        return self._iterate(
            _listing.walk(self._session, project_id, path, live=live, compute_server_id=compute_server_id)
        )

    def iter_purchases(
        self,
        *,
        since: datetime | None = None,
        service: str | None = None,
        project_id: str | UUID | None = None,
        group: bool = False,
        decimal: bool = False,
        page_size: int = 500,
    ) -> PurchasePages:
        """Iterate over your purchases, newest first; `.total` and `.to_dataframe()` read all of them.

        Calls `purchases/get-purchases` for each 500. The server allows 3 calls a second and 15 a minute; a refusal is
        waited out. Purchases made while reading shift the pages: none is given twice or left out.

        Args:
            since: Only purchases since this aware datetime.
            service: Only this service, such as `"license"`.
            project_id: Only those of this project.
            group: Sums by service and project in place of single purchases.
            decimal: Money as `Decimal`, in place of `float`.
            page_size: Rows for each call, 2 to 500.

        Raises:
            AuthenticationError: the key is not accepted.
            RateLimitError: the server asks for a wait of more than 90 seconds.

        >>> for purchase in client.iter_purchases():
        ...     service, amount = purchase.service, purchase.amount
        >>> purchases = client.iter_purchases(decimal=True).all()
        >>> purchases.total
        Decimal('-35.50')
        """
        from . import _purchases
        from ._handles import PurchasePages

        return PurchasePages(self, _purchases.query(since, service, project_id, group, decimal, page_size))

    def email_of(self, account_id: str | UUID) -> str | None:
        """Give the email address of an account, or None for an account that has none.

        For admins and partners only. Calls `accounts/get-email-address`, and `accounts/get-names` when its answer is
        empty, to tell an account without address from one that does not exist.

        Raises:
            PermissionDeniedError: the key is neither an admin's nor a partner's.
            NotFoundError: there is no such account, or it was deleted.

        >>> admin.email_of(account_id)
        'user@example.com'
        """
        from . import _emails

        return self._run_flow(_emails.email_of(self._session, account_id))

    @property
    def cart(self) -> Cart:
        """The shopping cart of the account: `add_license`, `items`, `price`, `checkout`. Nothing is sent by this."""
        from ._handles import Cart

        return Cart(self)

    @property
    def keys(self) -> Keys:
        """The API keys of the account or a project: `create`, `list`, `rotate`, `delete`. Nothing is sent by this."""
        from ._handles import Keys

        return Keys(self)

    def managed_licenses(self) -> Licenses:
        """Give the licences that the account manages.

        Calls `licenses/get-managed`. The server answers an empty list to a key that it refuses as well, so an empty
        one is believed only after `user-query` has shown that the key is good.

        Raises:
            AuthenticationError: the key is not accepted, or belongs to a project.

        >>> licenses = client.managed_licenses()
        >>> len(licenses)
        0
        """
        from . import _licenses

        return self._run_flow(_licenses.managed(self._session))

    def map(
        self,
        path: str,
        items: Iterable[Any],
        *,
        concurrency: int = 8,
        progress: bool = False,
        on_error: OnError = "collect",
        resume: Iterable[Outcome] = (),
        on_done: Callable[[Outcome], object] | None = None,
        confirm: bool = False,
    ) -> Outcomes:
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
        from . import _map

        return self._run_flow(
            _map.run_map(
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
