"""A server of tools on the stand-in, and the package's own client of it, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client

from cocalc_facade import AsyncCoCalc
from cocalc_facade.mcp.serving import server
from cocalc_facade.testing import Oddities, StandIn

Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def standin() -> StandIn:
    return StandIn(oddities=Oddities(rate_limits=False))


@pytest.fixture(params=["legacy", "auto"])
def mode(request: pytest.FixtureRequest) -> str:
    """How the two speak: as before the protocol's version of 2026-07-28, and since."""
    given: str = request.param
    return given


@pytest.fixture
def connect(standin: StandIn) -> Connect:
    """Connect to a server that only reads, or that may change things."""

    @asynccontextmanager
    async def connecting(
        *, changes: bool = False, save_to: Path | None = None, http_client: Any = None, **options: Any
    ) -> AsyncIterator[Client]:
        async with (
            AsyncCoCalc(
                standin.user.key,
                base_url="http://localhost",
                http_client=http_client or standin.async_client(),
                read_only=not changes,
            ) as client,
            Client(server(client, save_to), **options) as connected,
        ):
            yield connected

    return connecting


def told(result: Any) -> str:
    """The text of an answer."""
    return "\n".join(block.text for block in result.content if block.type == "text")
