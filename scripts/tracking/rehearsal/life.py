"""A life: one document after the other is followed as a regeneration does, and after each it is seen that no name was lost."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from scripts.pipeline import diff, retire
from scripts.pipeline.document import released
from scripts.pipeline.document.anatomy import component, media
from scripts.pipeline.document.released import Released, attributes, python_of
from scripts.pipeline.document.version import major
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate

Names = dict[str, Any]


class LostNameError(AssertionError):
    """What the last release had is not in the client any more, although it should be."""


class Life:
    """A repository below `root` in which documents are followed and versions released."""

    def __init__(self, root: Path, version: str = "1.0.0") -> None:
        self.root = root
        self.version = version
        self.proposed = version
        self.names = Released()
        self.lost: list[str] = []
        self._document: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
        self._released = self._document
        (root / "openapi").mkdir(parents=True, exist_ok=True)

    def meets(self, published: dict[str, Any], date: str) -> diff.Difference:
        """Follow a document, whatever vanished, and return what changed. Raises LostNameError."""
        document = released.named(repair(published).document, self.names)
        found = diff.diff(self.root, document, date=date, released=self.version)
        kept, lost = retire.apply(found.document, found.retired)
        document = shape(kept, self.names)
        validate(document)
        after = released.collected(document, self.names, self.version)
        after = released.since_release(self.names, after, self.version)
        found = diff.with_moves(found, released.told(after), self.root, date=date, released=self.version)
        self.proposed = found.version
        for name, text in found.files.items():
            (self.root / name).write_text(text, encoding="utf-8")
        # As the file has it, since the next run reads it from there.
        self.names = released.read(released.text(after))
        self.lost += lost
        self._document = document
        self._check(lost)
        return found

    def release(self) -> None:
        """Release what is proposed."""
        self.version = self.proposed
        self._released = self._document

    def _check(self, lost: tuple[str, ...]) -> None:
        """See that what the last release had is there; with a new major version, what was not deprecated in it."""
        same = major(self.proposed) == major(self.version)
        before, now = surface(self._released, deprecated=same, own=not same), surface(self._document)
        told = tuple(line.partition(":")[0] for line in lost)
        gone = [place for place in missing(before, now) if not place.startswith(told or ("\0",))]
        if same:
            gone += sorted(classes(self._released) - classes(self._document))
        if gone:
            raise LostNameError(f"{self.version} has and {self.proposed} does not: {', '.join(gone[:5])}")


def classes(document: dict[str, Any]) -> set[str]:
    """The names of classes that callers can write; an enumeration is no class in Python."""
    schemas = {name: one for name, one in document["components"]["schemas"].items() if "enum" not in one}
    return {*schemas, *(old for schema in schemas.values() for old in schema.get("x-cocalc-aliases", ()))}


def surface(document: dict[str, Any], *, deprecated: bool = True, own: bool = False) -> Names:
    """What callers write: for each route, by its attributes, its arguments and the fields of its answer, however deep.

    What is inside a list or a map stands under `[]` or `{}`, the fields of an object under `.`. With `own` without classes that
    several places share: these have fields that one place alone answers, which may go with it in the next major version.
    """
    schemas = document["components"]["schemas"]
    if own:
        uses = Counter(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
        schemas = {name: schema if uses[name] == 1 else {} for name, schema in schemas.items()}
    found: Names = {}
    for path, item in document["paths"].items():
        post = item["post"]
        if deprecated or not post.get("deprecated"):
            holders = {"request": post["requestBody"], "answer": post["responses"]["200"]}
            found[".".join(attributes(path, post))] = {
                side: _names(entry["schema"], schemas, (), deprecated)
                for side, holder in holders.items()
                for _, entry in media(holder)
            }
    return found


def _names(schema: Names, schemas: Names, inside: tuple[str, ...], deprecated: bool) -> Names:
    """The names inside a schema; those of a class that is inside itself are there already."""
    found: Names = {}
    name = component(schema.get("$ref", ""))
    if name and name not in inside and "properties" in schemas[name]:
        found["."] = {
            python_of(wire, one): _names(one, schemas, (*inside, name), deprecated)
            for wire, one in schemas[name]["properties"].items()
            if deprecated or not one.get("deprecated")
        }
    for key, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(key), dict):
            found[step] = _names(schema[key], schemas, inside, deprecated)
    for arm in schema.get("anyOf", ()):
        found |= _names(arm, schemas, inside, deprecated)
    return found


def missing(before: Names, now: Names, place: str = "client") -> list[str]:
    """The names of `before` that are not in `now`, but for what is inside something that is another kind of value by now."""
    found: list[str] = []
    for name, inner in before.items():
        here = place + name if name in (".", "[]", "{}") else f"{place}.{name}".replace("..", ".")
        if name in now:
            found += missing(inner, now[name], here)
        elif name not in (".", "[]", "{}"):
            found.append(here)
    return found
