"""What differs between two contracts for somebody who calls the one and is answered by the other.

Requests and answers are judged from opposite sides: a request may allow more, an answer may promise more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from attrs import evolve

from .change import Change, Place, Severity
from .contract import Contract
from .kinds import Json, Type, Way
from .likeness import likely_renames
from .names import ITERATOR, MEMBERS, field_names, method_name, respelled, segment_name
from .values import value_changes
from .ways import callable_as, called, likely_pairs, needed_and_freed, needs, respelled_fields, type_in, whole
from .wording import described, shown, shown_value


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
    if not why and any(part.startswith(ITERATOR) for part in name.split(".")):
        why = f", because iterators over pages are called `{ITERATOR}…`"
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
    if {*old, *new} == {"anything"}:
        yield from value_changes(place, old.get("anything", {}), new.get("anything", {}))
        return
    was, now = described(old), described(new)
    if not old or not new:
        level = Severity.COMPATIBLE if not new else Severity.BREAKING
        text = (
            f"{place.said} may now be anything, before {was}."
            if not new
            else f"{place.said} is now {now}, before anything."
        )
        answer = Severity.COMPATIBLE if not old and _stays_plain(new) else Severity.BREAKING
        yield place.judged("type", was, now, text, request=level, answer=answer)
        return
    yield from _nullable(place, "null" in old, "null" in new)
    gone = {kind for kind in old if kind not in new} - {"null", "never"}
    came = {kind for kind in new if kind not in old} - {"null", "never"}
    if gone or came:
        narrower = (
            (not came and bool(new.keys() - {"null", "never"}))
            or (came == {"integer"} and "number" in old)
            or "anything" in old
        )
        wider = not gone or (gone == {"integer"} and "number" in new) or "anything" in new
        yield place.judged(
            "type", was, now, f"{place.said} is now {now}, before {was}.",
            request=Severity.COMPATIBLE if wider else Severity.BREAKING,
            answer=Severity.COMPATIBLE if narrower else Severity.BREAKING,
        )  # fmt: skip
    if (
        not place.answer
        and {"integer", "number"} <= gone | came
        and not {"integer", "number"} & (old.keys() & new.keys())
    ):
        one, other = ({**side.get("integer", {}), **side.get("number", {})} for side in (old, new))
        yield from value_changes(place, one, other)
    for kind in old:
        if kind in new and old[kind] != new[kind]:
            found = list(_kind(place, kind, old[kind], new[kind]))
            yield from found or [_otherwise(place, kind, old[kind], new[kind])]


def _stays_plain(kind: Type) -> bool:
    """Tell whether what is known of answers that were anything leaves them as they were in Python: no class, no time."""
    for name, more in kind.items():
        if name in ("object", "array"):
            inner = more.get("rest" if name == "object" else "items", {})
            if more.get("fields") or "tuple" in more or not _stays_plain(inner):
                return False
        elif name == "again" or "time" in more or more.get("format") == "date-time":
            return False
    return True


def _otherwise(place: Place, kind: str, old: Json, new: Json) -> Change:
    """Return the change of what differs in a way that has no words of its own."""
    text = f"{place.said} is now described otherwise: as {described({kind: new})}, before as {described({kind: old})}."
    return place.judged("alternative", old, new, text, request=Severity.BREAKING, answer=Severity.NOTABLE)


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
        # What holds of all alternatives comes first, and is not said again of one of them.
        said: dict[tuple[str, str], list[Change]] = {}
        for change in _object(place, old, new):
            before = said.setdefault((change.field, change.what), [])
            if all((change.old, change.new) != (other.old, other.new) for other in before):
                before.append(change)
                yield change
        return
    if kind == "array":
        yield from _array(place, old, new)
    yield from value_changes(place, old, new)


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
    before: dict[str, Json] = old["fields"]
    after: dict[str, Json] = new["fields"]
    if (place.parts or place.answer) and bool(before) != bool(after):
        was, now = described({"object": old}), described({"object": new})
        text = f"{place.said} is now {now}, before {was}."
        request = Severity.BREAKING if after else Severity.COMPATIBLE
        yield place.judged("type", was, now, text, request=request, answer=Severity.BREAKING)
    spelled = respelled([n for n in before if n not in after], [n for n in after if n not in before])
    python = {**field_names(after), **field_names(before)}
    python |= {now: python[was] for was, now in spelled.items()}
    earlier = {now: was for was, now in spelled.items()}
    old = respelled_fields(old, spelled)
    before = old["fields"]
    renames = likely_renames(
        {name: field for name, field in before.items() if name not in after},
        {name: field for name, field in after.items() if name not in before},
    )
    needed: dict[str, list[tuple[bool, str]]] = {}
    for name, is_needed, way in needed_and_freed(old["ways"], new["ways"], answer=place.answer):
        alternative = called(new if is_needed else old, way) if way is not None else ""
        needed.setdefault(name, []).append((is_needed, alternative))
    if place.answer:
        yield from _answers(place, old, new)
    else:
        yield from _alternatives(place, old["ways"], new["ways"])
    for name in sorted({*before, *after}):
        inner = place.named(name, python[name])
        rename = renames.get(name)
        if name not in after:
            yield _field_removed(inner, described(before[name]["type"]), rename, python.get(rename or ""))
        elif name not in before:
            now = described(after[name]["type"])
            # Required of one alternative only, it is new to callers of that one.
            ways = [said for is_needed, said in needed.get(name, ()) if is_needed]
            for alternative in ways or [""]:
                where = inner.within(alternative)
                yield _field_added(where, now, bool(ways), rename, python.get(rename or ""))
        else:
            yield from _spelling(inner, earlier.get(name, name), name)
            for is_needed, alternative in needed.get(name, ()):
                yield _requiredness(inner.within(alternative), is_needed)
            yield from _field(inner, before[name], after[name])
    yield from _within_ways(place, old, new)


def _spelling(place: Place, old: str, new: str) -> Iterator[Change]:
    """Yield that a field, which has one name in Python, has another one on the wire."""
    if old != new:
        text = f"{place.said} is now spelled {shown_value(new)} on the wire, before {shown_value(old)}."
        yield place.change("spelling", old, new, Severity.NOTABLE, text)


def _within_ways(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield what differs in one alternative of an object and cannot be seen in all of them together."""
    for one, other in likely_pairs(old["ways"], new["ways"]):
        inside = place.within(called(new, other) or called(old, one))
        was, now = whole(old, one), whole(new, other)
        if was.get("name") != now.get("name"):
            text = f"the class of {inside.said} is now called {shown(now.get('name') or 'after its path')}."
            yield inside.change("name", was.get("name"), now.get("name"), Severity.BREAKING, text)
        yield from _closed(inside, was.get("closed", False), now.get("closed", False))
        yield from value_changes(inside, was, now)
        yield from _type(inside / "{}", was.get("rest", {}), now.get("rest", {}))
        if len(old["ways"]) == len(new["ways"]) == 1:
            continue
        for name in sorted(set(old["fields"]) & set(new["fields"]) & {*one["fields"], *other["fields"]}):
            field = inside / name
            if name in one["fields"] and name in other["fields"]:
                if place.answer and (name in one["required"]) != (name in other["required"]):
                    yield _requiredness(field, name in other["required"])
                yield from _type(field, type_in(old, one, name), type_in(new, other, name))
            elif name in one["fields"]:
                yield _field_removed(field, described(type_in(old, one, name)), None, None)
            else:
                required = name in other["required"]
                yield _field_added(field, described(type_in(new, other, name)), required, None, None)


def _closed(place: Place, old: bool, new: bool) -> Iterator[Change]:
    """Yield that a request takes no further fields any more, or does again: no argument that has a name changes."""
    if old != new:
        text = f"{place.said} may now hold {'no field' if new else 'fields'} that the document does not list."
        level = Severity.NOTABLE if new else Severity.COMPATIBLE
        yield place.change("closed", old, new, level, text)


def _alternatives(place: Place, old: list[Way], new: list[Way]) -> Iterator[Change]:
    """Yield the alternatives of a request that went or came, unless another one allows the same calls."""
    pairs = likely_pairs(old, new)
    gone = [way for way in old if all(way is not one for one, _ in pairs) and not callable_as(way, new)]
    came = [way for way in new if all(way is not other for _, other in pairs) and not callable_as(way, old)]
    for way in gone:
        text = f"{place.said} can no longer be just {needs(way)}."
        yield place.change("alternative", way["required"], None, Severity.BREAKING, text)
    for way in came:
        text = f"{place.said} can now be just {needs(way)}."
        yield place.change("alternative", None, way["required"], Severity.COMPATIBLE, text)


def _answers(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield the alternatives of an answer that went or came."""
    pairs = likely_pairs(old["ways"], new["ways"])
    for way in (way for way in old["ways"] if all(way is not one for one, _ in pairs)):
        text = f"{place.said} is no longer {called(old, way)}."
        yield place.change("alternative", way["fields"], None, Severity.COMPATIBLE, text)
    for way in (way for way in new["ways"] if all(way is not other for _, other in pairs)):
        text = f"{place.said} may now also be {called(new, way)}."
        yield place.change("alternative", None, way["fields"], Severity.NOTABLE, text)


def _field_removed(place: Place, was: str, rename: str | None, name: str | None) -> Change:
    verb = "is gone" if place.answer else "is no longer taken"
    hint = f"; perhaps it is now `{name}`" if rename else ""
    change = place.change("removed", was, None, Severity.BREAKING, f"{place.said} {verb}{hint}.")
    return evolve(change, rename=rename)


def _field_added(place: Place, now: str, required: bool, rename: str | None, name: str | None) -> Change:
    level = Severity.BREAKING if required and not place.answer else Severity.COMPATIBLE
    must = " and required" if level is Severity.BREAKING else ""
    hint = f"; perhaps it was `{name}`" if rename else ""
    change = place.change("added", None, now, level, f"{place.said} is new{must}{hint}.")
    return evolve(change, rename=rename)


def _requiredness(place: Place, needed: bool) -> Change:
    if place.answer:
        verb = "is now always there" if needed else "may now be absent"
    else:
        verb = "is now required" if needed else "is no longer required"
    return place.judged(
        "required", not needed, needed, f"{place.said} {verb}.",
        request=Severity.BREAKING if needed else Severity.COMPATIBLE,
        answer=Severity.COMPATIBLE if needed else Severity.NOTABLE,
    )  # fmt: skip


def _field(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    if old.get("deprecated", False) != new.get("deprecated", False):
        now = new.get("deprecated", False)
        level = Severity.NOTABLE if now else Severity.COMPATIBLE
        text = f"{place.said} is {'now' if now else 'no longer'} deprecated."
        yield place.change("deprecated", not now, now, level, text)
    if not place.answer and old.get("default") != new.get("default"):
        text = f"{place.said}, left out, is now {shown_value(new.get('default'))}, before {shown_value(old.get('default'))}."
        yield place.change("default", old.get("default"), new.get("default"), Severity.NOTABLE, text)
    yield from _direction(place, old, new)
    yield from _type(place, old["type"], new["type"])


def _direction(place: Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield that a field is now for the other direction only, or no longer is."""
    mark = "writeOnly" if place.answer else "readOnly"
    now = new.get(mark, False)
    if old.get(mark, False) != now:
        verb = "given" if place.answer else "sent"
        text = f"{place.said} is {'no longer' if now else 'now'} meant to be {verb}."
        yield place.change(mark, not now, now, Severity.NOTABLE if now else Severity.COMPATIBLE, text)
