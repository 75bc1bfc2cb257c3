"""The alternatives of an object, its ways: which became which, what each needs, and how a sentence names it."""

from __future__ import annotations

from collections.abc import Iterator

from .kinds import Json, Way
from .names import field_name
from .wording import shown_value

Object = dict[str, Json]
_FEW = 3


def likely_pairs(old: list[Way], new: list[Way]) -> list[tuple[Way, Way]]:
    """Return which alternative became which, those with most in common first."""
    alike: list[tuple[float, str, str, int, int]] = []
    before, after = ([(_said(way), str(way)) for way in ways] for ways in (old, new))
    for index, (one, text) in enumerate(before):
        for place, (other, other_text) in enumerate(after):
            first, second = sorted((text, other_text))
            alike.append((-_overlap(one, other), first, second, index, place))
    left, right = set(range(len(old))), set(range(len(new)))
    pairs = []
    for *_, index, place in sorted(alike):
        if index in left and place in right:
            left.remove(index)
            right.remove(place)
            pairs.append((old[index], new[place]))
    return pairs


def _said(way: Way) -> set[tuple[str, str]]:
    """Return what tells an alternative from others: its fields, and those of a type of their own once more."""
    types = way.get("types", {})
    return {(name, "") for name in way["fields"]} | {(name, repr(said)) for name, said in types.items()}


def _overlap(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> float:
    return len(one & other) / max(1, len(one | other))


def whole(thing: Object, way: Way) -> Object:
    """Return all that one alternative says besides its fields: its own, and what all alternatives say."""
    return {
        key: value
        for key, value in {**thing, **way}.items()
        if key not in ("fields", "ways", "required", "types")
    }


def respelled_fields(thing: Object, spelled: dict[str, str]) -> Object:
    """Return an object with its fields named as they are spelled now."""
    if not spelled:
        return thing

    def now(names: list[str]) -> list[str]:
        return sorted(spelled.get(name, name) for name in names)

    ways = [
        {
            **way,
            "fields": now(way["fields"]),
            "required": now(way["required"]),
            **(
                {"types": {spelled.get(n, n): said for n, said in way["types"].items()}}
                if "types" in way
                else {}
            ),
        }
        for way in thing["ways"]
    ]
    return {
        **thing,
        "fields": {spelled.get(n, n): field for n, field in thing["fields"].items()},
        "ways": ways,
    }


def type_in(thing: Object, way: Way, name: str) -> Json:
    """Return the type of a field in one of the alternatives."""
    return way.get("types", {}).get(name, thing["fields"][name]["type"])


def callable_as(way: Way, others: list[Way]) -> bool:
    """Tell whether one of `others` needs nothing that `way` does not."""
    return any(set(other["required"]) <= set(way["required"]) for other in others)


def needs(way: Way) -> str:
    """Return how a sentence names an alternative by what it needs."""
    return ", ".join(f"`{field_name(name)}`" for name in way["required"]) or "nothing"


def called(thing: Object, way: Way) -> str:
    """Return how a sentence names one of several alternatives; the empty text for the only one.

    By the field that has one value in it alone, else by what it has and others have not, else by what it requires.
    """
    others = [other for other in thing["ways"] if other is not way]
    if not others:
        return ""
    for name in way["required"]:
        values = _values(type_in(thing, way, name)) if name in thing["fields"] else []
        if len(values) == 1 and all(
            values != _values(type_in(thing, other, name)) for other in others if name in other["fields"]
        ):
            return f"the alternative where `{field_name(name)}` is {shown_value(values[0])}"
    for names in (way["required"], way["fields"]):
        own = [name for name in names if all(name not in other["fields"] for other in others)]
        own = own or [name for name in names if any(name not in other["fields"] for other in others)]
        if own:
            return f"the alternative with {', '.join(f'`{field_name(name)}`' for name in own[:_FEW])}"
    needed = ", ".join(f"`{field_name(name)}`" for name in way["required"][:_FEW])
    return f"the alternative that needs {needed or 'nothing'}"


def _values(kind: Json) -> list[Json]:
    return [value for facts in kind.values() for value in facts.get("enum", ())]


def needed_and_freed(
    old: list[Way], new: list[Way], *, answer: bool
) -> Iterator[tuple[str, bool, Way | None]]:
    """Yield each field that is now required, or no longer is, and the alternative, None where it is all of them.

    A field that comes into one alternative, or goes from it, and is in others is not among them: that it comes or goes says more.
    """
    before, after = (set.intersection(*(set(way["required"]) for way in ways)) for ways in (old, new))
    if answer:
        yield from ((name, True, None) for name in sorted(after - before))
        yield from ((name, False, None) for name in sorted(before - after))
        return
    everywhere: set[tuple[str, bool]] = set()
    known = {True: _fields(old), False: _fields(new)}
    for one, other in likely_pairs(old, new):
        was, now = set(one["required"]), set(other["required"])
        for name, needed in [
            *((n, True) for n in sorted(now - was)),
            *((n, False) for n in sorted(was - now)),
        ]:
            if name not in (after if needed else before):
                way, partner = (other, one) if needed else (one, other)
                if name in partner["fields"] or name not in known[needed]:
                    yield name, needed, way
            elif (name, needed) not in everywhere:
                everywhere.add((name, needed))
                yield name, needed, None


def _fields(ways: list[Way]) -> set[str]:
    return {name for way in ways for name in way["fields"]}
