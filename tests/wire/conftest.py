from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_connection_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls in a row share a connection, however long a busy machine takes between them."""
    monkeypatch.setattr("cocalc_facade._wire.network.lanes.IDLE", 600.0)
