"""Reconcile: what is missing is noticed, and code that would do something is not even imported."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.pipeline.generate import generate
from scripts.pipeline.inertness import InertnessError, check_inert
from scripts.pipeline.reconcile import ReconciliationError, reconcile
from tests.pipeline.shaped import DOCUMENT, NOWHERE, made_up, operation


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made") / "cocalc_v2"
    generate(made_up(), place, NOWHERE)
    return place


@pytest.fixture
def package(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "cocalc_v2"))


def test_a_complete_package_is_counted(package: Path) -> None:
    counted = reconcile(DOCUMENT, package)
    assert (counted.operations, counted.methods) == (4, 16)
    assert counted.modules == sum(1 for _ in package.rglob("*.py"))


def test_a_missing_operation_is_noticed(package: Path) -> None:
    document = made_up()
    document["paths"]["/api/v2/zoo/close"] = operation({})
    with pytest.raises(ReconciliationError, match="zoo/close is not in the operation table"):
        reconcile(document, package)


def test_a_missing_module_is_noticed(package: Path) -> None:
    (package / "api" / "zoo" / "feed.py").unlink()
    with pytest.raises(ReconciliationError, match="zoo/feed has no module"):
        reconcile(DOCUMENT, package)


def test_a_missing_method_is_noticed(package: Path) -> None:
    place = package / "resources" / "zoo.py"
    text = place.read_text(encoding="utf-8").replace("def list(", "def lost(").replace(".list)", ".lost)")
    place.write_text(text, encoding="utf-8")
    with pytest.raises(ReconciliationError):
        reconcile(DOCUMENT, package)


def test_a_module_that_does_not_import_is_noticed(package: Path) -> None:
    place = package / "models" / "keeper.py"
    place.write_text(place.read_text(encoding="utf-8") + "\n\nfrom . import nowhere as _nowhere\n")
    with pytest.raises(ReconciliationError, match="does not import: ImportError"):
        reconcile(DOCUMENT, package)


ACTIVE = {
    "a call": "print('hello')\n",
    "an import": "import os\n",
    "an import in a function": "def f():\n    import subprocess\n",
    "an import from outside": "from .....scripts import swap\n",
    "a loop": "for x in (1, 2):\n    pass\n",
    "a deletion": "del __name__\n",
    "a call in a default": "def f(x=open('/etc/passwd')):\n    return x\n",
    "a call in a class": "class A:\n    x = eval('1')\n",
    "a call in a base": "class A(type('B', (), {})):\n    pass\n",
    "a metaclass": "class A(metaclass=print):\n    pass\n",
    "a decorator": "@print\ndef f():\n    pass\n",
    "a call in a decorator": "@deprecated(print('x'))\ndef f():\n    pass\n",
    "eval in a function": "def f():\n    return eval('1')\n",
    "an unknown attribute call": "X = ''.join(['a'])\n",
    "a comprehension": "X = [x for x in (1,)]\n",
    "an f-string": "X = f'{__name__}'\n",
    "a bare condition": "if 1:\n    pass\n",
    "a raise": "raise SystemExit\n",
    "no Python": "def\n",
}


@pytest.mark.parametrize("code", ACTIVE.values(), ids=ACTIVE)
def test_code_that_does_something_is_refused_and_not_imported(code: str, package: Path) -> None:
    place = package / "models" / "keeper.py"
    with place.open("a", encoding="utf-8") as file:
        file.write("\n\n" + code)
    with pytest.raises(InertnessError, match=r"models/keeper\.py"):
        reconcile(DOCUMENT, package)


@pytest.mark.parametrize("name", ["notes.txt", "models/keeper.so", "models/keeper.pyc"])
def test_anything_but_python_files_is_refused(name: str, package: Path) -> None:
    (package / name).write_bytes(b"")
    with pytest.raises(InertnessError, match="is no Python file"):
        check_inert(package)


def test_a_symbolic_link_is_refused(package: Path) -> None:
    (package / "models" / "link.py").symlink_to(package / "types.py")
    with pytest.raises(InertnessError, match="symbolic link"):
        check_inert(package)
