"""A client, sync and async, on a project whose commands the real bash runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade._wire.clock import Clock
from tests.jobs.conftest import Hands
from tests.jobs.files.machine import KEY, PROJECT, Machine


class Instant(Clock):
    """A clock whose waits take no time."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    async def asleep(self, seconds: float) -> None:
        self.passed += seconds


@pytest.fixture(params=[True, False], ids=["routes", "exec"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """Every test of what arrives runs over the file routes, and without them."""
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home, routes=request.param)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def project(machine: Machine, runner: asyncio.Runner) -> Any:
    return Hands(connected(machine), runner)


def connected(machine: Machine, kind: str = "sync", **options: Any) -> Any:
    """A handle on the project of a machine."""
    made = httpx.Client if kind == "sync" else httpx.AsyncClient
    client = (CoCalc if kind == "sync" else AsyncCoCalc)(
        KEY,
        "http://localhost",
        http_client=made(transport=machine),  # type: ignore[arg-type]
        _clock=Instant(),
        **options,
    )
    return client.project(PROJECT)
