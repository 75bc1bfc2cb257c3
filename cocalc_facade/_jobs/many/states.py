"""Bringing many projects to a state: their states in one question for all, starts and stops a few at a time, each project with its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._calls.generations.asking import by_generation
from cocalc_facade._calls.guarding.placeholders import is_placeholder
from cocalc_facade._errors import (
    CoCalcError,
    NotFoundError,
    RateLimitError,
    ServerError,
    TimedOut,
    TransportError,
)
from cocalc_facade._jobs import query
from cocalc_facade._jobs.projects import (
    AS_ASKED,
    ROUTES,
    SETTLING,
    STARTS,
    ProjectState,
    ask_for,
    is_settled,
    out_of_sight,
    reached,
    state,
    state_in,
)
from cocalc_facade._jobs.values.checks import choice, identifier, positive, truth, whole
from cocalc_facade._wire.flow import Parallel, Sleep

from .map import MOST_AT_ONCE, check_watching
from .outcomes import MapInterrupted, Outcome, Outcomes
from .progress import Progress

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

FIRST_LOOK = 1.5
"""Seconds that the answer to a first start or stop is waited for: the server goes on by itself, and the states tell."""
SECOND_LOOK = 30.0
"""The same for a further one, whose answer may say why the project does not start."""
LONGEST_PAUSE = 5.0
LONGEST_SETTLING = 60.0


@attrs.define(eq=False)
class _Member:
    """One project: what is known of it, when it was last asked for, and its outcome."""

    project: str
    seen: ProjectState
    asked_at: float | None = None
    settling: float = SETTLING
    failures: int = 0
    state: ProjectState | None = None
    error: CoCalcError | None = None

    @property
    def waiting(self) -> bool:
        return self.state is None and self.error is None


def wait_for_all(
    session: Session,
    project_ids: Iterable[object],
    wanted: str,
    *,
    timeout: float,
    request: bool,
    concurrency: int,
    progress: bool,
    on_done: Callable[[Outcome[Any, ProjectState]], object] | None,
) -> Flow[Outcomes[Any, ProjectState]]:
    """Bring the projects to the state, and give what became of each, in their order."""
    choice(wanted, "state", ROUTES)
    workers = whole(concurrency, "concurrency", 1, MOST_AT_ONCE)
    positive(timeout, "timeout")
    truth(request, "request")
    check_watching(progress, on_done)
    crowd = _Crowd(project_ids, wanted, on_done)
    if not crowd.members:
        return crowd.outcomes()
    session = session.for_one_job()
    deadline = min(session.now() + timeout, session.until)
    pause = 1.0
    with Progress(f"projects {wanted}", len(crowd.items)) if progress else nullcontext() as crowd.bar:
        try:
            while True:
                trouble = yield from _look(session, crowd, workers)
                due = crowd.due(session.now()) if request and trouble is None else []
                if due and session.now() < deadline:
                    yield Parallel(
                        [_ask(session, crowd, member, deadline) for member in due], workers, tick=crowd.tick
                    )
                    pause = 1.0
                    if session.plan is None:
                        continue
                if session.plan is not None:  # nothing was asked for that time could bring
                    crowd.suppose()
                if not crowd.waiting():
                    return crowd.outcomes()
                if session.now() + pause > deadline:
                    crowd.give_up(f"after {timeout:g} s", trouble, asked=request)
                    return crowd.outcomes()
                yield Sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
                crowd.tick()
        except KeyboardInterrupt:
            raise MapInterrupted(crowd.outcomes()) from None


class _Crowd:
    """The projects, each once however often it was named."""

    def __init__(
        self,
        project_ids: Iterable[object],
        wanted: str,
        on_done: Callable[[Outcome[Any, ProjectState]], object] | None,
    ) -> None:
        if isinstance(project_ids, str | bytes | Mapping) or not isinstance(project_ids, Iterable):
            raise TypeError("project_ids: expected a list of ids")
        self.items = tuple(project_ids)
        self.members: dict[str, _Member] = {}
        self.bar: Progress | None = None
        self._named: dict[str, list[int]] = {}
        self._wanted = wanted
        self._on_done = on_done
        for number, item in enumerate(self.items):
            project = identifier(item, f"project_ids[{number}]")
            self.members.setdefault(project, _Member(project, ProjectState(project, None)))
            self._named.setdefault(project, []).append(number)

    def waiting(self) -> list[_Member]:
        """Give those that are not there yet."""
        return [member for member in self.members.values() if member.waiting]

    def saw(self, member: _Member, seen: ProjectState, *, deleted: bool) -> None:
        """Take up a state."""
        member.seen = seen
        if reached(seen, self._wanted):
            member.state = seen
            self.ended(member)
        elif deleted and self._wanted == "running":
            self.failed(member, NotFoundError(f"project {member.project} is deleted, and is not started"))

    def failed(self, member: _Member, error: CoCalcError) -> None:
        """Take up that a project will not get there."""
        member.error = error
        self.ended(member)

    def due(self, now: float) -> list[_Member]:
        """Give those that a start or a stop has to be asked for, for the first time or again."""
        return [
            member
            for member in self.waiting()
            if is_settled(member.seen, self._wanted)
            and (member.asked_at is None or now - member.asked_at >= member.settling)
        ]

    def suppose(self) -> None:
        """End for those that are not there as if they had come."""
        for member in self.waiting():
            member.state = ProjectState(member.project, AS_ASKED[self._wanted], planned=True)
            self.ended(member)

    def give_up(self, when: str, trouble: CoCalcError | None, *, asked: bool) -> None:
        """End for those that are not there."""
        for member in self.waiting():
            said = member.seen.error or (str(trouble) if trouble is not None else None)
            why = f"; the server says: {said}" if said else ""
            where = member.seen.state or "in an unknown state"
            self.failed(
                member,
                TimedOut(
                    f"project {member.project} is {where} {when}, not {self._wanted}{why}",
                    maybe_executed=asked and member.asked_at is not None,
                ),
            )

    def ended(self, member: _Member) -> None:
        """Tell the outcome of a project, as often as it was named."""
        for number in self._named[member.project]:
            if self.bar is not None:
                self.bar.advance(failed=member.error is not None)
            if self._on_done is not None:
                self._on_done(Outcome(self.items[number], member.state, member.error))

    def outcomes(self) -> Outcomes[Any, ProjectState]:
        """Give what is known so far, in the order of the ids."""
        found: dict[int, Outcome[Any, ProjectState]] = {
            number: Outcome(self.items[number], member.state, member.error)
            for member in self.members.values()
            if not member.waiting
            for number in self._named[member.project]
        }
        return Outcomes(tuple(found[number] for number in sorted(found)))

    def tick(self) -> None:
        """Show that time passes."""
        if self.bar is not None:
            self.bar.tick()

    @property
    def wanted(self) -> str:
        """The state to which all are brought."""
        return self._wanted


def _look(session: Session, crowd: _Crowd, workers: int) -> Flow[CoCalcError | None]:
    """Ask for the states of those that are not there yet; gives what kept the server from telling, if it may tell later."""
    waiting = crowd.waiting()
    try:
        yield from by_generation(
            session, lambda: _listed(session, crowd, waiting), lambda: _each(session, crowd, waiting, workers)
        )
    except (TransportError, ServerError, RateLimitError) as error:
        return error
    return None


def _listed(session: Session, crowd: _Crowd, waiting: Sequence[_Member]) -> Flow[None]:
    """Read the states of all projects of the account, which is one question however many there are."""
    rows = yield from query.many(session, "projects_all", ["project_id", "state", "deleted"], None)
    found = {row["project_id"]: row for row in rows}
    for member in waiting:
        row = found.get(member.project)
        if row is not None:
            crowd.saw(member, state_in(member.project, row), deleted=bool(row["deleted"]))
        elif not is_placeholder(member.project):
            crowd.failed(member, out_of_sight(member.project))


def _each(session: Session, crowd: _Crowd, waiting: Sequence[_Member], workers: int) -> Flow[None]:
    """Ask for each project where no key may read tables: on servers of the newer generation."""
    outcomes = yield Parallel(
        [state(session, member.project) for member in waiting], workers, tick=crowd.tick
    )
    for member, (seen, error) in zip(waiting, outcomes, strict=True):
        if error is None:
            crowd.saw(member, seen, deleted=False)
        elif not isinstance(error, TransportError | ServerError | RateLimitError):
            crowd.failed(member, error)


def _ask(session: Session, crowd: _Crowd, member: _Member, deadline: float) -> Flow[None]:
    """Ask for a start or a stop of one project."""
    now = session.now()
    if now >= deadline:
        return
    first = member.asked_at is None
    if not first:
        member.settling = min(member.settling * 2, LONGEST_SETTLING)
    try:
        failed = yield from ask_for(
            session, member.project, crowd.wanted, min(deadline, now + (FIRST_LOOK if first else SECOND_LOOK))
        )
    except CoCalcError as error:
        crowd.failed(member, error)
        return
    member.asked_at = session.now()
    member.failures = member.failures + 1 if failed is not None else 0
    if failed is not None and member.failures == STARTS:
        crowd.failed(member, failed)
