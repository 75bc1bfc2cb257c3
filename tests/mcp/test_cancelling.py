"""A call that nobody waits for any more ends, and the next one is served."""

from __future__ import annotations

import asyncio

import httpx

from cocalc_facade.testing import StandIn
from tests.mcp.conftest import Connect


async def test_a_cancelled_call_is_left_and_others_are_served(
    connect: Connect, standin: StandIn, mode: str
) -> None:
    begun, left = asyncio.Event(), asyncio.Event()
    through = standin.async_client()

    async def answer(request: httpx.Request) -> httpx.Response:
        if b"make" in request.content:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                left.set()
        return await through.send(request)

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http_client,
        connect(changes=True, http_client=http_client, mode=mode) as client,
    ):
        arguments = {"project_id": standin.project.project_id, "command": "make"}
        call = asyncio.create_task(client.call_tool("run", arguments))
        await begun.wait()
        call.cancel()
        await left.wait()
        assert not (await client.call_tool("whoami", {})).is_error
