"""In how many recorded successes each field of `openapi/required.yaml` is: `python -m tests.openapi.evidence` writes the counts there.

A field that one success lacks, or has as null, is taken out. New facts are entered by hand with the count 0, under `always` for a field
that the server's code puts into every success.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.required import Entry, Proof, proven, read_required, steps

HERE = Path(__file__).resolve().parents[2]
TARGET = HERE / "openapi" / "required.yaml"
TABLE = HERE / "docs" / "always.md"
DOCUMENT = HERE / "openapi" / "client.json"
EXCHANGES = HERE / "tests" / "data" / "exchanges"
SOURCES = (
    "recorded.jsonl",
    "second-meeting.jsonl",
    "newer-generation.jsonl",
    "every-route-without-key.jsonl",
)
# The server answers `{}` when it gives up on a call, after 60 seconds.
CUT = 55

HEAD = """\
# What every success of a route has, with the evidence: the numbers are how many recorded objects have the field at this place, all of those
# that there are. What is listed is what the server's code puts there; 0 means that no success was recorded. `some`: one of these is in every
# success, where that is not said of the fields of the answer under `always`. `present`: these are there, and may be null.
# Fields are entered by hand, counts are written by tests/openapi/evidence.py.
"""


class Success(NamedTuple):
    """A recorded answer that is one."""

    route: str
    value: Any


def text() -> str:
    """Give the file as it should be."""
    return written(count(read_required(TARGET), successes()))


def successes() -> list[Success]:
    """Give the recorded successes whose answer is JSON."""
    found = []
    for source in SOURCES:
        for line in (EXCHANGES / source).read_text("utf-8").splitlines():
            exchange = json.loads(line)
            answer = exchange.get("response", exchange)
            path = (
                exchange["request"]["path"].partition("?")[0]
                if "request" in exchange
                else PREFIX + exchange["path"]
            )
            route = path.partition(PREFIX)[2]
            if 200 <= answer["status"] < 300 and "json" in answer and _succeeded(answer):
                found.append(Success(route, answer["json"]))
    return found


def _succeeded(answer: dict[str, Any]) -> bool:
    value = answer["json"]
    if value == {}:
        return float(answer.get("seconds", 0)) < CUT
    return not isinstance(value, dict) or not (
        value.get("error") or value.get("issues") or value.get("status") == "error"
    )


def count(entries: dict[str, Entry], found: list[Success]) -> dict[str, Entry]:
    """Give the entries with the counts of these successes, and without the fields that one of them lacks."""
    result = {}
    for route, entry in sorted(entries.items()):
        values = [success.value for success in found if success.route == route]
        always = {}
        for place, fields in entry.always.items():
            way = steps(place)
            objects = [inner for value in values for inner in _at(value, way) if isinstance(inner, dict)]
            having = {name: sum(one.get(name) is not None for one in objects) for name in fields}
            always[place] = {name: number for name, number in having.items() if number == len(objects)}
        result[route] = entry._replace(successes=len(values), always=always)
    return result


def _at(value: Any, way: list[str]) -> Iterator[Any]:
    """Give what lies at the end of a way."""
    if not way:
        yield value
    elif way[0] == "[]":
        for inner in value if isinstance(value, list) else ():
            yield from _at(inner, way[1:])
    elif isinstance(value, dict):
        for inner in value.values() if way[0] == "{}" else (value.get(way[0]),):
            yield from _at(inner, way[1:])


ABOUT = """\
# What is always there

The fields of answers that are typed without `None`: every recorded success of every route that answers with the class has them. Written by
`python -m tests.openapi.evidence` from `openapi/required.yaml` and the recorded exchanges; not edited by hand.

The number behind a place is how many recorded objects have the field there, which are all that there are. Where nothing was recorded, the
server's code says so. Where a server leaves such a field out all the same, see [errors](errors.md#a-field-that-is-missing).

| Class | Field | Objects | Seen in |
| --- | --- | --- | --- |
"""


def table() -> str:
    """Give the page with the fields that are always there, and the evidence."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    rows = [
        f"| `{name}` | `{field}` | {sum(proof.objects for proof in proofs)} | {_seen(proofs)} |\n"
        for name, fields in proven(document, read_required(TARGET)).items()
        for field, proofs in sorted(fields.items())
    ]
    return ABOUT + "".join(rows)


def _seen(proofs: list[Proof]) -> str:
    seen = sorted((proof for proof in proofs if proof.objects), key=lambda proof: -proof.objects)
    places = [f"`{proof.route}` {proof.place.removeprefix('answer')} {proof.objects}" for proof in seen[:4]]
    more = f", {len(seen) - 4} more places" if len(seen) > 4 else ""
    return ", ".join(" ".join(place.split()) for place in places) + more


def written(entries: dict[str, Entry]) -> str:
    """Give the text of the file."""
    lines = [HEAD]
    for route, entry in sorted(entries.items()):
        lines.append(f"{route}:\n  successes: {entry.successes}\n")
        lines.append("  always:\n" if entry.always else "  always: {}\n")
        for place, fields in sorted(entry.always.items()):
            inner = ", ".join(f"{name}: {number}" for name, number in sorted(fields.items()))
            lines.append(f"    {place}: {{{inner}}}\n")
        lists = {"some": entry.some, "present": entry.present}
        lines += [f"  {name}: [{', '.join(names)}]\n" for name, names in lists.items() if names]
    return "".join(lines)


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
    TABLE.write_text(table(), "utf-8")
