"""The commands of `scripts/`: what is typed is there, and nothing else is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = ("*.md", "Makefile", "docs/**/*.md", ".github/**/*.yml", "scripts/**/*.py", "cocalc_facade/**/*.py", "openapi/**/*.yaml")  # fmt: skip
HISTORY = "CHANGELOG.md"


def test_every_script_that_a_text_names_exists():
    places = {place for pattern in TEXTS for place in ROOT.glob(pattern) if place.name != HISTORY}
    named = {
        (name, place.relative_to(ROOT).as_posix())
        for place in places
        for name in re.findall(r"(?<![\w/])scripts/[\w/]+\.py\b", place.read_text("utf-8"))
    }
    assert {name for name, _ in named} >= {
        "scripts/propose.py",
        "scripts/regenerate.py",
        "scripts/try_wheel.py",
    }
    assert [one for one in sorted(named) if not (ROOT / one[0]).exists()] == []


def test_scripts_has_commands_and_what_they_are_made_of_lies_below():
    scripts = ROOT / "scripts"
    programs = {
        place.relative_to(scripts).as_posix()
        for place in scripts.rglob("*.py")
        if '__name__ == "__main__"' in place.read_text("utf-8")
    }
    children = {
        "benchmarks/worker.py",
        "benchmarks/loopback.py",
        "benchmarks/files/__main__.py",
    }  # which the benchmarks start themselves
    alone = {"benchmarks/courses/whole.py"}  # a simulation of minutes, run when one wants its figures
    assert programs - children - alone == {place.name for place in scripts.glob("*.py")} - {"__init__.py"}
