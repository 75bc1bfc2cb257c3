"""Faults on demand: what can go wrong between a client and the server, and inside it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args

from cocalc_facade.testing.wire.http import Response, answer, reply
from cocalc_facade.testing.world.site import Generation, Site
from cocalc_facade.testing.world.throttle import CREATE_MESSAGE, RULES, refusal

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
WITH_STATUS = ("status", "html")
WITH_SECONDS = ("latency", "rate_limit")
# Answers with these statuses have no body, so no page either.
WITHOUT_BODY = (204, 205, 304)
# What a server throttles, by its generation.
THROTTLED = {"cocalc": frozenset({*RULES, "user-query"}), "ai": frozenset({"projects/get"})}
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
    status: int = 503
    seconds: float = 10.0

    def instead(self, path: str) -> Response | None:
        """The answer in place of the handler's, when the handler does not run."""
        if self.kind not in BEFORE:
            return None
        if self.kind == "rate_limit":
            endpoint = CREATE_MESSAGE if path == "user-query" else path
            return answer({"error": refusal(endpoint, max(1, round(self.seconds)), 15, "minute")})
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

    def __init__(self, routes: Collection[str], generation: Generation) -> None:
        self._routes = routes
        self._throttled = THROTTLED[generation]
        self._waiting: list[Fault] = []

    def add(
        self, path: str, kind: Kind, times: int | None, status: int | None, seconds: float | None
    ) -> None:
        """Wait for the calls of a path.

        Raises:
            ValueError: it could never come about, or not as it is said.
        """
        self._check_path(path)
        if kind not in KINDS:
            raise ValueError(f"kind: one of {', '.join(KINDS)}; got {kind!r}{_like(kind, KINDS)}")
        if times is not None and (type(times) is not int or times < 1):
            raise ValueError(f"times: a positive number or None, got {times!r}")
        if status is not None and kind not in WITH_STATUS:
            raise ValueError(f"status: for kind {' and '.join(WITH_STATUS)} only, got it with {kind!r}")
        if seconds is not None and kind not in WITH_SECONDS:
            raise ValueError(f"seconds: for kind {' and '.join(WITH_SECONDS)} only, got it with {kind!r}")
        if status is not None and (
            type(status) is not int or not 200 <= status <= 599 or status in WITHOUT_BODY
        ):
            raise ValueError(f"status: from 200 to 599, of an answer that has a page; got {status!r}")
        if seconds is not None and (type(seconds) not in (int, float) or not 0 <= seconds < float("inf")):
            raise ValueError(f"seconds: a finite number from 0 on, got {seconds!r}")
        if kind == "rate_limit" and path != "*" and path not in self._throttled:
            raise ValueError(
                f"path: the server does not throttle {path!r}, so it never says this; throttled are {', '.join(sorted(self._throttled))}"
            )
        usual = 200 if kind == "html" else 503
        self._waiting.append(
            Fault(
                path, kind, times, usual if status is None else status, 10.0 if seconds is None else seconds
            )
        )

    def _check_path(self, path: str) -> None:
        if path == "*" or path in self._routes:
            return
        bare = path.removeprefix("/").removeprefix("api/v2/").rstrip("/")
        hint = f"; did you mean {bare!r}?" if bare in self._routes else _like(bare, self._routes)
        raise ValueError(f"path: a route of the server, such as 'projects/stop', or '*'; got {path!r}{hint}")

    def take(self, path: str) -> Fault | None:
        """The fault for a call, if any waits for it."""
        for fault in self._waiting:
            if self._meets(fault, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._waiting.remove(fault)
                return fault
        return None

    def _meets(self, fault: Fault, path: str) -> bool:
        if fault.path == "*":
            return fault.kind != "rate_limit" or path in self._throttled
        return fault.path == path

    def around(
        self, site: Site, path: str, route: Callable[[], tuple[Response, Any]]
    ) -> tuple[Response, Any]:
        """What a route answers to a call, and the parameters that it heard, with the fault that waits for it."""
        fault = self.take(path)
        if fault is None:
            return route()
        if instead := self._instead(fault, path, site):
            return instead, None
        before = site.oddities.database_down
        site.oddities.database_down = before or fault.kind == "database"
        try:
            response, params = route()
        finally:
            site.oddities.database_down = before
        return fault.after(response), params

    def _instead(self, fault: Fault, path: str, site: Site) -> Response | None:
        if fault.kind == "rate_limit" and site.generation == "ai":
            return too_many(fault.seconds)
        return fault.instead(path)

    def clear(self) -> None:
        """Forget all."""
        self._waiting.clear()


def too_many(seconds: float) -> Response:
    """Later versions of the newer generation refuse a call that comes too soon with a status, a code and a header."""
    response = answer({"error": "too many requests", "code": "api_search_rate_limited"}, 429)
    response.headers.append(("Retry-After", str(max(1, round(seconds)))))
    return response


def _like(word: str, known: Collection[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
