"""A call that takes long says that it goes on; one that nobody waits for any more ends, and the next one is served."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from cocalc_facade.mcp import progress
from cocalc_facade.testing import StandIn
from tests.mcp.conftest import Connect


@pytest.mark.parametrize("told", ["in one call", "as a job"])
async def test_a_cancelled_call_is_left_and_others_are_served(
    connect: Connect, standin: StandIn, mode: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = told == "as a job"
    begun, left = asyncio.Event(), asyncio.Event()
    through = standin.async_client()

    async def answer(request: httpx.Request) -> httpx.Response:
        if (b"async_get" if job else b"make") in request.content:
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
        arguments = {
            "project_id": standin.project.project_id,
            "command": "make",
            "timeout": 600 if job else 30,
        }
        call = asyncio.create_task(client.call_tool("run", arguments))
        await begun.wait()
        call.cancel()
        await left.wait()
        assert not (await client.call_tool("whoami", {})).is_error
    (line,) = (record.getMessage() for record in caplog.records if record.name == "cocalc_facade.mcp")
    assert ("goes on" if job else "may still be running") in line


async def test_a_call_that_takes_long_shows_signs_of_life(
    connect: Connect, standin: StandIn, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.001)
    heard: list[float] = []
    enough = asyncio.Event()
    through = standin.async_client()

    async def hear(seconds: float, total: float | None, message: str | None) -> None:
        heard.append(seconds)
        if len(heard) == 3:
            enough.set()

    async def answer(request: httpx.Request) -> httpx.Response:
        await enough.wait()
        return await through.send(request)

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http_client,
        connect(http_client=http_client, mode=mode) as client,
    ):
        result = await client.call_tool("whoami", {}, progress_callback=hear)
    assert not result.is_error
    assert heard == sorted(set(heard))
