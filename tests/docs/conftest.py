"""A stand-in that the code of the documentation finds when it makes a client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cocalc_facade
from cocalc_facade.testing import Clock, Oddities, StandIn


class SharedClock:
    """The stand-in's time for the client."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.pass_until(self.now() + seconds)

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandIn:
    """A stand-in with something in it; `CoCalc()` and `AsyncCoCalc()` without arguments are clients of it."""
    standin = StandIn(oddities=Oddities(rate_limits=False))
    files = standin.project.files
    for path, content in (("data/results.csv", b"a,b\n1,2\n"), ("Makefile", b"all:\n\ttrue\n")):
        files.make_directory(files.resolve(path).rpartition("/")[0], standin.clock.now())
        files.write(files.resolve(path), content, standin.clock.now())
    standin.project.listings["data"] = standin.clock.now()
    for cost, service in ((12.5, "license"), (0.25, "compute-server"), (1.75, "license")):
        standin.clock.advance(86_400)
        standin.purchase(standin.user, cost, service=service, project_id=standin.project.project_id)
    standin.purchase(standin.user, -50.0, service="credit")

    def made(name: str, http_client: Any) -> Any:
        kind = getattr(cocalc_facade, name)

        def make(api_key: str | None = None, base_url: str = "http://localhost", **options: Any) -> Any:
            given = {"http_client": http_client(), "_clock": SharedClock(standin.clock), **options}
            return kind(api_key or standin.user.key, base_url, **given)

        return make

    sync, other = made("CoCalc", standin.client), made("AsyncCoCalc", standin.async_client)
    monkeypatch.setattr(cocalc_facade, "CoCalc", sync)
    monkeypatch.setattr(cocalc_facade, "AsyncCoCalc", other)
    monkeypatch.setenv("COCALC_ADMIN_KEY", standin.admin.key)
    monkeypatch.chdir(tmp_path)
    return standin


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A page that shows how to log does so for itself only."""
    loggers = [logging.getLogger(name) for name in ("", "cocalc_facade", "httpx", "httpcore")]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running
