"""Sends in the running event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from cocalc_facade._errors import ConfigurationError
from cocalc_facade._wire.faults import TOO_LATE
from cocalc_facade._wire.flow import Answer, Fault, Request
from cocalc_facade._wire.network.lanes import Lanes

from . import OURS, Wire, no_turn

GIVEN = 20
"""How many calls are under way at once on a client that was given: its pool looks at every waiting request whenever one ends."""


class Place:
    """What belongs to one event loop."""

    __slots__ = ("lanes", "loop", "turns")

    def __init__(self, loop: asyncio.AbstractEventLoop, lanes: Lanes, turns: asyncio.Semaphore) -> None:
        self.loop = loop
        self.lanes = lanes
        self.turns = turns


class AsyncTransport(Wire):
    """Sends in the running event loop. Safe to share between tasks, and between loops, each of which has its own connections."""

    KIND = "Async"

    _place: Place | None = None
    _places: dict[asyncio.AbstractEventLoop, Place] | None = None

    async def send(self, step: Request) -> Answer | Fault:
        """Give what came back for the step."""
        loop = asyncio.get_running_loop()
        self._ready()
        place = self._place
        if place is None or place.loop is not loop:
            place = self._enter(loop)
        lane: Any = None
        status = body = None
        whole = begun = turn = False
        total = asyncio.timeout(max(0.0, step.deadline - self._clock.now()))
        try:
            async with total:
                if not await _turn(place.turns, self._patience(step)):
                    return no_turn()
                turn = True
                if self._given is None:
                    lane = place.lanes.take([]) or self._open()
                request = self._request(step, lane)
                begun = True
                response = await self._client.send(
                    request, stream=True, auth=self._no_auth, follow_redirects=False
                )
                status = response.status_code
                try:
                    if response.is_stream_consumed:
                        content = response.content
                    else:
                        body = self._body(response.headers, step, self._clock.now)
                        if step.sink is not None and status == 200:
                            body.pour(step.sink)
                        async for chunk in response.stream:
                            body.add(chunk)
                        content = body.whole()
                finally:
                    await response.aclose()
                whole = lane is None or lane.whole()
            return Answer(status, response.headers, content)
        except Exception as error:
            if isinstance(error, TimeoutError) and total.expired():
                if not turn:
                    return no_turn()
                sent = begun if lane is None else lane.line.asked
                return Fault("timeout", TOO_LATE, sent=sent, status=status)
            return self._fault(error, step, status, body, lane)
        finally:
            if turn:
                place.turns.release()
            if lane is not None:
                if whole and not self._closed:
                    place.lanes.give(lane)
                else:
                    lane.drop()

    def _enter(self, loop: asyncio.AbstractEventLoop) -> Place:
        """Give the place of a loop, and clear those of loops that are closed."""
        places = self._places
        assert places is not None
        for other, place in list(places.items()):
            if other.is_closed():
                places.pop(other, None)
                place.lanes.clear()
            elif self._given is not None and other is not loop and other.is_running():
                raise ConfigurationError(
                    "http_client is in use in another event loop",
                    hint="make a client for each loop, or leave http_client out: then one serves them all",
                )
        here = places.get(loop)
        if here is None:
            turns = asyncio.Semaphore(self._limit or (GIVEN if self._given is not None else OURS))
            here = places[loop] = Place(loop, Lanes(self._clock.now), turns)
        self._place = here
        return here

    def _fresh(self) -> Mapping[str, Any]:
        return {"_place": None, "_places": {}}

    def _clear(self) -> None:
        for place in list((self._places or {}).values()):
            place.lanes.clear()

    async def close(self) -> None:
        """Close the connections, if they are ours."""
        self._closed = True
        self._clear()


async def _turn(turns: asyncio.Semaphore, seconds: float) -> bool:
    """Take a turn; whether there was one in time."""
    if not turns.locked():
        await turns.acquire()
        return True
    try:
        async with asyncio.timeout(seconds):
            await turns.acquire()
    except TimeoutError:
        return False
    return True
