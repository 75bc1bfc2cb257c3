"""What differs between two contracts for somebody who calls the one and is answered by the other.

Requests and answers are judged from opposite sides: a request may allow more, an answer may promise more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from .change import Change, Place, Severity
from .contract import Contract
from .kinds import Json, Type, Way
from .likeness import likely_pairs, likely_renames
from .names import MEMBERS, field_name, field_names, method_name, respelled, segment_name
from .wording import described, listed, shown, shown_limits, shown_value


def compare(old: Contract, new: Contract, *, again: Collection[str] = ()) -> list[Change]:
    """Return every difference from `old` to `new` that a caller could notice, by route.

    The routes `again` are in `old` as they were before they went; that they are back is a change.
    """
    changes: list[Change] = []
    gone = [route for route in old if route not in new]
    came = [route for route in new if route not in old]
    moved = {other: one for one, other in respelled(gone, came).items()}
    renames = likely_renames(
        {r: old[r] for r in gone if r not in moved.values()}, {r: new[r] for r in came if r not in moved}
    )
    for route in sorted({*old, *new} - set(moved.values())):
        before = moved.get(route, route)
        if before in again:
            changes.append(_operation_returned(before, route, old, new))
        if route not in new:
            changes.append(_operation_removed(route, old, new, renames.get(route)))
        elif before not in old:
            changes.append(_operation_added(route, old, new, renames.get(route)))
        elif old[before] != new[route] or before != route:
            changes.extend(_operation(before, route, old[before], new[route]))
    return changes


def _name(route: str, *contracts: Contract) -> str:
    """Return how callers reach `route`: as one of the contracts says, which know what the name collides with."""
    said = next((row["python"] for row in (c.get(route, {}) for c in contracts) if "python" in row), None)
    return f"client.{said}" if said else method_name(route)


def _operation_removed(route: str, old: Contract, new: Contract, rename: str | None) -> Change:
    name = _name(route, old)
    hint = f"; perhaps it is now {_name(rename, new)}" if rename else ""
    text = f"{name} is gone: the server no longer offers {shown(route)}{hint}."
    return Change(route, name, "operation", "", "removed", route, None, Severity.BREAKING, text, rename)


def _operation_added(route: str, old: Contract, new: Contract, rename: str | None) -> Change:
    name = _name(route, new)
    hint = f"; perhaps it was {_name(rename, old)}" if rename else ""
    first = route.partition("/")[0]
    why = f", because the client has a `{first}` of its own" if segment_name(first) in MEMBERS else ""
    text = f"{name} is new{why}{hint}."
    return Change(route, name, "operation", "", "added", None, route, Severity.COMPATIBLE, text, rename)


def _operation_returned(before: str, route: str, old: Contract, new: Contract) -> Change:
    name = _name(route, new) if "python" in new[route] else _name(before, old)
    text = f"{name} is back: the server publishes {shown(route)} again."
    return Change(route, name, "operation", "", "added", None, route, Severity.COMPATIBLE, text)


def _operation(before: str, route: str, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    # Its name in Python is the one that it had: who calls it need not know how the server spells it.
    name = _name(route, {route: new}) if "python" in new else _name(before, {before: old})
    if before != route:
        text = f"{name} is now spelled {shown(route)} on the wire, before {shown(before)}."
        yield Change(route, name, "operation", "", "spelling", before, route, Severity.NOTABLE, text)
    yield from _deprecation(route, name, old.get("deprecated", False), new.get("deprecated", False))
    if "stated" in old and "stated" in new:
        yield from _stated(route, name, old["stated"], new["stated"])
    unknown = {*old.get("unknown", ()), *new.get("unknown", ())}
    for side in ("request", "answer"):
        if side not in unknown:
            yield from _type(Place(route, side == "answer", name), old[side], new[side])


def _deprecation(route: str, name: str, old: bool, new: bool) -> Iterator[Change]:
    if old != new:
        level = Severity.NOTABLE if new else Severity.COMPATIBLE
        text = f"{name} is {'now' if new else 'no longer'} deprecated."
        yield Change(route, name, "operation", "", "deprecated", old, new, level, text)


def _stated(route: str, name: str, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield what differs in that which no schema says: who may call, what is repeated, what must be confirmed."""
    careful: dict[str, Json] = {"auth": "account", "idempotent": False, "charges": False}
    for key in ("auth", "idempotent", "confirm", "charges", "fails"):
        was, now = (stated.get(key, careful.get(key)) for stated in (old, new))
        if key == "confirm":
            was, now = bool(was), bool(now)
        if was == now:
            continue
        text = {
            "auth": f"may now be called by {shown_value(now)}, before by {shown_value(was)}",
            "idempotent": "is now repeated when that helps" if now else "is no longer repeated",
            "confirm": "now needs confirm=True" if now else "no longer takes `confirm`",
            "charges": "may now charge money" if now else "no longer charges money",
            "fails": "is now known to fail on the server" if now else "no longer fails on the server",
        }[key]
        level = Severity.BREAKING if key == "confirm" else Severity.NOTABLE
        yield Change(route, name, "operation", "", key, was, now, level, f"{name} {text}.")


def _type(place: Place, old: Type, new: Type) -> Iterator[Change]:
    if old == new:
        return
    was, now = described(old), described(new)
    if not old or not new:
        level = Severity.COMPATIBLE if not new else Severity.BREAKING
        text = (
            f"{place.said} may now be anything, before {was}."
            if not new
            else f"{place.said} is now {now}, before anything."
        )
        yield place.judged("type", was, now, text, request=level, answer=Severity.BREAKING)
        return
    yield from _nullable(place, "null" in old, "null" in new)
    gone = {kind for kind in old if kind not in new} - {"null"}
    came = {kind for kind in new if kind not in old} - {"null"}
    if gone or came:
        narrower = not came or (came == {"integer"} and "number" in old)
        wider = not gone or (gone == {"integer"} and "number" in new)
        yield place.judged(
            "type", was, now, f"{place.said} is now {now}, before {was}.",
            request=Severity.COMPATIBLE if wider else Severity.BREAKING,
            answer=Severity.COMPATIBLE if narrower else Severity.BREAKING,
        )  # fmt: skip
    for kind in old:
        if kind in new and old[kind] != new[kind]:
            yield from _kind(place, kind, old[kind], new[kind])


def _nullable(place: Place, old: bool, new: bool) -> Iterator[Change]:
    if old == new:
        return
    verb = "may be None" if place.answer else "accepts None"
    yield place.judged(
        "nullable", old, new, f"{place.said} {'now' if new else 'no longer'} {verb}.",
        request=Severity.COMPATIBLE if new else Severity.BREAKING,
        answer=Severity.NOTABLE if new else Severity.COMPATIBLE,
    )  # fmt: skip


def _kind(place: Place, kind: str, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    if kind == "object":
        yield from _object(place, old, new)
        return
    if kind == "array":
        yield from _array(place, old, new)
    yield from _enum(place, old.get("enum"), new.get("enum"))
    yield from _time(place, old.get("time"), new.get("time"))
    if not place.answer:
        yield from _limits(place, old, new)


def _enum(place: Place, old: list[Json] | None, new: list[Json] | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None or new is None:
        text = f"accepts only {listed(new)}" if new is not None else f"accepts more than {listed(old)}"
        if place.answer:
            text = f"is one of {listed(new)}" if new is not None else f"may be more than {listed(old)}"
        yield place.judged(
            "enum", old, new, f"{place.said} now {text}.",
            request=Severity.COMPATIBLE if new is None else Severity.BREAKING,
            answer=Severity.NOTABLE if new is None else Severity.COMPATIBLE,
        )  # fmt: skip
        return
    verb = "is" if place.answer else "accepts"
    for value in (value for value in old if value not in new):
        yield place.judged(
            "enum", value, None, f"{place.said} no longer {verb} {shown_value(value)}.",
            request=Severity.BREAKING, answer=Severity.COMPATIBLE,
        )  # fmt: skip
    verb = "may be" if place.answer else "accepts"
    for value in (value for value in new if value not in old):
        yield place.judged(
            "enum", None, value, f"{place.said} now {verb} {shown_value(value)}.",
            request=Severity.COMPATIBLE, answer=Severity.NOTABLE,
        )  # fmt: skip


def _time(place: Place, old: str | None, new: str | None) -> Iterator[Change]:
    if old != new:
        text = (
            f"{place.said} is now a time ({shown(new)})."
            if new
            else f"{place.said} is no longer a time ({shown(old or '')})."
        )
        request = Severity.BREAKING if old else Severity.COMPATIBLE
        yield place.judged("type", old, new, text, request=request, answer=Severity.BREAKING)


def _limits(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield one change when a request may hold less, or more, than before."""
    was, now = (
        {k: v for k, v in side.items() if k not in ("enum", "time", "items", "tuple")} for side in (old, new)
    )
    if was == now:
        return
    wider = all(_allows(name, now, was) for name in now)
    text = f"{place.said} now allows {'more' if wider else 'less'}: {shown_limits(now)}, before {shown_limits(was)}."
    yield place.change("limits", was, now, Severity.COMPATIBLE if wider else Severity.BREAKING, text)


def _allows(name: str, now: dict[str, Json], was: dict[str, Json]) -> bool:
    """Tell whether the limit `name` of `now` lets pass all that `was` did."""
    if name in ("minimum", "exclusiveMinimum"):
        return _lowest(was) >= _lowest({name: now[name]})
    if name in ("maximum", "exclusiveMaximum"):
        high = {name.replace("Max", "Min").replace("max", "min"): -now[name]}
        return _lowest(
            {k.replace("Max", "Min").replace("max", "min"): -was[k] for k in was if "aximum" in k}
        ) >= _lowest(high)
    if name in ("minLength", "minItems"):
        return bool(was.get(name, 0) >= now[name])
    if name in ("maxLength", "maxItems"):
        return name in was and bool(was[name] <= now[name])
    return bool(was.get(name) == now[name])


def _lowest(limits: dict[str, Json]) -> tuple[float, bool]:
    """Return the lower bound of `limits`, and whether the bound itself is excluded."""
    bounds = [(limits["minimum"], False)] if "minimum" in limits else []
    bounds += [(limits["exclusiveMinimum"], True)] if "exclusiveMinimum" in limits else []
    return max(bounds, default=(float("-inf"), False))


def _array(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    before, after = old.get("tuple"), new.get("tuple")
    if before is None and after is None:
        yield from _type(place / "[]", old.get("items", {}), new.get("items", {}))
    elif before is not None and after is not None and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _type(place / f"[{index}]", one, other)
    else:
        was, now = described({"array": old}), described({"array": new})
        yield place.change("type", was, now, Severity.BREAKING, f"{place.said} is now {now}, before {was}.")


def _object(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    if old.get("name") != new.get("name"):
        text = f"the class of {place.said} is now called {shown(new.get('name') or 'after its path')}."
        yield place.change("name", old.get("name"), new.get("name"), Severity.BREAKING, text)
    before: dict[str, Json] = old["fields"]
    after: dict[str, Json] = new["fields"]
    if (place.parts or place.answer) and bool(before) != bool(after):
        was, now = described({"object": old}), described({"object": new})
        text = f"{place.said} is now {now}, before {was}."
        request = Severity.BREAKING if after else Severity.COMPATIBLE
        yield place.judged("type", was, now, text, request=request, answer=Severity.BREAKING)
    if not before and not after:
        yield from _type(place / "{}", old.get("rest", {}), new.get("rest", {}))
    spelled = respelled([n for n in before if n not in after], [n for n in after if n not in before])
    old_ways = _respelled_ways(old["ways"], spelled)
    python = {**field_names(after), **field_names(before)}
    python |= {now: python[was] for was, now in spelled.items()}
    renames = likely_renames(
        {name: field for name, field in before.items() if name not in after and name not in spelled},
        {name: f for name, f in after.items() if name not in before and name not in spelled.values()},
    )
    needed, freed = _always(old_ways, new["ways"]) if place.answer else _paired(old_ways, new["ways"])
    if not place.answer:
        yield from _alternatives(place, old_ways, new["ways"])
    earlier = {now: was for was, now in spelled.items()}
    for name in sorted({*before, *after} - set(spelled)):
        inner = place.named(name, python[name])
        was = earlier.get(name, name)
        rename = renames.get(name)
        if name not in after:
            yield _field_removed(inner, described(before[name]["type"]), rename, python.get(rename or ""))
        elif was not in before:
            now = described(after[name]["type"])
            yield _field_added(inner, now, name in needed, rename, python.get(rename or ""))
        else:
            yield from _spelling(inner, was, name)
            yield from _requiredness(inner, name in needed, name in freed)
            yield from _field(inner, before[was], after[name])


def _respelled_ways(ways: list[Way], spelled: dict[str, str]) -> list[Way]:
    """Return `ways` with the fields named as they are spelled now."""
    if not spelled:
        return ways
    return [
        {"fields": sorted(spelled.get(n, n) for n in one["fields"]),
         "required": sorted(spelled.get(n, n) for n in one["required"])}
        for one in ways
    ]  # fmt: skip


def _spelling(place: Place, old: str, new: str) -> Iterator[Change]:
    """Yield that a field, which has one name in Python, has another one on the wire."""
    if old != new:
        text = f"{place.said} is now spelled {shown_value(new)} on the wire, before {shown_value(old)}."
        yield place.change("spelling", old, new, Severity.NOTABLE, text)


def _always(old: list[Way], new: list[Way]) -> tuple[set[str], set[str]]:
    """Return the fields that every alternative now has and did not before, and the other way round."""
    before, after = (set.intersection(*(set(way["required"]) for way in ways)) for ways in (old, new))
    return after - before, before - after


def _paired(old: list[Way], new: list[Way]) -> tuple[set[str], set[str]]:
    """Return the fields that an alternative now requires, and those that one no longer does."""
    needed: set[str] = set()
    freed: set[str] = set()
    for one, other in likely_pairs(old, new):
        needed.update(set(other["required"]) - set(one["required"]))
        freed.update(set(one["required"]) - set(other["required"]))
    return needed, freed


def _alternatives(place: Place, old: list[Way], new: list[Way]) -> Iterator[Change]:
    """Yield the alternatives of a request that went or came, unless another one allows the same calls."""
    pairs = likely_pairs(old, new)
    gone = [way for way in old if all(way is not one for one, _ in pairs) and not _callable(way, new)]
    came = [way for way in new if all(way is not other for _, other in pairs) and not _callable(way, old)]
    for way in gone:
        text = f"{place.said} can no longer be just {_names(way)}."
        yield place.change("alternative", way["required"], None, Severity.BREAKING, text)
    for way in came:
        text = f"{place.said} can now be just {_names(way)}."
        yield place.change("alternative", None, way["required"], Severity.COMPATIBLE, text)


def _callable(way: Way, others: list[Way]) -> bool:
    return any(set(other["required"]) <= set(way["required"]) for other in others)


def _names(way: Way) -> str:
    return ", ".join(f"`{field_name(name)}`" for name in way["required"]) or "nothing"


def _field_removed(place: Place, was: str, rename: str | None, name: str | None) -> Change:
    verb = "is gone" if place.answer else "is no longer taken"
    hint = f"; perhaps it is now `{name}`" if rename else ""
    change = place.change("removed", was, None, Severity.BREAKING, f"{place.said} {verb}{hint}.")
    return replace(change, rename=rename)


def _field_added(place: Place, now: str, required: bool, rename: str | None, name: str | None) -> Change:
    level = Severity.BREAKING if required and not place.answer else Severity.COMPATIBLE
    must = " and required" if level is Severity.BREAKING else ""
    hint = f"; perhaps it was `{name}`" if rename else ""
    change = place.change("added", None, now, level, f"{place.said} is new{must}{hint}.")
    return replace(change, rename=rename)


def _requiredness(place: Place, needed: bool, freed: bool) -> Iterator[Change]:
    if needed:
        verb = "is now always there" if place.answer else "is now required"
        yield place.judged(
            "required",
            False,
            True,
            f"{place.said} {verb}.",
            request=Severity.BREAKING,
            answer=Severity.COMPATIBLE,
        )
    if freed:
        verb = "may now be absent" if place.answer else "is no longer required"
        yield place.judged(
            "required",
            True,
            False,
            f"{place.said} {verb}.",
            request=Severity.COMPATIBLE,
            answer=Severity.NOTABLE,
        )


def _field(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    if old.get("deprecated", False) != new.get("deprecated", False):
        now = new.get("deprecated", False)
        level = Severity.NOTABLE if now else Severity.COMPATIBLE
        text = f"{place.said} is {'now' if now else 'no longer'} deprecated."
        yield place.change("deprecated", not now, now, level, text)
    if not place.answer and old.get("default") != new.get("default"):
        text = f"{place.said}, left out, is now {shown_value(new.get('default'))}, before {shown_value(old.get('default'))}."
        yield place.change("default", old.get("default"), new.get("default"), Severity.NOTABLE, text)
    yield from _type(place, old["type"], new["type"])
