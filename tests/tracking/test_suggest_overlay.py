"""Departures seen in use become candidates for the overlay that really take them in."""

import json

import pytest
import yaml

from cocalc_facade._drift.contract import contract
from scripts.pipeline.overlay import overlay
from scripts.pipeline.published import DocumentError
from scripts.pipeline.repair import repair
from scripts.suggest_overlay import main
from scripts.tracking.suggest_overlay import Departure, departures, suggest
from tests.tracking.test_mutations import TODAY

DOCUMENT = repair(TODAY).document


def applied(action: dict) -> dict:
    corrections = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [action]}
    return contract(overlay(DOCUMENT, corrections).document)


def test_a_field_that_came_as_null_may_be_null():
    found = Departure("purchases/get-purchases", ("purchases", "*", "cost"), "number", ("null",), 3)
    action = suggest(DOCUMENT, found)
    assert action is not None
    assert "Seen 3 times: expected number, got null" in action["description"]
    items = applied(action)["purchases/get-purchases"]["answer"]["object"]["fields"]["purchases"]["type"][
        "array"
    ]["items"]
    assert items["object"]["fields"]["cost"]["type"] == {"number": {}, "null": {}}


def test_one_more_type_is_appended_to_several():
    found = Departure("purchases/get-purchases", ("purchases", "*", "invoice_id"), "number", ("string",), 1)
    action = suggest(DOCUMENT, found)
    assert action is not None
    assert action["update"] == {"type": ["string"]}
    items = applied(action)["purchases/get-purchases"]["answer"]["object"]["fields"]["purchases"]["type"][
        "array"
    ]["items"]
    assert set(items["object"]["fields"]["invoice_id"]["type"]) == {"number", "null", "string"}


@pytest.mark.parametrize(
    "found",
    [
        Departure("projects/stop", ("status",), "string", ("object",), 1),
        Departure("no/such/route", ("status",), "string", ("null",), 1),
        Departure("projects/stop", ("nowhere",), "string", ("null",), 1),
    ],
)
def test_what_one_action_cannot_say_is_left_to_a_person(found):
    assert suggest(DOCUMENT, found) is None


def test_kinds_of_one_place_become_one_departure():
    rows = [
        {"path": "a", "where": ["x"], "expected": "string", "got": got, "times": 2}
        for got in ("null", "integer", "null")
    ]
    assert departures(map(json.dumps, rows)) == [Departure("a", ("x",), "string", ("integer", "null"), 6)]


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"path": "a"}', "{"])
def test_a_line_that_is_no_mismatch_is_named(line):
    with pytest.raises(DocumentError, match="line 1"):
        departures([line])


def test_the_command_prints_yaml_for_the_overlay(tmp_path, capsys):
    file = tmp_path / "mismatches.jsonl"
    seen = {
        "path": "compute/get-server-title",
        "where": ["title"],
        "expected": "string",
        "got": "null",
        "times": 1,
    }
    odd = {"path": "user-query", "where": ["a\n- evil: 1"], "expected": "x", "got": "object", "times": 1}
    file.write_text(json.dumps(seen) + "\n" + json.dumps(odd) + "\n")
    assert main([str(file)]) == 0
    (action,) = yaml.safe_load(capsys.readouterr().out)
    assert action["update"] == {"type": ["string", "null"]}
    assert main([str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("refused: ")
