"""What the tests of the stand-in share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cocalc_facade.testing import Request, Response, StandIn

Post = Callable[..., Response]


@pytest.fixture
def standin() -> StandIn:
    return StandIn()


def asker(standin: StandIn) -> Post:
    """Asks a stand-in and lets the seconds pass that the answer takes, unless `waits=False`."""

    def post(
        path: str,
        body: Any = None,
        *,
        key: str | None = "",
        method: str = "POST",
        content_type: str | None = "application/json",
        headers: tuple[tuple[str, str], ...] = (),
        waits: bool = True,
    ) -> Response:
        given = list(headers)
        if key is not None:
            given.append(("Authorization", f"Bearer {key or standin.user.key}"))
        if content_type:
            given.append(("Content-Type", content_type))
        payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        target = path if path.startswith("/") else f"{standin.base_path}/api/v2/{path}"
        response = standin.handle(Request(method, target, tuple(given), payload))
        if waits:
            standin.clock.advance(response.seconds)
        return response

    return post


@pytest.fixture
def post(standin: StandIn) -> Post:
    return asker(standin)
