"""The pytest plugin: a CoCalc in every test that asks for one, and the same tests against a real server on demand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cocalc_facade import AsyncCoCalc, CoCalc

    from . import StandIn


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--cocalc-live`."""
    group = parser.getgroup("cocalc")
    group.addoption(
        "--cocalc-live",
        action="store_true",
        help="run tests that use `cocalc` and `async_cocalc` against the server that COCALC_HOST and COCALC_API_KEY name",
    )


def _live(config: pytest.Config) -> bool:
    """Whether a real server is wanted; skips the test when the variables that name it are missing."""
    if not config.getoption("--cocalc-live"):
        return False
    missing = [name for name in ("COCALC_HOST", "COCALC_API_KEY") if not os.environ.get(name)]
    if missing:
        pytest.skip(f"--cocalc-live needs {' and '.join(missing)} in the environment")
    return True


@pytest.fixture
def cocalc_server(request: pytest.FixtureRequest) -> StandIn:
    """A fresh stand-in; a test that looks at it or changes it makes no sense against a real server and is skipped."""
    if _live(request.config) and "cocalc_server" in request.node.fixturenames:
        pytest.skip("looks into the server, which only the stand-in allows")
    from . import StandIn

    return StandIn()


def _in_process(request: pytest.FixtureRequest) -> StandIn:
    standin: StandIn = request.getfixturevalue("cocalc_server")
    return standin


@pytest.fixture
def cocalc(request: pytest.FixtureRequest) -> Iterator[CoCalc]:
    """A client of the stand-in, as its user `cocalc_server.user`; with `--cocalc-live` of the real server."""
    from cocalc_facade import CoCalc

    if _live(request.config):
        with CoCalc() as client:
            yield client
        return
    standin = _in_process(request)
    with standin.client() as transport, CoCalc(**_options(standin, transport)) as client:
        yield client


@pytest.fixture
def async_cocalc(request: pytest.FixtureRequest) -> AsyncCoCalc:
    """An asynchronous client of the stand-in, as its user; with `--cocalc-live` of the real server.

    A plain fixture, so that it works under every plugin that runs asynchronous tests. In process there is nothing to
    close; a test that may run against a real server says `async with async_cocalc:`.
    """
    from cocalc_facade import AsyncCoCalc

    if _live(request.config):
        return AsyncCoCalc()
    standin = _in_process(request)
    return AsyncCoCalc(**_options(standin, standin.async_client()))


def _options(standin: StandIn, transport: Any) -> dict[str, Any]:
    return {
        "api_key": standin.user.key,
        "base_url": "http://localhost" + standin.base_path,
        "http_client": transport,
        "_clock": standin.clock,
    }
