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

    What an entry says of a field that the document does not have lapses.
    """
    schemas = document["components"]["schemas"]
    paths = dict(document["paths"])
    for route, entry in entries.items():
        item = paths.get(PREFIX + route)
        if item is not None:
            paths[PREFIX + route] = {
                "post": _with_promise(item["post"], _answer(item["post"]), entry, schemas)
            }
    sure = {name: sorted(proofs) for name, proofs in proven(document, entries).items()}
    marked = {name: {**schemas[name], FIELDS: fields} for name, fields in sure.items()}
    return {
        **document,
        "paths": paths,
        "components": {**document["components"], "schemas": {**schemas, **marked}},
    }


class Proof(NamedTuple):
    """Where a field of a class was seen, in every object that there was: the route, the place in its answer, and how many objects."""

    route: str
    place: str
    objects: int


def proven(document: Document, entries: dict[str, Entry]) -> dict[str, dict[str, list[Proof]]]:
    """Give for each class the fields that every object of it has, with the proofs; nothing for a class without such fields.

    Of a class that several places share, only that is sure which is sure in each place of the routes that have an entry, and seen in one of
    them at least. A route without an entry, of which nobody knows anything, takes nothing away: what is released stays.
    """
    schemas = document["components"]["schemas"]
    found: dict[str, dict[str, list[Proof]]] = {}
    for route, entry in sorted(entries.items()):
        item = document["paths"].get(PREFIX + route)
        for name, place in sorted(_occurrences(schemas, _answer(item["post"]))) if item else ():
            counts = entry.always.get(place, {})
            before = found.get(name) if name in found else dict.fromkeys(schemas[name]["properties"], ())
            assert before is not None
            found[name] = {
                field: [*proofs, Proof(route, place, counts[field])]
                for field, proofs in before.items()
                if field in counts
            }
    seen = {
        name: {field: proofs for field, proofs in fields.items() if any(proof.objects for proof in proofs)}
        for name, fields in found.items()
    }
    return {name: fields for name, fields in sorted(seen.items()) if fields}


def _occurrences(schemas: dict[str, Schema], answer: Schema) -> set[tuple[str, str]]:
    """Give the classes with fields in an answer, each with the places where it is; one that holds itself is there once more, and no deeper."""
    found: set[tuple[str, str]] = set()
    pending: list[tuple[Schema, str, tuple[str, ...]]] = [(answer, ROOT, ())]
    while pending:
        schema, place, above = pending.pop()
        for arm in arms(schemas, [schema]).values():
            inside = arm.schema
            fields = inside.get("properties", {})
            if arm.name and fields:
                found.add((arm.name, place))
                if arm.name in above:
                    continue
            trail = (*above, arm.name) if arm.name else above
            parts = [(part, f"{place}.{field}") for field, part in fields.items()]
            parts += [(part, f"{place}[]") for part in (inside.get("items"), *inside.get("prefixItems", ()))]
            parts.append((inside.get("additionalProperties"), f"{place}{{}}"))
            pending += [(part, there, trail) for part, there in parts if isinstance(part, dict)]
    return found


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
