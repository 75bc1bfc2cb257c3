"""The nine documents that the project owns, in date order: each step's report lists what changed, all of it."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from cocalc_facade._drift.contract import Contract, contract
from cocalc_facade._drift.report import Report, report
from scripts import regenerate
from scripts.compare import compare, main
from scripts.pipeline import retire
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape

DATA = Path(__file__).parent.parent / "data"
DOCUMENTS = sorted((DATA / "upstream").glob("*.json"))
STEPS = list(pairwise(file.stem for file in DOCUMENTS))


def read(name: str) -> dict:
    return json.loads((DATA / "upstream" / f"{name}.json").read_text())


@cache
def promised(name: str) -> Contract:
    return contract(repair(read(name)).document)


@cache
def step(old: str, new: str) -> Report:
    """What `compare` gives of two published documents, each of which is read once for all steps."""
    return report(promised(old), promised(new))


def test_a_step_is_what_the_comparison_of_two_documents_gives():
    assert compare(*map(read, STEPS[-1])) == step(*STEPS[-1])


@cache
def expected() -> dict[tuple[str, ...], list[str]]:
    steps: dict[tuple[str, ...], list[str]] = {}
    found: list[str] = []
    for line in (DATA / "tracking" / "replay.txt").read_text().splitlines():
        if " -> " in line:
            found = steps.setdefault(tuple(line.split(" -> ")), [])
        elif line.startswith("  "):
            found.append(" ".join(line.split()))
    return steps


def test_there_are_nine_documents_and_a_list_for_each_step():
    assert len(DOCUMENTS) == 9
    assert list(expected()) == STEPS


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_a_step_reports_exactly_what_changed(old, new):
    found = [
        f"{c.severity} {c.route} {c.where.split()[0]} {c.field or '.'} {c.what}"
        for c in step(old, new).changes
    ]
    assert found == expected()[old, new]


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_the_operations_that_come_and_go_are_those_of_the_paths(old, new):
    before, after = ({path.removeprefix("/api/v2/") for path in read(name)["paths"]} for name in (old, new))
    changes = [c for c in step(old, new).changes if c.where == "operation"]
    assert {c.route for c in changes if c.what == "added"} == after - before
    assert {c.route for c in changes if c.what == "removed"} == before - after


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_the_way_back_mirrors_the_way_there(old, new):
    there, back = step(old, new).changes, step(new, old).changes
    swapped = {"added": "removed", "removed": "added"}
    assert sorted(
        (c.route, c.where, c.field, swapped.get(c.what, c.what), str(c.new), str(c.old)) for c in there
    ) == (sorted((c.route, c.where, c.field, c.what, str(c.old), str(c.new)) for c in back))


def test_the_command_says_it_as_text_markdown_and_json(capsys):
    old, new = (str(DATA / "upstream" / f"{name}.json") for name in STEPS[-1])
    assert main([old, new]) == 10
    assert "compatible  client.auth.password_strength is new.\n" in capsys.readouterr().out
    assert main([old, new, "--format", "markdown"]) == 10
    assert "* `client.auth.password_strength` is new.\n" in capsys.readouterr().out
    assert main([new, old, "--format", "json"]) == 20
    said = json.loads(capsys.readouterr().out)
    assert said["severity"] == "breaking"
    assert said["changes"][0]["name"] == "client.auth.password_strength"
    assert said["changes"][0]["what"] == "removed"
    first = str(DOCUMENTS[0])
    assert main([first, first]) == 0
    assert "No change" in capsys.readouterr().out


def test_the_command_refuses_what_is_no_document(capsys, tmp_path):
    good = str(DOCUMENTS[-1])
    half = tmp_path / "half.json"
    half.write_bytes(DOCUMENTS[-1].read_bytes()[:5000])
    assert main([good, str(half)]) == 2
    assert main([good, str(tmp_path / "none.json")]) == 2
    assert main([str(tmp_path), good]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("refused: ") for line in lines)
    assert "truncated" in lines[0]


def test_the_whole_pipeline_follows_the_documents(tmp_path, capsys):
    """Each regenerates completely over the one before; what vanished waits for a person. None of it was released, so none stays."""
    counts = []
    for file in DOCUMENTS:
        command = [
            "--source",
            str(file),
            "--overlay",
            "none",
            "--supplement",
            "none",
            "--output",
            str(tmp_path),
        ]
        code = regenerate.main(command)
        said = capsys.readouterr().err
        if code == 20:
            assert "4 operations would vanish (bookmarks/add, " in said
            assert regenerate.main([*command, "--accept-breaking"]) == 0
        else:
            assert code == 0, said
        counts.append(json.loads((tmp_path / "openapi" / "lock.json").read_text())["operations"])
    assert retire.read((tmp_path / "openapi" / "retired.yaml").read_text())["operations"] == []
    assert counts == [4, 28, 28, 43, 49, 50, 58, 55, 57]
    changes = (tmp_path / "openapi" / "CHANGES.md").read_text()
    assert changes.count("\n## ") == 1
    assert "bookmarks" not in changes


@pytest.mark.parametrize("name", ["2024-07-06-012", "cocalc"])
def test_a_document_is_the_same_at_every_stage(name):
    published = read(name)
    repaired = repair(published).document
    shaped = shape(repaired)
    for old, new in [(published, repaired), (repaired, shaped), (shaped, published), (shaped, shaped)]:
        assert not compare(old, new)
