from __future__ import annotations

import pytest


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each test with it runs for both clients."""
    kind: str = request.param
    return kind
