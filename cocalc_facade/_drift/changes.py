"""What differs between two contracts for somebody who calls the one and is answered by the other.

Requests and answers are judged from opposite sides: a request may allow more, an answer may promise more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from enum import IntEnum
from typing import Any, NamedTuple, TypeAlias

from .contract import Contract, Json, Type
from .names import field_name, method_name


class Severity(IntEnum):
    """How much a change matters to a caller who pins a release."""

    INVISIBLE = 0
    COMPATIBLE = 1
    NOTABLE = 2
    BREAKING = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where it is, what was and is there, how much it matters, and a sentence that says so."""

    route: str
    name: str
    where: str
    """`operation`, `request field` or `answer field`."""
    field: str
    """The place in the request or answer as on the wire, `description.cpu` or `[].title`; empty for all of it."""
    what: str
    """`added`, `removed`, `type`, `nullable`, `enum`, `required`, `default`, `limits`, `name`, `deprecated`, …"""
    old: Json
    new: Json
    severity: Severity
    sentence: str
    rename: str | None = None
    """The other half of what may be a renaming: what came when this went, or went when this came."""

    def to_dict(self) -> dict[str, Json]:
        """Return the change as plain JSON."""
        return {**asdict(self), "severity": str(self.severity)}


def compare(old: Contract, new: Contract) -> list[Change]:
    """Return every difference from `old` to `new` that a caller could notice, by route."""
    changes: list[Change] = []
    gone = [route for route in old if route not in new]
    came = [route for route in new if route not in old]
    renames = _renames({r: old[r] for r in gone}, {r: new[r] for r in came})
    for route in sorted({*old, *new}):
        if route not in new:
            changes.append(_operation_removed(route, renames.get(route)))
        elif route not in old:
            changes.append(_operation_added(route, renames.get(route)))
        elif old[route] != new[route]:
            changes.extend(_operation(route, old[route], new[route]))
    return changes


def severity(changes: list[Change]) -> Severity:
    """Return that of the worst of `changes`."""
    return max((change.severity for change in changes), default=Severity.INVISIBLE)


Way: TypeAlias = dict[str, list[str]]


class _Place(NamedTuple):
    route: str
    answer: bool
    parts: tuple[str, ...] = ()

    def __truediv__(self, part: str) -> _Place:
        return self._replace(parts=(*self.parts, part))

    @property
    def field(self) -> str:
        return _joined(self.parts)

    @property
    def said(self) -> str:
        """How a sentence names the place, in Python names."""
        kind = "answer" if self.answer else "argument"
        python = _joined(tuple(part if part[0] in "[{" else field_name(part) for part in self.parts))
        whole = "the answer" if self.answer else "the arguments"
        return f"{kind} `{python}`" if python else whole

    def change(self, what: str, old: Json, new: Json, level: Severity, sentence: str) -> Change:
        where = "answer field" if self.answer else "request field"
        text = f"{method_name(self.route)}: {sentence}"
        return Change(self.route, method_name(self.route), where, self.field, what, old, new, level, text)

    def judged(
        self, what: str, old: Json, new: Json, sentence: str, *, request: Severity, answer: Severity
    ) -> Change:
        return self.change(what, old, new, answer if self.answer else request, sentence)


def _joined(parts: tuple[str, ...]) -> str:
    text = ""
    for part in parts:
        text += part if part[0] in "[{" or not text else f".{part}"
    return text


def _operation_removed(route: str, rename: str | None) -> Change:
    name = method_name(route)
    hint = f"; perhaps it is now {method_name(rename)}" if rename else ""
    text = f"{name} is gone: the server no longer offers {_shown(route)}{hint}."
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
    yield from _type(_Place(route, answer=False), old["request"], new["request"])
    yield from _type(_Place(route, answer=True), old["answer"], new["answer"])


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
            "auth": f"may now be called by {_value(now)}, before by {_value(was)}",
            "idempotent": "is now repeated when that helps" if now else "is no longer repeated",
            "confirm": "now needs confirm=True" if now else "no longer takes `confirm`",
            "charges": "may now charge money" if now else "no longer charges money",
            "fails": "is now known to fail on the server" if now else "no longer fails on the server",
        }[key]
        level = Severity.BREAKING if key == "confirm" else Severity.NOTABLE
        yield Change(route, name, "operation", "", key, was, now, level, f"{name} {text}.")


def _type(place: _Place, old: Type, new: Type) -> Iterator[Change]:
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


def _nullable(place: _Place, old: bool, new: bool) -> Iterator[Change]:
    if old == new:
        return
    verb = "may be None" if place.answer else "accepts None"
    yield place.judged(
        "nullable", old, new, f"{place.said} {'now' if new else 'no longer'} {verb}.",
        request=Severity.COMPATIBLE if new else Severity.BREAKING,
        answer=Severity.NOTABLE if new else Severity.COMPATIBLE,
    )  # fmt: skip


def _kind(place: _Place, kind: str, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    if kind == "object":
        yield from _object(place, old, new)
        return
    if kind == "array":
        yield from _array(place, old, new)
    yield from _enum(place, old.get("enum"), new.get("enum"))
    yield from _time(place, old.get("time"), new.get("time"))
    if not place.answer:
        yield from _limits(place, old, new)


def _enum(place: _Place, old: list[Json] | None, new: list[Json] | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None or new is None:
        text = f"accepts only {_listed(new)}" if new is not None else f"accepts more than {_listed(old)}"
        if place.answer:
            text = f"is one of {_listed(new)}" if new is not None else f"may be more than {_listed(old)}"
        yield place.judged(
            "enum", old, new, f"{place.said} now {text}.",
            request=Severity.COMPATIBLE if new is None else Severity.BREAKING,
            answer=Severity.NOTABLE if new is None else Severity.COMPATIBLE,
        )  # fmt: skip
        return
    verb = "is" if place.answer else "accepts"
    for value in (value for value in old if value not in new):
        yield place.judged(
            "enum", value, None, f"{place.said} no longer {verb} {_value(value)}.",
            request=Severity.BREAKING, answer=Severity.COMPATIBLE,
        )  # fmt: skip
    verb = "may be" if place.answer else "accepts"
    for value in (value for value in new if value not in old):
        yield place.judged(
            "enum", None, value, f"{place.said} now {verb} {_value(value)}.",
            request=Severity.COMPATIBLE, answer=Severity.NOTABLE,
        )  # fmt: skip


def _time(place: _Place, old: str | None, new: str | None) -> Iterator[Change]:
    if old != new:
        text = (
            f"{place.said} is now a time ({_shown(new)})."
            if new
            else f"{place.said} is no longer a time ({_shown(old or '')})."
        )
        request = Severity.BREAKING if old else Severity.COMPATIBLE
        yield place.judged("type", old, new, text, request=request, answer=Severity.BREAKING)


def _limits(place: _Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    """Yield one change when a request may hold less, or more, than before."""
    was, now = (
        {k: v for k, v in side.items() if k not in ("enum", "time", "items", "tuple")} for side in (old, new)
    )
    if was == now:
        return
    wider = all(_allows(name, now, was) for name in now)
    text = f"{place.said} now allows {'more' if wider else 'less'}: {_bounds(now)}, before {_bounds(was)}."
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


def _array(place: _Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    before, after = old.get("tuple"), new.get("tuple")
    if before is None and after is None:
        yield from _type(place / "[]", old.get("items", {}), new.get("items", {}))
    elif before is not None and after is not None and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _type(place / f"[{index}]", one, other)
    else:
        was, now = described({"array": old}), described({"array": new})
        yield place.change("type", was, now, Severity.BREAKING, f"{place.said} is now {now}, before {was}.")


def _object(place: _Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    if old.get("name") != new.get("name"):
        text = f"the class of {place.said} is now called {_shown(new.get('name') or 'after its path')}."
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
    renames = _renames(
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
    for one, other in _pairs(old, new):
        needed.update(set(other["required"]) - set(one["required"]))
        freed.update(set(one["required"]) - set(other["required"]))
    return needed, freed


def _pairs(old: list[Way], new: list[Way]) -> list[tuple[Way, Way]]:
    """Return which alternative became which, those with most fields in common first."""
    alike: list[tuple[float, str, str, int, int]] = []
    for index, one in enumerate(old):
        for place, other in enumerate(new):
            first, second = sorted((str(one), str(other)))
            alike.append((-_overlap(one, other), first, second, index, place))
    left, right = set(range(len(old))), set(range(len(new)))
    pairs = []
    for *_, index, place in sorted(alike):
        if index in left and place in right:
            left.remove(index)
            right.remove(place)
            pairs.append((old[index], new[place]))
    return pairs


def _overlap(one: Way, other: Way) -> float:
    first, second = set(one["fields"]), set(other["fields"])
    return len(first & second) / max(1, len(first | second))


def _alternatives(place: _Place, old: list[Way], new: list[Way]) -> Iterator[Change]:
    """Yield the alternatives of a request that went or came, unless another one allows the same calls."""
    pairs = _pairs(old, new)
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


def _field_removed(place: _Place, was: str, rename: str | None) -> Change:
    verb = "is gone" if place.answer else "is no longer taken"
    hint = f"; perhaps it is now `{field_name(rename)}`" if rename else ""
    change = place.change("removed", was, None, Severity.BREAKING, f"{place.said} {verb}{hint}.")
    return replace(change, rename=rename)


def _field_added(place: _Place, now: str, required: bool, rename: str | None) -> Change:
    level = Severity.BREAKING if required and not place.answer else Severity.COMPATIBLE
    must = " and required" if level is Severity.BREAKING else ""
    hint = f"; perhaps it was `{field_name(rename)}`" if rename else ""
    change = place.change("added", None, now, level, f"{place.said} is new{must}{hint}.")
    return replace(change, rename=rename)


def _requiredness(place: _Place, needed: bool, freed: bool) -> Iterator[Change]:
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


def _field(place: _Place, old: dict[str, Json], new: dict[str, Json]) -> Iterator[Change]:
    if old.get("deprecated", False) != new.get("deprecated", False):
        now = new.get("deprecated", False)
        level = Severity.NOTABLE if now else Severity.COMPATIBLE
        text = f"{place.said} is {'now' if now else 'no longer'} deprecated."
        yield place.change("deprecated", not now, now, level, text)
    if not place.answer and old.get("default") != new.get("default"):
        text = f"{place.said}, left out, is now {_value(new.get('default'))}, before {_value(old.get('default'))}."
        yield place.change("default", old.get("default"), new.get("default"), Severity.NOTABLE, text)
    yield from _type(place, old["type"], new["type"])


def _renames(gone: dict[str, Any], came: dict[str, Any]) -> dict[str, str]:
    """Return pairs, both ways, of one that went and one like it that came, the most alike names first."""
    alike = sorted(
        (_unlikeness(one, other), one, other) for one in gone for other in came if gone[one] == came[other]
    )
    pairs: dict[str, str] = {}
    for _, one, other in alike:
        if one not in pairs and other not in pairs:
            pairs[one], pairs[other] = other, one
    return pairs


def _unlikeness(one: str, other: str) -> float:
    first, second = sorted((one, other))
    return -SequenceMatcher(None, first, second).ratio()


def described(kind: Type) -> str:
    """Return the type as a short text: `string or null`, `array of integer`, `object {name, title}`."""
    return " or ".join(_noun(name, more) for name, more in sorted(kind.items())) or "anything"


def _noun(kind: str, more: dict[str, Json]) -> str:
    if kind == "array":
        if "tuple" in more:
            return f"[{', '.join(described(part) for part in more['tuple'])}]"
        return f"array of {described(more['items'])}" if more.get("items") else "array"
    if kind == "object":
        if not more["fields"]:
            return f"map of {described(more['rest'])}" if "rest" in more else "object"
        names = list(more["fields"])
        return f"object {{{', '.join(map(_shown, names[:4]))}{', …' if len(names) > 4 else ''}}}"
    if kind == "again":
        return "itself"
    if "enum" in more:
        return _listed(more["enum"])
    extra = more.get("time") or more.get("format")
    return f"{kind} ({_shown(extra)})" if extra else kind


def _listed(values: list[Json] | None) -> str:
    texts = [_value(value) for value in values or ()]
    return " | ".join(texts[:6]) + (" | …" if len(texts) > 6 else "")


def _bounds(limits: dict[str, Json]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in sorted(limits.items())) or "no limit"


def _value(value: Json) -> str:
    return _shown(repr(value))


def _shown(text: object) -> str:
    """`text` of a stranger, fit for one line of a terminal and between other words."""
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text)[:80])
    return line.replace("`", "'")
