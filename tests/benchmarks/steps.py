"""Steps: how many functions are called, which no busy machine changes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

OURS = ("cocalc_facade", "cocalc_v2")


class Steps:
    """How many functions of some packages are called, in every thread that is started meanwhile."""

    def __init__(self, packages: tuple[str, ...] = OURS) -> None:
        self.count = 0
        self._packages = packages

    def __enter__(self) -> Steps:
        threading.setprofile(self._seen)
        sys.setprofile(self._seen)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def _seen(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and any(name in Path(frame.f_code.co_filename).parts for name in self._packages):
            self.count += 1


def python_calls(work: Callable[[], object], packages: tuple[str, ...] = OURS) -> int:
    """How many functions of these packages some work calls."""
    with Steps(packages) as seen:
        work()
    return seen.count
