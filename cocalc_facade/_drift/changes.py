"""What differs between two contracts for somebody who calls the one and is answered by the other.

Requests and answers are judged from opposite sides: a request may allow more, an answer may promise more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .change import Change, Place, Severity
from .contract import Contract
from .kinds import Json, Type, Way
from .likeness import likely_pairs, likely_renames
from .names import field_name, method_name
from .wording import described, listed, shown, shown_limits, shown_value


def compare(old: Contract, new: Contract) -> list[Change]:
    """Return every difference from `old` to `new` that a caller could notice, by route."""
    changes: list[Change] = []
    gone = [route for route in old if route not in new]
    came = [route for route in new if route not in old]
    renames = likely_renames({r: old[r] for r in gone}, {r: new[r] for r in came})
    for route in sorted({*old, *new}):
        if route not in new:
            changes.append(_operation_removed(route, renames.get(route)))
        elif route not in old:
            changes.append(_operation_added(route, renames.get(route)))
        elif old[route] != new[route]:
            changes.extend(_operation(route, old[route], new[route]))
    return changes


def _operation_removed(route: str, rename: str | None) -> Change:
    name = method_name(route)
    hint = f"; perhaps it is now {method_name(rename)}" if rename else ""
    text = f"{name} is gone: the server no longer offers {shown(route)}{hint}."
    return Change(route, name, "operation", "", "removed", route, None, Severity.BREAKING, text, rename)


def _operation_added(route: str, rename: str | None) -> Change:
    name = method_name(route)
    hint = f"; perhaps it was {method_name(rename)}" if rename else ""
    text = f"{name} is new{hint}."
    return Change(route, name, "operation", "", "added", None, route, Severity.COMPATIBLE, text, rename)


def _operation(route: str, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    yield from _deprecation(route, old.get("deprecated", False), new.get("deprecated", False))
    if "stated" in old and "stated" in new:
        yield from _stated(route, old["stated"], new["stated"])
    yield from _type(Place(route, answer=False), old["request"], new["request"])
    yield from _type(Place(route, answer=True), old["answer"], new["answer"])


def _deprecation(route: str, old: bool, new: bool) -> Iterator[Change]:
    if old != new:
        name = method_name(route)
        level = Severity.NOTABLE if new else Severity.COMPATIBLE
        text = f"{name} is {'now' if new else 'no longer'} deprecated."
        yield Change(route, name, "operation", "", "deprecated", old, new, level, text)


def _stated(route: str, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield what differs in that which no schema says: who may call, what is repeated, what must be confirmed."""
    name = method_name(route)
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
        return
    if not before and not after:
        yield from _type(place / "{}", old.get("rest", {}), new.get("rest", {}))
    renames = likely_renames(
        {name: field for name, field in before.items() if name not in after},
        {name: field for name, field in after.items() if name not in before},
    )
    needed, freed = _always(old["ways"], new["ways"]) if place.answer else _paired(old["ways"], new["ways"])
    if not place.answer:
        yield from _alternatives(place, old["ways"], new["ways"])
    for name in sorted({*before, *after}):
        inner = place / name
        if name not in after:
            yield _field_removed(inner, described(before[name]["type"]), renames.get(name))
        elif name not in before:
            yield _field_added(inner, described(after[name]["type"]), name in needed, renames.get(name))
        else:
            yield from _requiredness(inner, name in needed, name in freed)
            yield from _field(inner, before[name], after[name])


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


def _field_removed(place: Place, was: str, rename: str | None) -> Change:
    verb = "is gone" if place.answer else "is no longer taken"
    hint = f"; perhaps it is now `{field_name(rename)}`" if rename else ""
    change = place.change("removed", was, None, Severity.BREAKING, f"{place.said} {verb}{hint}.")
    return replace(change, rename=rename)


def _field_added(place: Place, now: str, required: bool, rename: str | None) -> Change:
    level = Severity.BREAKING if required and not place.answer else Severity.COMPATIBLE
    must = " and required" if level is Severity.BREAKING else ""
    hint = f"; perhaps it was `{field_name(rename)}`" if rename else ""
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
