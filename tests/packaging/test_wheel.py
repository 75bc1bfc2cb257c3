"""A release, as a user gets it: the wheel that is built from the source distribution, in an empty environment, used for a call."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

FIRST_CALL = """
from cocalc_facade import CoCalc, SCHEMA, __version__
from cocalc_facade.testing import StandIn

standin = StandIn()
with standin.serve() as url, CoCalc(standin.user.key, base_url=url) as client:
    assert client.projects.stop(project_id=standin.project.project_id).status == "ok"
    print(__version__, SCHEMA.operations, len(client.projects.get()))
"""


def run(*command: str | Path) -> str:
    finished = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=600, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, REPOSITORY)
    return folder


@pytest.fixture
def wheel(release: Path) -> Path:
    [built] = release.glob("*.whl")
    return built


def tracked() -> set[str]:
    """What git tracks; none in a source distribution, which has no git."""
    found = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return set(found.stdout.splitlines()) if (REPOSITORY / ".git").exists() else set()


@pytest.mark.skipif(not tracked(), reason="this is no checkout of git")
def test_the_source_distribution_holds_what_git_tracks_and_no_other_folder(release: Path) -> None:
    [source] = release.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    there = {name for name in tracked() if (REPOSITORY / name).exists()}
    assert there - names == set()
    assert {name.partition("/")[0] for name in names} - {name.partition("/")[0] for name in there} == {
        "PKG-INFO"
    }


def test_the_wheel_holds_both_packages_typed_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "cocalc_facade",
        "cocalc_v2",
    }
    assert {"cocalc_facade/py.typed", "cocalc_v2/py.typed"} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_a_call_works_from_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "empty"
    venv.create(environment)
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile", wheel)
    version, operations, projects = run(python, "-I", "-c", FIRST_CALL).split()
    assert version == wheel.name.split("-")[1]
    assert int(operations) > 0
    assert int(projects) > 0
