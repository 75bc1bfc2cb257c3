"""Whether the generated package is complete: everything imports, and every operation is there in every form.

The generator overwrites modules whose names collide, and leaves out what it does not understand; so everything is
counted, and one made-up answer of each operation is read, on the other side, in an interpreter that has seen nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.pipeline.document.example import example
from scripts.pipeline.document.names import route
from scripts.pipeline.document.released import attributes
from scripts.pipeline.inertness import check_inert

KINDS = ("Root", "AsyncRoot", "RawRoot", "AsyncRawRoot")
SECONDS = 300


class ReconciliationError(ValueError):
    """The package lacks something, or does not import; the text says what."""


@dataclass(frozen=True)
class Reconciled:
    """What was counted."""

    operations: int
    modules: int
    methods: int


def reconcile(document: Mapping[str, Any], package: Path) -> Reconciled:
    """Count the operations of `document` in the generated `package`, a directory named `cocalc_v2`.

    Raises:
        InertnessError: the code would do something when imported; then it is not imported.
        ReconciliationError: a module does not import, or an operation is missing somewhere.
    """
    files = check_inert(package)
    schemas = document.get("components", {}).get("schemas", {})
    paths = {
        route(path): [attributes(path, item["post"]), _answer(item["post"], schemas)]
        for path, item in document["paths"].items()
    }
    run = subprocess.run(  # noqa: S603 - our own interpreter and the script below, no shell
        [sys.executable, "-I", "-B", "-W", "error", "-c", _COUNT, str(package.parent)],
        input=json.dumps({"paths": paths, "kinds": KINDS}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    if run.returncode:
        lines = run.stderr.strip().splitlines() or [f"exit code {run.returncode}"]
        raise ReconciliationError(f"the generated package does not import: {lines[-1][:300]}")
    report = json.loads(run.stdout)
    if report["problems"]:
        raise ReconciliationError("; ".join(report["problems"][:5]))
    for what, count in (("modules", report["operation_modules"]), ("rows", report["rows"])):
        if count != len(paths):
            raise ReconciliationError(f"{len(paths)} operations, but {count} {what}")
    if report["imported"] != files:
        raise ReconciliationError(f"{files} files, but {report['imported']} modules were imported")
    return Reconciled(len(paths), report["imported"], report["methods"])


def _answer(operation: Mapping[str, Any], schemas: dict[str, Any]) -> Any:
    """Make up an answer of an operation, the fullest that its schema allows."""
    entries = list(operation.get("responses", {}).get("200", {}).get("content", {}).values())
    return example(entries[0].get("schema"), schemas) if entries else None


_COUNT = """
import copy, gc, importlib, json, pathlib, sys
gc.disable()
sys.path.insert(0, sys.argv[1])
given = json.load(sys.stdin)
root = pathlib.Path(sys.argv[1]) / "cocalc_v2"
names = []
for place in sorted(root.rglob("*.py")):
    parts = place.relative_to(root.parent).with_suffix("").parts
    names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
modules = {name: importlib.import_module(name) for name in names}
problems = []
for name, module in modules.items():
    if not pathlib.Path(module.__file__).is_relative_to(root):
        problems.append(f"{name} came from elsewhere")
from cocalc_v2 import models, resources
from cocalc_v2.operations import OPERATIONS
for name in models.__all__:
    getattr(models, name)
roots = [getattr(resources, kind)() for kind in given["kinds"]]
methods = 0
for path, (attributes, answer) in given["paths"].items():
    if path not in OPERATIONS:
        problems.append(f"{path} is not in the operation table")
        continue
    module = modules.get(OPERATIONS[path].module)
    if module is None or not all(hasattr(module, name) for name in ("decode", "sync", "asyncio", "sync_detailed")):
        problems.append(f"{path} has no module")
        continue
    try:
        value = module.decode(copy.deepcopy(answer), found := [])
        if found:
            problems.append(f"{path} does not read an answer that is as its schema says: {found[0]}")
        elif hasattr(value, "to_dict") and value.to_dict() != answer:
            problems.append(f"{path} does not give back the answer that it read")
    except Exception as error:
        problems.append(f"{path} does not decode: {type(error).__name__}: {error}")
    for kind, value in zip(given["kinds"], roots):
        for attribute in attributes:
            value = getattr(value, attribute, None)
        if not callable(value):
            problems.append(f"{path} is no method of {kind}")
        methods += 1
counted = sum(name.startswith("cocalc_v2.api.") and name.count(".") == 3 for name in names)
json.dump({"problems": problems, "imported": len(modules), "operation_modules": counted, "rows": len(OPERATIONS),
           "methods": methods}, sys.stdout)
gc.freeze()
"""
