"""Bringing a project to a state and knowing that it got there; its files as text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import by_generation
from cocalc_facade._calls.generations.bridge import ask_hub
from cocalc_facade._calls.meaning.unreached import is_unreached
from cocalc_facade._errors import (
    APIError,
    CoCalcError,
    CommandError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TimedOut,
    TransportError,
)
from cocalc_facade._json.records import Record
from cocalc_facade._wire.flow import Sleep
from cocalc_facade._wire.hosts import BRIDGE

from . import query
from .values.checks import choice, identifier, location, parsed_time, positive
from .values.shapes import State, an_object, inner, project_state, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

WantedState: TypeAlias = Literal["running", "stopped"]

AT_REST = frozenset({"opened", "closed", "archived", "stopped"})
ON_THE_WAY = {
    "running": frozenset({"starting", "opening", "unarchiving", "saving"}),
    "stopped": frozenset({"stopping", "closing", "archiving", "saving"}),
}
AS_ASKED: dict[str, State] = {"running": "running", "stopped": "opened"}
ROUTES = {"running": "projects/start", "stopped": "projects/stop"}
SETTLING = 5.0
STARTS = 3


@attrs.frozen
class ProjectState(Record):
    """What the database says of a project: `state` is the server's word (`running`, `opened` when stopped, `starting` …).

    `planned` says that it is the state that was waited for, which a dry run does not bring about.
    """

    project_id: str
    state: State | None
    time: datetime | None = None
    error: str | None = None
    planned: bool = attrs.field(default=False, repr=False)

    @property
    def running(self) -> bool:
        """Whether the project runs."""
        return self.state == "running"

    @property
    def stopped(self) -> bool:
        """Whether the project is at rest, in whatever way."""
        return self.state in AT_REST


def state(session: Session, project_id: object) -> Flow[ProjectState]:
    """Give the state of a project; raises for a project that the key cannot see."""
    project = identifier(project_id)
    return (
        yield from by_generation(
            session, lambda: _remembered(session, project), lambda: _told(session, project)
        )
    )


def _told(session: Session, project: str) -> Flow[ProjectState]:
    """Give the state that the hub of a server of the newer generation tells, where no key may read tables."""
    found = yield from ask_hub(session, "projects.getProjectState", [{"project_id": project}])
    said = an_object(found, BRIDGE)
    return ProjectState(project, project_state(said), parsed_time(said.get("time")), text(said.get("error")))


def _remembered(session: Session, project: str) -> Flow[ProjectState]:
    row = yield from query.one(session, "projects_all", ["state"], {"project_id": project})
    if row is None:
        raise out_of_sight(project)
    return state_in(project, row)


def state_in(project: str, row: dict[str, Any]) -> ProjectState:
    """Give the state that a row of the table of projects has."""
    found = inner(row, "state")
    return ProjectState(
        project, project_state(found), parsed_time(found.get("time")), text(found.get("error"))
    )


def out_of_sight(project: str) -> PermissionDeniedError:
    """Give the error for a project that is in no table that the key can read."""
    return PermissionDeniedError(
        f"no project {project} that this key can see",
        path="user-query",
        hint="its account must be a collaborator; a project key cannot read states",
    )


def wait_for(
    session: Session, project_id: object, wanted: str, *, timeout: float, request: bool = True
) -> Flow[ProjectState]:
    """Ask for the state until it is the wanted one, requesting it again whenever the project settled elsewhere."""
    project = identifier(project_id)
    choice(wanted, "state", ROUTES)
    session = session.for_one_job()
    deadline = min(session.now() + positive(timeout, "timeout"), session.until)
    asked_at: float | None = None
    failures = 0
    pause = 0.5
    seen = ProjectState(project, None)
    while True:
        try:
            seen = yield from state(session, project)
        except (TransportError, ServerError, RateLimitError) as error:
            if session.now() + pause > deadline:
                raise
            seen = ProjectState(project, None, error=str(error))
        else:
            if reached(seen, wanted):
                return seen
            settled = is_settled(seen, wanted)
            due = asked_at is None or (session.now() - asked_at >= SETTLING and session.now() < deadline)
            if request and settled and due:
                failed = yield from ask_for(session, project, wanted, deadline)
                failures = failures + 1 if failed is not None else 0
                if failed is not None and (failures == STARTS or session.now() + SETTLING > deadline):
                    raise failed
                asked_at = session.now()
                pause = 0.5
                if session.plan is None:
                    continue
            if session.plan is not None:  # nothing was asked for that time could bring
                return ProjectState(project, AS_ASKED[wanted], planned=True)
        if session.now() + pause > deadline:
            why = f"; the server says: {seen.error}" if seen.error else ""
            raise TimedOut(
                f"project {project} is {seen.state or 'in an unknown state'} after {timeout:g} s, not {wanted}{why}",
                maybe_executed=request,
            )
        yield Sleep(pause)
        pause = min(pause * 1.5, 3.0)


def reached(seen: ProjectState, wanted: str) -> bool:
    """Whether a project is where it is to be."""
    return seen.running if wanted == "running" else seen.stopped


def is_settled(seen: ProjectState, wanted: str) -> bool:
    """Whether a project goes nowhere by itself: on its way to the other state, a request now would answer ok and be lost."""
    other = "stopped" if wanted == "running" else "running"
    return seen.state not in ON_THE_WAY[wanted] | ON_THE_WAY[other]


def ask_for(session: Session, project: str, wanted: str, deadline: float) -> Flow[CoCalcError | None]:
    """Ask for a start or a stop; gives the error when the server says that it cannot start the project."""
    try:
        yield from call(
            session, ROUTES[wanted], {"project_id": project}, timeout=max(deadline - session.now(), 1.0)
        )
    except (TransportError, ServerError, RateLimitError) as error:
        # What became of it shows otherwise in the state, which is asked next.
        return error if is_unreached(error) else None
    except APIError as error:
        if "EEXIST" not in error.message:  # somebody else is starting it at this moment
            raise
    return None


def write_text(session: Session, project_id: object, path: object, content: object) -> Flow[None]:
    """Write a text file and make sure that it holds what was sent."""
    import hashlib

    from .files.moving import write_bytes
    from .run import PLAIN, run

    project, name = identifier(project_id), location(path)
    if not isinstance(content, str):
        raise TypeError(f"content: expected text, not {type(content).__name__}")
    data = content.encode("utf-8", "surrogatepass")
    session = session.for_one_job()
    yield from by_generation(
        session,
        lambda: _write_by_route(session, project, name, content),
        lambda: write_bytes(session, project, name, data),
    )
    if session.plan is not None:
        return
    done = yield from run(session, project, ["sha256sum", "--", name], max_output=10_000, env=PLAIN)
    wanted = hashlib.sha256(data).hexdigest()
    if done.stdout.lstrip("\\")[:64] != wanted:
        detail = done.stderr.strip() or "it holds something else"
        raise CommandError(
            f"{name} was not written: {detail}", path="projects/write-text-file", stderr=done.stderr
        )


def _write_by_route(session: Session, project: str, name: str, content: str) -> Flow[None]:
    arguments = {"project_id": project, "path": name, "content": content}
    answer = yield from call(session, "projects/write-text-file", arguments, any_answer=True)
    if an_object(answer, "projects/write-text-file").get("status") != "ok":
        raise TimedOut(
            "the project did not answer within the server's 60 s; the file may have been written",
            path="projects/write-text-file",
            maybe_executed=True,
        )
