"""One thing done for many items: bounded, in order, each with its own outcome, and resumable."""

from __future__ import annotations

import inspect
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import nullcontext, suppress
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from cocalc_facade._calls.guarding.placeholders import is_placeholder
from cocalc_facade._errors import InvalidRequestError, RateLimitError
from cocalc_facade._jobs.values.checks import choice, refuse, truth, whole
from cocalc_facade._wire.flow import Parallel, Sleep

from .journal import NOT_DONE, NOT_WRITTEN, Journal, Kept, mark
from .outcomes import MapInterrupted, Outcome, Outcomes
from .plain import pack
from .progress import Progress
from .telling import digest
from .work import Unfit, Work, work_of

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

OnError: TypeAlias = Literal["collect", "raise"]
MOST_AT_ONCE = 256
THREADS = 64
"""How many calls of jobs are sent at a time at most; of those under way most wait."""
LONGEST_WAIT = 90.0
WINDOWS = 20
ERRORS_KEPT = 1000
"""How many errors are remembered as they were raised where a journal can give them again."""


def run_map(
    client: Any,
    what: object,
    items: Iterable[Any],
    given: Sequence[Any],
    named: Mapping[str, Any],
    *,
    confirm: bool,
    **options: Any,
) -> Flow[Outcomes[Any, Any]]:
    """Do `what` for each item, with further arguments, and give the outcomes in order. The options are those of `run_work`."""
    asynchronous = inspect.iscoroutinefunction(type(client)._run_flow)
    work = work_of(client, what, given, named, confirm=confirm, asynchronous=asynchronous)
    return (yield from run_work(client._session, work, items, **options))


def run_work(
    session: Session,
    work: Work,
    items: Iterable[Any],
    *,
    concurrency: int = 8,
    progress: bool = False,
    on_error: str = "collect",
    resume: Iterable[Outcome[Any, Any]] = (),
    on_done: Callable[[Outcome[Any, Any]], object] | None = None,
    journal: str | PathLike[str] | None = None,
    fsync: bool = False,
) -> Flow[Outcomes[Any, Any]]:
    """Do the work for each item, and give the outcomes in order."""
    choice(on_error, "on_error", ("collect", "raise"))
    workers = whole(concurrency, "concurrency", 1, MOST_AT_ONCE)
    truth(fsync, "fsync")
    check_watching(progress, on_done)
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise TypeError("items: expected a list of ids or of dictionaries, or of what the function takes")
    batch = _Batch(session, work, on_error == "raise", on_done)
    total = None
    if isinstance(items, Sized):
        total = len(items)
        items = tuple(items)
        for number, item in enumerate(items):
            _fit(work, item, number, journaled=journal is not None)
    batch.resume_from(resume)
    if journal is not None and session.plan is None:  # what a dry run plans is not done
        head = {"what": work.label, "server": session.host.name, "further": digest(work.given)}
        batch.write_into(Journal(journal, head, session.key, fsync), items)
    with Progress(work.label, total) if progress else nullcontext() as bar:
        batch.bar = bar
        flows = batch.flows(items)
        tick = None if bar is None else bar.tick
        threads = THREADS if work.sleeps else None
        step = Parallel(
            flows,
            workers,
            batch.note,
            batch.stop,
            caught=Exception,
            keep=False,
            threads=threads,
            tick=tick,
        )
        try:
            yield step
        except KeyboardInterrupt:
            raise MapInterrupted(batch.outcomes()) from None
        except GeneratorExit:
            raise
        except BaseException as interruption:
            with suppress(
                AttributeError
            ):  # a cancelled task, an error of `on_done`: what was done is not lost
                interruption.outcomes = batch.outcomes()  # type: ignore[attr-defined]
            raise
        finally:
            batch.release()
    if isinstance(batch.first_error, Unfit):
        raise TypeError(str(batch.first_error)) from None
    if batch.first_error is not None:
        done = sum(outcome.ok for outcome in batch.outcomes())
        batch.first_error.add_note(f"{done} calls of {work.label} had succeeded; no further one was started")
        raise batch.first_error
    return batch.outcomes()


def check_watching(progress: object, on_done: object) -> None:
    """Refuse what nobody could be told by."""
    truth(progress, "progress")
    if on_done is not None and not callable(on_done):
        raise TypeError(f"on_done: expected a function, not {type(on_done).__name__}")


class _Batch:
    """What those at work share: the outcomes so far, and when the server lets anyone call again."""

    def __init__(
        self,
        session: Session,
        work: Work,
        stop_at_error: bool,
        on_done: Callable[[Outcome[Any, Any]], object] | None,
    ) -> None:
        self.bar: Progress | None = None
        self.first_error: Exception | None = None
        self._session = session
        self._work = work
        self._stop_at_error = stop_at_error
        self._on_done = on_done
        self._journal: Journal | None = None
        self._resumed: dict[bytes, list[Outcome[Any, Any]]] = {}
        self._started = array("q")
        self._items: list[Any] = []
        self._outcomes: dict[int, Outcome[Any, Any]] = {}
        self._places = array("q")
        self._open_at = float("-inf")

    def resume_from(self, outcomes: Iterable[Outcome[Any, Any]]) -> None:
        """Take up the successes of an earlier run; each stands for one item. What a dry run only planned is still to do."""
        if isinstance(outcomes, str | PathLike):
            raise refuse("resume", "takes the outcomes of an earlier run", "a file is given to journal=")
        if not isinstance(outcomes, Iterable):
            raise TypeError(f"resume: expected outcomes of an earlier run, not {type(outcomes).__name__}")
        for outcome in outcomes:
            if not isinstance(outcome, Outcome):
                raise TypeError(f"resume: expected outcomes, not {type(outcome).__name__}")
            if outcome.ok and not is_placeholder(outcome.value):
                self._resumed.setdefault(self._mark(outcome.item), []).append(outcome)

    def write_into(self, journal: Journal, items: Iterable[Any]) -> None:
        """Write all outcomes into a journal, and take up what it has of these items."""
        self._journal = journal
        if journal.left and isinstance(items, tuple) and not any(map(journal.has, map(self._mark, items))):
            journal.close()
            raise refuse(
                "journal", f"{journal.name} is of other items", "a run of its own has a file of its own"
            )

    def release(self) -> None:
        """Let another run have the journal."""
        if self._journal is not None:
            self._journal.unlock()

    def flows(self, items: Iterable[Any]) -> Iterator[Flow[Any]]:
        """Give the flow of each item that is still to do."""
        for item in items:
            place = len(self._items)
            self._items.append(item)
            if self._journal is not None:
                self._places.append(NOT_DONE)
            if not self._known(place, item):
                self._started.append(place)
                yield self._attempt(item)

    def note(self, index: int, outcome: tuple[Any, Exception | None]) -> None:
        """Take up what became of the flow that was started as number `index`."""
        place = self._started[index]
        value, error = outcome
        found: Outcome[Any, Any] = Outcome(self._items[place], value, error)
        self._keep(place, found)
        self._show(failed=error is not None)
        if self._on_done is not None:
            self._on_done(found)

    def stop(self) -> bool:
        """Whether no further item is to be started."""
        return self.first_error is not None

    def outcomes(self) -> Outcomes[Any, Any]:
        """Give what is known so far, in the order of the items."""
        if self._journal is not None:
            kept: Any = Kept(self._items, self._places, self._outcomes, self._journal)
            return Outcomes(kept)
        return Outcomes(tuple(self._outcomes[place] for place in sorted(self._outcomes)))

    def _known(self, place: int, item: Any) -> bool:
        """Take up what is known of an item from before."""
        if not self._resumed and self._journal is None:
            return False
        marked = self._mark(item)
        if self._journal is not None:
            there = self._journal.done(marked)
            if there is not None:
                self._places[place] = there
                self._show(failed=False)
                return True
        before = self._resumed.get(marked)
        if not before:
            return False
        self._keep(place, before.pop(0))
        self._show(failed=False)
        return True

    def _mark(self, item: Any) -> bytes:
        return mark(_packed(self._work.known_by(item)))

    def _keep(self, place: int, outcome: Outcome[Any, Any]) -> None:
        if self._journal is None:
            self._outcomes[place] = outcome
            return
        own = type(self._work).known_by is not Work.known_by
        marked = self._mark(outcome.item) if own else None
        try:
            self._places[place], same = self._journal.write(outcome, marked)
        except BaseException:  # it was done all the same
            self._places[place], self._outcomes[place] = NOT_WRITTEN, outcome
            raise
        if not same and (outcome.ok or len(self._outcomes) < ERRORS_KEPT):
            self._outcomes[place] = outcome

    def _show(self, *, failed: bool) -> None:
        if self.bar is not None:
            self.bar.advance(failed=failed)

    def _attempt(self, item: Any) -> Flow[Any]:
        try:
            return (yield from self._tried(item))
        except Exception as error:
            if (self._stop_at_error or isinstance(error, Unfit)) and self.first_error is None:
                self.first_error = error
            raise

    def _tried(self, item: Any) -> Flow[Any]:
        for _ in range(WINDOWS):
            early = self._open_at - self._session.now()
            if early > 0:
                yield Sleep(early)
            try:
                return (yield from self._work.flow(item))
            except RateLimitError as error:
                wait = error.retry_after if self._work.again else None
                if wait is None or wait > LONGEST_WAIT:
                    raise
                self._open_at = max(self._open_at, self._session.now() + wait)
        raise RateLimitError("still refused after waiting as told", path=self._work.label)


def _fit(work: Work, item: Any, number: int, *, journaled: bool) -> None:
    """Refuse an item that does not fit, saying which."""
    try:
        work.check(item)
        if journaled:
            pack(item, "the item")
    except InvalidRequestError as error:
        if not number:  # as likely what was given for all
            raise
        words = error.message.removeprefix("items: ")
        raise InvalidRequestError(
            f"items[{number}]: {words}", path=error.path, field=error.field, hint=error.hint
        ) from None
    except TypeError as error:
        words = str(error).removeprefix("items: ")
        raise TypeError(f"items[{number}]: {words}" if number else str(error)) from None


def _packed(item: Any) -> Any:
    """Give an item as what it is compared by: UUIDs are their texts."""
    try:
        return pack(str(item) if type(item).__name__ == "UUID" else item, "item")
    except TypeError:
        return repr(item)
