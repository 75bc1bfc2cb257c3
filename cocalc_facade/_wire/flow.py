"""What a flow may ask of its driver.

A flow is a generator: it yields a step, receives the step's result, and returns its value. It never waits, reads a clock of its own or
touches a connection, so one text serves `CoCalc` and `AsyncCoCalc`, and tests run it in no time. Most flows only need the session:

    def stop_flow(session: Session, project_id: str) -> Flow[None]:
        yield from call(session, "projects/stop", {"project_id": project_id})
        while (yield from state_of(session, project_id)) != "opened":
            yield Sleep(1.0)

What interrupts the driver (Ctrl-C, a cancelled task) is thrown into the flow at its `yield`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from cocalc_facade._errors import CoCalcError

if TYPE_CHECKING:
    from .keys import Key

T = TypeVar("T")
Outcome: TypeAlias = tuple[Any, None] | tuple[None, CoCalcError]


class Send:
    """Post `body` to the API route `path`, with `key`. Gives an `Answer` or a `Fault`."""

    __slots__ = ("body", "deadline", "key", "limit", "path", "timeouts")

    def __init__(
        self,
        path: str,
        body: bytes,
        key: Key | None,
        timeouts: dict[str, float | None],
        deadline: float,
        limit: int,
    ) -> None:
        self.path = path
        self.body: bytes = body
        self.key = key
        self.timeouts = timeouts
        self.deadline = deadline
        self.limit = limit


class Fetch:
    """Get `target` (path and query) from the configured server, outside the API and without the key. Gives an `Answer` or a `Fault`."""

    __slots__ = ("deadline", "limit", "target", "timeouts")

    def __init__(self, target: str, timeouts: dict[str, float | None], deadline: float, limit: int) -> None:
        self.target = target
        self.timeouts = timeouts
        self.deadline = deadline
        self.limit = limit


class Sleep:
    """Wait `seconds`. Gives None."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Emit:
    """Hand `value` to whoever iterates over the flow. Only for flows run by `iterate`. Gives None."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class Parallel:
    """Run `flows` with at most `concurrency` at a time. Gives their outcomes in order, each `(value, None)` or `(None, error)`.

    `flows` may be lazy; the next one is asked for when a worker is free. `on_done(index, outcome)` is called for each, in the thread or task that runs
    this flow, as soon as it is known. Once `stop()` is true no further flow is started, and the outcomes are those of the started ones.
    """

    __slots__ = ("concurrency", "flows", "on_done", "stop")

    def __init__(
        self,
        flows: Iterable[Flow[Any]],
        concurrency: int = 8,
        on_done: Callable[[int, Outcome], object] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.flows = flows
        self.concurrency = concurrency
        self.on_done = on_done
        self.stop = stop


Step: TypeAlias = Send | Fetch | Sleep | Emit | Parallel
Flow: TypeAlias = Generator[Step, Any, T]


class Answer:
    """What came back, whole: status, headers (lower-case names, or any case with httpx's), and the body's bytes, decompressed."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status: int = status
        self.headers: Mapping[str, str] = headers
        self.body: bytes = body


class Fault:
    """Why no whole answer came: `kind`, words for people, whether the request may have been read, the status and the start of the body if they came.

    Kinds: `connect` (the connection never came up), `certificate`, `pool` (no connection free in time), `lost` (the connection broke),
    `timeout`, `garbage` (not HTTP), `truncated`, `too-large`, `encoding`.
    """

    __slots__ = ("kind", "message", "sent", "start", "status")

    def __init__(
        self, kind: str, message: str, *, sent: bool, status: int | None = None, start: bytes = b""
    ) -> None:
        self.kind = kind
        self.message = message
        self.sent = sent
        self.status = status
        self.start = start
