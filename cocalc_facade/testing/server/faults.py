"""Faults on demand: what can go wrong between a client and the server, and inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cocalc_facade.testing.wire.http import Response, answer, reply
from cocalc_facade.testing.world.throttle import refusal

Kind = Literal[
    "refused",
    "drop_before",
    "drop_after",
    "stale_connection",
    "status",
    "rate_limit",
    "truncate",
    "latency",
    "undefined",
    "database",
    "html",
]
KINDS = get_args(Kind)
BEFORE = ("refused", "drop_before", "stale_connection", "status", "rate_limit", "html")


@dataclass(slots=True)
class Fault:
    """One fault that waits for its calls.

    Args:
        path: the route, such as `projects/stop`, or `*` for every one.
        kind: what happens.
        times: how often; None for always.
        status: for `status` and `html`.
        seconds: for `latency` how much longer, for `rate_limit` how long to wait.
    """

    path: str
    kind: Kind
    times: int | None
    status: int
    seconds: float

    def instead(self, path: str) -> Response | None:
        """The answer in place of the handler's, when the handler does not run."""
        if self.kind not in BEFORE:
            return None
        if self.kind == "rate_limit":
            return answer({"error": refusal(path, max(1, round(self.seconds)), 15, "minute")})
        if self.kind in ("status", "html"):
            page = (
                f"<html><head><title>{self.status}</title></head><body><center>nginx</center></body></html>"
            )
            return reply(self.status, page, "text/html")
        response = Response(drop=True, seconds=0.0)
        response.reason = self.kind
        return response

    def after(self, response: Response) -> Response:
        """What becomes of the handler's answer on its way."""
        if self.kind == "undefined":
            response = answer({"error": "undefined"})
            response.seconds = 60.0
        if self.kind == "latency":
            response.seconds += self.seconds
        if self.kind == "drop_after":
            response.drop, response.reason = True, self.kind
        if self.kind == "truncate":
            response.cut = True
        return response


class Faults:
    """The faults that wait, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Wait for the calls of a path."""
        if fault.kind not in KINDS:
            raise ValueError(f"kind: one of {', '.join(KINDS)}; got {fault.kind!r}")
        if fault.times is not None and fault.times < 1:
            raise ValueError(f"times: a positive number or None, got {fault.times!r}")
        self._waiting.append(fault)

    def take(self, path: str) -> Fault | None:
        """The fault for a call, if any waits for it."""
        for fault in self._waiting:
            if fault.path in (path, "*"):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Forget all."""
        self._waiting.clear()
