"""Ten times as many operations: who calls one of them must not notice."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scripts.benchmarks.contest import Side, row
from scripts.benchmarks.loopback import loopback
from scripts.benchmarks.start import PROJECT
from scripts.benchmarks.worker import ROOT, cold

OPERATIONS = 2_000
SHAPED = ROOT / "openapi" / "client.json"
CACHE = ROOT / "build" / "bench"


@row(1.05, "import and first call with 2,000 operations", "with those of today")
def operations(stack: ExitStack) -> tuple[Side, Side]:
    """The same program against a larger generated package."""
    server = stack.enter_context(loopback())
    code = (
        f"from cocalc_facade import CoCalc; CoCalc(base_url={server!r}).projects.stop(project_id={PROJECT!r})"
    )
    return cold(code, PYTHONPATH=str(enlarged())), cold(code, PYTHONPATH=str(ROOT / "generated"))


def enlarged() -> Path:
    """The folder of a generated package with `OPERATIONS` operations; made once for each document."""
    text = SHAPED.read_text()
    generator = "".join(
        path.read_text()
        for folder in (ROOT / "openapi" / "generator", ROOT / "scripts")
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", ".jinja", ".yaml") and "benchmarks" not in path.parts
    )
    folder = CACHE / hashlib.sha256((text + generator).encode()).hexdigest()[:16]
    if not folder.exists():
        from scripts.pipeline.generate import Provenance, generate

        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        generate(multiplied(json.loads(text)), part / "cocalc_v2", Provenance("a benchmark", "", "", ""))
        part.rename(folder)
    return folder


def multiplied(document: dict[str, Any]) -> dict[str, Any]:
    """The document with copies of its operations and components, under other names."""
    paths, schemas = dict(document["paths"]), dict(document["components"]["schemas"])
    prefix = "#/components/schemas/"
    copy = 0
    while len(paths) < OPERATIONS:
        copy += 1
        text = json.dumps({"paths": document["paths"], "schemas": document["components"]["schemas"]})
        copied = json.loads(text.replace(prefix, f"{prefix}Copy{copy}"))
        schemas.update({f"Copy{copy}{name}": schema for name, schema in copied["schemas"].items()})
        for path, item in copied["paths"].items():
            item["post"]["operationId"] = f"copy{copy}-{item['post'].get('operationId', path)}"
            if len(paths) < OPERATIONS:
                paths[path.replace("/api/v2/", f"/api/v2/copy{copy}/")] = item
    return {**document, "paths": paths, "components": {**document["components"], "schemas": schemas}}
