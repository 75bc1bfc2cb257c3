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
Sink: TypeAlias = Callable[[bytes], bool]
"""Takes bytes of a body as they come, and says whether it wants more. It raises nothing: what goes wrong in it is kept by whoever made it."""
Outcome: TypeAlias = tuple[Any, None] | tuple[None, Exception]


class Send:
    """Post `body` to the API route `path`, with `key`. Gives an `Answer` or a `Fault`."""

    __slots__ = ("body", "deadline", "key", "limit", "path", "timeouts")

    sink: Sink | None = None

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

    sink: Sink | None = None

    def __init__(self, target: str, timeouts: dict[str, float | None], deadline: float, limit: int) -> None:
        self.target = target
        self.timeouts = timeouts
        self.deadline = deadline
        self.limit = limit


class Upload:
    """Post one file to the site's upload route, with `key`: `data` under `name` into `folder` of a project. Gives an `Answer` or a `Fault`."""

    __slots__ = ("data", "deadline", "folder", "key", "limit", "name", "project_id", "timeouts")

    sink: Sink | None = None

    def __init__(
        self,
        project_id: str,
        folder: str,
        name: str,
        data: bytes,
        key: Key | None,
        timeouts: dict[str, float | None],
        deadline: float,
        limit: int,
    ) -> None:
        self.project_id = project_id
        self.folder = folder
        self.name = name
        self.data = data
        self.key = key
        self.timeouts = timeouts
        self.deadline = deadline
        self.limit = limit


class Receive:
    """Get the file `name` (absolute, or below its home) of a project from the site's file route, with `key` in a cookie.

    The body of an answer 200 goes to `sink` as it comes in, at most `limit` bytes of it. Gives an `Answer` without it, or a `Fault`.
    """

    __slots__ = ("deadline", "key", "limit", "name", "project_id", "sink", "timeouts")

    def __init__(
        self,
        project_id: str,
        name: str,
        sink: Sink,
        key: Key | None,
        timeouts: dict[str, float | None],
        deadline: float,
        limit: int,
    ) -> None:
        self.project_id = project_id
        self.name = name
        self.sink: Sink | None = sink
        self.key = key
        self.timeouts = timeouts
        self.deadline = deadline
        self.limit = limit


class Offload:
    """Do what takes long on this machine, such as reading a large file, without holding up other tasks. Gives what `function(*arguments)` does."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.function = function
        self.arguments = arguments


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


class Invoke:
    """Call `work()`, which is not ours, in the thread of the flow; a task awaits what it gives. Gives its result, raises what it raises."""

    __slots__ = ("work",)

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work


class Parallel:
    """Run `flows` with at most `concurrency` at a time. Gives their outcomes in order, each `(value, None)` or `(None, error)`.

    What a flow raises of the class `caught` is its error; anything else stops the rest, and is raised here.

    `flows` may be lazy; the next one is asked for when there is room. `on_done(index, outcome)` is called for each, in the thread or task that runs
    this flow, as soon as it is known; with `keep=False` nothing else remembers the outcomes, and none are given. Once `stop()` is true no further
    flow is started, and the outcomes are those of the started ones. A flow that sleeps needs no thread; `threads` bounds those of the others. `tick()` is called there too, about every `every` seconds of waiting.
    """

    __slots__ = ("caught", "concurrency", "every", "flows", "keep", "on_done", "stop", "threads", "tick")

    def __init__(
        self,
        flows: Iterable[Flow[Any]],
        concurrency: int = 8,
        on_done: Callable[[int, Outcome], object] | None = None,
        stop: Callable[[], bool] | None = None,
        *,
        caught: type[Exception] = CoCalcError,
        keep: bool = True,
        threads: int | None = None,
        tick: Callable[[], object] | None = None,
        every: float = 1.0,
    ) -> None:
        self.flows = flows
        self.concurrency = concurrency
        self.on_done = on_done
        self.stop = stop
        self.caught = caught
        self.keep = keep
        self.threads = threads
        self.tick = tick
        self.every = every


Request: TypeAlias = Send | Fetch | Upload | Receive
Step: TypeAlias = Request | Invoke | Offload | Sleep | Emit | Parallel
Flow: TypeAlias = Generator[Step, Any, T]


def done(value: T) -> Flow[T]:
    """Give the flow that asks for nothing, and has its value already."""
    return value
    yield


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
    `timeout`, `garbage` (not HTTP), `truncated`, `too-large`, `encoding`, `unwanted` (the sink took no more).
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
