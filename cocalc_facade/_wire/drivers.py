"""Run a flow with a sync or an async transport: the only place where the two differ."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .clock import Clock
from .flow import Emit, Fetch, Flow, Invoke, Offload, Parallel, Receive, Send, Sleep, Step, Upload
from .keys.leaving import leave

if TYPE_CHECKING:
    from .keys import KeySource
    from .sending.tasks import AsyncTransport
    from .sending.threads import Transport

T = TypeVar("T")


class Runner:
    """What both drivers do with an exception that leaves a flow: it shows no key, and no frame of ours remembers anything."""

    __slots__ = ("clock", "keys", "transport")

    def __init__(self, transport: Any, clock: Clock, keys: KeySource) -> None:
        self.transport = transport
        self.clock = clock
        self.keys = keys


class Driver(Runner):
    """Runs flows in the calling thread."""

    __slots__ = ()

    transport: Transport

    def run(self, flow: Flow[T]) -> T:
        """Run the flow and return its value."""
        advance: Any = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                advance = flow.send
                try:
                    value = self.transport.send(step) if type(step) is Send else self._perform(step)
                except BaseException as interruption:
                    advance, value = flow.throw, interruption
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        except BaseException as error:
            advance = value = step = None
            leave(error, self.keys.recent)
            raise

    def stride(self, flow: Flow[Any]) -> tuple[float | None, Any]:
        """Run the flow until it wants to sleep; gives until when, and when it has ended None and its value. To be called again to go on."""
        advance: Any = flow.send
        value: Any = None
        try:
            while True:
                now = self.clock.now()  # as the flow sees it, also where others move the clock meanwhile
                step = advance(value)
                if type(step) is Sleep:
                    return now + step.seconds, None
                advance = flow.send
                try:
                    value = self._perform(step)
                except BaseException as interruption:
                    advance, value = flow.throw, interruption
        except StopIteration as stop:
            return None, stop.value
        except BaseException as error:
            advance = value = step = None
            leave(error, self.keys.recent)
            raise

    def iterate(self, flow: Flow[None]) -> Iterator[Any]:
        """Run the flow and give what it emits; closing the iterator closes the flow."""
        advance: Any = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                advance = flow.send
                if type(step) is Emit:
                    value = None
                    yield step.value
                    continue
                try:
                    value = self._perform(step)
                except BaseException as interruption:
                    advance, value = flow.throw, interruption
        except StopIteration:
            return
        except GeneratorExit:
            raise
        except BaseException as error:
            advance = value = step = None
            leave(error, self.keys.recent)
            raise
        finally:
            flow.close()

    def _perform(self, step: Step) -> Any:
        if isinstance(step, Send | Fetch | Upload | Receive):
            return self.transport.send(step)
        if isinstance(step, Sleep):
            return self.clock.sleep(step.seconds)
        if isinstance(step, Parallel):
            from .parallel import run_in_threads

            return run_in_threads(self, step)
        if isinstance(step, Invoke):
            return step.work()
        if isinstance(step, Offload):
            return step.function(*step.arguments)
        raise TypeError(f"{type(step).__name__} is not a step of this flow")


class AsyncDriver(Runner):
    """Runs flows in the running event loop."""

    __slots__ = ()

    transport: AsyncTransport

    async def run(self, flow: Flow[T]) -> T:
        """Run the flow and return its value."""
        advance: Any = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                advance = flow.send
                try:
                    value = await (self.transport.send(step) if type(step) is Send else self._perform(step))
                except BaseException as interruption:
                    advance, value = flow.throw, interruption
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        except BaseException as error:
            advance = value = step = None
            leave(error, self.keys.recent)
            raise

    async def iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
        """Run the flow and give what it emits; closing the iterator closes the flow."""
        advance: Any = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                advance = flow.send
                if type(step) is Emit:
                    value = None
                    yield step.value
                    continue
                try:
                    value = await self._perform(step)
                except BaseException as interruption:
                    advance, value = flow.throw, interruption
        except StopIteration:
            return
        except GeneratorExit:
            raise
        except BaseException as error:
            advance = value = step = None
            leave(error, self.keys.recent)
            raise
        finally:
            flow.close()

    async def _perform(self, step: Step) -> Any:
        if isinstance(step, Send | Fetch | Upload | Receive):
            return await self.transport.send(step)
        if isinstance(step, Sleep):
            return await self.clock.asleep(step.seconds)
        if isinstance(step, Parallel):
            from .parallel import run_in_tasks

            return await run_in_tasks(self.run, step)
        if isinstance(step, Invoke):
            return await step.work()
        if isinstance(step, Offload):
            import asyncio

            return await asyncio.to_thread(step.function, *step.arguments)
        raise TypeError(f"{type(step).__name__} is not a step of this flow")
