"""Methods of the clients as flows: called without being run, so that many of them share the threads of one `map`.

A method of the async half is a coroutine that waits for nothing but flows. Driven by hand it gives these one after the other, which makes one flow of it;
the method of the sync half does the same, so its twin stands for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Generator, Mapping
from importlib import import_module
from typing import Any

from cocalc_facade._calls import engine
from cocalc_facade._calls.session import Session
from cocalc_facade._wire.flow import Flow

SYNC = "cocalc_facade._jobs.methods."
ASYNC = "cocalc_facade._jobs.async_methods."
TYPED = "cocalc_v2.resources."


class Deferred:
    """A flow that is still to be run. A coroutine that awaits it hands it to whoever drives the coroutine."""

    __slots__ = ("flow",)

    def __init__(self, flow: Flow[Any]) -> None:
        self.flow = flow

    def __await__(self) -> Generator[Flow[Any], Any, Any]:
        return (yield self.flow)


def standing_for_a_client(session: Session) -> Any:
    """Give what stands for a client in its methods: it gives flows, and runs none."""

    def typed(path: str, arguments: Mapping[str, Any], confirm: bool | None = None) -> Deferred:
        return Deferred(engine.typed(session, path, arguments, confirm))

    standing: Any = object.__new__(import_module(ASYNC + "jobs").AsyncJobs)
    vars(standing).update(_session=session, _run_flow=Deferred, _iterate=_refuse, _call=typed)
    return standing


def _refuse(flow: Flow[None]) -> Any:
    flow.close()
    raise TypeError("what: it gives one thing after the other; use a function of yours that takes them all")


def owner_of(method: Any) -> Any:
    """Give the client of a method of ours that makes flows; None for everything else that can be called."""
    target = getattr(method, "__self__", None)
    home = getattr(getattr(method, "__func__", None), "__module__", None) or ""
    if target is None:
        return None
    if home.startswith(TYPED):
        asks = getattr(target, "_call", None)
        return getattr(asks, "__self__", None) if vars(target).get("_call") is not None else target
    if home.startswith((SYNC, ASYNC)):
        return vars(target).get("_runner", target)
    return None


def deferred(method: Any, session: Session) -> Callable[..., Flow[Any]]:
    """Give what makes a flow of a method of ours with some arguments; the flow runs on the session."""
    standing = standing_for_a_client(session)
    target, function = method.__self__, method.__func__
    home = function.__module__
    stand_in = standing
    if home.startswith(SYNC):
        function = _twin(type(target), function.__name__)
    if home.startswith(TYPED) and "_call" in vars(target):
        stand_in = object.__new__(type(target))
        stand_in._call = standing._call
    elif "_runner" in vars(target):
        kind = _twin_class(type(target)) if home.startswith(SYNC) else type(target)
        stand_in = object.__new__(kind)
        stand_in.__dict__.update(vars(target), _runner=standing)

    def flow(*arguments: Any, **named: Any) -> Flow[Any]:
        found = function(stand_in, *arguments, **named)
        if isinstance(found, Deferred):
            return found.flow
        if inspect.iscoroutine(found):
            return as_flow(found)
        raise TypeError(f"what: {method.__name__} calls nothing; use a function of yours")

    return flow


def as_flow(coroutine: Coroutine[Flow[Any], Any, Any]) -> Flow[Any]:
    """Give one flow of a coroutine that waits for flows only."""
    try:
        asked = coroutine.send(None)
        while True:
            try:
                value = yield from asked
            except BaseException as error:
                asked = coroutine.throw(error)
            else:
                asked = coroutine.send(value)
    except StopIteration as stop:
        return stop.value
    finally:
        coroutine.close()


def _twin(kind: type, name: str) -> Any:
    """Give the function of the async half that does what a method of the sync half does."""
    defining = next(base for base in kind.__mro__ if name in vars(base))
    return getattr(_twin_class(defining), name)


def _twin_class(kind: type) -> type:
    home = import_module(kind.__module__.replace(SYNC, ASYNC))
    found: type = getattr(home, f"Async{kind.__name__}")
    return found
