"""Signals: what a handler raised, and whether Ctrl-C is why a task is cancelled."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any


def raised_by_a_handler(error: BaseException) -> bool:
    """Whether an exception comes out of a handler of signals: a time limit that raises `TimeoutError` is no fault of the wire."""
    codes = {_code(signal.getsignal(number)) for number in signal.valid_signals()} - {None}
    trace = error.__traceback__
    while codes and trace is not None:
        if trace.tb_frame.f_code in codes:
            return True
        trace = trace.tb_next
    return False


def _code(handler: Any) -> CodeType | None:
    """Give the code of a handler: a function, a method, a partial, or an object that is called."""
    while hasattr(handler, "func"):
        handler = handler.func
    handler = getattr(handler, "__func__", handler)
    if not hasattr(handler, "__code__"):
        handler = vars(type(handler)).get("__call__")
    code = getattr(handler, "__code__", None)
    return code if isinstance(code, CodeType) else None


class _Listener:
    """Stands before asyncio's own handler of Ctrl-C, which cancels the main task and tells nobody why.

    There is one for all that listen at the same time: whoever leaves last puts back what was there before.
    """

    def __init__(self, before: Callable[[int, FrameType | None], Any]) -> None:
        self.before = before
        self.listening = 0
        self.interrupted = False

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        self.interrupted = True
        return self.before(number, frame)


@contextmanager
def listening_for_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Give what tells whether Ctrl-C was pressed meanwhile.

    Only where `asyncio.run`, or a `Runner`, turns it into a cancellation; elsewhere it stays what it is, and nothing is told.
    """
    listener = _listener()
    if listener is None:
        yield lambda: False
        return
    listener.listening += 1
    try:
        yield lambda: listener.interrupted
    finally:
        listener.listening -= 1
        if not listener.listening and signal.getsignal(signal.SIGINT) is listener:
            signal.signal(signal.SIGINT, listener.before)


def _listener() -> _Listener | None:
    import asyncio

    if threading.current_thread() is not threading.main_thread():
        return None
    handler: Any = signal.getsignal(signal.SIGINT)
    if isinstance(handler, _Listener):
        return handler
    if not isinstance(getattr(getattr(handler, "func", None), "__self__", None), asyncio.Runner):
        return None
    listener = _Listener(handler)
    signal.signal(signal.SIGINT, listener)
    return listener
