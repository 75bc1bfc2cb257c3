"""Repair of components that are a part of themselves, with no property and no item between."""

from __future__ import annotations

from collections.abc import Iterator

from cocalc_facade._drift.schema.vocabulary import ANNOTATIONS
from scripts.pipeline.document.anatomy import Schema, component
from scripts.pipeline.published import Document, DocumentError

MAX_COPIES = 20_000
_ARMS = ("anyOf", "oneOf")
_PARTS = (*_ARMS, "allOf")


def part_of_itself(document: Document) -> int:
    """What is an alternative or a part of itself says nothing more by that, and nobody could follow it."""
    schemas: dict[str, Schema] = document["components"].get("schemas", {})
    direct = {name: set(_direct(schema)) for name, schema in schemas.items()}
    leads_to = {name: _reached(name, direct) for name in schemas}
    looped = {name: schema for name, schema in schemas.items() if name in leads_to[name]}
    writer = _Writer(looped, leads_to)
    schemas |= {name: writer.written(schema, (name,)) for name, schema in looped.items()}
    return len(looped)


def _direct(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:
        yield component(schema["$ref"])
    for keyword in _PARTS:
        for part in schema.get(keyword, []):
            yield from _direct(part)


def _reached(name: str, direct: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = [*direct[name]]
    while pending:
        other = pending.pop()
        if other not in found:
            found.add(other)
            pending.extend(direct.get(other, ()))
    return found


class _Writer:
    """Writes components that lead to each other as each of them is without the ways back."""

    def __init__(self, looped: dict[str, Schema], leads_to: dict[str, set[str]]) -> None:
        self._looped = looped
        self._leads_to = leads_to
        self._copies = 0

    def written(self, schema: Schema, inside: tuple[str, ...]) -> Schema:
        """A copy of a schema that is a part of each of the components `inside`, of the first in the end.

        Raises:
            DocumentError: there are too many ways round.
        """
        self._copies += 1
        if self._copies > MAX_COPIES:
            raise DocumentError(f"more than {MAX_COPIES} parts of components that are parts of themselves")
        result = {key: value for key, value in schema.items() if key != "$ref"}
        for keyword in _PARTS:
            if keyword in schema:
                leads_back = self._leads_back if keyword in _ARMS else self._is_empty
                left = [part for part in schema[keyword] if not leads_back(part, inside)]
                result[keyword] = [self.written(part, inside) for part in left]
                if not left:
                    del result[keyword]
                    result |= {"not": {}} if keyword in _ARMS else {}
        if "$ref" not in schema or (name := component(schema["$ref"])) in inside:
            return result
        if inside[0] not in self._leads_to.get(name, ()):
            return {**result, "$ref": schema["$ref"]}
        target = self.written(self._looped[name], (*inside, name))
        if result.keys().isdisjoint(target):
            return {**target, **result}
        return {**result, "allOf": [target, *result.get("allOf", [])]}

    def _leads_back(self, schema: Schema, inside: tuple[str, ...]) -> bool:
        """Tell whether an alternative asks for one of the components `inside`, of which it is one: no value more fits."""
        if any(self._leads_back(part, inside) for part in schema.get("allOf", ())):
            return True
        name = component(schema.get("$ref", ""))
        return name in inside or (
            name in self._looped and self._leads_back(self._looped[name], (*inside, name))
        )

    def _is_empty(self, schema: Schema, inside: tuple[str, ...]) -> bool:
        """Tell whether a part is nothing but a way back into one of the components `inside`."""
        said = schema.keys() - ANNOTATIONS
        if said == {"allOf"}:
            return all(self._is_empty(part, inside) for part in schema["allOf"])
        name = component(schema.get("$ref", ""))
        if said != {"$ref"} or name in inside:
            return said == {"$ref"}
        return name in self._looped and self._is_empty(self._looped[name], (*inside, name))
