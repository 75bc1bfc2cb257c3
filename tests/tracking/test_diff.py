"""What a regeneration records, retires, proposes and refuses."""

import json
import re
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.report import report
from scripts.pipeline import retire
from scripts.pipeline.diff import (
    CHANGES,
    CONTRACT,
    RETIRED,
    DecisionError,
    Difference,
    changelog,
    check_growth,
    diff,
    gate,
    with_moves,
)
from scripts.pipeline.document.restated import schema_of
from scripts.pipeline.document.version import proposed
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.rows import every_row
from tests.tracking.test_mutations import KINDS, TODAY, base_of, mutated

UPSTREAM = Path(__file__).parent.parent / "data" / "upstream"
DAY = "2026-11-22"


def step(root: Path, document: dict, released: str = "1.2.3", date: str = DAY) -> Difference:
    """Record `document` below `root`, as a regeneration does."""
    found = diff(root, repair(document).document, date=date, released=released)
    (root / "openapi").mkdir(exist_ok=True)
    for name, text in found.files.items():
        (root / name).write_text(text)
    return found


@pytest.mark.parametrize(
    ("current", "severity", "next_one", "below_one"),
    [
        ("1.2.3", Severity.BREAKING, "2.0.0", "2.0.0"),
        ("1.2.3", Severity.NOTABLE, "1.3.0", "1.3.0"),
        ("1.2.3", Severity.COMPATIBLE, "1.3.0", "1.3.0"),
        ("1.2.3", Severity.INVISIBLE, "1.2.4", "1.2.4"),
        ("0.1.0", Severity.BREAKING, "1.0.0", "0.2.0"),
        ("0.1.3", Severity.NOTABLE, "0.2.0", "0.1.4"),
        ("0.1.3", Severity.COMPATIBLE, "0.2.0", "0.1.4"),
        ("0.1.3", Severity.INVISIBLE, "0.1.4", "0.1.4"),
    ],
)
def test_the_next_version_follows_from_the_worst_change_since_the_release(
    current, severity, next_one, below_one
):
    assert proposed(current, severity) == next_one
    assert proposed(current, severity, major_version_zero=True) == below_one


def test_below_one_a_project_that_wants_it_stays_there_and_keeps_every_name_until_it_leaves(tmp_path):
    step(tmp_path, TODAY, released="0.1.0")
    step(tmp_path, mutated("an operation goes"), released="0.1.0")
    assert changelog.latest((tmp_path / CHANGES).read_text()) == "1.0.0", "as nothing else is wanted"
    (tmp_path / "pyproject.toml").write_text("[tool.cocalc-facade]\nmajor_version_zero = true\n")
    found = step(tmp_path, mutated("an operation goes"), released="0.1.0")
    text = (tmp_path / CHANGES).read_text()
    assert re.findall("^## ([0-9.]+)", text, re.MULTILINE) == ["0.2.0"]
    assert "Deprecated, leaves in 1.0.0:" in text
    assert {row["version"] for row in found.retired["operations"]} == {"0.2.0"}
    kept = step(tmp_path, mutated("an operation goes"), released="0.2.0")
    later = step(tmp_path, mutated("an operation goes"), released="0.3.0")
    assert kept.retired["operations"] == later.retired["operations"] == found.retired["operations"]


def test_classes_that_are_called_otherwise_are_the_last_part_of_the_section_and_leave_it_with_their_cause(
    tmp_path,
):
    def told(document, moves, released="1.2.3"):
        found = step(tmp_path, document, released)
        found = with_moves(found, moves, tmp_path, date=DAY, released=released)
        (tmp_path / CHANGES).write_text(found.files[CHANGES])
        return found

    told(TODAY, [])
    alone = told(TODAY, ["`A` is `B`"])
    assert alone.version == "1.3.0"
    assert alone.files[CHANGES].endswith(f"\n## 1.3.0 ({DAY})\n\n{changelog.MOVED}\n\n* `A` is `B`\n")
    assert changelog.moves(alone.files[CHANGES]) == "* `A` is `B`"
    both = told(mutated("an optional argument comes"), ["`A` is `C`"]).files[CHANGES]
    assert both.endswith(f"\n\n{changelog.MOVED}\n\n* `A` is `C`\n")
    assert both.count("## ") == 1
    assert "argument `new`" in both
    assert told(mutated("an optional argument comes"), ["`A` is `C`"]).files[CHANGES] == both
    told(mutated("an argument goes"), ["`D` is `E`"], "1.3.0")
    text = told(mutated("an argument goes"), [], "1.3.0").files[CHANGES]
    assert re.findall("^## ([0-9.]+)", text, re.MULTILINE) == ["2.0.0", "1.3.0"]
    assert "`D`" not in text
    assert text.endswith("* `A` is `C`\n"), "what is released stays"
    assert "\n\n\n" not in text


def test_the_first_record_has_no_changes(tmp_path):
    found = step(tmp_path, TODAY)
    assert not found.report
    assert found.version == "1.2.3"
    assert json.loads((tmp_path / CONTRACT).read_text()) == contract(repair(TODAY).document)
    assert changelog.latest((tmp_path / CHANGES).read_text()) is None


def test_the_same_document_again_changes_no_file(tmp_path):
    first = step(tmp_path, TODAY)
    assert step(tmp_path, TODAY, date="2027-01-01").files == first.files
    changed = step(tmp_path, mutated("an operation goes"))
    assert step(tmp_path, mutated("an operation goes"), date="2027-01-01").files == changed.files


def test_changes_are_written_newest_first_with_every_name(tmp_path):
    step(tmp_path, TODAY)
    step(tmp_path, mutated("an optional argument comes"), date="2026-11-23")
    step(tmp_path, mutated("an argument goes"), date="2026-11-24")
    text = (tmp_path / CHANGES).read_text()
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## 2.0.0 (2026-11-24)"], "one section for what is not released yet"
    assert "Deprecated, leaves in 3.0.0:\n\n* `client.latex`: argument `content`" in text
    assert "* **Breaking:** `client.latex`: argument `content` is no longer taken" in text
    assert "argument `new`" not in text, "it came and went before anybody could have it"


def test_sections_of_released_versions_stay_and_the_next_one_is_told_from_there(tmp_path):
    step(tmp_path, TODAY)
    step(tmp_path, mutated("an optional argument comes"))
    assert changelog.latest((tmp_path / CHANGES).read_text()) == "1.3.0"
    step(tmp_path, mutated("an optional argument comes"), released="1.3.0")
    step(tmp_path, mutated("an argument goes"), released="1.3.0")
    text = (tmp_path / CHANGES).read_text()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("## ")] == ["2.0.0", "1.3.0"]
    newest, _, older = text.partition("## 1.3.0")
    assert "argument `new` is no longer taken" in newest
    assert "argument `new` is new" in older


def test_what_comes_and_goes_before_a_release_leaves_no_section(tmp_path):
    step(tmp_path, TODAY)
    step(tmp_path, mutated("an optional argument comes"))
    found = step(tmp_path, TODAY)
    assert not found.net
    assert found.version == "1.2.3"
    assert changelog.latest((tmp_path / CHANGES).read_text()) is None
    assert found.retired == {"operations": [], "fields": []}


def test_what_leaves_is_listed_when_it_leaves(tmp_path):
    step(tmp_path, TODAY)
    step(tmp_path, mutated("an operation goes"))
    step(tmp_path, mutated("an operation goes"), released="2.0.0")
    gone = mutated("an operation goes")
    route = next(path for path in gone["paths"] if path.count("/") == 4)
    found = step(
        tmp_path, {**gone, "paths": {p: i for p, i in gone["paths"].items() if p != route}}, released="2.0.0"
    )
    newest = (tmp_path / CHANGES).read_text().partition("## 2.0.0")[0]
    assert found.version == "3.0.0"
    assert "Leaves with this version, deprecated before:" in newest
    assert "Deprecated, leaves in 4.0.0:" in newest


def test_operations_that_vanish_need_a_person(tmp_path):
    step(tmp_path, json.loads((UPSTREAM / "2024-11-15-031.json").read_text()))
    found = step(tmp_path, json.loads((UPSTREAM / "2025-08-18-038.json").read_text()))
    assert len(found.vanished) == 4
    with pytest.raises(DecisionError, match="--accept-breaking") as caught:
        gate(found)
    assert caught.value.exit_code == 20
    gate(found, accept_breaking=True)


def test_a_half_deployed_server_cannot_empty_the_client(tmp_path):
    whole = json.loads((UPSTREAM / "cocalc.json").read_text())
    step(tmp_path, whole)
    half = deepcopy(whole)
    half["paths"] = dict(list(whole["paths"].items())[:28])
    found = step(tmp_path, half)
    with pytest.raises(DecisionError, match="29 of 57 operations would vanish") as caught:
        gate(found, accept_breaking=True)
    assert caught.value.exit_code == 2
    gate(found, accept_mass_removal=True)


def test_changes_within_operations_pass_the_gate(tmp_path):
    step(tmp_path, TODAY)
    gate(step(tmp_path, mutated("an argument goes")))


def test_a_document_ten_times_as_long_is_refused():
    check_growth(100, 999)
    check_growth(0, 10_000)
    with pytest.raises(DecisionError, match=r"grown from 100 to 1000 bytes.*--source"):
        check_growth(100, 1000)


def test_a_vanished_operation_stays_deprecated_for_one_major_version(tmp_path):
    step(tmp_path, TODAY)
    found = step(tmp_path, mutated("an operation moves"))
    (row,) = found.retired["operations"]
    assert (row["route"], row["since"], row["version"]) == ("projects/stop", DAY, "2.0.0")
    document = retire.apply(repair(mutated("an operation moves")).document, found.retired)
    shaped = shape(document)
    validate(shaped)
    post = shaped["paths"]["/api/v2/projects/stop"]["post"]
    assert post["deprecated"] is True
    assert f"Deprecated since {DAY}" in post["description"]
    assert "`client.projects.halt`" in post["description"]
    assert "version 3" in post["description"]
    kept = shape(repair(TODAY).document)["paths"]["/api/v2/projects/stop"]["post"]
    assert post["requestBody"] == kept["requestBody"]
    assert post["responses"] == kept["responses"]
    # Another release of the same major version keeps it, the next major version drops it.
    assert step(tmp_path, mutated("an operation moves"), released="2.4.0").retired["operations"] == [row]
    assert step(tmp_path, mutated("an operation moves"), released="3.0.0").retired["operations"] == []


def test_an_operation_that_is_published_again_is_no_longer_retired(tmp_path):
    step(tmp_path, TODAY)
    step(tmp_path, mutated("an operation goes"))
    found = step(tmp_path, TODAY, released="2.0.0")
    assert found.retired["operations"] == []
    assert found.report.severity is Severity.COMPATIBLE


@pytest.mark.parametrize(
    "kind", ["an argument goes", "an answer field goes", "an answer field of an item goes"]
)
def test_a_vanished_field_stays_deprecated(tmp_path, kind):
    step(tmp_path, TODAY)
    found = step(tmp_path, mutated(kind))
    (row,) = found.retired["fields"]
    applied = retire.apply(repair(mutated(kind)).document, found.retired)
    shaped = json.dumps(shape(applied))
    assert f"Deprecated since {DAY}" in shaped
    assert row["field"][-1] in shaped
    # What is kept for callers does not count as published: the next comparison does not see it come.
    again = report(contract(repair(mutated(kind)).document), contract(applied))
    assert not again
    assert step(tmp_path, TODAY, released="2.0.0").retired["fields"] == []


def _row(field):
    kind = {"string": {}}
    return {
        "route": "latex",
        "since": DAY,
        "version": "2.0.0",
        "use": None,
        "in": "answer",
        "field": field,
        "type": kind,
    }


def _with_shared(shared):
    document = repair(TODAY).document
    document["components"]["schemas"]["Shared"] = shared
    for route in ("latex", "exec"):
        post = document["paths"][f"/api/v2/{route}"]["post"]
        post["responses"]["200"]["content"]["application/json"]["schema"] = {
            "$ref": "#/components/schemas/Shared"
        }
    return document


def test_a_field_of_a_shape_that_others_share_is_kept_where_it_was_and_nowhere_else():
    document = _with_shared({"type": "object", "properties": {"a": {"type": "string"}}})
    applied = retire.apply(document, {"operations": [], "fields": [_row(["b"])]})
    found = {
        route: post["post"]["responses"]["200"]["content"]["application/json"]["schema"]
        for route, post in applied["paths"].items()
    }
    assert list(found["/api/v2/latex"]["properties"]) == ["a", "b"]
    assert found["/api/v2/exec"] == {"$ref": "#/components/schemas/Shared"}
    assert applied["components"] == document["components"]


def test_a_field_of_a_shared_shape_that_holds_itself_has_no_place_of_its_own():
    again = {"$ref": "#/components/schemas/Shared"}
    document = _with_shared({"type": "object", "properties": {"a": again}})
    applied = retire.apply(document, {"operations": [], "fields": [_row(["b"])]})
    assert applied == document


def test_the_retired_file_is_read_as_it_was_written(tmp_path):
    step(tmp_path, TODAY)
    found = step(tmp_path, mutated("an operation moves"))
    text = (tmp_path / RETIRED).read_text()
    assert retire.read(text) == found.retired
    assert yaml.safe_load(text) == found.retired


@pytest.mark.parametrize("text", ["[]", "operations: 3", "a: [", "!!python/object:os.system {}"])
def test_a_broken_retired_file_is_named(text):
    with pytest.raises(Exception, match=r"retired\.yaml"):
        retire.read(text)


@every_row("kind", [kind for kind in KINDS if base_of(kind) is TODAY])
def test_a_contract_can_be_written_as_schemas_and_read_again(kind):
    for row in contract(mutated(kind)).values():
        request, answer = (
            {"application/json": {"schema": schema_of(row[side])}} for side in ("request", "answer")
        )
        again = {
            "operationId": "x",
            "requestBody": {"content": request},
            "responses": {"200": {"content": answer}},
        }
        found = contract({"paths": {"/api/v2/x": {"post": again}}})["x"]
        assert (found["request"], found["answer"]) == (row["request"], row["answer"])


def test_the_whole_replay_keeps_every_name_of_its_major_version(tmp_path):
    documents = [json.loads(file.read_text()) for file in sorted(UPSTREAM.glob("*.json"))]
    step(tmp_path, documents[0], released="1.0.0")
    for new in documents[1:]:
        found = step(tmp_path, new, released="1.0.0")
        document = retire.apply(repair(new).document, found.retired)
        assert set(document["paths"]) >= set(documents[0]["paths"]), "of those that were released"
        if found.vanished:
            validate(shape(document))
    assert changelog.latest((tmp_path / CHANGES).read_text()) == "2.0.0"
