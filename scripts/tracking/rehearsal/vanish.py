"""Each published route deleted in turn from the pinned document, with the default inputs: what a run says and makes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cocalc_facade._drift.names import method_name
from scripts.pipeline import diff, retire
from scripts.pipeline.document import released
from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.facts import read_facts, state
from scripts.pipeline.overlay import overlay, read_yaml
from scripts.pipeline.repair import repair
from scripts.pipeline.run import lock
from scripts.pipeline.shape import shape
from scripts.pipeline.supplement import read_supplement, supplement


class Vanished(NamedTuple):
    """What a run says when one route is gone, and what it makes when that is accepted."""

    route: str
    said: str
    exit_code: int
    lapsed: int
    version: str
    kept: bool
    """Whether the route is still in the client, deprecated."""


def vanished(root: Path, folder: Path, routes: list[str] | None = None) -> Iterator[Vanished]:
    """Delete each of `routes`, all published ones without them, from what `root` has pinned.

    Args:
        root: the repository.
        folder: where to keep a copy of its records.
        routes: some only.
    """
    (folder / "openapi").mkdir(parents=True, exist_ok=True)
    for name in (*diff.TARGETS, released.TARGET, "pyproject.toml"):
        shutil.copy(root / name, folder / name)
    version = released.read((root / released.TARGET).read_text(encoding="utf-8")).version
    published = json.loads((root / lock.PINNED).read_text(encoding="utf-8"))
    repaired = repair(published).document
    inputs = (
        read_yaml(root / "openapi" / "overlay.yaml"),
        read_supplement(root / "openapi" / "supplement"),
        read_facts(root / lock.FACTS),
    )
    for path in sorted(repaired["paths"]):
        route = path.removeprefix(PREFIX)
        if routes is None or route in routes:
            paths = {other: item for other, item in repaired["paths"].items() if other != path}
            yield _without(route, {**repaired, "paths": paths}, inputs, folder, version)


def _without(route: str, document: dict[str, Any], inputs: Any, root: Path, version: str) -> Vanished:
    corrections, ours, facts = inputs
    corrected = overlay(document, corrections)
    names = released.read((root / released.TARGET).read_text(encoding="utf-8"))
    complete = state(supplement(corrected.document, ours).document, facts).document
    found = diff.diff(root, released.named(complete, names), date="2026-12-01", released=version)
    code = 0
    try:
        diff.gate(found)
    except diff.DecisionError as refusal:
        code = refusal.exit_code
    diff.gate(found, accept_breaking=True)
    kept = shape(retire.apply(found.document, found.retired), names)["paths"].get(PREFIX + route, {})
    (line,) = (str(change.sentence) for change in found.report.changes if change.name == method_name(route))
    still = kept.get("post", {}).get("deprecated") is True and "x-cocalc-retired" in kept["post"]
    return Vanished(route, line, code, corrected.lapsed.get(route, 0), found.version, still)


def table(rows: list[Vanished]) -> Iterator[str]:
    """Yield `rows` as lines of Markdown."""
    yield "| route | said | exit | lapsed | next | with --accept-breaking |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        made = "deprecated, still callable" if row.kept else "LOST"
        yield f"| {row.route} | {row.said} | {row.exit_code} | {row.lapsed} | {row.version} | {made} |"
