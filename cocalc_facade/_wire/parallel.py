"""Many flows at once, for both drivers: bounded, in order, each with its own result or error."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from queue import SimpleQueue
from typing import Any

from cocalc_facade._errors import CoCalcError

from .flow import Flow, Outcome, Parallel


class _Work:
    """The flows still to start, handed out one at a time, and the outcomes."""

    def __init__(self, step: Parallel) -> None:
        self.step = step
        self.outcomes: list[Outcome | None] = []
        self.halted = False
        self._flows: Iterator[Flow[Any]] = iter(step.flows)
        self._lock = threading.Lock()

    def next(self) -> tuple[int, Flow[Any]] | None:
        with self._lock:
            if self.halted or (self.step.stop is not None and self.step.stop()):
                return None
            flow = next(self._flows, None)
            if flow is None:
                return None
            self.outcomes.append(None)
            return len(self.outcomes) - 1, flow

    def done(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        if self.step.on_done is not None:
            self.step.on_done(index, outcome)

    def results(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome is not None]


def run_in_threads(run: Callable[[Flow[Any]], Any], step: Parallel) -> list[Outcome]:
    """Run the flows in threads; what is not a `CoCalcError` stops the rest and is raised here."""
    work = _Work(step)
    finished: SimpleQueue[tuple[int, Outcome] | BaseException | None] = SimpleQueue()

    def worker() -> None:
        try:
            while (item := work.next()) is not None:
                index, flow = item
                try:
                    finished.put((index, (run(flow), None)))
                except CoCalcError as error:
                    finished.put((index, (None, error)))
        except BaseException as error:
            finished.put(error)
        finally:
            finished.put(None)

    # Daemons: after Ctrl-C the interpreter may leave while a call is still waiting for its answer.
    threads = [threading.Thread(target=worker, daemon=True) for _ in range(step.concurrency)]
    running = 0
    failure: BaseException | None = None
    try:
        for thread in threads:
            thread.start()
            running += 1
        while running:
            item = finished.get()
            if item is None:
                running -= 1
            elif isinstance(item, BaseException):
                failure = failure or item
                work.halted = True
            else:
                work.done(*item)
    finally:
        work.halted = True
        while not finished.empty():
            item = finished.get()
            if isinstance(item, tuple):
                work.done(*item)
    if failure is not None:
        raise failure
    return work.results()


async def run_in_tasks(run: Callable[[Flow[Any]], Awaitable[Any]], step: Parallel) -> list[Outcome]:
    """Run the flows in tasks; what is not a `CoCalcError` cancels the rest and is raised here, Ctrl-C as `KeyboardInterrupt`."""
    import asyncio

    from .interrupts import listening_for_ctrl_c

    work = _Work(step)

    async def worker() -> None:
        while (item := work.next()) is not None:
            index, flow = item
            try:
                outcome: Outcome = (await run(flow), None)
            except CoCalcError as error:
                outcome = (None, error)
            work.done(index, outcome)

    with listening_for_ctrl_c() as pressed:
        tasks = [asyncio.ensure_future(worker()) for _ in range(step.concurrency)]
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            if pressed():
                raise KeyboardInterrupt from None
            raise
        finally:
            work.halted = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return work.results()
