"""The files that remember the run before: a damaged one is refused with its name and the place, and nothing is changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scripts.pipeline import retire
from scripts.pipeline.document import records, released
from scripts.pipeline.published import DocumentError
from scripts.pipeline.retire import classes
from scripts.regenerate import REFUSED, UP_TO_DATE, main
from tests.pipeline.test_output import BARE, TEXT, document

NAMES = ("names.yaml", "retired.yaml", "classes.json", "contract.json", "released.json")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client of which one argument and one route are retired."""
    root = tmp_path_factory.mktemp("before")
    for number, found in enumerate((document("one", "two", g=TEXT), document("one"))):
        (root / f"{number}.json").write_text(json.dumps(found))
        command = ["--source", str(root / f"{number}.json"), *BARE, "--accept-mass-removal"]
        assert main([*command, "--output", str(root / "out")]) == UP_TO_DATE
    return root


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("damage", "says"),
    [(b"", "the file is empty"), (b"\xff\xfe{}", "byte 0 is not UTF-8"), (b"[]", "not of type 'object'"), (b'{"a": 1', "")],
)  # fmt: skip
def test_a_damaged_record_is_refused_by_name_and_nothing_is_changed(
    before: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, damage: bytes, says: str
) -> None:
    shutil.copytree(before / "out", tmp_path / "out")
    (tmp_path / "out" / "openapi" / name).write_bytes(damage)
    kept = {place: place.read_bytes() for place in (tmp_path / "out").rglob("*") if place.is_file()}
    command = ["--source", str(before / "1.json"), *BARE, "--output", str(tmp_path / "out")]
    assert main(command) == REFUSED
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("refused: "))
    assert name in line
    assert says in line
    assert {place: place.read_bytes() for place in (tmp_path / "out").rglob("*") if place.is_file()} == kept


@pytest.mark.parametrize(
    ("name", "read", "damage", "says"),
    [
        ("names.yaml", released.read, lambda d: d["routes"].update(one=5), "names.yaml/routes/one: 5 is"),
        ("names.yaml", released.read, lambda d: d.update(rutes={}), "names.yaml: .*'rutes' was unexpected"),
        ("names.yaml", released.read, lambda d: d["fields"].update(A={"b": []}), "names.yaml/fields/A/b: "),
        ("retired.yaml", retire.read, lambda d: d["operations"][0].pop("since"), "retired.yaml/operations/0: 's"),
        ("retired.yaml", retire.read, lambda d: d["operations"][0]["contract"].update(answer=1), "0/contract/answer: 1"),
        ("retired.yaml", retire.read, lambda d: d["fields"][0].update(field=[]), "retired.yaml/fields/0/field: "),
        ("retired.yaml", retire.read, lambda d: d.update(operation=[]), "retired.yaml: .*'operation' was"),
        ("classes.json", classes.read, lambda d: d["schemas"]["OneResult"].update(properties=5), "schemas/OneResult/properties: 5"),
        ("classes.json", classes.read, lambda d: d["schemas"].pop("OneResult"), "OneResult.*which is not there"),
        ("contract.json", None, lambda d: d["one"]["request"]["object"].pop("ways"), "json/one/request/object: 'ways'"),
        ("released.json", None, lambda d: d["one"]["answer"]["object"]["fields"]["f"].pop("type"), "answer/object/fields/f: "),
    ],
)  # fmt: skip
def test_the_place_of_the_damage_is_named(
    before: Path, name: str, read: Callable[[str], Any] | None, damage: Callable[[Any], Any], says: str
) -> None:
    text = (before / "out" / "openapi" / name).read_text()
    found = yaml.safe_load(text)
    (read or (lambda text: records.decoded(name, text, records.CONTRACT)))(text)
    damage(found)
    with pytest.raises(DocumentError, match=says):
        (read or (lambda text: records.decoded(name, text, records.CONTRACT)))(json.dumps(found))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["routes", "schemas", "version", "operations", "fields", "a"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(JSON, st.sampled_from([released.read, retire.read, classes.read]))
def test_whatever_stands_in_a_record_is_read_or_refused(found: Any, read: Callable[[str], Any]) -> None:
    with suppress(DocumentError):
        read(json.dumps(found))


def test_the_line_of_a_fault_is_that_of_the_file() -> None:
    with pytest.raises(DocumentError, match=r"names\.yaml: .* line 4 "):
        released.read(f"{released.HEADER}{{\n,}}\n")
