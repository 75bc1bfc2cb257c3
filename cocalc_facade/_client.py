"""The two clients: construction, options, views."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ._drivers import AsyncDriver, Clock, Driver
from ._hosts import DEFAULT as DEFAULT_HOST
from ._hosts import parse_host
from ._keys import source
from ._routes import Routes
from ._session import Options, Session
from ._timeouts import Timeout, timeout_from

if TYPE_CHECKING:
    from ._flow import Flow

T = TypeVar("T")


class _Base:
    _session: Session

    def _prepare(self, api_key: Any, base_url: Any, timeout: Any, max_retries: int, strict: bool, on_mismatch: Any, clock: Clock | None) -> Any:
        host = parse_host(base_url or os.environ.get("COCALC_HOST") or DEFAULT_HOST)
        options = Options(timeout=None if timeout is None else timeout_from(timeout), max_retries=max_retries, strict=strict, on_mismatch=on_mismatch)
        self._session = Session(options, Routes(), clock or Clock())
        return host, source(api_key)


class CoCalc(_Base):
    def __init__(self, api_key: str | Callable[[], str] | None = None, base_url: str | None = None, *, timeout: float | Timeout | None = None, max_retries: int = 2, http_client: Any = None, strict: bool = False, on_mismatch: Any = None, _clock: Clock | None = None) -> None:
        host, key = self._prepare(api_key, base_url, timeout, max_retries, strict, on_mismatch, _clock)
        from ._transport import Transport

        self._driver = Driver(Transport(host, key, http_client), self._session.clock)

    def _run_flow(self, flow: Flow[T]) -> T:
        return self._driver.run(flow)

    def _iterate(self, flow: Flow[None]) -> Iterator[Any]:
        return self._driver.iterate(flow)

    def call(self, path: str, body: Mapping[str, Any] | None = None, *, confirm: bool = False, timeout: float | Timeout | None = None, check: bool = True) -> Any:
        return self._run_flow(self._session.call(path, body, confirm=confirm, timeout=timeout, check=check))

    def close(self) -> None:
        self._driver.transport.close()

    def __enter__(self) -> CoCalc:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()


class AsyncCoCalc(_Base):
    def __init__(self, api_key: str | Callable[[], str] | None = None, base_url: str | None = None, *, timeout: float | Timeout | None = None, max_retries: int = 2, http_client: Any = None, strict: bool = False, on_mismatch: Any = None, _clock: Clock | None = None) -> None:
        host, key = self._prepare(api_key, base_url, timeout, max_retries, strict, on_mismatch, _clock)
        from ._transport import AsyncTransport

        self._driver = AsyncDriver(AsyncTransport(host, key, http_client), self._session.clock)

    async def _run_flow(self, flow: Flow[T]) -> T:
        return await self._driver.run(flow)

    def _iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
        return self._driver.iterate(flow)

    async def call(self, path: str, body: Mapping[str, Any] | None = None, *, confirm: bool = False, timeout: float | Timeout | None = None, check: bool = True) -> Any:
        return await self._run_flow(self._session.call(path, body, confirm=confirm, timeout=timeout, check=check))

    async def aclose(self) -> None:
        await self._driver.transport.close()

    async def __aenter__(self) -> AsyncCoCalc:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self.aclose()
