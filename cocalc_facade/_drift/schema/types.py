"""The types of a contract: what a reading says, as plain JSON in one canonical form.

A type is an object whose keys are the kinds of value that it allows (`string`, `object`, …) and whose values say more
of each; `{}` allows anything, `{"never": {}}` nothing. Alternatives of one kind are merged into what they have in common;
the `ways` of an object keep what each of its alternatives has, requires and says otherwise, `either` does so for other kinds.
"""

from __future__ import annotations

from collections.abc import Iterable

from cocalc_facade._drift.kinds import Json, Type, Way

from .facts import Facts, conditions, distinct, says_less, widened
from .order import distinct_in_order
from .reading import Alternative, Condition, Reading, either

_CONDITIONS = ("where", "minProperties", "maxProperties")
_KINDS = ("null", "boolean", "integer", "number", "string", "array", "object", "again")


def type_of(reading: Reading, *, answer: bool) -> Type:
    """Return the finished type of what `reading` says."""
    if answer not in reading.types:
        reading.types[answer] = _type(reading, answer)
    return reading.types[answer]


def _type(reading: Reading, answer: bool) -> Type:
    where = _where(reading.where, answer)
    if reading.open and not (reading.shaped and reading.kinds):
        return {"anything": {"where": where}} if where else {}
    found: Type = {}
    for kind in _KINDS:
        if kind in reading.kinds:
            found[kind] = _kind(kind, reading.kinds[kind], answer)
    if found.get("number") == {}:
        found.pop("integer", None)
    listed = [found[kind] for kind in ("integer", "number") if kind in found]
    if len(listed) == 2 and all(facts.keys() == {"enum"} for facts in listed):
        found = {kind: facts for kind, facts in found.items() if kind != "integer"}
        (found["number"],) = distinct(listed)
    if where:
        found = {
            kind: {**facts, "where": conditions([*facts.get("where", ()), *where])}
            for kind, facts in found.items()
        }
    return found or {"never": {}}


def _where(said: Iterable[Condition], answer: bool) -> list[Json]:
    return conditions([keyword, *(_finished(part, answer) for part in parts)] for keyword, *parts in said)


def _finished(part: Json, answer: bool) -> Json:
    if isinstance(part, Reading):
        return type_of(part, answer=answer)
    if isinstance(part, tuple):
        return conditions(_finished(inner, answer) for inner in part)
    return part


def _kind(kind: str, found: list[Alternative], answer: bool) -> Facts:
    if kind == "object":
        return _object(found, answer)
    said = [_array(one, answer) if kind == "array" else _facts(one, answer) for one in found]
    alternatives = distinct(said)
    result = dict(alternatives[0])
    for other in alternatives[1:]:
        result = widened(result, other)
    if kind == "boolean" and len(result.get("enum", ())) > 1:
        result.pop("enum")
        return result
    if len(alternatives) == 1:
        return result
    if kind == "array":
        result = {name: value for name, value in result.items() if name not in ("items", "tuple")}
        inner = [part for one in found for part in (one.parts or (one.items or Reading(open=True),))]
        items = type_of(either(inner), answer=answer)
        result |= {"items": items} if items else {}
    return {**result, "either": conditions(alternatives)} if result not in alternatives else result


def _facts(one: Alternative, answer: bool) -> Facts:
    where = conditions([*one.facts.get("where", ()), *_where(one.where, answer)])
    return {**one.facts, **({"where": where} if where else {})}


def _array(one: Alternative, answer: bool) -> Facts:
    facts = _facts(one, answer)
    if one.parts is None:
        items = type_of(one.items, answer=answer) if one.items is not None else {}
        return {**facts, "items": items} if items else facts
    low, high = facts.pop("minItems", 0), facts.pop("maxItems", None)
    size = len(one.parts)
    if one.closed:
        high = size if high is None else min(size, high)
    facts["tuple"] = [type_of(part, answer=answer) for part in one.parts]
    if low == high == size:
        return facts
    facts["minItems"] = low
    if high is not None:
        facts["maxItems"] = high
    rest = type_of(one.rest, answer=answer) if one.rest is not None and (high is None or high > size) else {}
    return {**facts, "items": rest} if rest else facts


def _object(found: list[Alternative], answer: bool) -> Facts:
    ways = _different([_way(one, answer) for one in found])
    names = sorted({name for way in ways for name in way["types"]})
    fields: dict[str, Json] = {}
    for name in names:
        inner = [one.fields[name] for one in found if name in one.fields]
        said = [way["types"][name] for way in ways if name in way["types"]]
        whole = type_of(either(inner), answer=answer) if inner else {}
        if len(inner) < len(said):
            whole = said[0] if len(said) == 1 else {}
        fields[name] = {"type": whole, **_notes(inner, answer)}
    shared = {key: ways[0][key] for key in ways[0] if all(way.get(key) == ways[0][key] for way in ways)}
    result: Facts = {"fields": fields}
    for key in shared.keys() - {"fields", "required", "types"}:
        result[key] = shared[key]
    kept: list[Way] = []
    for way in ways:
        own = {key: value for key, value in way.items() if key not in shared or key in ("fields", "required")}
        types = {name: said for name, said in way["types"].items() if said != fields[name]["type"]}
        own.pop("types", None)
        kept.append({**own, "types": types} if types else own)
    result["ways"] = distinct_in_order(dict(sorted(way.items())) for way in kept)
    return result


def _different(ways: list[Way]) -> list[Way]:
    """Return `ways` but for those that another one allows as well: it says the same, under fewer conditions."""
    if len(ways) == 1:
        return ways
    alike: dict[tuple[str, ...], list[tuple[Way, list[Way]]]] = {}
    for way in ways:
        plain = {key: value for key, value in way.items() if key not in _CONDITIONS}
        groups = alike.setdefault(tuple(way["fields"]), [])
        same = next((members for said, members in groups if said == plain), None)
        if same is None:
            groups.append((plain, [way]))
        else:
            same.append(way)
    kept: list[Way] = []
    for _, same in (group for groups in alike.values() for group in groups):
        held = [{key: way[key] for key in _CONDITIONS if key in way} for way in same]
        left = [
            n for n, one in enumerate(held) if not any(_covers(held, other, n) for other in range(len(held)))
        ]
        kept += [same[n] for n in left]
    return kept


def _covers(held: list[Facts], other: int, one: int) -> bool:
    """Tell whether what `other` asks for is less than what `one` does, or the same and asked for first."""
    less = other != one and says_less(held[other], held[one])
    return less and (other < one or not says_less(held[one], held[other]))


def _way(one: Alternative, answer: bool) -> Way:
    """Return what one alternative of an object says, with the types of all its fields."""
    types = {name: type_of(inner, answer=answer) for name, inner in one.fields.items()}
    rest = type_of(one.rest, answer=answer) if one.rest is not None else {}
    spared = "writeOnly" if answer else "readOnly"
    required = sorted(
        name
        for name in one.required
        if name not in one.fields or one.fields[name].notes.get(spared) is not True
    )
    types.update((name, rest) for name in required if name not in types)
    way: Way = {**_facts(one, answer), "fields": sorted(types), "required": required, "types": types}
    if rest:
        way["rest"] = rest
    if one.closed and not answer:
        way["closed"] = True
    if one.name:
        way["name"] = one.name
    return way


def _notes(inner: list[Reading], answer: bool) -> dict[str, Json]:
    """Return what is noted of a field: the same whatever the order of the alternatives."""
    found: dict[str, Json] = {}
    defaults = sorted((reading.notes["default"] for reading in inner if "default" in reading.notes), key=repr)
    if defaults and not answer:  # who answers has filled them in
        found["default"] = defaults[0]
    if inner and all(reading.notes.get("deprecated") is True for reading in inner):
        found["deprecated"] = True
    mark = "writeOnly" if answer else "readOnly"
    if inner and all(reading.notes.get(mark) is True for reading in inner):
        found[mark] = True
    return found
