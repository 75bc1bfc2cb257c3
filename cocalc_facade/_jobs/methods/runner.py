"""What starts flows: a client, for the jobs that are its methods and for the handles that it gives out. `scripts/async_jobs.py` makes the async half from this file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from cocalc_facade._calls.session import Session
from cocalc_facade._wire.flow import Flow

T = TypeVar("T")


class Runner:
    """Runs flows on a session."""

    _session: Session

    def _run_flow(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def _iterate(self, flow: Flow[None]) -> Iterator[Any]:
        raise NotImplementedError
