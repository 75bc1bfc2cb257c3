"""Jobs in one project. Made by scripts/async_jobs.py from methods/projects.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from os import PathLike
from typing import TypeVar
from uuid import UUID

from cocalc_facade import _jobs
from cocalc_facade._calls.options import gives_a_handle

from .runner import AsyncRunner

T = TypeVar("T")


class AsyncProjectJobs(AsyncRunner):
    """Jobs in one project."""

    async def wait_for_project(
        self,
        project_id: str | UUID,
        state: _jobs.WantedState = "running",
        *,
        timeout: float = 300.0,
        request: bool = True,
    ) -> _jobs.ProjectState:
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
            ServerError: the server could not start it, three times; nothing ran.
            PermissionDeniedError: no such project, or not a collaborator (the server does not say which).

        >>> reached = await client.wait_for_project(project_id, "running")
        >>> reached.state
        'running'
        """
        from cocalc_facade._jobs import projects

        return await self._run_flow(
            projects.wait_for(self._session, project_id, state, timeout=timeout, request=request)
        )

    @gives_a_handle
    def project(self, project_id: str | UUID, *, keep_running: bool = False) -> _jobs.AsyncProject:
        """Give a handle on one project: `start`, `stop`, `run`, `files`, `upload`, `download`, `write_text`, `read_text`, `copy_to`.

        Nothing is sent by this. In a `with` block the project runs, and is stopped at the end if the block had to
        start it; `keep_running=True` leaves it running.

        >>> async with client.project(project_id, keep_running=True) as project:
        ...     await project.write_text("notes.txt", "hello")
        ...     text = await project.read_text("notes.txt")
        >>> text
        'hello'
        """
        from cocalc_facade._jobs.values.checks import identifier

        from .project import AsyncProject

        return AsyncProject(self, identifier(project_id), keep_running)

    @gives_a_handle
    def course(self, project_id: str | UUID, path: str) -> _jobs.AsyncCourse:
        """Give a handle on a course: `students`, `assignments`, `grades` …, `hand_out`, `collect`, `run_for_all`. Nothing is sent by this.

        Args:
            project_id: The project in which the course is taught; the key's account must be a collaborator there and in the students' projects.
            path: Its file, which ends with `.course`.

        >>> course = client.course(project_id, "algebra.course")
        >>> course.path
        'algebra.course'
        """
        from cocalc_facade._jobs.courses.reading import course_path
        from cocalc_facade._jobs.values.checks import identifier

        from .courses.course import AsyncCourse

        return AsyncCourse(self, identifier(project_id), course_path(path))

    async def run(
        self,
        project_id: str | UUID,
        command: str | Sequence[str],
        *,
        timeout: float = 30.0,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        check: bool = False,
        max_output: int = 100_000,
        stream: _jobs.Stream | None = None,
        stream_stderr: _jobs.Stream | None = None,
        compute_server_id: int | None = None,
    ) -> _jobs.CompletedCommand:
        r"""Run a command in a project, like `subprocess.run`, and give its exit code and output.

        Up to 30 seconds it is one call of `exec`. With a longer `timeout`, or a `stream`, it is started as a job and
        polled, since the server cuts every call at 60 seconds; a lost connection does not end it. A stopped project
        is started, which takes seconds. The command is never started twice.

        Args:
            project_id: The project; the key's account must be a collaborator, a project key works for its own.
            command: A shell line as text, or a list of words that no shell reads.
            timeout: Seconds after which the server kills the command. What it left in the background and holds its output is waited for.
            cwd: Where to run it, relative to the home directory.
            env: More environment variables.
            check: Take an exit code other than 0 for an error: CommandError.
            max_output: Characters kept of each stream, at most 1,000,000: the server's effort grows with the square.
            stream: Called with each new line of stdout while the command runs, such as `print`.
            stream_stderr: The same for stderr.
            compute_server_id: Run it on this compute server of the project.

        Raises:
            CommandError: it could not be started, was killed at its timeout, or its result was lost to a restart of
                the project; with `check=True` also a nonzero exit. A list of words that a signal ended has 128 and the
                signal (137 for SIGKILL); a line has 0 if it was its own shell that died, for the server says so.
            ServerError: the project could not be started, so nothing ran.
            TimedOut: nothing was heard of it in time; whether it runs is in the text.
            PermissionDeniedError: not a collaborator.

        Ctrl-C or a cancelled task leaves the job running: a note on the exception has its id, for `wait_for_command` and
        `stop_command`. The client's own `timeout` option, where it is set, bounds the whole job.

        >>> done = await client.run(project_id, "echo hello; exit 3")
        >>> done.returncode, done.stdout
        (3, 'hello\n')
        """
        from cocalc_facade._jobs import run

        return await self._run_flow(
            run.run(
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

    async def wait_for_command(
        self,
        project_id: str | UUID,
        job_id: str | None,
        *,
        timeout: float = 3600.0,
        max_output: int = 100_000,
        stream: _jobs.Stream | None = None,
        stream_stderr: _jobs.Stream | None = None,
    ) -> _jobs.CompletedCommand:
        r"""Follow a job that runs already, such as one whose `run` was interrupted, and give its end.

        Calls `exec` to poll. The project remembers a job for an hour, among 100, until it restarts.

        Args:
            project_id: The project.
            job_id: From the note on the interruption, or from an `exec` with `async_call`; None, which `exec` gives without that, is refused.
            timeout: Seconds to wait; the command is not killed.
            max_output: As it was given to the job.
            stream: Called with each line of stdout.
            stream_stderr: Called with each line of stderr.

        Raises:
            CommandError: the project does not know the job any more.

        >>> job = await client.call("exec", {"project_id": project_id, "command": "echo 1", "async_call": True})
        >>> done = await client.wait_for_command(project_id, job["job_id"])
        >>> done.stdout
        '1\n'
        """
        from cocalc_facade._jobs import run

        return await self._run_flow(
            run.wait_for(
                self._session,
                project_id,
                job_id,
                timeout=timeout,
                max_output=max_output,
                stream=stream,
                stream_stderr=stream_stderr,
            )
        )

    async def stop_command(
        self, project_id: str | UUID, job_id: str | None, *, timeout: float = 60.0
    ) -> bool:
        """End a job with all that it started, and give whether it still ran.

        Its group of processes is told to end, and killed when it has not after 5 seconds. A shell line that is ended so has exit code 0 for who
        follows it: the server does not tell deaths by signal; a list of words has 143, unless it had to be killed. A server of the newer generation ends jobs
        itself, and who follows one gets a CommandError. Calls `exec`.

        Args:
            project_id: The project.
            job_id: From the note on an interruption, or from an `exec` with `async_call`; None, which `exec` gives without that, is refused.
            timeout: Seconds to wait for its end.

        Raises:
            NotFoundError: the project does not know the job.
            CommandError: the server does not tell its process.
            TimedOut: it still runs.

        >>> job = await client.call("exec", {"project_id": project_id, "command": "sleep 90", "async_call": True})
        >>> await client.stop_command(project_id, job["job_id"])
        True
        """
        from cocalc_facade._jobs import run

        return await self._run_flow(run.stop(self._session, project_id, job_id, timeout=timeout))

    async def compile_latex(
        self,
        source: str | PathLike[str] | None = None,
        *,
        path: str | None = None,
        project_id: str | UUID | None = None,
        command: str | None = None,
        timeout: float = 30.0,
        ttl: int = 3600,
        check: bool = False,
    ) -> _jobs.LatexResult:
        r"""Compile LaTeX in a project and give the PDF, the log, and the errors with file and line.

        Calls `latex`, and downloads the PDF from the same server, without the key; for 12 seconds when it is not there yet. Without `project_id`
        it first asks whether the key is a project's. Takes 2 to 60 seconds. With a
        `timeout` above 45 it needs `path` and `project_id`: the server cuts at 60 seconds, the PDF is then waited
        for by reading it. The project is started if need be.

        Args:
            source: LaTeX text; in Python also the `pathlib.Path` of a file here. It is compiled in the project's /tmp, or
                written to `path` first when that is given too.
            path: A .tex file in the project.
            project_id: The project; by default the account's most recent one, made when there is none. A project's key has to name its own.
            command: What to run instead of latexmk, in the directory of the file.
            timeout: Seconds, 5 to 3600, after which the compilation is killed.
            ttl: Seconds, at least 60, for which the server is asked to keep the PDF at its public address. Today's server takes no notice, and
                keeps it for 24 hours.
            check: Take it for an error (CommandError) unless all went well.

        Raises:
            CommandError: by `.pdf`, `.save()` and `check=True`, with the first LaTeX error.
            ServerError: the project could not be started, so nothing was compiled.
            TimedOut: the server gave up on it, or it is not done in time.
            PermissionDeniedError: not a collaborator.

        >>> document = r"\documentclass{article}\begin{document}Hello\end{document}"
        >>> result = await client.compile_latex(document, project_id=project_id)
        >>> result.ok, result.pdf[:5]
        (True, b'%PDF-')
        """
        from cocalc_facade._jobs import latex

        return await self._run_flow(
            latex.compile_latex(
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

    async def evaluate(
        self,
        code: str,
        kernel: str = "python3",
        project_id: str | UUID | None = None,
        *,
        history: Sequence[str] = (),
        cwd: str = "",
        cache: bool = False,
        check: bool = True,
    ) -> _jobs.Evaluation:
        r"""Run code once in a fresh Jupyter kernel, and give what it put out, as a notebook shows it.

        The kernel is that of no notebook, and nothing stays in it. Limits of the server: 30 seconds in a project (15 without one) for `code` and the same for `history`;
        then the code is interrupted and fails with KeyboardInterrupt. Longer work is for `run`. Calls `jupyter/execute`, never twice; servers of the newer
        generation do not have it.

        Args:
            code: What to run, in the language of the kernel.
            kernel: A name of `kernels()`.
            project_id: Where to run it; it is started for that. None is the pool of the site, where the site has one.
            history: What is run first, together, its output thrown away and its errors ignored.
            cwd: The folder of the project to run it in.
            cache: Take what the same code put out before, up to a month ago. Whoever knows the code can read that, so it is no place for secrets.
            check: False gives also what failed; its `error` says how.

        Raises:
            CommandError: the code raised something; `stderr` has the traceback as text.
            TimedOut: the server waited 60 seconds for the kernel; whether the code ran is not known.
            NotAvailableError: the site runs no code without a project, or has no kernels over HTTP.

        >>> done = await client.evaluate("print('a')\n2 + 40", project_id=project_id)
        >>> done.stdout, done.text
        ('a\n', '42')
        """
        from cocalc_facade._jobs.jupyter import evaluate

        return await self._run_flow(
            evaluate.evaluate(
                self._session, code, kernel, project_id, history=history, cwd=cwd, cache=cache, check=check
            )
        )

    async def kernels(self, project_id: str | UUID | None = None) -> _jobs.Kernels:
        """Give the kernels of a project, which is started for that, or those of the site. Calls `jupyter/kernels`.

        >>> found = await client.kernels(project_id)
        >>> [kernel.name for kernel in found]
        ['python3']
        """
        from cocalc_facade._jobs.jupyter import evaluate

        return await self._run_flow(evaluate.kernels(self._session, project_id))

    async def list_directory(
        self, project_id: str | UUID, path: str = "", *, live: bool = True, compute_server_id: int = 0
    ) -> _jobs.DirectoryListing:
        """Give what is in a directory of a project: names, whether directories, sizes, times.

        The project itself is asked, and started for it. With `live=False` the database is, which wakes nobody, but which no server writes any
        more since May 2025: it knows what somebody looked at before, as it was then (`.as_of`), at most 200 entries each. Calls `exec`, or
        `user-query`. Names that are not UTF-8 cannot be told: such a listing is not `.complete`.

        Args:
            project_id: The project.
            path: Relative to the home directory; `""` is the home itself.
            live: False asks the database.
            compute_server_id: The compute server whose files are meant; 0 is the project.

        Raises:
            NotFoundError: no such directory, or one that the database does not know, never an empty listing.
            CommandError: it is a file, or may not be read.
            ServerError: the project could not be started.
            PermissionDeniedError: not a collaborator.

        >>> listing = await client.list_directory(project_id)
        >>> listing.complete, listing.live
        (True, True)
        """
        from cocalc_facade._jobs import listing

        return await self._run_flow(
            listing.list_directory(
                self._session, project_id, path, live=live, compute_server_id=compute_server_id
            )
        )

    def walk_directory(
        self, project_id: str | UUID, path: str = "", *, live: bool = True, compute_server_id: int = 0
    ) -> AsyncIterator[_jobs.DirectoryListing]:
        """Iterate over the listings of a directory and of all below it, each before those inside it.

        One `exec` for each directory, as the iteration comes to it; links are not followed. A directory whose name is not UTF-8 cannot be
        entered: its listing is empty and not `.complete`. With `live=False` from the database, which raises NotFoundError at the first directory that
        it does not know.

        >>> async for listing in client.walk_directory(project_id):
        ...     names = listing.names()
        """
        from cocalc_facade._jobs import listing

        return self._iterate(
            listing.walk(self._session, project_id, path, live=live, compute_server_id=compute_server_id)
        )
