"""What people do runs as it is typed."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade.testing import Oddities, StandIn
from tests.docs.conftest import SharedClock
from tests.typing import uses

USES = {name: use for name, use in vars(uses).items() if re.match(r"use_\d+_", name)}
RUN = sorted(name for name in USES if not name.endswith("_"))


class Given:
    """What a use may ask for by the names of its arguments."""

    def __init__(self, folder: Path) -> None:
        self._standin = StandIn(oddities=Oddities(rate_limits=False))
        self.folder = folder
        self.account_id = self._standin.user.account_id

    def _made(self, kind: type, key: str, **options: Any) -> Any:
        own = self._standin.client if kind is CoCalc else self._standin.async_client
        clock = SharedClock(self._standin.clock)
        return kind(key, "http://localhost", http_client=own(), _clock=clock, **options)

    @property
    def client(self) -> CoCalc:
        made: CoCalc = self._made(CoCalc, self._standin.user.key)
        return made

    @property
    def later(self) -> AsyncCoCalc:
        made: AsyncCoCalc = self._made(AsyncCoCalc, self._standin.user.key)
        return made

    @property
    def admin(self) -> CoCalc:
        made: CoCalc = self._made(CoCalc, self._standin.admin.key)
        return made

    @property
    def make(self) -> Callable[..., CoCalc]:
        return lambda **options: self._made(CoCalc, self._standin.user.key, **options)

    @property
    def project_id(self) -> str:
        return self._standin.project.project_id

    @property
    def course(self) -> str:
        self._standin.add_course(students=2)
        return "algebra.course"


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    monkeypatch.chdir(tmp_path)
    return Given(tmp_path)


def test_there_are_a_hundred_and_none_needs_a_cast() -> None:
    assert len(USES) == 100
    text = inspect.getsource(uses)
    assert not re.search(r"\bcast\b\(|type: ignore|pyright:|# noqa", text)


@pytest.mark.parametrize("name", RUN)
def test_it_runs(name: str, given: Given) -> None:
    use = USES[name]
    later = inspect.iscoroutinefunction(use)
    wanted = ["later" if later and one == "client" else one for one in inspect.signature(use).parameters]
    found = {"client" if one == "later" else one: getattr(given, one) for one in wanted if one != "many"}
    result = asyncio.run(use(**found)) if later else use(**found)
    assert result is not None or inspect.signature(use).return_annotation in (
        "None",
        "str | None",
        "int | None",
    )
