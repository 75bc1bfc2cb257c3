"""A package generated from the documents made by hand."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.pipeline.shaped import made_up, package


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("generated")
    sys.path.insert(0, str(folder))
    yield package(made_up(), folder, "zoo_v2")
    sys.path.remove(str(folder))
