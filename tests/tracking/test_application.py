"""An application written against an older document still type-checks and runs after a compatible step."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.compare import compare
from scripts.pipeline.generate import Provenance, generate
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape

DATA = Path(__file__).parent.parent / "data"
APPLICATION = DATA / "tracking" / "application.py"
ROUTES = ("auth/", "exec", "projects/start", "projects/collaborators/", "purchases/get-purchases")
COMPATIBLE = ["2025-08-18-038", "cocalc"]


def excerpt(name: str) -> dict:
    """The routes that the application uses, and those that came."""
    document = json.loads((DATA / "upstream" / f"{name}.json").read_text())
    document["paths"] = {
        path: item
        for path, item in document["paths"].items()
        if path.removeprefix("/api/v2/").startswith(ROUTES)
    }
    return document


def python(folder: Path, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "MYPYPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_step_is_a_compatible_one():
    report = compare(*(excerpt(name) for name in COMPATIBLE))
    assert str(report.severity) == "compatible"
    assert {change.route for change in report.changes} >= {
        "auth/sign-up",
        "projects/collaborators/change-user-type",
    }


def test_the_application_type_checks_and_runs_before_and_after(tmp_path):
    (tmp_path / "application.py").write_text(APPLICATION.read_text())
    for name in COMPATIBLE:
        shutil.rmtree(tmp_path / "cocalc_v2", ignore_errors=True)
        document = shape(repair(excerpt(name)).document)
        provenance = Provenance(source="test", date="2026-11-22", sha256="0", client_sha256="0")
        generate(document, tmp_path / "cocalc_v2", provenance)
        assert "Success" in python(
            tmp_path, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=.cache", "application.py"
        )
        assert python(tmp_path, "application.py").strip() == "3.5"
