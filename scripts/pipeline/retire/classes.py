"""What the last release had of classes and fields, and what of it the next one keeps: all of it, until a major version.

`retire` puts back what the server no longer documents, place by place, before shapes become classes. Then a class may still
be at no place any more, because two shapes stopped being equal or a value is of another kind, and a class that several places
shared may have lost what only one of them had. Here the classes that were made are held against those of the last release,
`openapi/classes.json`, and what is missing is added, as deprecated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from cocalc_facade._drift.names import field_name
from scripts.pipeline.document import records
from scripts.pipeline.document.anatomy import SCHEMAS, Json, Schema, component, media, references
from scripts.pipeline.document.released import KEPT, attributes, python_of
from scripts.pipeline.document.version import major
from scripts.pipeline.published import Document, DocumentError, printable
from scripts.pipeline.retire import told

TARGET = "openapi/classes.json"
ALIASES = "x-cocalc-aliases"
_PROSE = frozenset({"description", "default", "x-cocalc-always"})
_FORM: records.Form = {
    "type": "object",
    "required": ["version", "routes", "schemas"],
    "properties": {
        "version": records.TEXT,
        "routes": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": records.SHAPE},
        },
        "schemas": {
            "type": "object",
            "additionalProperties": {
                **records.SHAPE,
                "anyOf": [{"required": ["properties"]}, {"required": ["enum"]}],
            },
        },
    },
}
_SIDE, _SIDES = "x-cocalc-side", ("request", "answer")


@dataclass(frozen=True)
class Classes:
    """The classes of a release: what each route takes and answers by its attributes, and the shapes of them."""

    version: str = "0.0.0"
    routes: dict[str, dict[str, Schema]] = field(default_factory=dict)
    schemas: dict[str, Schema] = field(default_factory=dict)


class Kept(NamedTuple):
    """A shaped document with what the last release had in it."""

    document: Document
    classes: tuple[str, ...]
    """The classes that have no place any more since that release."""
    left: tuple[str, ...]
    """The classes that leave with this version, and had no place before."""
    lost: tuple[str, ...]
    """Fields that could not be kept, because their class sends another one under that name."""

    def told(self, moved: Iterable[str]) -> Iterator[str]:
        """Yield a line of Markdown for each class that has no place any more or leaves, but for those that `moved`."""
        yield from (
            f"`{name}` is at no place any more; it is there until the next major version"
            for name in sorted({*self.classes} - {*moved})
        )
        yield from (f"`{name}` leaves with this version" for name in sorted(self.left))


def of(document: Document, version: str) -> Classes:
    """Return the classes of a shaped `document`, which is released as `version`."""
    routes: dict[str, dict[str, Schema]] = {}
    live: list[Schema] = []
    for path, item in document["paths"].items():
        post = item["post"]
        holders = (post.get("requestBody"), post["responses"]["200"])
        said = {
            side: entry["schema"]
            for side, holder in zip(_SIDES, holders, strict=True)
            for _, entry in media(holder)
        }
        routes[".".join(attributes(path, post))] = said
        live += [] if "x-cocalc-retired" in post else said.values()
    schemas = document["components"]["schemas"]
    whole = {side: [said[side] for said in routes.values() if side in said] for side in _SIDES}
    asked, given = (_led_to(whole[side], schemas, retired=True) for side in _SIDES)
    used = _led_to(live, schemas, retired=False)
    found = {}
    for name, schema in schemas.items():
        side = "request" if name in asked - given else "answer"
        found[name] = {_SIDE: schema.get(KEPT, side), **_bare(schema)}
        if _is_class(schema) and name not in used:
            found[name][KEPT] = found[name][_SIDE]
    return Classes(version, {name: _bare(said) for name, said in routes.items()}, found)


def _led_to(starts: Iterable[Schema], schemas: dict[str, Schema], *, retired: bool) -> set[str]:
    """The classes that some schemas lead to, by fields that are not deprecated or by `retired` ones too."""
    found: set[str] = set()
    pending = list(starts)
    while pending:
        node = pending.pop()
        name = component(node.get("$ref", ""))
        if name not in found and _is_class(schemas.get(name, {})):
            found.add(name)
            fields = schemas[name]["properties"].values()
            pending += [one for one in fields if retired or one.get("deprecated") is not True]
        pending += [*node.get("anyOf", ()), *(inner for _, inner in _inside(node))]
    return found


def read(text: str) -> Classes:
    """Return what the file says. Raises DocumentError when it is not what `text` wrote."""
    found = records.decoded("classes.json", text, _FORM)
    result = Classes(found["version"], found["routes"], found["schemas"])
    said = [*result.schemas.items()]
    said += [(name, one) for name, sides in result.routes.items() for one in sides.values()]
    for name, one in said:
        for lost in sorted({*map(component, references(one))} - result.schemas.keys()):
            raise DocumentError(f"it refers to {printable(lost)!r}, which is not there", "classes.json", name)
    return result


def text(classes: Classes) -> str:
    """Return the text of the file, a line for each route and class."""
    parts = [f'"version": {json.dumps(classes.version)}']
    for name in ("routes", "schemas"):
        rows = (f"{_json(key)}: {_json(value)}" for key, value in sorted(getattr(classes, name).items()))
        parts.append(f'"{name}": {{\n' + ",\n".join(rows) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _bare(node: Json) -> Json:
    """Return a schema without its prose, but for what is deprecated: since when stays known."""
    if isinstance(node, list):
        return [_bare(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    deprecated = node.get("deprecated") is True
    return {
        key: {name: _bare(inner) for name, inner in value.items()} if key == "properties" else _bare(value)
        for key, value in node.items()
        if key not in _PROSE or (key == "description" and deprecated)
    }


def earlier(root: Path, version: str) -> Classes | None:
    """Return the classes of the release `version`, the last one; None when nothing is recorded below `root`."""
    if (place := root / TARGET).exists():
        found = read(records.read(place))
        if found.version == version:
            return found
    if (place := root / "openapi" / "client.json").exists():
        return of(json.loads(place.read_text(encoding="utf-8")), version)
    return None


def kept(document: Document, released: Classes | None, *, date: str, version: str) -> Kept:
    """Return the shaped `document` with each class and field of the last release in it; the input is left as it is.

    What was deprecated there leaves with the next major version.

    Args:
        document: after `shape`.
        released: the classes of the last release; None when there was none.
        date: that of the document.
        version: the one that this document belongs to.
    """
    if released is None:
        return Kept(document, (), (), ())
    return _Keeper(document, released, date, version).run()


class _Keeper:
    def __init__(self, document: Document, released: Classes, date: str, version: str) -> None:
        self._document = document
        self._old = released.schemas
        self._routes = released.routes
        self._leaves = major(version) != major(released.version)
        self._told = told({"since": date, "version": version, "use": None})
        self._until = f"{major(version) + 1}.0.0"
        self._new: dict[str, Schema] = dict(document["components"]["schemas"])
        self._copied: set[str] = set()
        self._aliases = {old: name for name, one in self._new.items() for old in one.get(ALIASES, ())}
        self._seen: set[tuple[str, ...]] = set()
        self._lost: list[str] = []

    def run(self) -> Kept:
        added = [name for name in self._old if self._is_missing(name) and not self._leaving(name)]
        for name in added:
            self._new[name] = self._as_kept(self._old[name])
        self._keep_aliases()
        for name in added:
            self._new[name] = {
                **self._new[name],
                "properties": {w: self._referring(one) for w, one in self._new[name]["properties"].items()},
            }
        for name, schema in self._old.items():
            if _is_class(schema) and (here := self._here(name)):
                self._fill(name, (here,))
        for path, item in self._document["paths"].items():
            said = self._routes.get(".".join(attributes(path, item["post"])), {})
            holders = (item["post"].get("requestBody"), item["post"]["responses"]["200"])
            for side, holder in zip(_SIDES, holders, strict=True):
                for _, entry in media(holder):
                    self._walk([said.get(side, {})], [entry["schema"]])
        apart = self._without_place(added)
        components = {**self._document["components"], "schemas": dict(sorted(self._new.items()))}
        left = tuple(n for n, s in self._old.items() if KEPT in s and not self._here(n))
        since = tuple(sorted(name for name in apart if KEPT not in self._old[name]))
        return Kept({**self._document, "components": components}, since, left, tuple(self._lost))

    def _is_missing(self, name: str) -> bool:
        return _is_class(self._old[name]) and not self._here(name)

    def _leaving(self, name: str) -> bool:
        return self._leaves and KEPT in self._old[name]

    def _here(self, name: str) -> str:
        """The class that has a name now; empty without one."""
        return name if name in self._new else self._aliases.get(name, "")

    def _keep_aliases(self) -> None:
        """Keep the names that were those of a class before; they leave with the next major version."""
        for name, schema in self._old.items():
            for alias in schema.get(ALIASES, ()):
                if self._leaves and alias in self._aliases:
                    home = self._own(self._aliases.pop(alias))
                    home[ALIASES] = [other for other in home[ALIASES] if other != alias]
                    if not home[ALIASES]:
                        del home[ALIASES]
                elif not self._leaves and not self._here(alias) and (here := self._here(name)):
                    home = self._own(here)
                    home[ALIASES] = sorted([*home.get(ALIASES, ()), alias])
                    self._aliases[alias] = here

    def _as_kept(self, schema: Schema) -> Schema:
        fields = {wire: one for wire, one in schema["properties"].items() if not self._goes(one)}
        result = {"type": "object", "properties": fields}
        if required := [wire for wire in schema.get("required", ()) if wire in fields]:
            result["required"] = required
        return result

    def _goes(self, one: Schema) -> bool:
        return self._leaves and one.get("deprecated") is True

    def _without_place(self, added: Sequence[str]) -> list[str]:
        """Mark those of the classes that were added to which nothing leads."""
        starts = []
        for item in self._document["paths"].values():
            for holder in (item["post"].get("requestBody"), item["post"]["responses"]["200"]):
                starts += [entry["schema"] for _, entry in media(holder)]
        placed = _led_to(starts, self._new, retired=True)
        apart = [name for name in added if name not in placed]
        for name in apart:
            self._new[name] |= {
                KEPT: self._old[name][_SIDE],
                "description": "Deprecated: what is sent and what comes has no longer this form. "
                f"It leaves the client in version {self._until}.",
            }
        return apart

    def _own(self, name: str) -> Schema:
        """A class of the document as one that may be changed."""
        if name not in self._copied:
            self._copied.add(name)
            schema = self._new[name]
            self._new[name] = {**schema, "properties": dict(schema["properties"])}
        return self._new[name]

    def _walk(self, old: list[Schema], new: list[Schema]) -> None:
        """See that what was at a place is at it, however deep."""
        was, steps = self._at(old, self._old)
        now, others = self._at(new, self._new)
        if now:
            for name in was:
                self._fill(name, tuple(now))
        for step in steps.keys() & others.keys():
            self._walk(steps[step], others[step])

    def _fill(self, old: str, homes: tuple[str, ...]) -> None:
        """See that the fields of the class `old` are in one of `homes`, and so on inwards."""
        if (old, *homes) in self._seen:
            return
        self._seen.add((old, *homes))
        fields = [{python_of(w, one): one for w, one in self._new[h]["properties"].items()} for h in homes]
        for wire, one in self._old[old]["properties"].items():
            name = python_of(wire, one)
            there = [known[name] for known in fields if name in known]
            if not there and not self._goes(one):
                there = list(self._add(old, homes, wire, one))
            if there:
                self._walk([one], there)

    def _add(self, old: str, homes: tuple[str, ...], wire: str, one: Schema) -> Iterator[Schema]:
        here = self._here(old)
        home = here if here in homes else max(homes, key=lambda n: len(self._new[n]["properties"]))
        properties = self._own(home)["properties"]
        name = python_of(wire, one)
        if wire in properties:
            self._lost.append(f"{home}.{name}: it was what is `{python_of(wire, properties[wire])}` now")
            return
        note = one if one.get("deprecated") is True and "description" in one else {"description": self._told}
        python = {} if name == field_name(wire) else {"x-cocalc-python": name}
        properties[wire] = {
            **self._referring(one),
            "deprecated": True,
            "description": note["description"],
            **python,
        }
        yield properties[wire]

    def _referring(self, node: Json) -> Json:
        """A schema of the last release that refers to what is here."""
        if isinstance(node, list):
            return [self._referring(inner) for inner in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            name = component(node["$ref"])
            known = self._old[name]
            if here := self._here(name) if _is_class(known) else self._values(name, known):
                return {**node, "$ref": SCHEMAS + here}
            return {**{key: value for key, value in node.items() if key != "$ref"}, "type": known["type"]}
        return {key: self._referring(value) for key, value in node.items()}

    def _values(self, name: str, known: Schema) -> str:
        """A list of values under its name; empty when something else is called so by now."""
        if name not in self._new and name.lower() not in map(str.lower, {*self._new, *self._aliases}):
            self._new[name] = {key: value for key, value in known.items() if key != _SIDE}
        return name if "enum" in self._new.get(name, {}) else ""

    def _at(
        self, nodes: list[Schema], schemas: dict[str, Schema]
    ) -> tuple[list[str], dict[str, list[Schema]]]:
        """The classes at a place, and what is inside the lists and maps there."""
        names: dict[str, None] = {}
        steps: dict[str, list[Schema]] = {}
        pending = list(nodes)
        while pending:
            node = pending.pop()
            name = component(node.get("$ref", ""))
            if name and _is_class(schemas.get(name, {})):
                names[name] = None
            pending += node.get("anyOf", ())
            for step, inner in _inside(node):
                steps.setdefault(step, []).append(inner)
        return sorted(names), steps


def _inside(node: Schema) -> Iterator[tuple[str, Schema]]:
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield key, node[key]
    for number, part in enumerate(node.get("prefixItems", ())):
        yield f"[{number}]", part


def _is_class(schema: Schema) -> bool:
    """Tell whether a component is a class in Python; a list of values is none, but written out where it is used."""
    return "properties" in schema
