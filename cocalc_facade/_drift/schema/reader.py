"""From the schemas of one document to what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cocalc_facade._drift.kinds import ContractError, Json

from .facts import bounds, narrowed, only
from .instances import fits
from .pointer import followed, written
from .reading import Alternative, Reading, both, disjoint, either
from .spelling import spelled
from .twins import twins
from .vocabulary import BY_TYPE, TYPES, Schema, Scope, is_never

MAX_NODES = 200_000
MAX_TOTAL = 4_000_000
MAX_LEVELS = 100
MAX_TUPLE = 8
MAX_HOPS = 20


class Reader:
    """Reads the schemas of `document`; those in `unknown`, by reference, say nothing."""

    def __init__(self, document: dict[str, Json], unknown: frozenset[str] = frozenset()) -> None:
        self._document = document
        self._unknown = unknown
        self._old = str(document.get("openapi", "3.1")).startswith("3.0")
        self._nodes = self._total = 0
        self._depth = self._level = self._arms = 0
        """How many schemas are around the one that is read; how many values; how many alternatives of the same value."""
        self._open: dict[str, int] = {}
        """What is being read, and the level of each."""
        self._met: set[str] = set()
        self._direct: dict[str, int] = {}
        """Of that what is read with nothing but parts between, no property and no item, and the alternatives around it."""
        self._known: dict[tuple[str, bool], tuple[Reading, int]] = {}
        self._twins = twins(document)
        self._begun: Json = None
        """The component that is read, itself and not a twin of it."""

    def read(self, schema: Json, *, answer: bool) -> Reading:
        """Return what `schema` says in an answer or in a request. Raises ContractError."""
        self._total += self._nodes
        self._nodes = 0
        if self._total > MAX_TOTAL:
            raise ContractError(f"the document describes more than {MAX_TOTAL} values")
        return self._read(schema, Scope(answer, bare_references=self._old))

    def target(self, ref: str) -> Json:
        """Return what a reference leads to, in whatever part of the document; nothing where it leads nowhere."""
        found = None if ref in self._unknown else followed(self._document, ref)
        return {} if found is None else found[1]

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise ContractError(f"an operation describes more than {MAX_NODES} values")

    def _read(self, given: Json, scope: Scope) -> Reading:
        self._count(1)
        if given is False:
            return Reading()
        if not isinstance(given, dict):
            return Reading(open=True)
        if self._depth > MAX_LEVELS:
            raise ContractError(f"the document is nested deeper than {MAX_LEVELS} levels")
        if id(given) in self._twins and given is not self._begun:
            given = {"$ref": self._twins[id(given)]}
        schema = spelled(given, scope)
        around = self._direct, self._depth, self._level, self._arms
        self._depth += 1
        if scope.part:
            self._arms += scope.arm
        elif given is not self._begun:
            self._direct = {}
            self._level += 1
        found = Reading() if is_never(schema) else self._whole(schema, scope)
        self._direct, self._depth, self._level, self._arms = around
        said = {
            name: schema[name]
            for name in ("default", "deprecated", "readOnly", "writeOnly")
            if (schema.get(name) is not None and schema.get(name) is not False) or name == "default" in schema
        }
        return replace(found, notes={**found.notes, **said}, types={}) if said else found

    def _whole(self, schema: Schema, scope: Scope) -> Reading:
        """Return what the keywords of a schema say together."""
        found = self._own(schema, scope)
        for part in self._parts(schema, scope):
            found = both(found, part)
        where = list(self._conditions(schema, scope))
        if where:
            found = replace(found, where=(*found.where, *where), types={})
        further = schema.get("unevaluatedProperties")
        return self._further(found, further, scope) if further is not None else found

    def _parts(self, schema: Schema, scope: Scope) -> Iterator[Reading]:
        if isinstance(schema.get("$ref"), str):
            yield self._reference(schema["$ref"], scope.answer)
        for part in _list(schema.get("allOf")):
            yield self._read(part, scope.below("allOf"))
        for keyword in ("anyOf", "oneOf"):
            read = [self._read(arm, scope.below(keyword)) for arm in _list(schema.get(keyword))]
            if read:
                arms = [arm for arm in read if arm.kinds or arm.open]
                found = replace(either(arms), notes={}, types={})
                if keyword == "oneOf" and len(arms) > 1 and not disjoint(arms):
                    found = replace(found, where=(*found.where, ("oneOf", tuple(arms))))
                yield found
        if "if" in schema and ("then" in schema or "else" in schema):
            branches = [self._read(schema.get(name, {}), scope.below(name)) for name in ("then", "else")]
            yield replace(either(branches), where=(), notes={}, types={})
        for inner in _dict(schema.get("dependentSchemas")).values():
            yield replace(
                either([self._read(inner, scope.below("if")), Reading(open=True)]), notes={}, types={}
            )

    def _conditions(self, schema: Schema, scope: Scope) -> Iterator[tuple[Any, ...]]:
        """Yield what the schema says that no type can model."""
        if "not" in schema:
            yield "not", self._read(schema["not"], scope.below("not"))
        if "if" in schema and ("then" in schema or "else" in schema):
            yield (
                "if",
                *(self._read(schema.get(name, {}), scope.below(name)) for name in ("if", "then", "else")),
            )

    def _reference(self, ref: str, answer: bool) -> Reading:
        for _ in range(MAX_HOPS):
            place = None if ref in self._unknown else followed(self._document, ref)
            if place is None:
                break
            ref = self._twins.get(id(place[1]), written(place[0]))
            if (
                not isinstance(place[1], dict)
                or place[1].keys() != {"$ref"}
                or not isinstance(place[1]["$ref"], str)
            ):
                break
            ref = place[1]["$ref"]
        if ref in self._open:
            self._met.add(ref)
            if ref in self._direct:  # what is a part of itself says nothing more by that
                return Reading(open=self._direct[ref] == self._arms)
            return Reading({"again": [Alternative({"levels": self._level - self._open[ref]})]})
        if (ref, answer) in self._known:
            found, nodes = self._known[ref, answer]
            self._count(nodes)
            return found
        before, around, outer = self._nodes, self._met, self._direct
        self._open[ref], self._met, self._direct = self._level, set(), self._direct | {ref: self._arms}
        self._begun = self.target(ref)
        found = self._read(self._begun, Scope(answer, bare_references=self._old))
        del self._open[ref]
        self._direct = outer
        outside = self._met - {ref}
        if not outside:
            self._known[ref, answer] = found, self._nodes - before
        self._met = around | outside
        return found

    def _own(self, schema: Schema, scope: Scope) -> Reading:
        """Return what the keywords of `schema` itself say, its parts aside."""
        values = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
        given = schema.get("type")
        kinds = given if isinstance(given, list) else [given] if given else []
        if not kinds and values is not None:
            kinds = [kind for kind in TYPES if any(fits(value, kind) for value in values)]
            if "number" in kinds and "integer" in kinds:
                kinds.remove(
                    "integer"
                    if any(not fits(v, "integer") for v in values if fits(v, "number"))
                    else "number"
                )
        open_ = not kinds
        if open_:
            kinds = [kind for kind, keys in BY_TYPE.items() if any(key in schema for key in keys)]
        found: dict[str, list[Alternative]] = {}
        for kind in kinds:
            one = self._kind(kind, schema, scope)
            if values is not None and kind != "null":
                one = _listed(kind, one, values)
            if one is not None:
                found[kind] = [one]
        return Reading(found, open=open_, shaped=bool(found))

    def _kind(self, kind: str, schema: Schema, scope: Scope) -> Alternative | None:
        facts = bounds(kind, schema)
        if kind in ("string", "integer", "number") and isinstance(schema.get("x-cocalc-time"), str):
            facts["time"] = schema["x-cocalc-time"]
        if kind == "array":
            return self._array(schema, facts, scope)
        if kind == "object":
            return self._object(schema, facts, scope)
        if kind == "string" and "contentSchema" in schema:
            return Alternative(
                facts, (("contentSchema", self._read(schema["contentSchema"], scope.below("contains"))),)
            )
        return Alternative(facts)

    def _array(self, schema: Schema, facts: dict[str, Json], scope: Scope) -> Alternative:
        parts = tuple(self._read(part, scope.below("items")) for part in _list(schema.get("prefixItems")))
        rest = schema.get("items", schema.get("unevaluatedItems"))
        items = self._read(rest, scope.below("items")) if rest is not None and rest is not False else None
        where: list[tuple[Any, ...]] = []
        if "contains" in schema:
            count = (schema.get("minContains", 1), schema.get("maxContains"))
            where.append(("contains", *count, self._read(schema["contains"], scope.below("contains"))))
        size = facts.get("minItems")
        if not parts and size == facts.get("maxItems") and isinstance(size, int) and 0 < size <= MAX_TUPLE:
            parts, items = (items or Reading(open=True),) * size, None
        if not parts and rest is False:
            facts["maxItems"] = 0
        if parts:
            return Alternative(facts, tuple(where), rest=items, closed=rest is False, parts=parts)
        return Alternative(facts, tuple(where), items=items)

    def _object(self, schema: Schema, facts: dict[str, Json], scope: Scope) -> Alternative:
        inside = scope.below("properties")
        fields = {
            name: self._read(inner, inside)
            for name, inner in _dict(schema.get("properties")).items()
            if not (isinstance(inner, dict) and "x-cocalc-retired" in inner)
        }
        further = schema.get("additionalProperties")
        name = schema.get("x-cocalc-name")
        return Alternative(
            facts,
            tuple(self._object_conditions(schema, inside)),
            fields,
            frozenset(_list(schema.get("required"))),
            rest=self._read(further, inside) if isinstance(further, dict) else None,
            closed=further is False,
            name=name if isinstance(name, str) else None,
        )

    def _object_conditions(self, schema: Schema, scope: Scope) -> Iterator[tuple[Any, ...]]:
        if "propertyNames" in schema:
            yield "propertyNames", self._read(schema["propertyNames"], scope)
        for pattern, inner in _dict(schema.get("patternProperties")).items():
            yield "patternProperties", pattern, self._read(inner, scope)
        for name, inner in _dict(schema.get("dependentSchemas")).items():
            yield "dependentSchemas", name, self._read(inner, scope.below("if"))
        for name, others in _dict(schema.get("dependentRequired")).items():
            yield from (
                ("dependentRequired", name, other) for other in _list(others) if isinstance(other, str)
            )

    def _further(self, found: Reading, further: Json, scope: Scope) -> Reading:
        """Return `found` with what is said of the fields that none of its parts lists."""
        objects = found.kinds.get("object")
        if objects is None:
            return found
        rest = self._read(further, scope.below("properties")) if isinstance(further, dict) else None
        told = [replace(one, rest=one.rest or rest, closed=one.closed or further is False) for one in objects]
        return replace(found, kinds={**found.kinds, "object": told}, types={})


def _listed(kind: str, one: Alternative | None, values: list[Json]) -> Alternative | None:
    """Return the alternative for the values of `kind`, None when there is none."""
    if one is None or kind in ("array", "object"):
        found = [value for value in values if fits(value, kind)]
        return replace(one, where=(*one.where, ("enum", found))) if one is not None and found else None
    facts = narrowed(kind, only(kind, values), one.facts)
    if facts is None or not facts["enum"]:
        return None
    return one if kind == "boolean" and len(facts["enum"]) > 1 else replace(one, facts=facts)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
