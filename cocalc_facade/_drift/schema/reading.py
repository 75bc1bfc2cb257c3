"""The meaning of a schema while it is put together: for each kind of value, the alternatives of which one has to hold.

What a schema says is the sum of its own keywords, of what it refers to and of its parts. A part without a type speaks of
the kinds that its keywords are about and leaves the others as they are: it is *open*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import product
from typing import Any, TypeAlias

from cocalc_facade._drift.kinds import Json

from .facts import Facts, narrowed, widened
from .instances import identity

Condition: TypeAlias = tuple[Any, ...]
Spend: TypeAlias = Callable[[int], None]
MAX_ALTERNATIVES = 256
_DEEP = ("object", "array")


@dataclass(slots=True, eq=False)
class Alternative:
    """What one alternative says of values of one kind."""

    facts: Facts = field(default_factory=dict)
    where: tuple[Condition, ...] = ()
    """Conditions that no type can model: a keyword, and the readings of the schemas under it."""
    fields: dict[str, Reading] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    rest: Reading | None = None
    """What the fields of an object that are not listed have to be, or the further items of a tuple."""
    closed: bool = False
    """Whether no more fields are taken."""
    name: str | None = None
    items: Reading | None = None
    parts: tuple[Reading, ...] | None = None
    """The items of a tuple."""


@dataclass(slots=True, eq=False)
class Reading:
    """What a schema says."""

    kinds: dict[str, list[Alternative]] = field(default_factory=dict)
    open: bool = False
    """Whether values of other kinds are allowed as well."""
    shaped: bool = False
    """Whether the kinds that it speaks of are meant, when nobody else says which are."""
    where: tuple[Condition, ...] = ()
    """Conditions that hold whatever the kind."""
    notes: dict[str, Json] = field(default_factory=dict)
    """`default`, `deprecated`, `readOnly`, `writeOnly` of the place where it stands."""
    types: dict[bool, dict[str, Any]] = field(default_factory=dict)
    """The finished type of requests and of answers, once it is known."""


def both(one: Reading, other: Reading, spend: Spend) -> Reading:
    """Return what is allowed when a value has to fit `one` and `other`; `spend` is told how many pairs that takes."""
    kinds: dict[str, list[Alternative]] = {}
    for kind in dict.fromkeys([*one.kinds, *other.kinds]):
        mine, yours = _of_kind(kind, one), _of_kind(kind, other)
        if kind == "again":
            kinds[kind] = [_again(one, other)]
        elif mine is not None and yours is not None:
            if len(mine) * len(yours) > MAX_ALTERNATIVES:
                mine, yours = [_merged(kind, mine)], [_merged(kind, yours)]
            spend(len(mine) * len(yours))
            met = [_met(kind, first, second, spend) for first, second in product(mine, yours)]
            if found := [alternative for alternative in met if alternative is not None]:
                kinds[kind] = found
        elif mine is not None and other.open:
            kinds[kind] = mine
        elif yours is not None and one.open:
            kinds[kind] = yours
    return Reading(
        kinds,
        open=one.open and other.open,
        shaped=one.shaped or other.shaped,
        where=(*one.where, *other.where),
        notes={**other.notes, **one.notes},
    )


def _of_kind(kind: str, reading: Reading) -> list[Alternative] | None:
    """Return what `reading` says of values of `kind`: an integer is a number too."""
    found = reading.kinds.get(kind)
    return reading.kinds.get("number") if found is None and kind == "integer" else found


def _again(one: Reading, other: Reading) -> Alternative:
    """Return a schema that stands inside itself, with what else is said of it as a condition."""
    found = [*one.kinds.get("again", ()), *other.kinds.get("again", ())]
    beside = [reading for reading in (one, other) if "again" not in reading.kinds]
    more = [("allOf", reading) for reading in beside if reading.kinds or reading.where]
    first: Alternative = found[0]
    return Alternative(first.facts, (*first.where, *more))


def _met(kind: str, one: Alternative, other: Alternative, spend: Spend) -> Alternative | None:
    facts = narrowed(kind, one.facts, other.facts)
    if facts is None:
        return None
    fields = dict(one.fields)
    for name, inner in other.fields.items():
        fields[name] = both(fields[name], inner, spend) if name in fields else inner
    parts, items = one.parts or other.parts, _met_readings(one.items, other.items, spend)
    if one.parts and other.parts:
        if len(one.parts) != len(other.parts):
            return None
        parts = tuple(
            both(first, second, spend) for first, second in zip(one.parts, other.parts, strict=True)
        )
    elif parts and items:
        parts, items = tuple(both(part, items, spend) for part in parts), None
    return Alternative(
        facts,
        (*one.where, *other.where),
        fields,
        one.required | other.required,
        _met_readings(one.rest, other.rest, spend),
        one.closed or other.closed,
        other.name or one.name,
        items,
        parts,
    )


def _met_readings(one: Reading | None, other: Reading | None, spend: Spend) -> Reading | None:
    return both(one, other, spend) if one is not None and other is not None else one or other


def either(readings: Iterable[Reading]) -> Reading:
    """Return what is allowed when a value has to fit one of `readings`."""
    arms = [arm for arm in readings if arm.kinds or arm.open]
    if len(arms) < 2:
        return arms[0] if arms else Reading()
    kinds: dict[str, list[Alternative]] = {kind: [] for arm in arms for kind in arm.kinds}
    for arm in arms:
        for kind, found in kinds.items():
            mine = arm.kinds.get(kind, [Alternative()] if arm.open else [])
            if arm.where:
                mine = [replace(one, where=(*one.where, *arm.where)) for one in mine]
            found.extend(mine)
    for kind in _DEEP:
        if len(kinds.get(kind, ())) > MAX_ALTERNATIVES:
            kinds[kind] = [_merged(kind, kinds[kind])]
    free = [arm for arm in arms if arm.open]
    limited = bool(free) and all(arm.where for arm in free)
    return Reading(
        kinds,
        open=bool(free),
        shaped=all(arm.shaped or not arm.open for arm in arms),
        where=(("anyOf", *free),) if limited else (),
    )


def _merged(kind: str, found: list[Alternative]) -> Alternative:
    """Return one alternative that allows all that these do, which are more than can be told apart: they are its condition."""
    if len(found) == 1:
        return found[0]
    fields: dict[str, list[Reading]] = {}
    for one in found:
        for name, inner in one.fields.items():
            fields.setdefault(name, []).append(inner)
    rests = [one.rest for one in found if one.rest is not None]
    items = [part for one in found for part in (one.parts or (one.items or Reading(open=True),))]
    return Alternative(
        reduce(widened, (one.facts for one in found)),
        (("anyOf", *(Reading({kind: [one]}) for one in found)),),
        {name: either(inner) for name, inner in fields.items()},
        frozenset.intersection(*(one.required for one in found)),
        rest=either(rests) if len(rests) == len(found) else None,
        closed=all(one.closed for one in found),
        items=either(items) if kind == "array" else None,
    )


def disjoint(arms: list[Reading]) -> bool:
    """Tell whether no value fits two of `arms`, as far as can be seen."""
    if any(arm.open or arm.where for arm in arms):
        return False
    values: dict[Json, int] = {}
    listed: set[tuple[str, int]] = set()
    deep: list[tuple[str, int, Alternative]] = []
    for index, arm in enumerate(arms):
        for kind, found in arm.kinds.items():
            slot = "number" if kind == "integer" else kind
            for one in found:
                if "enum" not in one.facts:
                    deep.append((slot, index, one))
                elif any(values.setdefault(identity(v), index) != index for v in one.facts["enum"]):
                    return False
                else:
                    listed.add((slot, index))
    if len(deep) > MAX_ALTERNATIVES:
        return False
    unlike = {slot for slot, _, _ in deep} & {slot for slot, _ in listed}
    return not unlike and all(
        first[0] != second[0] or first[1] == second[1] or _apart(first[2], second[2])
        for place, first in enumerate(deep)
        for second in deep[place + 1 :]
    )


def _apart(one: Alternative, other: Alternative) -> bool:
    """Tell whether both need a field whose values tell them apart."""
    return any(
        name in one.fields and name in other.fields and _values_apart(one.fields[name], other.fields[name])
        for name in one.required & other.required
    )


def _values_apart(one: Reading, other: Reading) -> bool:
    found = [alternative for side in (one, other) for kind in side.kinds.values() for alternative in kind]
    return all("enum" in alternative.facts for alternative in found) and disjoint([one, other])
