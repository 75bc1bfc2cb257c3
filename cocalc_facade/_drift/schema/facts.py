"""What is said of one kind of value besides its parts: bounds, values, conditions; what both of two say, and which says less.

Facts are plain JSON: `{"minimum": 1, "enum": […], "where": [["pattern", "^a"], …]}`. `where` are the conditions that no
type can model; each holds beside the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeAlias

from cocalc_facade._drift.kinds import Json

from .instances import fits, identity
from .order import distinct_in_order

Facts: TypeAlias = dict[str, Any]

BOUNDS: dict[str, tuple[str, ...]] = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "format"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "object": ("minProperties", "maxProperties"),
}
LOW = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
HIGH = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
CONDITIONS = ("pattern", "contentEncoding", "contentMediaType")


def bounds(kind: str, schema: dict[str, Json]) -> Facts:
    """Return what the keywords of a schema, in the one spelling, say of a value of `kind` besides its parts."""
    found = {name: schema[name] for name in BOUNDS.get(kind, ()) if name in schema}
    if isinstance(schema.get("x-cocalc-format"), str) and kind == "string":
        found["format"] = schema["x-cocalc-format"]
    if kind == "string":
        said = [[name, schema[name]] for name in CONDITIONS if name in schema]
        if said:
            found["where"] = conditions(said)
    return tidy(kind, found)


def tidy(kind: str, found: Facts) -> Facts:
    """Return `found` without what says nothing, each bound written in one way, a list of values without bounds."""
    if "enum" in found:
        values = [value for value in found["enum"] if _bounded(value, found)]
        bare = {name: said for name, said in found.items() if name not in BOUNDS.get(kind, ())}
        return {**bare, "enum": values}
    for name in ("minLength", "minItems", "minProperties"):
        if found.get(name) == 0:
            del found[name]
    if found.get("uniqueItems") is False:
        del found["uniqueItems"]
    for plain, sharp, step in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        if plain in found and sharp in found:
            del found[plain if step * found[sharp] >= step * found[plain] else sharp]
        if kind == "integer" and sharp in found:
            found[plain] = math.floor(found.pop(sharp)) + 1 if step > 0 else math.ceil(found.pop(sharp)) - 1
        elif kind == "integer" and plain in found:
            found[plain] = math.ceil(found[plain]) if step > 0 else math.floor(found[plain])
    for name in found.keys() & {*LOW, *HIGH, "multipleOf"}:
        if isinstance(found[name], float) and found[name].is_integer():
            found[name] = int(found[name])
    return found


def _bounded(value: Json, found: Facts) -> bool:
    if isinstance(value, str):
        return bool(found.get("minLength", 0) <= len(value) <= found.get("maxLength", math.inf))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return bool(
        found.get("minimum", -math.inf) <= value <= found.get("maximum", math.inf)
        and found.get("exclusiveMinimum", -math.inf) < value < found.get("exclusiveMaximum", math.inf)
        and ("multipleOf" not in found or value % found["multipleOf"] == 0)
    )


def conditions(said: Iterable[Json]) -> list[Json]:
    """Return conditions in the one order, each once."""
    return distinct_in_order(said)


def only(kind: str, values: list[Json]) -> Facts:
    """Return the facts of a value that is one of `values`."""
    return {"enum": sorted((_plain(value) for value in values if fits(value, kind)), key=repr)}


def _plain(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def narrowed(kind: str, one: Facts, other: Facts) -> Facts | None:
    """Return the facts of a value of which both are true, None when there is none."""
    result = {**one, **other}
    for name in one.keys() & other.keys():
        if name in LOW or name in HIGH:
            result[name] = max(one[name], other[name]) if name in LOW else min(one[name], other[name])
    where = [*one.get("where", ()), *other.get("where", ())]
    for name in ("format", "multipleOf"):
        if name in one and name in other and one[name] != other[name]:
            if name == "multipleOf" and isinstance(one[name], int) and isinstance(other[name], int):
                result[name] = math.lcm(one[name], other[name])
            else:
                result[name], more = sorted((one[name], other[name]), key=repr)
                where.append([name, more])
    if where:
        result["where"] = conditions(where)
    if "enum" in one and "enum" in other:
        known = {identity(value) for value in other["enum"]}
        result["enum"] = [value for value in one["enum"] if identity(value) in known]
    result = tidy(kind, result)
    return None if result.get("enum") == [] else result


def says_less(one: Facts, other: Facts) -> bool:
    """Tell whether whatever `other` is true of, `one` is true of as well, as far as can be seen."""
    return all(_says_less(name, one, other) for name in one)


def _says_less(name: str, one: Facts, other: Facts) -> bool:
    if name == "where":
        return all(condition in other.get("where", ()) for condition in one["where"])
    if name == "enum":
        known = {identity(value) for value in one["enum"]}
        return "enum" in other and all(identity(value) in known for value in other["enum"])
    if "enum" in other and name in (*LOW, *HIGH, "multipleOf", "format"):
        return False
    if name in ("minimum", "exclusiveMinimum"):
        return _edge(other, 1) >= _edge(one, 1)
    if name in ("maximum", "exclusiveMaximum"):
        return _edge(other, -1) >= _edge(one, -1)
    if name in LOW:
        return bool(other.get(name, 0) >= one[name])
    if name in HIGH:
        return bool(other.get(name, math.inf) <= one[name])
    if name == "multipleOf" and name in other:
        of_it = isinstance(one[name], int) and isinstance(other[name], int) and other[name] % one[name] == 0
        return of_it or bool(other[name] == one[name])
    return name in other and bool(other[name] == one[name])


def _edge(found: Facts, sign: int) -> tuple[float, bool]:
    """Return the lower bound (the negated upper one for -1), and whether the bound itself is excluded."""
    plain, sharp = ("minimum", "exclusiveMinimum") if sign > 0 else ("maximum", "exclusiveMaximum")
    edges = [(sign * found[plain], False)] if plain in found else []
    edges += [(sign * found[sharp], True)] if sharp in found else []
    return max(edges, default=(-math.inf, False))


def widened(one: Facts, other: Facts) -> Facts:
    """Return facts that are true of a value of which one of the two is true: less than could be said of it."""
    result: Facts = {}
    for name in one.keys() & other.keys():
        if name in LOW or name in HIGH:
            result[name] = min(one[name], other[name]) if name in LOW else max(one[name], other[name])
        elif name == "enum":
            values = {identity(value): value for value in (*one["enum"], *other["enum"])}
            result["enum"] = sorted(values.values(), key=repr)
        elif name == "where":
            shared = [condition for condition in one["where"] if condition in other["where"]]
            result |= {"where": shared} if shared else {}
        elif one[name] == other[name]:
            result[name] = one[name]
    return result


def distinct(alternatives: Iterable[Facts]) -> list[Facts]:
    """Return the alternatives of one kind of value that say something of their own: lists of values are one list."""
    values: dict[Json, Json] = {}
    rest: list[Facts] = []
    for facts in alternatives:
        if facts.keys() == {"enum"}:
            values.update((identity(value), value) for value in facts["enum"])
        else:
            rest.append(dict(sorted(facts.items())))
    listed = [{"enum": sorted(values.values(), key=repr)}] if values else []
    found = [*listed, *distinct_in_order(rest)]
    if len(found) == 1 or len(found) > 64:
        return found
    kept: list[Facts] = []
    for index, facts in enumerate(found):
        others = [*kept, *found[index + 1 :]]
        if not any(says_less(other, facts) for other in others):
            kept.append(facts)
    return kept
