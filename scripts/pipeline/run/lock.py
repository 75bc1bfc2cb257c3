"""`openapi/lock.json`: why the output is what it is, as hashes of everything that shaped it.

Reading and comparing it needs nothing but the standard library, so that a run with nothing to do ends at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scripts.pipeline.swap.targets import PAGES

TYPE_CHECKING = (
    False  # without `typing`, whose import takes as long as reading everything that is hashed here
)
if TYPE_CHECKING:
    from typing import Any

    Lock = Mapping[str, Any]

LOCK = "openapi/lock.json"
PINNED = "openapi/upstream.json"
FACTS = "openapi/routes.yaml"
NEWER = "openapi/newer-routes.yaml"
REQUIRED = "openapi/required.yaml"
EXAMPLES = "openapi/examples.yaml"
REFUSALS = "openapi/refusals.json"
SHARED = "openapi/supplement/shared.yaml"
DATA = {"facts": FACTS, "newer": NEWER, "required": REQUIRED, "examples": EXAMPLES, "refusals": REFUSALS}
TOOLS = ("Jinja2", "jsonpath-rfc9535", "openapi-python-client", "openapi-spec-validator", "PyYAML", "ruff")
# Every file of these rooms shapes the output, but for those that only carry it, check it or show it.
ROOMS = ("cocalc_facade/_drift", "cocalc_facade/_json", "scripts/pipeline")
APART = frozenset(
    {
        "cocalc_facade/_drift/drift.py",
        "scripts/pipeline/fetch.py",
        "scripts/pipeline/inertness/__init__.py",
        "scripts/pipeline/inertness/expressions.py",
        "scripts/pipeline/inertness/forms.py",
        "scripts/pipeline/inertness/module.py",
        "scripts/pipeline/inertness/page.py",
        "scripts/pipeline/reconcile.py",
        "scripts/pipeline/run/progress.py",
        "scripts/pipeline/swap/__init__.py",
        "scripts/pipeline/swap/targets.py",
        "scripts/pipeline/validate/__init__.py",
        "scripts/pipeline/validate/plain.py",
        "scripts/pipeline/validate/thorough.py",
    }
)


def sha256(data: bytes) -> str:
    """Give the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def tree_sha256(directory: Path, names: Iterable[Path] | None = None) -> str:
    """Give one hash for the files below a directory: their relative names and bytes, in order."""
    # Without pathlib and file objects, which take several times as long for hundreds of files.
    paths = map(str, names) if names is not None else _files(str(directory))
    skipped = len(str(directory)) + 1
    digest = hashlib.sha256()
    for name, path in sorted((path[skipped:].replace(os.sep, "/"), path) for path in paths):
        data = _read(path)
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _file_sha256(place: Path) -> str | None:
    return sha256(place.read_bytes()) if place.exists() else None


def _read(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        parts = [os.read(handle, 1 << 20)]
        while parts[-1]:
            parts.append(os.read(handle, 1 << 20))
    finally:
        os.close(handle)
    return b"".join(parts)


def _files(folder: str) -> Iterator[str]:
    """Give the files below a folder, without what Python and other tools cache there."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            if entry.is_file():
                yield entry.path
            else:
                yield from _files(entry.path)


def versions(packages: Iterable[str]) -> dict[str, str | None]:
    """Give the installed version of each package by its name, `None` for one that is not there.

    From the names of the folders that installers write beside the packages; `importlib.metadata` reads the same there,
    and takes longer to import than everything else here.
    """
    found: dict[str, str] = {}
    for folder in reversed(sys.path):
        if os.path.isdir(folder):  # noqa: PTH112 - without pathlib as above
            for name in os.listdir(folder):  # noqa: PTH208
                if name.endswith(".dist-info"):
                    package, _, version = name.removesuffix(".dist-info").partition("-")
                    found[_plain(package)] = version
    return {package: found.get(_plain(package)) for package in packages}


def _plain(package: str) -> str:
    return package.lower().replace("-", "_").replace(".", "_")


def inputs(upstream: bytes, overlay: Path | None, supplement: Path | None, root: Path) -> dict[str, Any]:
    """Give the hashes of all that shapes the output.

    Args:
        upstream: the published document as it is pinned.
        overlay: the overlay file, if one is used.
        supplement: the directory of the supplement, if one is used.
        root: the repository, for the templates and scripts.
    """
    return {
        "upstream": sha256(upstream),
        "overlay": sha256(overlay.read_bytes()) if overlay else None,
        "supplement": tree_sha256(supplement, supplement.glob("*.yaml")) if supplement else None,
        "shared": _file_sha256(root / SHARED) if overlay else None,
        **{name: _file_sha256(root / place) for name, place in DATA.items()},
        "templates": tree_sha256(root / "openapi" / "generator"),
        "scripts": tree_sha256(root, shaping(root)),
        "tools": versions(TOOLS),
    }


def shaping(root: Path) -> Iterator[Path]:
    """Give the scripts below `root` that shape the output."""
    for room in ROOMS:
        for path in _files(f"{root}{os.sep}{room.replace('/', os.sep)}"):
            if path.endswith(".py") and path[len(str(root)) + 1 :].replace(os.sep, "/") not in APART:
                yield Path(path)


def read(root: Path) -> Lock | None:
    """Give the lock below `root`, `None` when there is none that can be read."""
    try:
        lock = json.loads((root / LOCK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    kinds = {"source": str, "date": str, "etag": str | None, "inputs": dict}
    whole = isinstance(lock, dict) and all(isinstance(lock.get(key), kind) for key, kind in kinds.items())
    return lock if whole else None


def is_current(lock: Lock | None, root: Path, shaped_by: Mapping[str, Any]) -> bool:
    """Tell whether what is below `root` is what `shaped_by` would give again."""
    if lock is None or lock.get("inputs") != shaped_by:
        return False
    openapi = root / "openapi"
    try:
        return bool(
            lock["client"] == sha256((openapi / "client.json").read_bytes())
            and lock["inputs"]["upstream"] == sha256((root / PINNED).read_bytes())
            and lock["output"] == tree_sha256(root / "generated" / "cocalc_v2")
            and lock["pages"] == tree_sha256(root / PAGES)
        )
    except (OSError, KeyError):
        return False


def only_document_differs(lock: Lock | None, root: Path, shaped_by: Mapping[str, Any]) -> bool:
    """Tell whether what is below `root` is as it was made, from all that shapes it now but for the published document."""
    if lock is None or not is_current(lock, root, lock["inputs"]):
        return False
    return {**lock["inputs"], "upstream": ""} == {**shaped_by, "upstream": ""}


def text(content: Any) -> str:
    """Give JSON in the form in which all documents of the project are kept."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
