"""One route called for many items: bounded, in order, each with its own outcome, and resumable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import CoCalcError, RateLimitError
from cocalc_facade._json.records import Record
from cocalc_facade._wire.flow import Parallel, Sleep

from .values.checks import choice, plain_text, refuse, whole
from .values.rows import Rows

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

OnError: TypeAlias = Literal["collect", "raise"]
MOST_AT_ONCE = 256
LONGEST_WAIT = 90.0
WINDOWS = 20


@attrs.frozen(repr=False)
class Outcome(Record):
    """What became of one item: the answer as plain JSON in `value`, or the `error`."""

    item: Any
    value: Any = None
    error: CoCalcError | None = None

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.error is None

    def __repr__(self) -> str:
        return f"<Outcome {self.item!r}: {self.error if self.error is not None else 'ok'}>"


@attrs.frozen(repr=False)
class Outcomes(Rows[Outcome]):
    """The outcomes of `client.map`, in the order of the items."""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The outcomes with an error."""
        return tuple(outcome for outcome in self.rows if not outcome.ok)

    def values(self) -> list[Any]:
        """Give the answers of all items; raises the first error, if any."""
        for outcome in self.rows:
            if outcome.error is not None:
                raise outcome.error
        return [outcome.value for outcome in self.rows]

    def _caption(self) -> str:
        return f"{len(self.rows)} calls, {len(self.failed)} failed"


class MapInterrupted(KeyboardInterrupt):
    """Ctrl-C during `client.map`: `outcomes` holds what was done; give it to `resume=` to do the rest."""

    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__(
            f"interrupted after {len(outcomes)} calls; `.outcomes` holds them, resume= continues"
        )
        self.outcomes = outcomes


def run_map(
    session: Session,
    path: str,
    items: Iterable[Any],
    *,
    concurrency: int,
    progress: bool,
    on_error: str,
    resume: Iterable[Outcome],
    on_done: Callable[[Outcome], object] | None,
    confirm: bool,
) -> Flow[Outcomes]:
    """Call `path` for each item and give the outcomes in order."""
    plain_text(path, "path")
    choice(on_error, "on_error", ("collect", "raise"))
    workers = whole(concurrency, "concurrency", 1, MOST_AT_ONCE)
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise TypeError("items: expected a list of ids or of dictionaries")
    batch = _Batch(session, path, confirm, on_error == "raise", resume, on_done)
    total = None
    if isinstance(items, Sized):
        total = len(items)
        for item in items:
            batch.arguments(item)
    if progress:
        from .progress import Progress

        shown: Any = Progress(path, total)
    else:
        shown = nullcontext()
    with shown as bar:
        batch.bar = bar
        step = Parallel(batch.flows(items), workers, batch.note, batch.stop)
        try:
            yield step
        except KeyboardInterrupt:
            raise MapInterrupted(batch.outcomes()) from None
    if batch.first_error is not None:
        done = sum(outcome.ok for outcome in batch.outcomes())
        batch.first_error.add_note(f"{done} calls of {path} had succeeded; no further one was started")
        raise batch.first_error
    return batch.outcomes()


class _Batch:
    """What the workers share: the outcomes so far, and when the server lets anyone call again."""

    def __init__(
        self,
        session: Session,
        path: str,
        confirm: bool,
        stop_at_error: bool,
        resume: Iterable[Outcome],
        on_done: Callable[[Outcome], object] | None,
    ) -> None:
        self.bar: Any = None
        self.first_error: CoCalcError | None = None
        self._session = session
        self._path = path
        self._confirm = confirm
        self._stop_at_error = stop_at_error
        self._on_done = on_done
        self._resumed = {_mark(outcome.item): outcome for outcome in resume if outcome.ok}
        self._places: list[int] = []
        self._items: list[Any] = []
        self._outcomes: dict[int, Outcome] = {}
        self._field: str | None = None
        self._open_at = float("-inf")

    def flows(self, items: Iterable[Any]) -> Iterator[Flow[Any]]:
        """Give the flow of each item that is still to do."""
        for item in items:
            place = len(self._items)
            self._items.append(item)
            done = self._resumed.get(_mark(item))
            if done is not None:
                self._outcomes[place] = done
                self._show(failed=False)
                continue
            self._places.append(place)
            yield self._call(self.arguments(item))

    def note(self, index: int, outcome: tuple[Any, CoCalcError | None]) -> None:
        """Take up what became of the flow that was started as number `index`."""
        place = self._places[index]
        value, error = outcome
        found = self._outcomes[place] = Outcome(self._items[place], value, error)
        self._show(failed=error is not None)
        if self._on_done is not None:
            self._on_done(found)

    def stop(self) -> bool:
        """Whether no further item is to be started."""
        return self.first_error is not None

    def outcomes(self) -> Outcomes:
        """Give what is known so far, in the order of the items."""
        return Outcomes(tuple(self._outcomes[place] for place in sorted(self._outcomes)))

    def _show(self, *, failed: bool) -> None:
        if self.bar is not None:
            self.bar.advance(failed=failed)

    def _call(self, arguments: Mapping[str, Any]) -> Flow[Any]:
        for _ in range(WINDOWS):
            early = self._open_at - self._session.now()
            if early > 0:
                yield Sleep(early)
            try:
                return (yield from call(self._session, self._path, arguments, confirm=self._confirm))
            except CoCalcError as error:
                wait = error.retry_after if isinstance(error, RateLimitError) else None
                if wait is None or wait > LONGEST_WAIT:
                    self._failed(error)
                    raise
                self._open_at = max(self._open_at, self._session.now() + wait)
        raise RateLimitError("still refused after waiting as told", path=self._path)

    def _failed(self, error: CoCalcError) -> None:
        if self._stop_at_error and self.first_error is None:
            self.first_error = error

    def arguments(self, item: Any) -> Mapping[str, Any]:
        """Give the arguments of the call for an item, or say why it has none."""
        if isinstance(item, Mapping):
            return item
        if not isinstance(item, str | UUID | int):
            raise TypeError(f"items: expected ids or dictionaries, not {type(item).__name__}")
        if self._field is None:
            self._field = _only_field(self._path)
        return {self._field: item}


def _only_field(path: str) -> str:
    """Give the one field that the route needs, so that an item may be its bare value."""
    from cocalc_v2.operations import operation

    try:
        needed = [field.wire for field in operation(path).fields if field.required]
    except KeyError:
        needed = []
    if len(needed) != 1:
        names = ", ".join(needed) or "none that is known"
        raise refuse("items", f"{path} needs {names}: give dictionaries, not bare values")
    return str(needed[0])


def _mark(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=str)
