"""Clients that may not change anything, on a stand-in that records all that reaches it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade import CoCalc
from cocalc_facade.testing import Oddities, StandIn

FACTS = {
    row["path"]: row
    for row in json.loads((Path(__file__).parents[1] / "data" / "facts.json").read_text(encoding="utf-8"))
}
WORDS = {
    "uuid": "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70",
    "string": "word",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "any": "word",
    "time-iso": "2026-01-01T00:00:00Z",
    "time-epoch-ms": 1,
    "time-epoch-s": 1,
}


class Still:
    """A clock by which nobody may wait for long; waiting takes no time."""

    def __init__(self) -> None:
        self._now = 1000.0

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds
        assert self._now < 1010.0, "waits for what will not come"

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


def has_null(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(has_null, value.values() if isinstance(value, dict) else value))
    return value is None


def changing(path: str, params: Any) -> bool:
    """Whether a request changes something, told from the facts and not from the client's table."""
    if path.startswith(("/openapi.json", "/blobs/")):  # a GET, of what lies outside the API
        return False
    if path == "user-query":
        return not has_null(params.get("query"))
    if path == "api-keys":
        return bool(params.get("action") != "get")
    return path not in FACTS or bool(FACTS[path]["mutates"])


def arguments_of(client: Any, path: str) -> dict[str, Any]:
    """Some value of the right kind for each argument that a route needs."""
    return {a.name: WORDS[a.kind] for a in client.describe(path).required}


@pytest.fixture
def standin() -> StandIn:
    return StandIn(oddities=Oddities(rate_limits=False))


@pytest.fixture
def make(standin: StandIn) -> Callable[..., CoCalc]:
    def made(**options: Any) -> CoCalc:
        given = {"http_client": standin.client(), "_clock": Still(), "max_retries": 0, **options}
        return CoCalc(standin.user.key, "http://localhost", **given)

    return made


@pytest.fixture
def changed(standin: StandIn) -> Callable[[], list[str]]:
    """What reached the server and changes something."""
    return lambda: [seen.path for seen in standin.requests if changing(seen.path, seen.params)]
