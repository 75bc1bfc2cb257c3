"""`openapi/names.yaml`: what the client calls things, written down so that it goes on calling them so.

A route has the attributes that lead to it, an object the class that it is read into, a field its attribute. What is
written there holds for what has the name, also while it is gone, also when it is spelled otherwise on the wire; what is
new takes the names that are left. A name is dropped with the first major version after the last one that has it: until then a
run may find that the version to come is no major one after all, and what leaves with it stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cocalc_facade._drift.names import (
    ITERATOR,
    MEMBERS,
    field_name,
    respelled,
    route_attributes,
    segment_name,
    successors,
)
from scripts.pipeline.document.anatomy import Json, component, media
from scripts.pipeline.document.names import route
from scripts.pipeline.document.records import decoded
from scripts.pipeline.document.version import major
from scripts.pipeline.published import Document

TARGET = "openapi/names.yaml"
HEADER = """\
# What the client calls things: routes, classes by the places that hold them, the fields of each class.
# Written by scripts/regenerate.py, which never gives a name to something else; a line that is removed is made anew.
"""
KEPT = "x-cocalc-kept"
"""A component to which nothing leads any more: it is kept as the class of what was sent, `request`, or came, `answer`."""
_PARTS = ("routes", "classes", "fields", "aliases", "moved", "gone")
_NAMES = {"type": "object", "additionalProperties": {"type": "string"}}
_FORM = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "version": {"type": "string"},
        **dict.fromkeys(("routes", "classes", "aliases", "moved"), _NAMES),
        "fields": {"type": "object", "additionalProperties": _NAMES},
        "gone": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


@dataclass(frozen=True)
class Released:
    """The names that are given away."""

    version: str = "0.0.0"
    """The last release when they were written down."""
    routes: Mapping[str, str] = field(default_factory=dict)
    """The attributes that lead to a route: `projects.copy_path` by `projects/copy-path`."""
    classes: Mapping[str, str] = field(default_factory=dict)
    """The class of what is at a place: `projects/get answer`, `ProjectsGetResult.owner`, the same with ` []` for its items."""
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For each class the names of its fields in Python, by those on the wire."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names that classes had before."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """The class that a place had in the last release, where it has another one since."""
    gone: Mapping[str, list[str]] = field(default_factory=dict)
    """Of `routes`, `classes` and `fields` (`Project.title`) those that nothing has at present."""


def read(text: str) -> Released:
    """Return what the file says. Raises DocumentError when it is not what `text` wrote."""
    lines = ["" if line.startswith("#") else line for line in text.splitlines()]
    found = decoded("names.yaml", "\n".join(lines) if any(lines) else "{}", _FORM)
    return Released(found.get("version", "0.0.0"), **{part: found.get(part, {}) for part in _PARTS})


def text(released: Released) -> str:
    """Return the text of the file: JSON, which YAML can read, a line for each name."""
    parts = [f'"version": {json.dumps(released.version)}']
    for part in _PARTS:
        rows = sorted(getattr(released, part).items())
        lines = (f"{_json(key)}: {_json(value)}" for key, value in rows)
        parts.append(f'"{part}": {{\n' + ",\n".join(lines) + "\n}")
    return HEADER + "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def name_routes(routes: list[str], released: Released) -> dict[str, str]:
    """Return the attributes that lead to each route, joined by dots, no two of them the same.

    A route that is released keeps its own, one that is only spelled otherwise takes over those of what is gone. Of the
    others, one that is spelled as its attributes are comes first; who finds its attributes taken gets an underscore more.
    """
    known = {**released.routes, **successors(released.routes, routes)}
    taken = {path: name for name, path in known.items()}
    found: dict[str, str] = {}
    given: set[str] = set()
    order = sorted(
        routes, key=lambda name: (name not in known, _default(name) != name.replace("/", "."), name)
    )
    for name in order:
        path = known.get(name) or _default(name)
        if path.partition(".")[0] in MEMBERS:
            first, dot, rest = path.partition(".")
            path = f"{first}_{dot}{rest}"
        while path in given or (path in taken and name not in known):
            path += "_"
        given.add(path)
        found[name] = path
    return found


def _default(name: str) -> str:
    return ".".join(route_attributes(name))


def named(document: Document, released: Released) -> Document:
    """Return the document with the attributes of each route in it, where they are not those that its path alone gives."""
    names = name_routes([route(path) for path in document["paths"]], released)
    paths = {}
    for path, item in document["paths"].items():
        name = route(path)
        post = {key: value for key, value in item["post"].items() if key != "x-cocalc-python"}
        if names[name] != _default(name):
            post["x-cocalc-python"] = names[name]
        paths[path] = {**item, "post": post}
    return {**document, "paths": paths}


def attributes(path: str, operation: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the attributes that lead to an operation of the shaped document."""
    said = operation.get("x-cocalc-python")
    return tuple(said.split(".")) if isinstance(said, str) else route_attributes(route(path))


def collected(document: Document, before: Released, version: str) -> Released:
    """Return the names of a shaped document, and those that were given away `before` and that the last release has, or one of its major version.

    Until the next major version is out, it may still turn out to be none: what vanished may come back.
    """
    schemas = document["components"]["schemas"]
    routes = {
        route(path): ".".join(attributes(path, item["post"])) for path, item in document["paths"].items()
    }
    classes = {
        **dict(_places(document)),
        **{f"kept {name}": name for name, one in schemas.items() if KEPT in one},
    }
    fields: dict[str, dict[str, str]] = {}
    for name in set(classes.values()):
        fields[name] = {wire: python_of(wire, one) for wire, one in schemas[name]["properties"].items()}
    aliases = {
        old: name for name in set(classes.values()) for old in schemas[name].get("x-cocalc-aliases", ())
    }
    other_major = major(version) != major(before.version)
    dropped = {part: set(names) if other_major else set() for part, names in before.gone.items()}
    gone: dict[str, list[str]] = {part: [] for part in ("routes", "classes", "fields")}

    def stays(part: str, key: str) -> bool:
        if key in dropped.get(part, ()):
            return False
        gone[part].append(key)
        return True

    again = set(
        respelled(routes.keys() - before.routes.keys(), before.routes.keys() - routes.keys()).values()
    )
    for name in sorted(before.routes.keys() - routes.keys() - again):
        if stays("routes", name):
            routes[name] = before.routes[name]
    for place in sorted(before.classes.keys() - classes.keys()):
        if stays("classes", place):
            classes[place] = before.classes[place]
    for name, own in sorted(before.fields.items()):
        here = fields.get(name, {})
        taken = set(here.values())
        old = {w: p for w, p in sorted(own.items()) if p not in taken and stays("fields", f"{name}.{w}")}
        if old or here:
            fields[name] = {**old, **here}
    return Released(
        version, routes, classes, fields, aliases, gone={p: keys for p, keys in gone.items() if keys}
    )


def python_of(wire: str, schema: Json) -> str:
    """Return the name in Python of a field of a shaped document."""
    said = schema.get("x-cocalc-python") if isinstance(schema, dict) else None
    return said if isinstance(said, str) else field_name(wire)


def behind(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the routes that are not called as their path, and how they are reached."""
    for path, item in document["paths"].items():
        name = route(path)
        found = ".".join(attributes(path, item["post"]))
        iterates = any(part.startswith(ITERATOR) for part in found.split("."))
        if iterates or found != ".".join(map(segment_name, name.split("/"))):
            yield name, f"client.{found}"


def moved(before: Released, after: Released) -> list[tuple[str, str, str]]:
    """Return the places whose class is called otherwise than before: the place, the old name, the new one."""
    return [
        (place, old, after.classes[place])
        for place, old in sorted(before.classes.items())
        if after.classes.get(place, old) != old
    ]


def since_release(before: Released, after: Released, last: str) -> Released:
    """Return `after` with the class that each place had in the release `last`, where it has another one now."""
    kept = before.moved if before.version == last else {}
    was = {**{place: old for place, old, _ in moved(before, after)}, **kept}
    return replace(after, moved={p: old for p, old in was.items() if after.classes.get(p, old) != old})


def told(names: Released) -> Iterator[str]:
    """Yield a line of Markdown for each place whose class is called otherwise than in the last release."""
    for place, old in sorted(names.moved.items()):
        new = names.classes[place]
        stays = names.aliases.get(old) == new or f"kept {old}" in names.classes
        both = "; both names are there until the next major version" if stays else ""
        yield f"what is at `{place}` is `{new}`, before `{old}`{both}"


def _places(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each place that holds a class, and the class."""
    schemas = document["components"]["schemas"]
    seen: set[str] = set()
    pending: list[tuple[str, Json]] = []
    for path, item in document["paths"].items():
        post = item["post"]
        for side, holder in (("request", post.get("requestBody")), ("answer", post["responses"]["200"])):
            pending += [(f"{route(path)} {side}", entry["schema"]) for _, entry in media(holder)]
    while pending:
        place, schema = pending.pop()
        name = component(schema.get("$ref", ""))
        if name and "properties" in schemas[name]:
            yield place, name
            if name not in seen:
                seen.add(name)
                pending += [(f"{name}.{wire}", one) for wire, one in schemas[name]["properties"].items()]
        pending += [(place, arm) for arm in schema.get("anyOf", ())]
        pending += [(f"{place} [{n}]", part) for n, part in enumerate(schema.get("prefixItems", ()), 1)]
        if isinstance(schema.get("items"), dict):
            pending.append((f"{place} []", schema["items"]))
        if isinstance(schema.get("additionalProperties"), dict):
            pending.append((f"{place} {{}}", schema["additionalProperties"]))
