"""The Python surface of two generations, as griffe sees it, beside what the documents say."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cocalc_facade._drift.report import Report, report
from scripts.pipeline.generate import Provenance, generate
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.surface import main
from scripts.tracking.surface import Breakage, disagreements, surface, typing_errors
from tests.tracking.test_mutations import TODAY, mutated, promised

PACKAGE = {"cocalc_v2": "."}
PROVENANCE = Provenance(source="test", date="2026-11-22", sha256="0", client_sha256="0")
ROUTES = list(promised())


def made(document: dict, folder: Path) -> Path:
    generate(shape(repair(document).document), folder / "cocalc_v2", PROVENANCE)
    return folder


@pytest.fixture(scope="module")
def today(tmp_path_factory) -> Path:
    return made(TODAY, tmp_path_factory.mktemp("today"))


def changed(kind: str) -> Report:
    return report(promised(), promised(kind))


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("an argument goes", "cocalc_v2.resources.Root.latex"),
        ("an operation goes", "cocalc_v2.resources.projects.Projects.stop"),
    ],
)
def test_both_views_agree_on_what_breaks(today, tmp_path, kind, place):
    found = surface(today, made(mutated(kind), tmp_path), PACKAGE)
    assert any(
        one.place.endswith(place.rpartition(".")[2]) or place.rpartition(".")[2] in one.place for one in found
    )
    apart = disagreements(found, changed(kind), ROUTES)
    assert apart.only_document == ()
    assert apart.only_python == ()


def test_a_compatible_change_breaks_nothing_in_python(today, tmp_path):
    assert surface(today, made(mutated("an operation comes"), tmp_path), PACKAGE) == []


def test_what_only_the_documents_know_is_shown(today, tmp_path):
    """A value that is no longer accepted does not show in a signature of plain text."""
    kind = "an argument has a greatest"
    found = surface(today, made(mutated(kind), tmp_path), PACKAGE)
    assert disagreements(found, changed(kind), ROUTES).only_document == ("shopping/cart/add",)


def test_what_only_python_knows_is_shown():
    found = [Breakage("cocalc_v2.resources.projects.Projects.stop", "Parameter was moved")]
    assert disagreements(found, Report(()), ROUTES).only_python == ("projects/stop",)


def test_the_typing_tests_of_a_release_are_checked_against_new_code(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "tests" / "typing").mkdir(parents=True)
    (old / "tests" / "typing" / "api.py").write_text("from library import stop\n\nstop(project_id='x')\n")
    new.mkdir()
    (new / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\n")
    (new / "library.py").write_text("def stop(*, project_id: str) -> None: ...\n")
    assert typing_errors(old, new) == []
    (new / "library.py").write_text("def stop(*, project: str) -> None: ...\n")
    (line,) = typing_errors(old, new)
    assert line.startswith("tests/typing/api.py:3: error:")
    shutil.rmtree(old / "tests")
    assert typing_errors(old, new) == []


def test_what_is_no_release_is_refused(capsys):
    if subprocess.run(["git", "rev-parse"], capture_output=True, cwd=Path(__file__).parent).returncode:
        pytest.skip("not a git checkout")
    assert main(["--against", "v0.0.0-never"]) == 2
    assert main(["--against=--output=/tmp/x"]) == 2
    assert "is no release" in capsys.readouterr().err
