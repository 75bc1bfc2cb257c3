"""A server on loopback that answers at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.benchmarks.loopback import loopback


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with loopback() as address:
        yield address
