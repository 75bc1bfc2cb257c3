"""exec: commands in a project, at once or as jobs that go on by themselves."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.shell.bash import COMMANDS, run_command, run_line
from cocalc_facade.testing.shell.command import Streams
from cocalc_facade.testing.wire.javascript import UNDEFINED, dumps, js_text, well_formed
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal, Unanswered
from cocalc_facade.testing.world.process import Died, Killed, Process
from cocalc_facade.testing.world.state import Job, Project

from .projects import ensure_running

MEBIBYTE = 1_048_576


def run(call: Call) -> Any:
    """Run a command, or ask for a job."""
    call.account_id()
    if not call.collaborates(call.get("project_id")):
        raise Refusal("user must be a collaborator on the project")
    project = call.world.projects[call.uuid("project_id")]
    if call.get("compute_server_id"):
        raise _failure(call, "Error: no connection to compute server -- please start or restart it")
    ensure_running(call, project)
    project.arrive(call.world.now() + call.seconds)
    return _run(call, project)


def run_in_project(call: Call, project: Project, mesg: dict[str, Any]) -> Any:
    """What a message to a project that runs a command is answered."""
    inner = Call(call.site, "exec", mesg, call.caller, call.request)
    try:
        return _run(inner, project)
    finally:
        call.seconds += inner.seconds


def _run(call: Call, project: Project) -> Any:
    if call.get("async_get"):
        return _within_limit(call, _poll(call, project))
    if call.get("async_call"):
        return _begin(call, project)
    process = process_of(call, project, call.world.now() + call.seconds)
    killed = execute(call, process)
    call.seconds += process.elapsed + _transfer_seconds(process.size)
    project.last_edited = call.world.now()
    return _within_limit(call, _blocking(call, process, killed=killed))


def _checked(call: Call) -> bool:
    """Whether a nonzero exit is an error; the text "false" of a form is true."""
    wanted = call.get("err_on_exit")
    return wanted is UNDEFINED or bool(wanted)


def _blocking(call: Call, process: Process, *, killed: bool) -> Any:
    if killed:
        return _failure(call, f"killed command '{shown_command(call)}'")
    what = (
        shown_command(call)
        if has_shell(call)
        else f"'{js_text(call.get('command'))}' (args={_arguments_shown(call)})"
    )
    if process.unable and not _checked(call):
        return _failure(call, f"command '{what}' was not able to run -- stderr='{process.output('stderr')}'")
    if process.code != 0 and _checked(call):
        return _failure(
            call,
            f"command '{what}' exited with nonzero code {process.code} -- stderr='{process.output('stderr')}'",
        )
    return {**streams_of(process, max_output(call)), "exit_code": process.code, "type": "blocking"}


def _within_limit(call: Call, result: Any) -> Any:
    """The result, unless the hub has stopped waiting for the project before it came."""
    cut = call.site.oddities.cut_seconds
    if cut is not None and call.seconds >= cut:
        call.seconds = cut
        raise Unanswered
    if isinstance(result, Refusal):
        raise result
    return result


def _transfer_seconds(size: int) -> float:
    """What the hub takes for so much output: measured as quadratic, 18.9 s for 3 MB."""
    return 2.1 * (size / 1e6) ** 2 if size > 100_000 else 0.0


def _failure(call: Call, text: str) -> Refusal:
    command, args = js_text(call.get("command")), js_text(call.get("args"))
    return Refusal(f"Error executing command '{command}' with args '{args}' -- {text}")


def has_shell(call: Call) -> bool:
    """Whether a shell reads the command; it does when a line is given without arguments."""
    bash = call.get("bash")
    if bash not in (UNDEFINED, None):
        return bool(bash)
    return not call.get("args") and len(js_text(call.get("command")).split()) > 1


def _arguments_shown(call: Call) -> str:
    args = call.get("args")
    return " ".join(js_text(item) for item in args) if isinstance(args, list) else ""


def shown_command(call: Call) -> str:
    """The command as refusals quote it."""
    command = js_text(call.get("command"))
    return command if has_shell(call) else f"{command} {_arguments_shown(call)}".strip()


def max_output(call: Call) -> float:
    """At how many characters output is cut; 0 for nowhere."""
    limit = call.get("max_output")
    number = isinstance(limit, (int, float)) or (
        isinstance(limit, str) and limit.isascii() and limit.isdigit()
    )
    return min(float(limit), 1e12) if number else 0.0


def streams_of(process: Process, limit: float, until: float = float("inf")) -> dict[str, str]:
    """What was written until a time, cut at a limit."""
    texts = {}
    for stream in ("stdout", "stderr"):
        text = process.output(stream, until)
        units = text.encode("utf-16-le", "surrogatepass")
        # The server counts as JavaScript does, and cuts what exactly fits as well.
        if limit and len(units) >= 2 * limit:
            kept = units[: 2 * int(limit)].decode("utf-16-le", "surrogatepass")
            text = f"{kept} (truncated at {int(limit)} characters)"
        texts[stream] = text
    return texts


def process_of(call: Call, project: Project, started: float) -> Process:
    """The process that a call asks for, before it runs."""
    files = project.files
    timeout = call.get("timeout")
    number = isinstance(timeout, (int, float)) or (
        isinstance(timeout, str) and timeout.isascii() and timeout.replace(".", "", 1).isdigit()
    )
    limit = float(timeout) if number and float(timeout) > 0 else 60.0
    # An async job without a limit of its own goes on; a blocking one is cut by the hub before it reaches the default.
    if not number:
        limit = float("inf") if call.get("async_call") else 3600.0
    env = {
        "HOME": files.home,
        "USER": "user",
        "PATH": "/usr/bin:/bin",
        "COCALC_PROJECT_ID": project.project_id,
    }
    extra = call.get("env")
    if isinstance(extra, dict):
        env |= {well_formed(key): well_formed(sql_text(value)) for key, value in extra.items()}
    cwd = files.resolve(sql_text(call.get("path") or ""))
    pid = 20_000 + 100 * next(call.world.serial)
    process = Process(files, cwd, env, started, limit, pid=pid, has_shell=has_shell(call))
    process.kill = lambda pid, signal: project.kill(pid, process.now(), signal)
    return process


def execute(call: Call, process: Process) -> bool:
    """Run the command; says whether it was killed because its time was over."""
    try:
        _launch(call, process)
    except Killed:
        return True
    except Died as death:
        process.signal = death.signal
    process.finish()
    _exit_of_signal(call, process)
    return False


def _exit_of_signal(call: Call, process: Process) -> None:
    """A process that died by a signal has no exit code; the server writes 0 for it."""
    if process.signal:
        process.code = 0 if call.site.oddities.signals_hidden else 128 + process.signal


def _launch(call: Call, process: Process) -> None:
    command, args = call.get("command"), call.get("args")
    if not isinstance(command, str):
        raise _failure(
            call,
            'error TypeError [ERR_INVALID_ARG_TYPE]: The "file" argument must be of type string. '
            f"Received {_received(command)}",
        )
    if args not in (UNDEFINED, None) and not isinstance(args, list):
        raise _failure(
            call,
            'error TypeError [ERR_INVALID_ARG_TYPE]: The "args" argument must be of type object. '
            f"Received {_received(args)}",
        )
    argv = [well_formed(sql_text(item)) for item in args] if isinstance(args, list) else []
    command = well_formed(command)
    for at, item in enumerate(argv):
        if "\0" in item:
            raise _failure(
                call,
                f"error TypeError [ERR_INVALID_ARG_VALUE]: The argument 'args[{at}]' must be a string without null "
                f"bytes. Received {_inspected(item)}",
            )
    if not process.files.is_directory(process.cwd) or not (
        has_shell(call) or command.rpartition("/")[2] in COMMANDS
    ):
        # A line lies in a file that bash is to run.
        program, given = ("bash", ["/tmp/cocalc-standin/a.sh"]) if has_shell(call) else (command, argv)  # noqa: S108 - a path in the stand-in
        fault = {
            "errno": -2,
            "code": "ENOENT",
            "syscall": f"spawn {program}",
            "path": program,
            "spawnargs": given,
        }
        process.put("stderr", dumps(fault).encode())
        process.code, process.unable = 1, True
    elif has_shell(call):
        run_line(process, command)
    else:
        process.code = run_command(process, [command, *argv], Streams())


def _received(value: object) -> str:
    """A value of the wrong type, in the words of Node."""
    if value is UNDEFINED or value is None:
        return js_text(value)
    if isinstance(value, (list, dict)):
        return f"an instance of {'Array' if isinstance(value, list) else 'Object'}"
    if isinstance(value, str):
        return f"type string ({_inspected(value if len(value) <= 28 else value[:25] + '...')})"
    return f"type {'boolean' if isinstance(value, bool) else 'number'} ({js_text(value)})"


def _inspected(value: object) -> str:
    text = js_text(value).replace("\0", "\\x00")
    return f"'{text}'" if isinstance(value, str) else text


def _begin(call: Call, project: Project) -> Any:
    process = process_of(call, project, call.world.now() + call.seconds)
    killed = execute(call, process)
    job = Job(
        job_id=call.world.uuid(),
        process=process,
        pid=process.pid,
        failed=killed or (_checked(call) and process.code != 0),
        checked=_checked(call),
        max_output=max_output(call) or MEBIBYTE,
    )
    project.jobs[job.job_id] = job
    return _job_answer(call, job, process.started)


def _poll(call: Call, project: Project) -> Any:
    job = project.jobs.get(sql_text(call.get("async_get")))
    if job is None:
        return _failure(call, f"Error: Async operation '{sql_text(call.get('async_get'))}' does not exist.")
    now = call.world.now() + call.seconds
    end = job.process.started + job.process.elapsed
    if call.get("async_await") and end > now:
        call.seconds += end - now
        now = end
    return _job_answer(call, job, now)


def _job_answer(call: Call, job: Job, now: float) -> dict[str, Any]:
    process = job.process
    if process.ended_by_others:
        _exit_of_signal(call, process)
        job.failed = job.checked and process.code != 0
    running = now <= process.started or now < process.started + process.elapsed
    status = "running" if running else "error" if job.failed else "completed"
    # What is written in the very first moment is not in the answer that tells the job's id.
    streams = streams_of(process, job.max_output, now - process.started if now > process.started else -1.0)
    shown: dict[str, Any] = {
        **(streams if status != "error" else {"stdout": "", "stderr": "No result"}),
        "exit_code": 0 if running else 1 if job.failed else process.code,
        "type": "async",
        "job_id": job.job_id,
        "start": int(process.started * 1000),
        "status": status,
        "elapsed_s": UNDEFINED if running else round(process.elapsed + 0.005, 3),
        "pid": UNDEFINED if process.unable else job.pid,
    }
    if call.get("async_stats") and call.get("async_get"):
        shown["stats"] = _stats(process, now)
    return shown


def _stats(process: Process, now: float) -> list[dict[str, float]]:
    spent = min(now - process.started, process.elapsed)
    return [
        {"timestamp": int((process.started + at) * 1000), "mem_rss": 3, "cpu_pct": 0, "cpu_secs": 0}
        for at in range(0, int(spent) + 1, 10)
    ]
