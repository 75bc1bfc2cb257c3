"""Which lane the next call takes, and how many are under way at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from weakref import finalize

if TYPE_CHECKING:
    from queue import SimpleQueue

IDLE = 4.0
"""Seconds after which an idle connection is not used again: the server closes it after 5."""

PATIENCE = 0.1
"""Seconds after which a waiting call looks by itself: a signal may have interrupted whoever was to wake it."""


class Lane(Protocol):
    """One connection and what speaks HTTP over it."""

    since: float
    """When it became idle."""

    def fit(self) -> bool:
        """Whether another call may use it: open, and nothing came that nobody asked for."""
        ...

    def drop(self) -> None:
        """Close it, without a lock and without waiting."""
        ...


class Lanes:
    """The idle lanes. The one used last is used next, so that a crowd's lanes grow old when the crowd is gone.

    A lane goes from hand to hand in single steps of the interpreter, out of the queue and into a list: no other thread looks at it meanwhile, and no
    signal comes between.

    Whoever forgets them closes them. It is no `__del__` that does this: where a client is part of a cycle, as with a group of routes that it keeps, its
    sockets could be found to be open before that is called.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._idle: deque[Any] = deque()
        self._now = now
        finalize(self, _close, self._idle)

    def take(self, taken: list[Any]) -> Any:
        """Put an idle lane that is fit for a call into `taken`, and give it; None when there is none."""
        while _moved(self._idle.pop, taken):
            lane = taken[0]
            if lane.since >= self._now() - IDLE and lane.fit():
                return lane
            lane.drop()
            taken.clear()
        return None

    def give(self, lane: Lane) -> None:
        """Keep a lane whose call went well, and close one that has been idle for too long."""
        lane.since = self._now()
        self._idle.append(lane)
        if len(self._idle) > 1:
            self._close_oldest()

    def clear(self) -> None:
        """Close all that are idle."""
        _close(self._idle)

    def _close_oldest(self) -> None:
        taken: list[Any] = []
        try:
            if _moved(self._idle.popleft, taken) and taken[0].since >= self._now() - IDLE:
                self._idle.appendleft(taken[0])
                taken.clear()
        finally:
            for lane in taken:
                lane.drop()


def _close(idle: deque[Any]) -> None:
    taken: list[Any] = []
    while _moved(idle.pop, taken):
        taken.pop().drop()


def _moved(pop: Callable[[], Any], taken: list[Any]) -> bool:
    """Move one lane into a list, in one step."""
    try:
        taken.extend(islice(iter(pop, None), 1))
    except IndexError:
        return False
    return True


class Turns:
    """Lets `limit` calls go on at once.

    A turn is held by a ticket, an object in a set: to put it in and to take it out are single steps that no signal can split, and
    taking out what is not in does no harm. So an interrupted call gives back its turn exactly when it had one.
    """

    def __init__(self, limit: int) -> None:
        self.tickets: set[object] = set()
        self.waiting: deque[SimpleQueue[None]] = deque()
        self._limit = limit

    @property
    def _value(self) -> int:
        """How many turns are left, as the semaphores of the standard library name it."""
        return self._limit - len(self.tickets)

    def take(self, ticket: object, seconds: float) -> bool:
        """Take a turn, waiting for it if need be; whether there was one in time. The caller takes the ticket out of `tickets`."""
        self.tickets.add(ticket)
        return len(self.tickets) <= self._limit or self._wait(ticket, seconds)

    def wake(self) -> None:
        """Let one that waits look for a turn."""
        with suppress(IndexError):
            self.waiting.popleft().put(None)

    def _wait(self, ticket: object, seconds: float) -> bool:
        from queue import Empty, SimpleQueue

        end = monotonic() + seconds
        bell: SimpleQueue[None] = SimpleQueue()
        while True:
            self.tickets.discard(ticket)
            left = end - monotonic()
            if left <= 0:
                return False
            self.waiting.append(bell)
            if len(self.tickets) >= self._limit:
                with suppress(Empty):
                    bell.get(timeout=min(left, PATIENCE))
            with suppress(ValueError):
                self.waiting.remove(bell)
            self.tickets.add(ticket)
            if len(self.tickets) <= self._limit:
                return True
