"""Repairs of one schema, whose sub-schemas are already in order.

How a schema is spelled is the same for everybody who reads one, and stands in `cocalc_facade/_drift/schema/spelling.py`; the
rules here are those that only a whole document needs. Each rule changes the schema in place and returns how many faults
it found. Its first line is the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cocalc_facade._drift.contract import is_unknown
from cocalc_facade._drift.schema.spelling import SPELLING, mended
from cocalc_facade._drift.schema.vocabulary import OURS, Scope
from scripts.pipeline.document.anatomy import SCHEMAS, Json, Schema, component
from scripts.pipeline.published import DocumentError


@dataclass(frozen=True)
class Place:
    """Where a schema stands: what its spelling depends on, the components that there are, and the way to it."""

    scope: Scope
    components: frozenset[str]
    way: tuple[str, ...]

    def below(self, keyword: str, key: str) -> Place:
        """The place of a schema under `keyword`."""
        return Place(self.scope.below(keyword), self.components, (*self.way, keyword, key))


def our_keyword(schema: Schema, _: Place) -> int:
    """Only our own files may say what we say of a schema, but for the mark of one that is overwritten."""
    unknown = [key for key in schema if key.startswith(OURS)]
    if is_unknown(schema):
        unknown.remove("x-cocalc-unknown")
    for key in unknown:
        del schema[key]
    return len(unknown)


def foreign_reference(schema: Schema, place: Place) -> int:
    """A reference that leads nowhere says nothing; one that leads out of the document is refused."""
    ref = schema.get("$ref")
    if not isinstance(ref, str):
        return 0
    if not ref.startswith("#"):
        raise DocumentError(f"the reference {ref[:80]!r} leads out of the document", *place.way)
    if ref.startswith(SCHEMAS) and component(ref) in place.components:
        return 0
    del schema["$ref"]
    return 1


def bare_array(schema: Schema, _: Place) -> int:
    """An array has to say what its items are, be it anything."""
    kinds = schema.get("type")
    if not (kinds == "array" or (isinstance(kinds, list) and "array" in kinds)):
        return 0
    if {"prefixItems", "unevaluatedItems"} & schema.keys() or isinstance(
        schema.get("items"), dict | list | bool
    ):
        return 0
    schema["items"] = {}
    return 1


OWN_RULES: tuple[Callable[[Schema, Place], int], ...] = (foreign_reference, bare_array)
SCHEMA_RULES = (our_keyword, *SPELLING, *OWN_RULES)


def repair_schema(schema: Schema, place: Place) -> list[tuple[str, int]]:
    """Apply every rule to one schema; give how often each fired, of those that did."""
    fired = [(our_keyword.__name__, our_keyword(schema, place)), *mended(schema, place.scope)]
    fired += [(rule.__name__, rule(schema, place)) for rule in OWN_RULES]
    return [(name, times) for name, times in fired if times]


def as_schema(value: Json) -> Schema:
    """A schema for what stands in the place of one: nothing fits `false`, anything fits the rest."""
    return {"not": {}} if value is False else {}
