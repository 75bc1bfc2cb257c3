"""What every success of a route has: `openapi/required.yaml`, put where the generator finds it.

The file holds for routes, whatever the document says of them. A place is written as in the answer, `answer.purchases[]` for the objects
of a list, `{}` for the values of a map; the number beside a field is how many recorded objects have it there, all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scripts.pipeline.document.anatomy import PREFIX, Schema, component
from scripts.pipeline.overlay import read_yaml
from scripts.pipeline.published import Document, DocumentError

ROOT = "answer"
_FORM = "`successes`, `always`, `some` and `present` are expected"
FIELDS, SOME, PRESENT = "x-cocalc-always", "x-cocalc-some", "x-cocalc-present"


class Entry(NamedTuple):
    """What is sure of a route's successes.

    `always` has for each place the fields that are there and not null, with their counts. One of `some` is in every success;
    when it is empty, that is said of the fields of `always`. `present` are fields that are there and may be null.
    """

    successes: int
    always: dict[str, dict[str, int]]
    some: tuple[str, ...] = ()
    present: tuple[str, ...] = ()


def read_required(place: Path) -> dict[str, Entry]:
    """Give the entries of the file by route.

    Raises:
        DocumentError: an entry is not of the form; the text names its route.
    """
    content = read_yaml(place)
    if not isinstance(content, dict):
        raise DocumentError("an entry for each route is expected", place.name)
    return {route: _entry(given, place.name, route) for route, given in content.items()}


def _entry(given: Any, *where: str) -> Entry:
    try:
        entry = Entry(**given)
        entry = entry._replace(some=tuple(entry.some), present=tuple(entry.present))
        counts = [entry.successes, *(count for fields in entry.always.values() for count in fields.values())]
        names = [*entry.some, *entry.present, *(name for fields in entry.always.values() for name in fields)]
        known = all(place.split(".")[0].strip("[]{}") == ROOT for place in entry.always)
    except (TypeError, AttributeError):
        raise DocumentError(_FORM, *where) from None
    if not known or {type(count) for count in counts} != {int} or {type(name) for name in names} - {str}:
        raise DocumentError(_FORM, *where)
    return entry


def steps(place: str) -> list[str]:
    """Give the steps from the answer to a place: `purchases`, `[]` for `answer.purchases[]`."""
    return place.replace("[]", ".[]").replace("{}", ".{}").split(".")[1:]


def promise(document: Document, entries: dict[str, Entry]) -> Document:
    """Give the shaped `document` with what is sure of answers in it: of operations, and of the objects that they answer with.

    What an entry says of a field that the document does not have lapses. Of a class that several places share, only that is sure which is
    sure in each of them.
    """
    schemas = document["components"]["schemas"]
    paths = dict(document["paths"])
    sure: dict[str, set[str]] = {}
    for route, entry in entries.items():
        item = paths.get(PREFIX + route)
        if item is None:
            continue
        answer = _answer(item["post"])
        for place, counts in entry.always.items():
            for name in _at(schemas, answer, steps(place)):
                known = counts.keys() & schemas[name].get("properties", {}).keys()
                sure[name] = sure.get(name, known) & known
        paths[PREFIX + route] = {"post": _with_promise(item["post"], answer, entry, schemas)}
    marked = {name: {**schemas[name], FIELDS: sorted(known)} for name, known in sure.items() if known}
    return {
        **document,
        "paths": paths,
        "components": {**document["components"], "schemas": {**schemas, **marked}},
    }


def _with_promise(
    operation: dict[str, Any], answer: Schema, entry: Entry, schemas: dict[str, Schema]
) -> dict[str, Any]:
    properties: dict[str, Schema] = {}
    for name in _at(schemas, answer, []):
        properties |= schemas[name].get("properties", {})
    some = [name for name in entry.some or entry.always.get(ROOT, ()) if name in properties]
    telling = [name for name in some if not _is_marker(properties[name])]
    present = [name for name in entry.present if name in properties]
    promise = {SOME: sorted(telling or some), PRESENT: sorted(present)}
    bodies = {name: operation[name] for name in ("requestBody", "responses")}
    said = {name: value for name, value in operation.items() if name not in bodies}
    return {**said, **{name: value for name, value in promise.items() if value}, **bodies}


def _is_marker(schema: Schema) -> bool:
    """Tell whether a field only says that it worked, as `status` and `success` do: anything may say so."""
    types = schema.get("type", ())
    return "x-cocalc-values" in schema or "boolean" in ([types] if isinstance(types, str) else types)


def _answer(operation: dict[str, Any]) -> Schema:
    [media] = operation["responses"]["200"]["content"].values()
    schema: Schema = media["schema"]
    return schema


def _at(schemas: dict[str, Schema], schema: Schema, way: Iterable[str]) -> set[str]:
    """Give the components that are the objects at the end of a way."""
    here = arms(schemas, [schema])
    for step in way:
        here = arms(schemas, [inner for arm in here.values() for inner in _inside(arm.schema, step)])
    return {arm.name for arm in here.values() if arm.name and "properties" in arm.schema}


class Arm(NamedTuple):
    """An alternative of a schema, and the component that it is, if it is one."""

    name: str
    schema: Schema


def arms(schemas: dict[str, Schema], several: Iterable[Schema]) -> dict[int, Arm]:
    """Give all alternatives of some schemas, each once, references followed."""
    pending = [Arm("", schema) for schema in several]
    found: dict[int, Arm] = {}
    seen: set[int] = set()
    while pending:
        arm = pending.pop()
        if id(arm.schema) in seen:
            continue
        seen.add(id(arm.schema))
        target = component(arm.schema.get("$ref", ""))
        unions = [*arm.schema.get("anyOf", ()), *arm.schema.get("oneOf", ())]
        if target in schemas:
            pending.append(Arm(target, schemas[target]))
        elif unions:
            pending += [Arm("", one) for one in unions]
        else:
            found[id(arm.schema)] = arm
    return found


def _inside(schema: Schema, step: str) -> Iterator[Schema]:
    if step == "[]":
        inner = schema.get("items")
    elif step == "{}":
        inner = schema.get("additionalProperties")
    else:
        inner = schema.get("properties", {}).get(step)
    if isinstance(inner, dict):
        yield inner
