"""The code of the README and the guides has no error of types: a reader may copy it into a program that mypy and pyright check."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from scripts.pipeline.inertness.page import PREAMBLE
from tests.docs.guide_code import blocks
from tests.docs.test_guides import PAGES, ROOT
from tests.docs.test_routes import SECTIONS

NAMES = {ROOT / "docs" / "README.md": "guides"}


def program(page: Path) -> str:
    """The Python of a page as one function, in which each line stands where it stands on the page."""
    lines = [""] * page.read_text(encoding="utf-8").count("\n")
    for block in blocks(page):
        if block.language == "python":
            ast.parse(block.text)
            lines[block.line - 1 : block.line - 1 + block.text.count("\n")] = block.text.splitlines()
    return "async def page() -> None:\n" + textwrap.indent("\n".join(lines), "    ") + "\n"


def routes() -> str:
    """The examples of the reference of routes, a function for each."""
    parts = [PREAMBLE]
    for number, section in enumerate(SECTIONS):
        parts.append(f"def example_{number}() -> None:\n{textwrap.indent(section.program, '    ')}")
    return "\n\n".join(parts)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    place = tmp_path / "pages"
    place.mkdir()
    for page in PAGES:
        name = NAMES.get(page, page.stem).lower().replace("-", "_")
        (place / f"{name}.py").write_text(program(page), encoding="utf-8")
    (place / "routes.py").write_text(routes(), encoding="utf-8")
    return place


def complaints(command: list[str], place: Path) -> str:
    path = os.pathsep.join(str(ROOT / part) for part in (".", "generated"))
    run = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=place,
        env={**os.environ, "MYPYPATH": path, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if run.returncode == 0 else run.stdout + run.stderr


def test_mypy_has_nothing_to_say(pages: Path) -> None:
    options = ["--strict", "--no-error-summary", "--cache-dir", str(ROOT / ".mypy_cache" / "pages")]
    assert complaints(["mypy", *options, "."], pages) == ""
    (pages / "wrong.py").write_text("from cocalc_facade import CoCalc\n\nx: int = CoCalc().run('a', 'ls')\n")
    assert "CompletedCommand" in complaints(["mypy", *options, "wrong.py"], pages)


def test_pyright_has_nothing_to_say(pages: Path) -> None:
    (pages / "wrong.py").write_text("from cocalc_facade import CoCalc\n\nx: int = CoCalc().run('a', 'ls')\n")
    settings = {"extraPaths": [str(ROOT / "generated"), str(ROOT)], "reportUnusedExpression": False}
    (pages / "pyrightconfig.json").write_text(json.dumps(settings))
    said = complaints(["pyright", "--pythonpath", sys.executable, "."], pages)
    errors = [line for line in said.splitlines() if " - error" in line or " - warning" in line]
    assert ["wrong.py" in line for line in errors] == [True], said
