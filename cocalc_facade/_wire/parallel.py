"""Many flows at once, for both drivers: bounded, in order, each with its own result or error."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from .flow import Flow, Outcome, Parallel

if TYPE_CHECKING:
    from .clock import Clock


LATE = 0.05
"""Seconds that a flow may oversleep, so that those that wake up at about the same time share a thread."""


BACKLOG = 256
"""How many outcomes wait to be taken up at most, beyond which threads wait too."""


class Walker(Protocol):
    """What takes a flow on until it sleeps: the driver for threads."""

    clock: Clock

    def stride(self, flow: Flow[Any]) -> tuple[float | None, Any]:
        """Give until when the flow wants to sleep, or None and its value."""
        ...


class _Work:
    """The flows still to start, handed out one at a time, and the outcomes."""

    def __init__(self, step: Parallel) -> None:
        self.step = step
        self.outcomes: list[Outcome | None] = []
        self.halted = False
        self._started = 0
        self._flows: Iterator[Flow[Any]] = iter(step.flows)
        self._lock = threading.Lock()

    def next(self) -> tuple[int, Flow[Any]] | None:
        with self._lock:
            if self.halted or (self.step.stop is not None and self.step.stop()):
                return None
            flow = next(self._flows, None)
            if flow is None:
                return None
            if self.step.keep:
                self.outcomes.append(None)
            self._started += 1
            return self._started - 1, flow

    def done(self, index: int, outcome: Outcome) -> None:
        if self.step.keep:
            self.outcomes[index] = outcome
        if self.step.on_done is not None:
            self.step.on_done(index, outcome)

    def results(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome is not None]


class _Crew:
    """Threads that take flows on until they sleep: a flow that sleeps holds none of them, and there are as many as flows that do not.

    Of the threads that have nothing else to do one sleeps until the next flow wakes up. Another one joins it only when a flow is to wake up earlier
    by more than `LATE`.
    """

    def __init__(self, walker: Walker, work: _Work) -> None:
        self.members = 0
        self.finished: SimpleQueue[tuple[int, Outcome] | BaseException | None] = SimpleQueue()
        self._walker = walker
        self._work = work
        self._most = work.step.concurrency
        self._threads = min(work.step.threads or self._most, self._most)
        self._changed = threading.Condition()
        self._ready: deque[tuple[int, Flow[Any]]] = deque()
        self._asleep: list[tuple[float, int, Flow[Any]]] = []
        self._watched: list[float] = []
        self._under_way = 0
        self._idle = 0  # those that wait for something to do, or are on their way to look for it
        self._all_started = False
        self._abandoned = False

    def recruit(self) -> None:
        """Start one more thread."""
        self.members += 1
        self._idle += 1
        try:
            # Daemons: after Ctrl-C the interpreter may leave while a call is still waiting for its answer.
            threading.Thread(target=self._serve, daemon=True).start()
        except RuntimeError as error:
            if isinstance(
                error.__context__, KeyboardInterrupt
            ):  # it came while the lock of the start was let go
                raise error.__context__ from None
            # The system has no more threads: those that are there do it all.
            self.members -= 1
            self._idle -= 1
            if not self.members:
                raise

    def abandon(self) -> None:
        """Start nothing more, and close the flows that sleep: whoever waited for them has left."""
        self._work.halted = self._abandoned = True
        if not self._changed.acquire(timeout=1.0):
            return
        try:
            flows = [flow for _, flow in self._ready] + [flow for _, _, flow in self._asleep]
            self._ready.clear()
            self._asleep.clear()
            self._changed.notify_all()
        finally:
            self._changed.release()
        for flow in flows:
            with suppress(Exception):
                flow.close()

    def _serve(self) -> None:
        with self._changed:
            self._idle -= 1
        try:
            while (task := self._next()) is not None:
                index, flow = task
                try:
                    until, value = self._walker.stride(flow)
                except self._work.step.caught as error:
                    self._ended(index, (None, error))
                except BaseException as error:
                    self._work.halted = True
                    self.finished.put(error)
                    self._ended(index, None)
                else:
                    if until is None:
                        self._ended(index, (value, None))
                    else:
                        self._park(index, flow, until)
                    value = None
        except BaseException as error:  # what gives the flows failed
            self._work.halted = True
            self.finished.put(error)
            with self._changed:
                self._all_started = True
                self._changed.notify_all()
        finally:
            self.finished.put(None)

    def _park(self, index: int, flow: Flow[Any], until: float) -> None:
        with self._changed:
            if self._abandoned:
                flow.close()
                return
            heappush(self._asleep, (until, index, flow))
            self._changed.notify()

    def _ended(self, index: int, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.finished.put((index, outcome))
            while self.finished.qsize() > BACKLOG and not self._abandoned:
                time.sleep(0.001)
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def _next(self) -> tuple[int, Flow[Any]] | None:
        """Give the flow to go on with; None when there is nothing more to do."""
        while True:
            with self._changed:
                found = self._found()
                if found is None or isinstance(found, tuple):
                    if found is not None and not self._idle and self.members < self._threads and self._more():
                        self.recruit()
                    return found
                self._watched.append(found)
            try:
                self._walker.clock.sleep(max(found - self._walker.clock.now(), 0.0))
            finally:
                with self._changed:
                    self._watched.remove(found)
                    self._changed.notify_all()

    def _found(self) -> tuple[int, Flow[Any]] | float | None:
        """Give a flow, or until when to sleep, waiting for something to do."""
        while not self._abandoned:
            self._wake()
            if self._ready:
                return self._ready.popleft()
            if not self._all_started and self._under_way < self._most:
                started = self._work.next()
                if started is not None:
                    self._under_way += 1
                    return started
                self._all_started = True
                self._changed.notify_all()
            if self._unwatched():
                return self._asleep[0][0]
            if self._all_started and not self._under_way:
                return None
            self._idle += 1
            try:
                self._changed.wait()
            finally:
                self._idle -= 1
        return None

    def _wake(self) -> None:
        now = self._walker.clock.now()
        while self._asleep and self._asleep[0][0] <= now:
            _, index, flow = heappop(self._asleep)
            self._ready.append((index, flow))

    def _unwatched(self) -> bool:
        return bool(self._asleep) and (not self._watched or min(self._watched) > self._asleep[0][0] + LATE)

    def _more(self) -> bool:
        """Whether another thread would find something to do, sleeping included."""
        startable = not self._all_started and not self._work.halted and self._under_way < self._most
        return bool(self._ready) or startable or self._unwatched()


def run_in_threads(walker: Walker, step: Parallel) -> list[Outcome]:
    """Run the flows in threads; what is not `caught` stops the rest and is raised here."""
    work = _Work(step)
    crew = _Crew(walker, work)
    ended = 0
    failure: BaseException | None = None
    try:
        crew.recruit()
        while ended < crew.members:
            try:
                item = crew.finished.get(timeout=None if step.tick is None else step.every)
            except Empty:
                assert step.tick is not None
                step.tick()
                continue
            if item is None:
                ended += 1
            elif isinstance(item, BaseException):
                failure = failure or item
            else:
                work.done(*item)
    finally:
        if ended < crew.members:
            crew.abandon()
        while not crew.finished.empty():
            item = crew.finished.get()
            if isinstance(item, tuple):
                with suppress(Exception):  # what ended it is told; what was done meanwhile is taken up
                    work.done(*item)
    if failure is not None:
        raise failure
    return work.results()


async def run_in_tasks(run: Callable[[Flow[Any]], Awaitable[Any]], step: Parallel) -> list[Outcome]:
    """Run the flows in tasks; what is not `caught` cancels the rest and is raised here, Ctrl-C as `KeyboardInterrupt`."""
    import asyncio

    from .interrupts import listening_for_ctrl_c

    work = _Work(step)

    async def worker() -> None:
        while (item := work.next()) is not None:
            index, flow = item
            try:
                outcome: Outcome = (await run(flow), None)
            except step.caught as error:
                outcome = (None, error)
            work.done(index, outcome)

    async def watch(tick: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(step.every)
            tick()

    with listening_for_ctrl_c() as pressed:
        tasks = [asyncio.ensure_future(worker()) for _ in range(step.concurrency)]
        ticking = None if step.tick is None else asyncio.ensure_future(watch(step.tick))
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            if pressed():
                raise KeyboardInterrupt from None
            raise
        finally:
            work.halted = True
            if ticking is not None:
                tasks.append(ticking)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return work.results()
