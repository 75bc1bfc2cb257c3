"""`make venv` says what is missing before it does anything, and keeps no environment that does not fit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make")
TOOLS = ("sh", "cat", "cp", "mkdir", "rm")

# Says that it is another version, makes environments that hold nothing but itself, and writes down what it was told to do.
PYTHON = """\
#!/bin/sh
case "$1 $2" in
"-c "*) exec {real} -c 'import sys; sys.version = "{version}"; sys.version_info = {numbers}; exec(sys.argv[1])' "$2" ;;
"-m venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
echo "$*" >> "{log}"
case "$*" in *--group*) {end} ;; esac
"""

pytestmark = pytest.mark.skipif(MAKE is None, reason="there is no make here")


class Checkout:
    """A folder to run make in, with a PATH on which nothing lies but what is put there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.programs = folder / "programs"
        self.log = folder / "log"
        for place in (self.folder, self.programs):
            place.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.folder / name)
        for name in TOOLS:
            (self.programs / name).symlink_to(str(shutil.which(name)))

    def python(self, version: str, end: str = "exit 0") -> None:
        """Put a `python3` of that version on the PATH; installing with it does as `end` says."""
        numbers = tuple(map(int, version.split(".")))
        text = PYTHON.format(real=sys.executable, version=version, numbers=numbers, log=self.log, end=end)
        (self.programs / "python3").write_text(text)
        (self.programs / "python3").chmod(0o755)

    def make(self, *arguments: str) -> tuple[int, list[str], list[str]]:
        """How `make venv` ended, what it said of errors, and what Python was told to do."""
        self.log.write_text("")
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))
        }
        done = subprocess.run(
            [str(MAKE), "venv", *arguments],
            cwd=self.folder,
            env={**environment, "PATH": str(self.programs)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr.splitlines(), self.log.read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("version", ["2.7.18", "3.9.6", "3.10.14"])
def test_a_python_too_old_is_said_in_one_line_before_anything_is_done(
    checkout: Checkout, version: str
) -> None:
    checkout.python(version)
    code, [line], told = checkout.make()
    assert code != 0
    assert f"this needs Python 3.11 or newer, and python3 is {version}: " in line
    assert told == []
    assert not (checkout.folder / ".venv").exists()


def test_no_python_at_all_is_said_in_one_line(checkout: Checkout) -> None:
    code, [line], _ = checkout.make()
    assert code != 0
    assert "this needs Python 3.11 or newer, and python3 is not there: " in line


def test_the_python_of_these_tests_is_new_enough(checkout: Checkout) -> None:
    code, errors, _ = checkout.make("--dry-run", f"PYTHON={sys.executable}")
    assert (code, errors) == (0, [])


def test_an_environment_that_is_there_is_kept(checkout: Checkout) -> None:
    checkout.python("3.11.0")
    code, errors, told = checkout.make()
    assert (code, errors) == (0, [])
    assert told[0] == "-m venv --clear .venv"
    assert "--group dev" in told[-1]
    assert checkout.make() == (0, [], [])


def test_one_that_was_not_finished_is_made_anew(checkout: Checkout) -> None:
    checkout.python("3.12.1", end="kill -INT $PPID; exit 1")
    assert checkout.make()[0] != 0
    checkout.python("3.12.1")
    assert checkout.make()[2][0] == "-m venv --clear .venv"
    assert checkout.make()[2] == []


def test_one_of_another_python_is_made_anew(checkout: Checkout) -> None:
    checkout.python("3.12.1")
    checkout.make()
    checkout.python("3.13.0")
    assert checkout.make()[2][0] == "-m venv --clear .venv"
    assert checkout.make()[2] == []


def test_one_that_came_from_elsewhere_is_made_anew(checkout: Checkout) -> None:
    checkout.python("3.12.1")
    checkout.make()
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))
    assert checkout.make()[2][0] == "-m venv --clear .venv"
    assert checkout.make()[2] == []


def test_what_is_declared_otherwise_is_installed_and_to_the_end(checkout: Checkout) -> None:
    checkout.python("3.12.1")
    checkout.make()
    earlier = (checkout.folder / "pyproject.toml").stat().st_mtime - 10
    os.utime(checkout.folder / ".venv" / "ready", (earlier, earlier))
    told = checkout.make()[2]
    assert "-m venv --clear .venv" not in told
    assert "--group dev" in told[-1]
    assert checkout.make()[2] == []
    os.utime(checkout.folder / ".venv" / "ready", (earlier, earlier))
    (checkout.folder / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    assert checkout.make()[0] != 0
    assert checkout.make()[2][0] == "-m venv --clear .venv"
