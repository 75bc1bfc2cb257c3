"""The corrections: in their format, in order, each with its reason."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scripts.pipeline.overlay import overlay, read_yaml
from scripts.pipeline.published import DocumentError
from scripts.pipeline.repair import repair
from tests.openapi.formats import OVERLAY

OPENAPI = Path(__file__).parents[2] / "openapi"
TEXT = (OPENAPI / "overlay.yaml").read_text()
OPERATION = re.compile(r"\$\.paths\['/api/v2/([a-z/-]+)'\]\.post$", re.MULTILINE)


@pytest.fixture(scope="module")
def corrections() -> dict[str, Any]:
    return read_yaml(OPENAPI / "overlay.yaml")


@pytest.fixture(scope="module")
def repaired() -> dict[str, Any]:
    return repair(json.loads((OPENAPI / "upstream.json").read_text())).document


def test_it_is_an_overlay_in_which_every_action_has_a_reason(corrections):
    assert not [error.message for error in Draft202012Validator(OVERLAY).iter_errors(corrections)]


def test_every_published_route_is_described_once_and_in_order(corrections, facts):
    described = [
        found[1] for action in corrections["actions"] if (found := OPERATION.match(action["target"]))
    ]
    assert described == sorted(path for path, fact in facts.items() if fact["published"])


def test_every_route_has_a_heading_above_its_actions():
    headings = [
        line.removeprefix("  # ")
        for line in TEXT.splitlines()
        if re.fullmatch(r"  # [a-z-]+(/[a-z-]+)*", line)
    ]
    assert headings == OPERATION.findall(TEXT)


def test_what_is_known_of_a_route_stands_elsewhere(corrections):
    for action in corrections["actions"]:
        if OPERATION.match(action["target"]):
            assert set(action["update"]) <= {"summary", "description", "responses"}


def test_every_correction_of_a_shape_says_for_which_routes_it_is(corrections, facts):
    for action in corrections["actions"]:
        if re.match(r"\$\.components\.schemas\.", action["target"]):
            said = action["x-cocalc-route"]
            routes = said if isinstance(said, list) else [said]
            assert all(facts[route]["published"] for route in routes), action["target"]


def test_a_correction_of_a_fault_that_is_mended_fails_the_run(corrections, repaired):
    """Applied to what it has corrected already, no removal finds its fault again."""
    corrected = overlay(repaired, corrections).document
    removals = [action for action in corrections["actions"] if action.get("remove")]
    for action in removals:
        with pytest.raises(DocumentError, match="nothing matches"):
            overlay(corrected, {**corrections, "actions": [action]})
