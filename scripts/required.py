"""Count in how many recorded successes each field of `openapi/required.yaml` is, and write the counts there.

A field that one success lacks, or has as null, is taken out and named. New facts are entered by hand with the count 0, under `always` for a
field that the server's code puts into every success. With `--check` nothing is written, and the exit code is 1 when the file would change.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scripts.pipeline.document.anatomy import PREFIX
from scripts.pipeline.shape.required import Entry, read, steps

HERE = Path(__file__).resolve().parent.parent
TARGET = HERE / "openapi" / "required.yaml"
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
# Fields are entered by hand, counts are written by scripts/required.py.
"""


class Success(NamedTuple):
    """A recorded answer that is one."""

    route: str
    value: Any


def main(arguments: list[str] | None = None) -> int:
    """Count, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the counts are right")
    options = parser.parse_args(arguments)
    entries = read(TARGET)
    counted = count(entries, successes())
    for route, entry in counted.items():
        for place, fields in entries[route].always.items():
            for name in fields.keys() - entry.always[place].keys():
                print(f"{route}: {place}.{name} is not in every success", file=sys.stderr)
    text = written(counted)
    if text == TARGET.read_text("utf-8"):
        return 0
    if options.check:
        print(f"{TARGET.name} is out of date: python scripts/required.py", file=sys.stderr)
        return 1
    TARGET.write_text(text, "utf-8")
    return 0


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
    sys.exit(main())
