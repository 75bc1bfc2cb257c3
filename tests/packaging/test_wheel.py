"""The wheel, as a user gets it: built, installed into an empty environment, and used for a call."""

from __future__ import annotations

import subprocess
import sys
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
        [str(part) for part in command], capture_output=True, text=True, timeout=300, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, REPOSITORY)
    [built] = folder.glob("*.whl")
    return built


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
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel)
    version, operations, projects = run(python, "-I", "-c", FIRST_CALL).split()
    assert version == wheel.name.split("-")[1]
    assert int(operations) > 0
    assert int(projects) > 0
