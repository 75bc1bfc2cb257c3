"""The client for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Self, TypeVar

from cocalc_v2.resources import AsyncRawRoot, AsyncRoot
from cocalc_v2.types import Offering

from cocalc_facade import _jobs

from ._calls import engine
from ._calls.timeouts import Timeout
from ._client import Client
from ._jobs.async_methods.jobs import AsyncJobs
from ._wire.clock import Clock
from ._wire.drivers import AsyncDriver
from ._wire.flow import Flow
from ._wire.sending.tasks import AsyncTransport

T = TypeVar("T")


class AsyncCoCalc(Client, AsyncJobs, AsyncRoot):
    """A CoCalc server, for asyncio. Safe to share between tasks; takes the arguments of `CoCalc`."""

    _driver: AsyncDriver

    def _drive(self, host: Any, auth: str, clock: Clock, given: Any, limit: int | None) -> AsyncDriver:
        return AsyncDriver(
            AsyncTransport(host, scheme=auth, clock=clock, given=given, limit=limit), clock, self._key
        )

    async def _call(
        self,
        path: str,
        arguments: Mapping[str, Any],
        confirm: bool | None = None,
        *,
        start: int | None = None,
    ) -> Any:
        if start is not None:
            return await self._driver.run(engine.page(self._session, path, arguments, start))
        return await self._driver.run(engine.typed(self._session, path, arguments, confirm))

    async def _run_flow(self, flow: Flow[T]) -> T:
        return await self._driver.run(flow)

    def _iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
        return self._driver.iterate(flow)

    async def call(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        confirm: bool = False,
        timeout: float | Timeout | None = None,
        check: bool = True,
    ) -> Any:
        """Plain JSON from any route; see `CoCalc.call`."""
        return await self._driver.run(
            engine.call(self._session, path, body, confirm=confirm, timeout=timeout, check=check)
        )

    @property
    def with_raw_response(self) -> AsyncRawRoot:
        """The same methods, giving status, headers, body bytes and `.parse()`."""
        return AsyncRawRoutes(self)

    async def whoami(self) -> _jobs.Identity:
        """Who the key speaks for; see `CoCalc.whoami`."""
        from ._jobs.account.identity import whoami

        return await self._driver.run(whoami(self._session))

    async def check_schema(self) -> _jobs.Report:
        """What the connected server publishes otherwise than when this client was made; see `CoCalc.check_schema`."""
        from ._drift.drift import check_schema

        return await self._driver.run(check_schema(self._session))

    async def aclose(self) -> None:
        """Close the connections, unless they belong to an `http_client` that was given, or this is a view."""
        if not self._is_view:
            await self._driver.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self.aclose()


class AsyncRawRoutes(Offering, AsyncRawRoot):
    """The routes of a client whose methods give answers undecoded, for asyncio."""

    def __init__(self, client: AsyncCoCalc) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"

    async def _call(self, path: str, arguments: Mapping[str, Any], confirm: bool | None = None) -> Any:
        return await self._client._run_flow(engine.raw(self._client._session, path, arguments, confirm))
