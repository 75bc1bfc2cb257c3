from __future__ import annotations

import pytest


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each test with it runs for both clients."""
    kind: str = request.param
    return kind


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COCALC_API_KEY", "COCALC_API_KEY_FILE", "COCALC_HOST"):
        monkeypatch.delenv(name, raising=False)
