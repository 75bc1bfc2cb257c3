"""A life: one document after the other is followed as a regeneration does, and after each it is seen that no name was lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.pipeline import diff, retire
from scripts.pipeline.document import released
from scripts.pipeline.document.anatomy import component, media
from scripts.pipeline.document.released import Released, attributes, python_of
from scripts.pipeline.document.version import major
from scripts.pipeline.generate.kinds import Kinds
from scripts.pipeline.repair import repair
from scripts.pipeline.retire import classes
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
        document = shape(retire.apply(found.document, found.retired), self.names)
        before = classes.read(classes.text(classes.of(self._released, self.version)))
        kept = classes.kept(document, before, date=date, version=found.version)
        validate(kept.document)
        after = released.collected(kept.document, self.names, self.version)
        after = released.since_release(self.names, after, self.version)
        moves = [*released.told(after), *kept.told(after.moved.values())]
        found = diff.with_moves(found, moves, self.root, date=date, released=self.version)
        self.proposed = found.version
        for name, text in found.files.items():
            (self.root / name).write_text(text, encoding="utf-8")
        # As the file has it, since the next run reads it from there.
        self.names = released.read(released.text(after))
        self.lost += kept.lost
        self._document = kept.document
        self._check()
        return found

    def release(self) -> None:
        """Release what is proposed."""
        self.version = self.proposed
        self._released = self._document

    def _check(self) -> None:
        """See that what the last release had is there; with a new major version, what was not retired in it."""
        same = major(self.proposed) == major(self.version)
        gone = missing(surface(self._released, retired=same), surface(self._document))
        gone += sorted(public(self._released, retired=same) - public(self._document))
        if gone:
            raise LostNameError(f"{self.version} has and {self.proposed} does not: {', '.join(gone[:5])}")


def public(document: dict[str, Any], *, retired: bool = True) -> set[str]:
    """The names of classes that callers can write; without `retired` only those that something live is.

    A list of values has a component too, and no class: it is written out in each signature.
    """
    kinds = Kinds(document["components"]["schemas"])
    if retired:
        models = {name: one for name, one in kinds.components.items() if kinds.is_model(name)}
        return {*models, *(old for schema in models.values() for old in schema.get(classes.ALIASES, ()))}
    posts = [item["post"] for item in document["paths"].values()]
    found: set[str] = set()
    pending: list[Any] = [
        (post["requestBody"], post["responses"]["200"]) for post in posts if "x-cocalc-retired" not in post
    ]
    while pending:
        node = pending.pop()
        if isinstance(node, list | tuple):
            pending += node
        elif isinstance(node, dict):
            name = component(node["$ref"]) if isinstance(node.get("$ref"), str) else ""
            if name and name not in found and kinds.is_model(name):
                found.add(name)
                fields = kinds.components[name]["properties"].values()
                pending += [one for one in fields if not one.get("deprecated")]
            pending += [value for key, value in node.items() if key != "properties"]
    return found


def surface(document: dict[str, Any], *, retired: bool = True) -> Names:
    """What callers write: for each route, by its attributes, its arguments and the fields of its answer, however deep.

    What is inside a list or a map stands under `[]` or `{}`, the fields of an object under `.`.
    """
    schemas = document["components"]["schemas"]
    found: Names = {}
    for path, item in document["paths"].items():
        post = item["post"]
        if retired or "x-cocalc-retired" not in post:
            holders = {"request": post["requestBody"], "answer": post["responses"]["200"]}
            found[".".join(attributes(path, post))] = {
                side: _names(entry["schema"], schemas, (), retired)
                for side, holder in holders.items()
                for _, entry in media(holder)
            }
    return found


def _names(schema: Names, schemas: Names, inside: tuple[str, ...], retired: bool) -> Names:
    """The names inside a schema; those of a class that is inside itself are there already."""
    found: Names = {}
    name = component(schema.get("$ref", ""))
    if name and name not in inside and "properties" in schemas[name]:
        found["."] = {
            python_of(wire, one): _names(one, schemas, (*inside, name), retired)
            for wire, one in schemas[name]["properties"].items()
            if retired or not one.get("deprecated")
        }
    for key, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(key), dict):
            found[step] = _names(schema[key], schemas, inside, retired)
    for arm in schema.get("anyOf", ()):
        _join(found, _names(arm, schemas, inside, retired))
    return found


def _join(found: Names, more: Names) -> None:
    for name, inner in more.items():
        _join(found.setdefault(name, {}), inner)


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
