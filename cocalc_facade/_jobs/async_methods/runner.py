"""What starts flows: a client, for the jobs that are its methods and for the handles that it gives out. Made by scripts/async_jobs.py from methods/runner.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from cocalc_facade._calls.session import Session
from cocalc_facade._wire.flow import Flow

T = TypeVar("T")


class AsyncRunner:
    """Runs flows on a session."""

    _session: Session

    async def _run_flow(self, flow: Flow[T]) -> T:
        raise NotImplementedError

    def _iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
        raise NotImplementedError
