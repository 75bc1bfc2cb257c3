"""A frozen application holds all that a client imports by name, as PyInstaller is told by hooks of ours."""

from __future__ import annotations

import pkgutil
import runpy
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import cocalc_facade.testing
from cocalc_facade import _pyinstaller
from tests.wire.wires import Script, connected

REPOSITORY = Path(__file__).parents[2]


def hooks() -> dict[str, dict[str, object]]:
    """What each hook gives, by the package that it is for."""
    [folder] = _pyinstaller.get_hook_dirs()
    return {
        path.stem.removeprefix("hook-"): runpy.run_path(str(path)) for path in Path(folder).glob("hook-*.py")
    }


def installed(package: str, *left_out: str) -> set[str]:
    """All modules of a package, as Python finds them."""
    found = {one.name for one in pkgutil.walk_packages(import_module(package).__path__, f"{package}.")}
    return {package} | {
        name for name in found if not name.endswith(".__main__") and not name.startswith(left_out)
    }


def test_pyinstaller_finds_the_hooks_in_the_wheel() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, function = project["entry-points"]["pyinstaller40"]["hook-dirs"].partition(":")
    assert getattr(import_module(module), function) is _pyinstaller.get_hook_dirs
    assert hooks().keys() == {"cocalc_facade", "cocalc_facade.testing"}


def test_the_hooks_name_every_module() -> None:
    given = hooks()["cocalc_facade"]["hiddenimports"]
    assert isinstance(given, list)
    ours = {name for name in given if name.startswith("cocalc_")}
    assert len(ours) > 600
    assert ours == installed("cocalc_v2") | installed(
        "cocalc_facade", "cocalc_facade.testing", _pyinstaller.__name__
    )
    assert {"msgspec", "msgspec.json"} == set(given) - ours
    assert set(hooks()["cocalc_facade.testing"]["hiddenimports"]) == installed("cocalc_facade.testing")  # type: ignore[call-overload]


def test_a_client_imports_nothing_that_is_not_named(kind: str) -> None:
    with connected(kind, Script({"query": {}}, [], {"status": "ok"}, {"error": "must be signed in"})) as both:
        both.do(lambda client: client.whoami())
        both.do(lambda client: client.projects.get())
    loaded = {name for name in sys.modules if name.startswith(("cocalc_v2", "cocalc_facade"))}
    testing = {name for name in loaded if name.startswith(("cocalc_facade.testing", _pyinstaller.__name__))}
    assert loaded - testing <= set(_pyinstaller.imports())


def test_the_data_of_the_stand_in_goes_along() -> None:
    datas = hooks()["cocalc_facade.testing"]["datas"]
    assert isinstance(datas, list)
    folder = Path(cocalc_facade.testing.__file__).parent
    expected = {path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert {Path(source) for source, _ in datas} == expected
    assert {place for _, place in datas} == {"cocalc_facade/testing/data"}


def test_without_the_extra_nothing_of_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _pyinstaller.find_spec
    monkeypatch.setattr(_pyinstaller, "find_spec", lambda name: None if name == "msgspec" else found(name))
    assert not [name for name in _pyinstaller.imports() if name.startswith("msgspec")]
    assert _pyinstaller.modules("no_such_package") == []
