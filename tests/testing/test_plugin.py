"""pytest finds the fixtures by itself; live tests are skipped with a reason when nothing names a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cocalc_facade.testing import StandIn

TESTS = """
import pytest

def test_a_project_is_there(cocalc, cocalc_server):
    assert cocalc.projects.get()[0].project_id == cocalc_server.project.project_id

@pytest.mark.asyncio
async def test_the_same_without_blocking(async_cocalc):
    async with async_cocalc:
        assert await async_cocalc.call("projects/get") != []

def test_either_way(cocalc):
    assert cocalc.call("projects/get") != []
"""


# In most runs only what is tested is loaded, for speed; in one pytest must find the fixtures by itself.
ALONE = ("-p", "cocalc_facade.testing.plugin", "-p", "pytest_asyncio.plugin")


def pytest_runs(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(TESTS, "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COCALC_", "PYTEST_"))}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:hypothesispytest",
        "-o",
        "asyncio_mode=strict",
        *options,
    ]
    return subprocess.run(
        command, cwd=folder, env=kept | environment, capture_output=True, text=True, check=False
    )


def test_the_fixtures_are_found_without_any_import(tmp_path: Path) -> None:
    assert "3 passed" in pytest_runs(tmp_path).stdout


def test_live_tests_are_skipped_with_the_reason(tmp_path: Path) -> None:
    said = pytest_runs(
        tmp_path,
        *ALONE,
        "--cocalc-live",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        COCALC_HOST="http://127.0.0.1:1",
    ).stdout
    assert "3 skipped" in said
    assert "--cocalc-live needs COCALC_API_KEY in the environment" in said


def test_live_tests_run_against_the_server_that_is_named(tmp_path: Path) -> None:
    standin = StandIn()
    with standin.serve() as url:
        said = pytest_runs(
            tmp_path,
            *ALONE,
            "--cocalc-live",
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
            COCALC_HOST=url,
            COCALC_API_KEY=standin.user.key,
        ).stdout
    assert "2 passed, 1 skipped" in said
    assert "looks into the server, which only the stand-in allows" in said


def test_loading_the_plugin_imports_nothing_of_the_package_but_itself() -> None:
    code = "import sys, cocalc_facade.testing.plugin; print([m for m in ('httpx', 'attrs', 'cocalc_v2', 'cocalc_facade.testing.standin') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
