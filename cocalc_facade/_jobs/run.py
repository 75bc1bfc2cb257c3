"""Running a command in a project: short ones in one call, longer ones as a job that is polled, past the server's 60 seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import is_newer, refuse_on_newer
from cocalc_facade._calls.meaning.unreached import is_unreached
from cocalc_facade._errors import (
    AuthenticationError,
    CoCalcError,
    CommandError,
    NotFoundError,
    RateLimitError,
    ServerError,
    TimedOut,
    TransportError,
    UnexpectedResponse,
)
from cocalc_facade._wire.flow import Sleep

from .values.checks import identifier, location, plain_text, positive, receiver, refuse, whole
from .values.commands import CompletedCommand, asked, clearer, completed, shown, through_a_shell, within
from .values.shapes import an_object, integer, number, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

Stream: TypeAlias = Callable[[str], object]

# The server answers every exec within 60 s, and starting the project counts: up to this many seconds a command runs in one call.
ONE_CALL = 30.0
MAX_OUTPUT = 100_000
MOST_OUTPUT = 1_000_000
GRACE = 30.0
PATIENCE = 120.0
GENTLE = 5.0
# What begins in the place of what a job wrote, when the server has nothing of that.
NO_RESULT = "No result"
KILLED = "killed command '"
INSTEAD = (NO_RESULT, KILLED, "command '", "error ", "Error: ")
# Of the commands that this client itself runs, so that what they write does not depend on the project.
PLAIN = {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}


def run(
    session: Session,
    project_id: object,
    command: str | Sequence[str],
    *,
    timeout: float = ONE_CALL,
    cwd: str = "",
    env: Mapping[str, str] | None = None,
    check: bool = False,
    max_output: int = MAX_OUTPUT,
    stream: Stream | None = None,
    stream_stderr: Stream | None = None,
    compute_server_id: int | None = None,
) -> Flow[CompletedCommand]:
    """Run a command and give how it ended."""
    project = identifier(project_id)
    args, request = _request(command)
    seconds = positive(timeout, "timeout")
    receiver(stream, "stream")
    receiver(stream_stderr, "stream_stderr")
    limit = whole(max_output, "max_output", 1, MOST_OUTPUT)
    request |= {"project_id": project, "timeout": seconds, "max_output": asked(limit), "err_on_exit": False}
    if cwd:
        request["path"] = location(cwd, "cwd", empty=True)
    if env:
        request["env"] = {plain_text(name, "env"): _env_value(value) for name, value in env.items()}
    if compute_server_id is not None:
        yield from refuse_on_newer(session, "compute servers", "exec")
        request["compute_server_id"] = whole(compute_server_id, "compute_server_id", 0)
    session = session.for_one_job()
    if seconds <= ONE_CALL and stream is None and stream_stderr is None:
        done = yield from _in_one_call(session, request, args, limit)
    else:
        answer = yield from _sent(session, {**request, "async_call": True}, args)
        job = an_object(answer, "exec")
        watch = _Watch(
            project, _job_id(job), args, seconds, limit, stream, stream_stderr, integer(job.get("pid"))
        )
        done = yield from _follow(session, watch, job)
    if check:
        done.check_returncode()
    return done


def wait_for(
    session: Session,
    project_id: object,
    job_id: object,
    *,
    timeout: float,
    max_output: int = MAX_OUTPUT,
    stream: Stream | None = None,
    stream_stderr: Stream | None = None,
) -> Flow[CompletedCommand]:
    """Follow a job that was started before, such as one whose `run` was interrupted."""
    project, job = identifier(project_id), plain_text(job_id, "job_id")
    seconds = positive(timeout, "timeout")
    receiver(stream, "stream")
    receiver(stream_stderr, "stream_stderr")
    limit = whole(max_output, "max_output", 1, MOST_OUTPUT)
    session = session.for_one_job()
    watch = _Watch(project, job, f"job {job}", seconds, limit, stream, stream_stderr, foreign=True)
    return (yield from _follow(session, watch, None))


def _request(command: str | Sequence[str]) -> tuple[str | tuple[str, ...], dict[str, Any]]:
    if isinstance(command, str):
        return command, {"command": plain_text(command, "command"), "bash": True}
    if not isinstance(command, Sequence) or not all(isinstance(part, str) for part in command):
        raise TypeError("command: expected a shell line as text, or a list of texts")
    if not command or not command[0].strip():
        raise refuse("command", "must not be empty")
    if any("\0" in part for part in command):
        raise refuse("command", "must not contain a NUL character")
    args = tuple(command)
    return args, through_a_shell(args)


def _env_value(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"env: expected text values, not {type(value).__name__}")
    return value


def _in_one_call(
    session: Session, request: dict[str, Any], args: str | tuple[str, ...], limit: int
) -> Flow[CompletedCommand]:
    try:
        answer = yield from _sent(session, request, args)
    except CommandError as error:
        raise clearer(error, args, request["timeout"]) from None
    return completed(answer, args, limit)


def _sent(session: Session, request: dict[str, Any], args: str | tuple[str, ...]) -> Flow[Any]:
    """Ask the project to run a command, and give its answer; who is interrupted before that came hears that it may run."""
    try:
        return (yield from call(session, "exec", request, timeout=90.0))
    except BaseException as interruption:
        if not isinstance(interruption, CoCalcError):
            lost = "the id of its job did not come" if "async_call" in request else "its output is lost"
            interruption.add_note(
                f"{shown(args)!r} may still be running in project {request['project_id']}, for at most {request['timeout']:g} s; {lost}"
            )
        raise


@attrs.define
class _Watch:
    """A job that is followed: who it is, how long, and how much of its output has been shown.

    `foreign`: somebody else may have started it, and so that the server calls a nonzero exit code an error.
    """

    project: str
    job_id: str
    args: str | tuple[str, ...]
    seconds: float
    limit: int
    stream: Stream | None = None
    stream_stderr: Stream | None = None
    pid: int | None = None
    foreign: bool = False
    shown_out: int = 0
    shown_err: int = 0

    def show(self, answer: dict[str, Any], *, ended: bool) -> None:
        """Hand the lines that are complete and new to the streams; at the end the rest too."""
        for stream, name, seen in (
            (self.stream, "stdout", "shown_out"),
            (self.stream_stderr, "stderr", "shown_err"),
        ):
            if stream is None:
                continue
            output, _ = within(text(answer.get(name)) or "", self.limit)
            start = getattr(self, seen)
            end = len(output) if ended else output.rfind("\n") + 1
            if end > start:
                setattr(self, seen, end)
                for line in output[start:end].removesuffix("\n").split("\n"):
                    stream(line)

    def fate(self) -> str:
        """Say where the job is and how to get at it."""
        return (
            f"job {self.job_id} goes on in project {self.project} for at most {self.seconds:g} s: "
            f"client.wait_for_command({self.project!r}, {self.job_id!r}) follows it, "
            f"client.stop_command({self.project!r}, {self.job_id!r}) ends it"
        )


def _follow(session: Session, watch: _Watch, job: dict[str, Any] | None) -> Flow[CompletedCommand]:
    try:
        return (yield from _poll(session, watch, job))
    except CommandError:
        raise
    except BaseException as interruption:
        if job is not None and isinstance(interruption, CoCalcError):
            interruption.maybe_executed = True  # whatever became of a question about it, the job was started
        if is_unreached(interruption):
            interruption.add_note(
                f"what became of job {watch.job_id} is not known; a project that stops ends its jobs"
            )
        elif watch.job_id not in str(interruption):
            interruption.add_note(watch.fate())
        raise


def _poll(session: Session, watch: _Watch, job: dict[str, Any] | None) -> Flow[CompletedCommand]:
    begin = session.now()
    heard = begin
    pause = 0.25
    longest = 2.0 if watch.stream or watch.stream_stderr else 5.0
    while job is None or job.get("status") == "running":
        if job is not None:
            watch.show(job, ended=False)
            watch.pid = integer(job.get("pid")) or watch.pid
        if session.now() - begin > watch.seconds + GRACE:
            raise TimedOut(
                f"{shown(watch.args)!r} did not end; {watch.fate()}", path="exec", maybe_executed=True
            )
        yield Sleep(min(pause, max(session.until - session.now(), 0.0)))
        pause = min(pause * 1.5, longest)
        try:
            job = yield from _ask(session, watch.project, watch.job_id)
            heard = session.now()
        except (
            TransportError,
            ServerError,
            RateLimitError,
            UnexpectedResponse,
            AuthenticationError,
        ) as error:
            # A key that was good a moment ago is called none when the database is away; who follows a job of before may have none.
            if isinstance(error, AuthenticationError) and watch.foreign:
                raise
            if session.now() - heard > PATIENCE or session.now() >= session.until:
                raise  # nothing was heard of the job for two minutes
            job = None
        except NotFoundError:
            raise CommandError(
                f"the result of {shown(watch.args)!r} is lost: project {watch.project} no longer knows job {watch.job_id}",
                path="exec",
                hint="jobs are forgotten when the project restarts, after an hour, and beyond 100 of them",
                maybe_executed=True,
            ) from None
    watch.show(job, ended=True)
    if job.get("status") == "killed" or (job.get("status") == "error" and not _has_result(job, watch)):
        raise _unknown_end(job, watch)
    return completed(job, watch.args, watch.limit)


def _ask(session: Session, project: str, job_id: str) -> Flow[dict[str, Any]]:
    """Give what the project knows of a job."""
    # A development build wants async_stats in a poll; the reading may be repeated, it changes nothing.
    request = {"project_id": project, "async_get": job_id, "async_stats": False}
    answer = yield from call(session, "exec", request, timeout=70.0, repeatable=True)
    return an_object(answer, "exec")


def stop(session: Session, project_id: object, job_id: object, *, timeout: float) -> Flow[bool]:
    """End a job with all that it started, and give whether there was something to end."""
    project, job = identifier(project_id), plain_text(job_id, "job_id")
    session = session.for_one_job()
    end = session.now() + positive(timeout, "timeout")
    found = yield from _ask(session, project, job)
    if found.get("status") != "running":
        return False
    newer = yield from is_newer(session)
    pid = integer(found.get("pid"))
    for signal, patience in (("TERM", GENTLE), ("KILL", end - session.now())):
        if newer and signal == "TERM":
            # Who follows the job is told then that it was ended; after a signal it would be a success.
            request = {"project_id": project, "async_cancel": job}
            yield from call(session, "exec", request, repeatable=True, check=False)
        elif pid is None or pid <= 1:
            raise CommandError(
                f"job {job} cannot be ended: the server does not tell its process", path="exec"
            )
        else:
            # The shell of a job leads a group of processes: the shell alone would leave its children running.
            yield from run(session, project, f"kill -{signal} -- -{pid}", env=PLAIN)
        until = min(end, session.now() + patience)
        pause = 0.2
        while True:
            found = yield from _ask(session, project, job)
            if found.get("status") != "running":
                return True
            if session.now() >= until:
                break
            yield Sleep(min(pause, until - session.now()))
            pause = min(pause * 2, 2.0)
    raise TimedOut(
        f"job {job} still runs {timeout:g} s after it was told to end", path="exec", maybe_executed=True
    )


def _has_result(job: dict[str, Any], watch: _Watch) -> bool:
    """Whether a job that the server calls failed has its exit code and output all the same, as on newer servers."""
    words = text(job.get("stderr")) or ""
    late = (number(job.get("elapsed_s")) or 0.0) >= watch.seconds - 1
    return (
        watch.foreign and bool(integer(job.get("exit_code"))) and not words.startswith(INSTEAD) and not late
    )


def _unknown_end(job: dict[str, Any], watch: _Watch) -> CommandError:
    """Give the error for a job that the server ended without keeping its result, exit code included."""
    words = text(job.get("stderr")) or ""
    if job.get("status") == "killed":
        return CommandError(
            f"{shown(watch.args)!r} was ended by somebody else",
            path="exec",
            killed=True,
            maybe_executed=True,
        )
    late = (number(job.get("elapsed_s")) or 0.0) >= watch.seconds - 1
    if late or words.startswith(KILLED):
        after = f"its timeout of {watch.seconds:g} s" if late else "its timeout"
        return CommandError(
            f"{shown(watch.args)!r} was killed after {after}",
            path="exec",
            killed=True,
            maybe_executed=True,
        )
    detail = "" if words in {"", NO_RESULT} else f": {words.strip()[:200]}"
    return CommandError(
        f"{shown(watch.args)!r} failed, and the server kept neither its output nor its exit code{detail}",
        path="exec",
        hint="a directory or command that does not exist, or a signal",
        maybe_executed=True,
    )


def _job_id(job: dict[str, Any]) -> str:
    found = text(job.get("job_id"))
    if not found:
        raise UnexpectedResponse("the answer names no job", path="exec", maybe_executed=True)
    return found
