"""The command line on the stand-in, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest

from cocalc_facade import CoCalc
from cocalc_facade.cli.main import run
from cocalc_facade.testing import StandIn


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Line = Callable[..., Ended]


@pytest.fixture
def typed(cocalc_server: StandIn, capsys: pytest.CaptureFixture[str]) -> Line:
    """Type a command line, and give how it ended. An empty key is none."""

    def line(*words: str, key: str | None = None) -> Ended:
        with cocalc_server.client() as transport:
            connect = partial(
                CoCalc,
                api_key=None if key == "" else key or cocalc_server.user.key,
                http_client=transport,
                _clock=cocalc_server.clock,
            )

            def connected(**options: Any) -> CoCalc:
                return connect(**{"base_url": "http://localhost", **options})

            code = run(list(words), connected)
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        assert cocalc_server.user.key not in told.err
        return Ended(code, told.out, told.err)

    return line


@pytest.fixture
def project(cocalc_server: StandIn) -> str:
    return cocalc_server.project.project_id
