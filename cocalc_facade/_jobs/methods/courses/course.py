"""One course, as `client.course` gives it. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import Any, overload

from cocalc_v2.types import Offering

from cocalc_facade import _jobs
from cocalc_facade._jobs.methods.runner import Runner


class Course(Offering):
    """One course. Each method reads its file first; none writes it, as the app has it open for as long as anybody teaches."""

    def __init__(self, runner: Runner, project_id: str, path: str) -> None:
        self.project_id = project_id
        self.path = path
        self._runner = runner

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path} of {self.project_id}>"

    def read(self) -> _jobs.CourseContent:
        """Give the whole course as its file is now: students, assignments, handouts, what was done for whom, grades.

        While somebody edits the course the file is up to a minute behind. Downloads the file (as `Project.download`), and calls `accounts/get-names` and `user-query`
        for names, and for who is in which project. Lines that make no sense are in `.problems`, with their numbers; the rest counts.

        Raises:
            NotFoundError: there is no such file, or it is a folder.
        """
        from cocalc_facade._jobs.courses import reading

        return self._runner._run_flow(reading.read(self._runner._session, self.project_id, self.path))

    def students(self) -> _jobs.Students:
        """Give the students with account, address, project, and whether they have joined; deleted ones too, who say so. As `read().students`."""
        content = self.read()
        return content.students

    def assignments(self) -> _jobs.Assignments:
        """Give the assignments with their folders, and to how many students each step was done. As `read().assignments`."""
        content = self.read()
        return content.assignments

    def handouts(self) -> _jobs.Handouts:
        """Give the handouts. As `read().handouts`."""
        content = self.read()
        return content.handouts

    def work(self) -> _jobs.StudentWorks:
        """Give for each assignment and handout and each student what was given out and collected when, and what failed. As `read().work`."""
        content = self.read()
        return content.work

    def grades(self) -> _jobs.Grades:
        """Give the grades, a row for each assignment and each student. As `read().grades`."""
        content = self.read()
        return content.grades

    def hand_out(
        self,
        assignment: str | _jobs.Assignment | _jobs.Handout,
        *,
        students: Iterable[str | _jobs.Student | _jobs.Member] | None = None,
        overwrite: bool = False,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[_jobs.Member, None]], object] | None = None,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
    ) -> _jobs.Outcomes[_jobs.Member, None]:
        """Copy an assignment or a handout into the students' projects, and give the outcome of each.

        As the app does: files that are newer in a student's project stay, and what is replaced is kept with a `~`. The course does not know of it, so the app goes on offering
        to give it out. Doing it twice does what doing it once does.

        Calls `projects/copy-path` for each student; in a project that has no folder for it, `exec` makes one.

        Args:
            assignment: Its path, its id, or its row.
            students: Only these: rows, ids, addresses or names. None is all that are not deleted.
            overwrite: Make the students' folder the same as the source: newer files are replaced and others deleted, without a copy.
            concurrency: As for `map`, and so are all that follow.
            progress: Show how it goes.
            on_error: `"collect"` or `"raise"`.
            resume: Outcomes of an earlier run.
            on_done: Called with each outcome.
            journal: A file for the outcomes, from which the same call goes on after a crash.
            fsync: Wait until each line is on the disk.

        Raises:
            InvalidRequestError: there is no such assignment or student. Nothing was copied.
        """
        from cocalc_facade._jobs.courses import giving

        return self._runner._run_flow(
            giving.hand_out(
                self._runner._session,
                self.project_id,
                self.path,
                assignment,
                students=students,
                overwrite=overwrite,
                concurrency=concurrency,
                progress=progress,
                on_error=on_error,
                resume=resume,
                on_done=on_done,
                journal=journal,
                fsync=fsync,
            )
        )

    @overload
    def collect(
        self,
        assignment: str | _jobs.Assignment,
        *,
        to: None = None,
        students: Iterable[str | _jobs.Student | _jobs.Member] | None = None,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[_jobs.Member, str]], object] | None = None,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
    ) -> _jobs.Outcomes[_jobs.Member, str]: ...
    @overload
    def collect(
        self,
        assignment: str | _jobs.Assignment,
        *,
        to: str | PathLike[str],
        students: Iterable[str | _jobs.Student | _jobs.Member] | None = None,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[_jobs.Member, _jobs.Transfer]], object] | None = None,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
    ) -> _jobs.Outcomes[_jobs.Member, _jobs.Transfer]: ...
    @overload
    def collect(
        self,
        assignment: str | _jobs.Assignment,
        *,
        to: str | PathLike[str] | None,
        students: Iterable[str | _jobs.Student | _jobs.Member] | None = None,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[_jobs.Member, Any]], object] | None = None,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
    ) -> _jobs.Outcomes[_jobs.Member, Any]: ...
    def collect(
        self,
        assignment: str | _jobs.Assignment,
        *,
        to: str | PathLike[str] | None = None,
        students: Iterable[str | _jobs.Student | _jobs.Member] | None = None,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[_jobs.Member, Any]], object] | None = None,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
    ) -> _jobs.Outcomes[_jobs.Member, Any]:
        """Copy what the students have of an assignment, and give the outcome of each.

        Each student's work goes into a folder that is named by the student_id. Without `to` that is in the `collect_path` of the assignment, where the app collects too, and the value
        is its path; what is replaced there is kept with a `~`. With `to` it is on this machine, and the value is the `Transfer`; nothing is written outside of it.

        Calls `projects/copy-path` for each student, or downloads as `Project.download`.

        Args:
            assignment: Its path, its id, or its row.
            to: A folder on this machine, made when it is missing.
            students: As for `hand_out`, and so are all that follow.
            concurrency: As for `map`.
            progress: Show how it goes.
            on_error: `"collect"` or `"raise"`.
            resume: Outcomes of an earlier run.
            on_done: Called with each outcome.
            journal: A file for the outcomes.
            fsync: Wait until each line is on the disk.

        Raises:
            InvalidRequestError: there is no such assignment or student. Nothing was copied.
        """
        from cocalc_facade._jobs.courses import giving

        return self._runner._run_flow(
            giving.collect(
                self._runner._session,
                self.project_id,
                self.path,
                assignment,
                to=to,
                students=students,
                concurrency=concurrency,
                progress=progress,
                on_error=on_error,
                resume=resume,
                on_done=on_done,
                journal=journal,
                fsync=fsync,
            )
        )

    def run_for_all(
        self,
        command: str | Sequence[str],
        *,
        assignment: str | _jobs.Assignment | _jobs.Handout | None = None,
        students: Iterable[str | _jobs.Student | _jobs.Member] | None = None,
        timeout: float = 600.0,
        cwd: str = "",
        check: bool = False,
        max_output: int = 100_000,
        concurrency: int = 8,
        progress: bool = False,
        on_error: _jobs.OnError = "collect",
        resume: Iterable[_jobs.Outcome[Any, Any]] = (),
        on_done: Callable[[_jobs.Outcome[_jobs.Member, _jobs.CompletedCommand]], object] | None = None,
        journal: str | PathLike[str] | None = None,
        fsync: bool = False,
    ) -> _jobs.Outcomes[_jobs.Member, _jobs.CompletedCommand]:
        """Run a command in the project of each student, as `client.run`, and give how each ended.

        A command may take longer than the server's 60 seconds, and is started once in a call. The projects are started for it, and go on running.
        With `journal` or `resume` it runs again for those that failed. It may have run for these too: `outcome.error.maybe_executed` says so.

        Args:
            command: A shell line, or a list of words.
            assignment: Run it in the folder that a student has of this.
            students: As for `hand_out`.
            timeout: Seconds after which the server kills the command.
            cwd: Where to run it, relative to that folder, or else to the home directory.
            check: Take an exit code other than 0 for an error.
            max_output: Characters kept of each stream.
            concurrency: As for `map`, and so are all that follow.
            progress: Show how it goes.
            on_error: `"collect"` or `"raise"`.
            resume: Outcomes of an earlier run.
            on_done: Called with each outcome.
            journal: A file for the outcomes.
            fsync: Wait until each line is on the disk.

        Raises:
            InvalidRequestError: there is no such assignment or student. Nothing was run.
        """
        from cocalc_facade._jobs.courses import giving

        return self._runner._run_flow(
            giving.run_for_all(
                self._runner._session,
                self.project_id,
                self.path,
                command,
                assignment=assignment,
                students=students,
                timeout=timeout,
                cwd=cwd,
                check=check,
                max_output=max_output,
                concurrency=concurrency,
                progress=progress,
                on_error=on_error,
                resume=resume,
                on_done=on_done,
                journal=journal,
                fsync=fsync,
            )
        )
