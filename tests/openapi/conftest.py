"""The document that the data under openapi/ makes, step by step."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.pipeline.facts import read_facts, state
from scripts.pipeline.overlay import overlay, read_yaml
from scripts.pipeline.repair import repair
from scripts.pipeline.required import promise, read_required
from scripts.pipeline.shape import shape
from scripts.pipeline.supplement import read_supplement, supplement

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "openapi"
DATA = ROOT / "tests" / "data"


@pytest.fixture(scope="session")
def complete() -> dict[str, Any]:
    published = json.loads((OPENAPI / "upstream.json").read_text())
    corrected = overlay(repair(published).document, read_yaml(OPENAPI / "overlay.yaml")).document
    described = supplement(corrected, read_supplement(OPENAPI / "supplement")).document
    return state(described, read_facts(OPENAPI / "routes.yaml")).document


@pytest.fixture(scope="session")
def client(complete: dict[str, Any]) -> dict[str, Any]:
    return promise(shape(complete), read_required(OPENAPI / "required.yaml"))


@pytest.fixture(scope="session")
def facts() -> dict[str, dict[str, Any]]:
    """What the server's code says of each route, by its path."""
    return {entry["path"]: entry for entry in json.loads((DATA / "facts.json").read_text())}


@pytest.fixture(scope="session")
def operations(client: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations of the finished document, by their path."""
    return {path.removeprefix("/api/v2/"): item["post"] for path, item in client["paths"].items()}
