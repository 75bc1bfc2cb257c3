"""What the live tests share.

They run on the server that COCALC_HOST and COCALC_API_KEY name, and on the stand-in when either is missing. They need
an account there, make what they need, take it away again, and spend nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from cocalc_facade import CoCalc

ClientFor = Callable[[str], CoCalc]


@pytest.fixture(autouse=True)
def _no_environment() -> None:
    """Here the environment names the server."""


@pytest.fixture
def live(request: pytest.FixtureRequest) -> bool:
    """Whether the tests run on a real server."""
    named = bool(os.environ.get("COCALC_HOST") and os.environ.get("COCALC_API_KEY"))
    return named or bool(request.config.getoption("--cocalc-live"))


@pytest.fixture
def cocalc(cocalc: CoCalc, live: bool) -> Iterator[CoCalc]:
    """A client of the server that the environment names, else of the stand-in."""
    if not live:
        yield cocalc
        return
    with CoCalc() as client:
        yield client


@pytest.fixture
def project_id(cocalc: CoCalc) -> Iterator[str]:
    """A project of one's own for one test."""
    made = cocalc.projects.create(title="cocalc-facade live test", description="may be deleted")
    yield made.project_id
    cocalc.projects.delete(project_id=made.project_id)


@pytest.fixture
def client_for(request: pytest.FixtureRequest, live: bool) -> Iterator[ClientFor]:
    """Clients of the same server with other keys."""
    opened: list[CoCalc] = []

    def client_for(key: str) -> CoCalc:
        if live:
            client = CoCalc(key)
        else:
            standin = request.getfixturevalue("cocalc_server")
            client = CoCalc(key, "http://localhost", http_client=standin.client(), _clock=standin.clock)
        opened.append(client)
        return client

    yield client_for
    for client in opened:
        client.close()
