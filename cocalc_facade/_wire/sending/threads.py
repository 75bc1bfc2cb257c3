"""Sends in the calling thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_facade._wire.flow import Answer, Fault, Request

from . import OURS, Wire, no_turn

if TYPE_CHECKING:
    from cocalc_facade._wire.network.lanes import Lanes, Turns


class Transport(Wire):
    """Sends in the calling thread. Safe to share between threads, and left in order by whatever a signal raises, whenever it does.

    What a call holds is where it is given back without its doing, should it end between two steps: its turn is a ticket in a set, and its
    lane in a list of its own.
    """

    _turns: Turns
    _lanes: Lanes | None = None

    def send(self, step: Request) -> Answer | Fault:
        """Give what came back for the step."""
        self._ready()
        turns, lanes, ticket = self._turns, self._lanes, object()
        assert lanes is not None
        taken: list[Any] = []
        lane: Any = None
        status = body = None
        whole = False
        try:
            if not turns.take(ticket, self._patience(step)):
                return no_turn()
            if self._given is None:
                lane = lanes.take(taken)
                if lane is None:
                    taken.append(lane := self._open())
            request = self._request(step, lane)
            response = self._client.send(request, stream=True, auth=self._no_auth, follow_redirects=False)
            status = response.status_code
            if response.is_stream_consumed:
                content = response.content
            else:
                body = self._body(response.headers, step, self._clock.now)
                if step.sink is not None and status == 200:
                    body.pour(step.sink)
                try:
                    if lane is None:
                        self._bound(request, step)
                    for chunk in response.stream:
                        body.add(chunk)
                    content = body.whole()
                except BaseException:
                    if lane is None:
                        response.close()
                    raise
            response.close()
            whole = lane is None or lane.whole()
            return Answer(status, response.headers, content)
        except Exception as error:
            return self._fault(error, step, status, body, lane)
        finally:
            kept = False
            try:
                turns.tickets.discard(ticket)  # first, and in one step: no signal comes between
                if whole and lane is not None:
                    lanes.give(lane)
                    kept = not self._closed
            finally:
                if not kept:
                    for held in taken:
                        held.drop()
            if turns.waiting:
                turns.wake()

    def _fresh(self) -> Mapping[str, Any]:
        from cocalc_facade._wire.network.lanes import Lanes, Turns

        return {"_turns": Turns(self._limit or OURS), "_lanes": Lanes(self._clock.now)}

    def _clear(self) -> None:
        if self._lanes is not None:
            self._lanes.clear()

    def close(self) -> None:
        """Close the connections, if they are ours."""
        self._closed = True
        self._clear()
