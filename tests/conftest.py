"""What all rooms of the tests share."""

from __future__ import annotations

import gc
import os

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

# Nothing that a busy machine changes decides, and the same code has the same verdict everywhere.
# To look for what nobody has found yet: pytest --hypothesis-profile=search
settings.register_profile(
    "tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", settings.get_profile("tests"), derandomize=False, max_examples=2000)
settings.load_profile("tests")


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each test with it runs for both clients."""
    kind: str = request.param
    return kind


OURS = {"COCALC_API_KEY", "COCALC_API_KEY_FILE", "COCALC_HOST"}.intersection(os.environ)


@pytest.fixture(autouse=bool(OURS))
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test meets the server and the key of who runs it."""
    for name in OURS:
        monkeypatch.delenv(name)


def pytest_configure() -> None:
    """Collect garbage less often: looking at all modules, data and tests again and again took a tenth of the time."""
    gc.set_threshold(10_000, 20, 100)


def pytest_collection_finish() -> None:
    """Never look at what stays to the end anyway."""
    nothing_older()


@pytest.fixture(name="nothing_older")
def nothing_older_fixture() -> None:
    """The collector, and who asks it for all objects, see what the test makes, and not the many that were there before."""
    nothing_older()


def nothing_older() -> None:
    """Let the collector forget all objects that are there, once it has taken away what nobody holds."""
    gc.collect()
    gc.freeze()


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Let a worker report the end of a test and what went wrong, and not each beginning and each fixture that is as it should be.

    To write down and send five more reports for each of many thousand small tests takes longer than most of them.
    """
    if not hasattr(item.config, "workerinput") or item.config.option.durations or item.config.option.xmlpath:
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.passed:
            report.keywords = {}  # which nobody reads of a test that passed, and which are half of what is sent
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True
