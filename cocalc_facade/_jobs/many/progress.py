"""Progress of many calls: a bar on a terminal or in a notebook with tqdm, else plain lines, never far apart."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

LINES = 10
SILENCE = 10.0
"""Seconds after which a line says that it goes on, though nothing else has to be said."""


class Progress:
    """Counts what is done, and shows it. `total` None means that it is not known."""

    def __init__(self, label: str, total: int | None, now: Callable[[], float] = time.monotonic) -> None:
        self._label = label
        self._total = total
        self._done = 0
        self._failed = 0
        self._now = now
        self._begin = self._said = now()
        self._bar = _bar(label, total)
        self._step = max((total or 500) // LINES, 1)

    def advance(self, *, failed: bool) -> None:
        """Count one more."""
        self._done += 1
        self._failed += failed
        if self._bar is not None:
            if failed:
                self._bar.set_postfix(failed=self._failed, refresh=False)
            self._bar.update()
        elif self._done % self._step == 0 or self._done == self._total:
            self._say()
        else:
            self.tick()

    def tick(self) -> None:
        """Show that time passes; called about every second in which nothing else happens."""
        if self._bar is not None:
            self._bar.refresh()
        elif self._now() - self._said >= SILENCE:
            self._say()

    def _say(self) -> None:
        self._said = self._now()
        of = f"/{self._total}" if self._total is not None else ""
        passed = int(self._said - self._begin)
        after = f" after {passed // 60}:{passed % 60:02}" if passed >= SILENCE else ""
        sys.stderr.write(f"{self._label}: {self._done}{of} done, {self._failed} failed{after}\n")
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()


def _live() -> bool:
    """Whether somebody watches: a terminal, or a notebook."""
    return _notebook() or sys.stderr.isatty()


def _notebook() -> bool:
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return running is not None and type(running).__name__ == "ZMQInteractiveShell"


def _bar(label: str, total: int | None) -> Any:
    if not _live():
        return None
    from importlib import import_module

    try:
        tqdm = import_module("tqdm.auto").tqdm
    except ImportError:
        return None
    return tqdm(total=total, desc=label, unit="call")
