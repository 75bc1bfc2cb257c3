"""What a run costs as a document grows: many routes, many values of one list, many fields of one object, many keys that say nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scripts.pipeline.document.anatomy import PREFIX, SCHEMAS
from scripts.pipeline.run import lock

HEAD = "| what | seconds | MB |\n|---|---|---|"

# A process starts with the peak of the one that starts it, so that is a small one.
_MEASURED = """
import resource, subprocess, sys
run = subprocess.run(sys.argv[1:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(run.returncode)
"""


class Cost(NamedTuple):
    """What one run took: the processor's time, that of what it started included, and the most memory it had at once."""

    what: str
    size: int
    seconds: float
    megabytes: float


def times(root: Path, folder: Path, sizes: Mapping[str, Sequence[int]]) -> Iterator[Cost]:
    """Regenerate from documents that grow in one way after the other, all checks included, and yield what each run cost.

    Args:
        root: the repository.
        folder: where the runs may write.
        sizes: how much of what, as in `SIZES`.
    """
    published = json.loads((root / lock.PINNED).read_text(encoding="utf-8"))
    for what, each in sizes.items():
        for size in each:
            source = folder / f"{what}-{size}.json"
            source.write_text(json.dumps(GROWN[what](published, size)), encoding="utf-8")
            yield _cost(what, size, root, source)


def _cost(what: str, size: int, root: Path, source: Path) -> Cost:
    command = [sys.executable, str(root / "scripts" / "regenerate.py"), "--source", str(source)]
    command += ["--supplement", "none", "--output", str(source.with_suffix(""))]
    measured = [sys.executable, "-c", _MEASURED, *command]
    run = subprocess.run(measured, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if run.returncode:
        last = run.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"a run with {size} {what} failed: {' '.join(last)}")
    seconds, memory = map(float, run.stdout.split()[-2:])
    return Cost(what, size, seconds, memory / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def excess(costs: Sequence[Cost]) -> Iterator[str]:
    """Yield what took longer, or more memory, than in proportion to the first run of its kind."""
    for cost in costs:
        least = next(other for other in costs if other.what == cost.what)
        share = cost.size / least.size
        if cost.seconds > share * least.seconds:
            yield f"{cost.size:,} {cost.what} take {cost.seconds:.1f} s, {least.size:,} only {least.seconds:.1f} s"
        if cost.megabytes > share * least.megabytes:
            yield f"{cost.size:,} {cost.what} take {cost.megabytes:.0f} MB, {least.size:,} only {least.megabytes:.0f} MB"


def line(cost: Cost) -> str:
    """Return `cost` as a line of the table below `HEAD`."""
    return f"| {cost.size:,} {cost.what} | {cost.seconds:.1f} | {cost.megabytes:.0f} |"


def routes(published: dict[str, Any], count: int) -> dict[str, Any]:
    """The published routes as often as it takes, each copy in a folder and with components of its own."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    known = published["components"]["schemas"]
    number = 0
    while len(paths) < count:
        number += 1
        text = json.dumps({"paths": published["paths"], "schemas": known})
        copied = json.loads(text.replace(SCHEMAS, f"{SCHEMAS}Copy{number}"))
        schemas |= {f"Copy{number}{name}": schema for name, schema in copied["schemas"].items()}
        for path, item in list(copied["paths"].items())[: count - len(paths)]:
            for operation in item.values():
                operation["operationId"] = f"copy{number}-{path}"
            paths[path.replace(PREFIX, f"{PREFIX}copy{number}/")] = item
    return {**published, "paths": paths, "components": {**published["components"], "schemas": schemas}}


def values(published: dict[str, Any], count: int) -> dict[str, Any]:
    """One more argument, with a list of so many values."""
    return _with_argument(published, {"type": "string", "enum": [f"value-{n}" for n in range(count)]})


def fields(published: dict[str, Any], count: int) -> dict[str, Any]:
    """One more argument, an object of so many fields."""
    kinds = ({"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "boolean"}})
    made = {f"field_{number}": kinds[number % 3] for number in range(count)}
    return _with_argument(published, {"type": "object", "properties": made})


def keys(published: dict[str, Any], count: int) -> dict[str, Any]:
    """One more argument, with so many keys beside its type that mean nothing to us."""
    return _with_argument(
        published, {"type": "string", **{f"x-key-{number}": number for number in range(count)}}
    )


def _with_argument(published: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    body = {"application/json": {"schema": {"type": "object", "properties": {"much": schema}}}}
    answer = {"application/json": {"schema": {"type": "object", "properties": {"much": schema}}}}
    operation = {
        "summary": "Much.",
        "requestBody": {"content": body},
        "responses": {"200": {"description": "OK", "content": answer}},
    }
    return {**published, "paths": {**published["paths"], f"{PREFIX}much": {"post": operation}}}


GROWN: dict[str, Callable[[dict[str, Any], int], dict[str, Any]]] = {
    "routes": routes,
    "values": values,
    "fields": fields,
    "keys": keys,
}
"""How a document gets much of something."""
SIZES: dict[str, tuple[int, ...]] = {
    "routes": (500, 1_000, 2_000, 4_000),
    "values": (1_000, 10_000, 100_000),
    "fields": (1_000, 2_000, 4_000, 8_000),
    "keys": (1_000, 10_000, 100_000),
}
"""How much of each is tried."""
