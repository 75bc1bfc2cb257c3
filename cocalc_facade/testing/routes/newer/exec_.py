"""exec, as servers of the newer generation answer it: other words, jobs with names, and a cut after 15 seconds."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.projects.exec_ import (
    MEBIBYTE,
    execute,
    has_shell,
    max_output,
    process_of,
    shown_command,
    streams_of,
)
from cocalc_facade.testing.routes.projects.projects import ensure_running
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.process import Process
from cocalc_facade.testing.world.state import Job, Project

from .capabilities import SIGNED_OUT, own_project

CUT_SECONDS = 15.0
NAMES = ("job_key", "job_group", "aggregate")


def run(call: Call) -> Any:
    """Run a command, or ask for a job or end it."""
    call.account_id(SIGNED_OUT)
    project = own_project(call, "project:exec")
    if not call.site.hosts and not project.ran:
        raise Refusal(f"project {project.project_id} has no assigned host")
    ensure_running(call, project)
    return run_in(call, project)


def run_in(call: Call, project: Project) -> Any:
    """The same for a project that runs."""
    if call.get("async_get") or call.get("async_cancel"):
        return _ask(call, project)
    if not isinstance(call.get("command"), str):
        raise Refusal(
            f"TypeError: Cannot read properties of {js_text(call.get('command'))} (reading 'split')"
        )
    if call.get("async_call"):
        return _begin(call, project)
    process = process_of(call, project, call.world.now() + call.seconds)
    killed = execute(call, process)
    call.seconds += process.elapsed
    if call.get("timeout") in (UNDEFINED, None) and call.seconds > CUT_SECONDS:
        call.seconds = CUT_SECONDS
        raise Refusal("timeout")
    if killed:
        shown = "bash /tmp/cocalc-standin/a.sh" if has_shell(call) else shown_command(call)
        raise Refusal(f"killed command '{shown}'")
    if process.code and call.get("err_on_exit") in (UNDEFINED, True):
        raise Refusal(_failure(call, process))
    return {"type": "blocking", **streams_of(process, max_output(call)), "exit_code": process.code}


def _failure(call: Call, process: Process) -> str:
    args = call.get("args")
    given = " ".join(js_text(item) for item in args) if isinstance(args, list) else ""
    what = shown_command(call) if has_shell(call) else f"'{js_text(call.get('command'))}' (args={given})"
    return f"command '{what}' exited with nonzero code {process.code} -- stderr='{process.output('stderr')}'"


def _begin(call: Call, project: Project) -> Any:
    name = call.get("job_key")
    known = next((job for job in project.jobs.values() if name and job.names.get("job_key") == name), None)
    if known is not None:
        return _job_answer(call, known, call.world.now() + call.seconds)
    process = process_of(call, project, call.world.now() + call.seconds)
    killed = execute(call, process)
    job = Job(
        job_id=call.world.uuid(),
        process=process,
        pid=process.pid,
        failed=killed or (process.code != 0 and call.get("err_on_exit") in (UNDEFINED, True)),
        max_output=max_output(call) or MEBIBYTE,
        names={key: call.get(key) for key in NAMES if call.get(key) is not UNDEFINED},
    )
    project.jobs[job.job_id] = job
    return {**_job_answer(call, job, process.started), "stats": []}


def _ask(call: Call, project: Project) -> Any:
    wanted = sql_text(call.get("async_cancel") or call.get("async_get"))
    job = project.jobs.get(wanted)
    if job is None:
        raise Refusal(f"Async operation '{wanted}' does not exist.")
    now = call.world.now() + call.seconds
    end = job.process.started + job.process.elapsed
    if call.get("async_cancel") and now < end:
        job.process.end(now - job.process.started, 15, group=True)
        job.cancelled = True
    elif call.get("async_await") and end > now:
        call.seconds += end - now
        now = end
    return _job_answer(call, job, now)


def _job_answer(call: Call, job: Job, now: float) -> dict[str, Any]:
    process = job.process
    running = now <= process.started or now < process.started + process.elapsed
    status = "running" if running else "killed" if job.cancelled else "error" if job.failed else "completed"
    until = now - process.started if now > process.started else -1.0
    return {
        "type": "async",
        **streams_of(process, job.max_output, until),
        "exit_code": 0 if running else 1 if job.cancelled else process.code,
        "start": int(process.started * 1000),
        "job_id": job.job_id,
        "status": status,
        **job.names,
        "pid": UNDEFINED if process.unable else job.pid,
        "elapsed_s": UNDEFINED if running else round(process.elapsed + 0.003, 3),
    }
