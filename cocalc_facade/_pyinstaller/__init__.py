"""Hooks of PyInstaller: what a frozen application needs of this package, and no import statement shows.

PyInstaller finds them by the entry point `pyinstaller40` of the wheel. Most modules here are imported by name when they are first used,
so all are taken; the list is read from the installed files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

TESTING = "cocalc_facade.testing"


def get_hook_dirs() -> list[str]:
    """Where the hooks are."""
    return [str(Path(__file__).parent)]


def imports() -> list[str]:
    """The modules that a client may import, and those of the extra `fast` where it is installed."""
    own = [name for name in modules("cocalc_facade") if not name.startswith((TESTING, __name__))]
    extra = ["msgspec", "msgspec.json"] if find_spec("msgspec") else []
    return [*own, *modules("cocalc_v2"), *extra]


def modules(package: str) -> list[str]:
    """All modules of an installed package; none is imported."""
    found = []
    for path in _files(package):
        if path.suffix == ".py" and path.stem != "__main__" and path.stem.isidentifier():
            parts = path.with_suffix("").parts
            found.append(".".join([package, *(parts[:-1] if parts[-1] == "__init__" else parts)]))
    return sorted(found)


def data(package: str) -> list[tuple[str, str]]:
    """The files of an installed package that are no code, each with the folder that it has in an application."""
    place = package.replace(".", "/")
    return [
        (str(root / path), f"{place}/{path.parent.as_posix()}".removesuffix("/."))
        for root in _roots(package)
        for path in _files(package)
        if path.suffix not in (".py", ".pyc") and path.name != "py.typed"
    ]


def _roots(package: str) -> list[Path]:
    spec = find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations if spec else None) or ()]


def _files(package: str) -> Iterator[Path]:
    """Give the files of a package, relative to its folder."""
    for root in _roots(package):
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if name.isidentifier() and name != "__pycache__")
            yield from (Path(folder, name).relative_to(root) for name in names)
