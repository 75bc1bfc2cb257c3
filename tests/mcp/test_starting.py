"""How the tools for programs start: the collector is as it was, whatever the start came to."""

from __future__ import annotations

import gc

import pytest

from cocalc_facade.mcp import _no_collection


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_the_collector_is_as_it_was_after_the_imports(enabled: bool, fails: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        try:
            with _no_collection():
                assert not gc.isenabled()
                if fails:
                    raise ImportError("mcp")
        except ImportError:
            pass
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()
