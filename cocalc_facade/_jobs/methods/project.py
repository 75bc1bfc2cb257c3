"""One project, as `client.project` gives it. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from types import TracebackType
from uuid import UUID

from cocalc_v2.types import Offering

from cocalc_facade import _jobs

from .runner import Runner


class Project(Offering):
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

    def invite(self, email: str) -> _jobs.AccountRow:
        """Make the account of an e-mail address a collaborator, and give the account. Who is in the project already stays what they are.

        Calls `accounts/search`, `user-query` and `projects/collaborators/add`. The HTTP API sends no invitation to somebody without an account.

        Raises:
            NotFoundError: no account has the address.
        """
        from cocalc_facade._jobs.people import accounts

        return self._runner._run_flow(accounts.invite(self._runner._session, self.project_id, email))

    def collaborators(self) -> _jobs.Collaborators:
        """Give the people of the project with their groups. Calls `user-query` and `projects/collaborators/list`."""
        from cocalc_facade._jobs.people import accounts

        return self._runner._run_flow(accounts.collaborators(self._runner._session, self.project_id))

    def write_text(self, path: str, content: str) -> None:
        """Write a text file, replacing what is there, and make sure that it holds what was sent.

        Calls `projects/write-text-file`, which answers "ok" to failures too, and `exec` for a checksum of the file.
        The content is limited to a request of 1 MB. On a server of the newer generation it is put there as by `write_bytes`.

        Args:
            path: Where to write it, relative to the home directory; folders on the way are made.
            content: All of the file.

        Raises:
            CommandError: the file does not hold the content, with the reason where the project gives one.
        """
        from cocalc_facade._jobs import projects

        self._runner._run_flow(projects.write_text(self._runner._session, self.project_id, path, content))

    def read_text(self, path: str, *, encoding: str = "utf-8", max_size: int = 500_000) -> str:
        """Give the text of a file of at most `max_size` bytes (at most 700,000). Calls `exec`, which takes seconds for the largest.

        Raises:
            NotFoundError: there is no such file.
            CommandError: it is a folder, a FIFO or a device.
            InvalidRequestError: it is larger than `max_size`.
            UnicodeDecodeError: it is not text in this encoding; see `read_bytes`.
        """
        data = self.read_bytes(path, max_size=max_size)
        return data.decode(encoding)

    def read_bytes(
        self, path: str, *, max_size: int = 500_000, offset: int | None = None, length: int | None = None
    ) -> bytes:
        """Give the bytes of a file of at most `max_size` bytes, or a part of one of any size.

        Calls `exec`, for every 288,000 bytes of a part; errors as `read_text`.

        Args:
            path: The file, relative to the home directory.
            max_size: How many bytes a whole file may have, at most 700,000, or all that follow on `offset` without `length`.
            offset: The first byte of a part; with `length` alone it is 0.
            length: How many bytes a part has at most; there are fewer where the file ends.
        """
        from cocalc_facade._jobs.files import small

        if offset is None and length is None:
            return self._runner._run_flow(
                small.read_whole(self._runner._session, self.project_id, path, max_size=max_size)
            )
        return self._runner._run_flow(
            small.read_part(
                self._runner._session,
                self.project_id,
                path,
                offset=offset or 0,
                length=length,
                max_size=max_size,
            )
        )

    def write_bytes(self, path: str, data: bytes) -> None:
        """Write a file of any size, replacing what is there in one step; it keeps the mode that the file had.

        Folders that are missing are made. Errors as `upload`; nothing has changed then.
        """
        from cocalc_facade._jobs.files import moving

        self._runner._run_flow(moving.write_bytes(self._runner._session, self.project_id, path, data))

    def upload(
        self,
        here: str | PathLike[str],
        there: str | PathLike[str],
        *,
        exclude: str | Iterable[str] = (),
        progress: bool | Callable[[int, int], object] = False,
    ) -> _jobs.Transfer:
        """Send a file or a folder of this machine to the project: any bytes, of any size; calling it again goes on where it broke off.

        A file is put into its place in one step, when all of it has arrived and its SHA-256 is right; until then the old one stays. It keeps its mode. A
        folder's files go into the folder `there`; those that are there with the same content are not sent again, and others there are left alone.

        Uses the site's upload route where it answers, with the key in that request's header, and else `exec`. The project is started if need be.

        Args:
            here: A file or a folder. Links in a folder are sent as links when they lead to something in it.
            there: Relative to the home directory. A file goes into a folder when this ends with `/`; else it is the file's new name.
            exclude: Patterns of names to leave out, such as `*.pyc`; with a slash, of paths from the top.
            progress: True shows it; a function is called with the bytes done and all bytes.

        Raises:
            FileNotFoundError: there is nothing at `here`; other `OSError`s too are of this machine.
            PermissionDeniedError: the project's user may not write there.
            ConflictError: a folder is in the way of a file, or a file changed while it was read.
            CommandError: the project's disk is full, or what arrived is not what was sent.
            ServerError: the project could not be started.
        """
        from cocalc_facade._jobs.files import moving

        return self._runner._run_flow(
            moving.upload(
                self._runner._session, self.project_id, here, there, exclude=exclude, progress=progress
            )
        )

    def download(
        self,
        there: str | PathLike[str],
        here: str | PathLike[str],
        *,
        exclude: str | Iterable[str] = (),
        progress: bool | Callable[[int, int], object] = False,
    ) -> _jobs.Transfer:
        """Fetch a file or a folder of the project: any bytes, of any size; calling it again goes on where it broke off.

        Nothing of it has to fit into memory, and nothing is written outside of `here`. A file is put into its place in one step, when its SHA-256 is
        right, with its mode. What cannot or must not be here is in `.refused` with the reason, and the rest is fetched: names that lead out of the
        folder or that no file here can have, links that lead out, devices, FIFOs, and what cannot be read.

        Uses the site's file route where it answers, with the key in that request's cookie, and else `exec`. The project is started if need be.

        Args:
            there: Relative to the home directory; `""` is the home itself.
            here: The file's new name, or a folder that it goes into. For a folder: the folder that gets its files, made when it is missing.
            exclude: Patterns of names to leave out, such as `*.pyc`; with a slash, of paths from the top.
            progress: True shows it; a function is called with the bytes done and all bytes.

        Raises:
            NotFoundError: there is nothing at `there`.
            PermissionDeniedError: the project's user may not read it.
            ConflictError: the file changed again and again while it was read.
            CommandError: it is neither a file nor a folder.
            OSError: this machine cannot write it; its disk is full, or the folder of `here` is missing.
        """
        from cocalc_facade._jobs.files import moving

        return self._runner._run_flow(
            moving.download(
                self._runner._session, self.project_id, there, here, exclude=exclude, progress=progress
            )
        )

    def mkdir(self, path: str) -> None:
        """Make a folder and those above it; one that is there is left as it is. Calls `exec`.

        Raises:
            ConflictError: a file is in the way.
        """
        from cocalc_facade._jobs.files import small

        self._runner._run_flow(small.mkdir(self._runner._session, self.project_id, path))

    def delete(self, path: str, *, confirm: bool = False) -> None:
        """Delete a file, a link, or a folder with all that is in it. Calls `exec`.

        Raises:
            ConfirmationRequired: `confirm=True` was not given; nothing was sent.
            NotFoundError: there is nothing of that name.
        """
        from cocalc_facade._jobs.files import small

        self._runner._run_flow(small.delete(self._runner._session, self.project_id, path, confirm=confirm))

    def move(self, path: str, target: str, *, overwrite: bool = False) -> None:
        """Give a file or folder another name, in one step; folders of the new name are made. Calls `exec`.

        Raises:
            NotFoundError: there is nothing of that name.
            ConflictError: something has the new name, and `overwrite=True` was not given, or is a folder.
        """
        from cocalc_facade._jobs.files import small

        self._runner._run_flow(
            small.move(self._runner._session, self.project_id, path, target, overwrite=overwrite)
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
