"""Signals that end a command: each is an interruption, after which what was begun is put in order, and none is lost."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer, current_thread, main_thread
from types import FrameType
from typing import Any

AGAIN = 0.01
"""Seconds after which an interruption that fell into a place that cannot raise it comes again."""

ENDINGS = ("SIGTERM", "SIGHUP")
"""Signals that end a process as Ctrl-C does; Windows has not all of them."""


class Interruptions:
    """Which signal came, if one did."""

    def __init__(self) -> None:
        self.signal: signal.Signals = signal.SIGINT

    @property
    def code(self) -> int:
        """The exit code, as shells give it."""
        return 128 + self.signal

    @property
    def words(self) -> str:
        """What happened, in a word or two."""
        return "interrupted" if self.signal == signal.SIGINT else f"ended by {self.signal.name}"

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Interrupt whatever is done."""
        self.signal = signal.Signals(number)
        raise KeyboardInterrupt


@contextmanager
def interruptions() -> Iterator[Interruptions]:
    """Take the signals that end a process as interruptions, unless whoever started it has them ignored."""
    found = Interruptions()
    if current_thread() is not main_thread():
        yield found
        return
    before: dict[int, Any] = {}
    hook = sys.unraisablehook
    timers: list[Timer] = []
    try:
        for name in ENDINGS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.SIG_DFL  # noted first: a Ctrl-C may come between the two
                signal.signal(number, found.take)
        sys.unraisablehook = _raised_again(hook, timers)
        yield found
    finally:
        sys.unraisablehook = hook
        for timer in timers:  # the command has ended, and what comes after it is not to be interrupted
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def at_once() -> None:
    """Let Ctrl-C end the process without a word, now that all is done."""
    if current_thread() is main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _raised_again(otherwise: Callable[[Any], Any], timers: list[Timer]) -> Callable[[Any], None]:
    """Raise an interruption again that came where Python can only forget it: in a finalizer, as most imports run some. `timers` are those that do."""

    def hook(unraisable: Any) -> None:
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            again = Timer(AGAIN, _interrupt)
            again.daemon = True
            timers.append(again)
            again.start()
        else:
            otherwise(unraisable)

    return hook


def _interrupt() -> None:
    """Send the main thread a signal, which also ends a call of the system that it waits in."""
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
