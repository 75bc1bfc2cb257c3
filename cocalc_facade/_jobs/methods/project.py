"""One project, as `client.project` gives it. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from uuid import UUID

from cocalc_facade import _jobs

from .runner import Runner


class Project:
    """One project. Every method raises PermissionDeniedError when the key's account is no collaborator."""

    def __init__(self, runner: Runner, project_id: str, keep_running: bool = False) -> None:
        self.project_id = project_id
        self._runner = runner
        self._keep_running = keep_running
        self._started_here = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.project_id}>"

    def __enter__(self) -> Project:
        before = self.state()
        self.start()
        self._started_here = not before.running
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._started_here and not self._keep_running:
            self.stop()

    def state(self) -> _jobs.ProjectState:
        """Give the state that the database has of the project. Calls `user-query`."""
        from cocalc_facade._jobs import projects

        return self._runner._run_flow(projects.state(self._runner._session, self.project_id))

    def start(self, *, timeout: float = 300.0) -> _jobs.ProjectState:
        """Start the project and return when it runs. As `wait_for_project(…, "running")`."""
        from cocalc_facade._jobs import projects

        return self._runner._run_flow(
            projects.wait_for(self._runner._session, self.project_id, "running", timeout=timeout)
        )

    def stop(self, *, timeout: float = 300.0) -> _jobs.ProjectState:
        """Stop the project and return when it is at rest. As `wait_for_project(…, "stopped")`."""
        from cocalc_facade._jobs import projects

        return self._runner._run_flow(
            projects.wait_for(self._runner._session, self.project_id, "stopped", timeout=timeout)
        )

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 30.0,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        check: bool = False,
        max_output: int = 100_000,
        stream: _jobs.Stream | None = None,
        stream_stderr: _jobs.Stream | None = None,
    ) -> _jobs.CompletedCommand:
        """Run a command in the project, and give its exit code and output. As `client.run`."""
        from cocalc_facade._jobs import run

        return self._runner._run_flow(
            run.run(
                self._runner._session,
                self.project_id,
                command,
                timeout=timeout,
                cwd=cwd,
                env=env,
                check=check,
                max_output=max_output,
                stream=stream,
                stream_stderr=stream_stderr,
            )
        )

    def stop_command(self, job_id: str | None, *, timeout: float = 60.0) -> bool:
        """End a job with all that it started, and give whether it still ran. As `client.stop_command`."""
        from cocalc_facade._jobs import run

        return self._runner._run_flow(
            run.stop(self._runner._session, self.project_id, job_id, timeout=timeout)
        )

    def files(self, path: str = "", *, live: bool = True) -> _jobs.DirectoryListing:
        """Give what is in a directory, by default as it is now. As `client.list_directory`."""
        from cocalc_facade._jobs import listing

        return self._runner._run_flow(
            listing.list_directory(self._runner._session, self.project_id, path, live=live)
        )

    def walk(self, path: str = "", *, live: bool = True) -> Iterator[_jobs.DirectoryListing]:
        """Iterate over the listings of a directory and of all below it. As `client.walk_directory`."""
        from cocalc_facade._jobs import listing

        return self._runner._iterate(listing.walk(self._runner._session, self.project_id, path, live=live))

    def write_text(self, path: str, content: str) -> None:
        """Write a text file, replacing what is there, and make sure that it holds what was sent.

        Calls `projects/write-text-file`, which answers "ok" to failures too, and `exec` for a checksum of the file.
        The content is limited to a request of 1 MB. On a server of the newer generation it is written by commands.

        Raises:
            CommandError: the file does not hold the content, with the reason where the project gives one.
        """
        from cocalc_facade._jobs import projects

        self._runner._run_flow(projects.write_text(self._runner._session, self.project_id, path, content))

    def read_text(self, path: str, *, encoding: str = "utf-8", max_size: int = 500_000) -> str:
        """Give the text of a file of at most `max_size` bytes (at most 700,000). Calls `exec`, which takes seconds for the largest.

        Raises:
            NotFoundError: there is no such file.
            InvalidRequestError: it is larger than `max_size`.
            UnicodeDecodeError: it is not text in this encoding; see `read_bytes`.
        """
        data = self.read_bytes(path, max_size=max_size)
        return data.decode(encoding)

    def read_bytes(self, path: str, *, max_size: int = 500_000) -> bytes:
        """Give the bytes of a file of at most `max_size` bytes (at most 700,000). Calls `exec`; errors as `read_text`."""
        from cocalc_facade._jobs import projects

        return self._runner._run_flow(
            projects.read_bytes(self._runner._session, self.project_id, path, max_size=max_size)
        )

    def copy_to(
        self,
        target: Project | str | UUID,
        path: str,
        target_path: str | None = None,
        *,
        overwrite_newer: bool = False,
        delete_missing: bool = False,
        backup: bool = False,
        timeout: float = 240.0,
    ) -> None:
        """Copy a file or directory of this project to another one, and return when it is there.

        The server leaves files alone that are newer in the target, and does not say so. They are looked for by comparing both sides afterwards,
        which starts both projects; those that hold the same are no matter.

        Calls `projects/copy-path`, `projects/copy-path-status` when the server queues the copy, and `exec`. The account must be
        a collaborator on both projects.

        Args:
            target: The other project, or this one.
            path: What to copy.
            target_path: Where to; by default the same path.
            overwrite_newer: Overwrite files that are newer there; nothing is compared then.
            delete_missing: Delete files there that are not here.
            backup: Keep backups of what is overwritten.
            timeout: Seconds to wait.

        Raises:
            CommandError: the copy failed.
            ConflictError: files that are newer in the target were not copied; it names them. The others were.

        Warns (`CoCalcWarning`) when it cannot be known whether files were left out: too many, or no command runs there.
        """
        from cocalc_facade._jobs import copies

        options = {"overwrite_newer": overwrite_newer, "delete_missing": delete_missing, "backup": backup}
        self._runner._run_flow(
            copies.copy(
                self._runner._session,
                self.project_id,
                path,
                getattr(target, "project_id", target),
                target_path,
                timeout=timeout,
                options=options,
            )
        )
