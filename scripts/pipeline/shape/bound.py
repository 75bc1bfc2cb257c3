"""The classes whose names are released: each stays with the places that have had it, also when these stop being equal.

Where they differ by fields that only some of them have, the class has the fields of all: any field may be absent anyway.
Where they contradict each other, the places that agree with most others keep the name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cocalc_facade._drift.names import respelled
from scripts.pipeline.document.anatomy import Schema, component
from scripts.pipeline.document.names import is_class_name
from scripts.pipeline.document.released import Released
from scripts.pipeline.shape.form import Plain
from scripts.pipeline.shape.places import Root, Use, fields, inside, shape
from scripts.pipeline.shape.plain import DONE


class Bound:
    """The released classes of a document: which place has which, and the shape that serves all places of each."""

    def __init__(self, plain: dict[bool, Plain], released: Released) -> None:
        self._plain = plain
        self._released = released
        self._known = dict(released.classes)
        self._sides: dict[str, bool] = {}
        self.names: dict[str, str] = {}
        """The class of a place."""
        self.shapes: dict[str, Schema] = {}
        self.paths: dict[str, tuple[str, ...]] = {}
        self.loops: dict[tuple[bool, str], str] = {}
        """The class of a component that holds itself."""
        self.reserved = {name.lower() for name in {*released.classes.values(), *released.aliases}}
        """Names that nothing else is given, in lower case."""

    def side(self, name: str) -> bool:
        """Whether a class belongs to answers."""
        return self._sides[name]

    def serves(self, name: str, plain: Schema, *, answer: bool) -> bool:
        """Tell whether a released class is what a shape that would have its name needs, and has all of its fields."""
        known = self.shapes.get(name)
        if known is None or self._sides[name] != answer or not _agree(known, plain):
            return False
        return shape(self._plain[answer].union([known, plain])) == shape(known)

    def bind(self, roots: list[tuple[Root, Use]], chosen: dict[bool, set[str]]) -> None:
        """Give every place that it can the class that it has had, from the roots inwards.

        Args:
            roots: the bodies and answers of the document.
            chosen: names that our files choose for requests and for answers, in lower case: they go where they say.
        """
        names = {root.name for root, _ in roots}
        gone = [name for name in self._released.routes if name not in names]
        for old, new in respelled(gone, names - set(self._released.routes)).items():
            self._follow(f"{old} request", f"{new} request")
            self._follow(f"{old} answer", f"{new} answer")
        level = [(root.schema, use, root.answer) for root, use in roots]
        while level:
            found: dict[str, list[tuple[Schema, Use, bool]]] = defaultdict(list)
            for schema, use, answer in level:
                for inner, place in self._held(schema, use):
                    name = self._name(inner, place)
                    if name is not None and (
                        inner.get("x-cocalc-name") == name
                        or name == DONE
                        or name.lower() not in chosen[answer]
                    ):
                        found[name].append((inner, place, answer))
            level = [held for name, members in sorted(found.items()) for held in self._take(name, members)]

    def _follow(self, old: str, new: str) -> None:
        """What was at the place `old`, and in it, is at `new` now, because the wire spells it so."""
        for place, name in list(self._known.items()):
            if place == old or place.startswith((f"{old} [", f"{old} {{")):
                self._known.setdefault(new + place[len(old) :], name)

    def _fields(self, schema: Schema, name: str, path: tuple[str, ...]) -> list[tuple[Schema, Use]]:
        known, here = self._released.fields.get(name, {}), schema["properties"]
        gone = [wire for wire in known if wire not in here]
        for old, new in respelled(gone, [wire for wire in here if wire not in known]).items():
            self._follow(f"{name}.{old}", f"{name}.{new}")
        return fields(schema, name, path)

    def _held(self, plain: Schema, use: Use) -> Iterator[tuple[Schema, Use]]:
        if "$ref" in plain or "properties" in plain:
            yield plain, use
        elif "enum" not in plain:
            for inner, place in inside(plain, use):
                yield from self._held(inner, place)

    def _name(self, plain: Schema, use: Use) -> str | None:
        """The name that a place has had, unless it has a class already or somebody chose another one for it."""
        name = self._known.get(use.place)
        if name is None or use.place in self.names or not is_class_name(name):
            return None
        return name if plain.get("x-cocalc-name", name) == name else None

    def _take(self, name: str, members: list[tuple[Schema, Use, bool]]) -> Iterator[tuple[Schema, Use, bool]]:
        """Give a class to those of `members` that agree on it; yield what these hold."""
        alike: dict[str, int] = defaultdict(int)
        for plain, _, _ in members:
            alike[shape(plain)] += 1
        for plain, use, answer in sorted(members, key=lambda one: (-alike[shape(one[0])], one[1].place)):
            if "$ref" in plain:
                if name not in self._sides and (answer, plain["$ref"]) not in self.loops:
                    self._sides[name] = answer
                    self.loops[answer, plain["$ref"]] = name
                    body = self._plain[answer].body(component(plain["$ref"]))
                    yield from ((inner, place, answer) for inner, place in self._fields(body, name, ()))
                continue
            if self._sides.setdefault(name, answer) != answer or name in self.loops.values():
                continue
            known = self.shapes.setdefault(name, plain)
            if not _agree(known, plain):
                continue
            if shape(known) != shape(plain):
                self.shapes[name] = {**self._plain[answer].union([known, plain]), **_kept_notes(known)}
            self.names[use.place] = name
            self.paths.setdefault(name, use.path)
            yield from ((inner, place, answer) for inner, place in self._fields(plain, name, use.path))


def _kept_notes(plain: Schema) -> Schema:
    return {key: plain[key] for key in ("description", "x-cocalc-name") if key in plain}


def _but_null(plain: Schema) -> Schema:
    """A shape as it is when it is not null, which makes no other class of it."""
    arms = [arm for arm in plain.get("anyOf", ()) if arm.get("type") != "null"]
    return plain if not arms else arms[0] if len(arms) == 1 else {**plain, "anyOf": arms}


def _agree(one: Schema, other: Schema) -> bool:
    """Tell whether a shape can serve two places without being another one for either, but for further fields."""
    one, other = _but_null(one), _but_null(other)
    if shape(one) == shape(other):
        return True
    if "anyOf" in one and "anyOf" in other:
        arms, others = ({str(arm.get("type")): arm for arm in union["anyOf"]} for union in (one, other))
        return arms.keys() == others.keys() and all(_agree(arms[kind], others[kind]) for kind in arms)
    if "properties" in one and "properties" in other:
        left, right = one["properties"], other["properties"]
        return all(_agree(left[wire], right[wire]) for wire in left.keys() & right.keys())
    if one.keys() & {"properties", "enum", "$ref", "prefixItems", "anyOf"} or one.get("type") != other.get(
        "type"
    ):
        return False
    if one.get("type") in ("array", "object"):
        inner = "items" if one["type"] == "array" else "additionalProperties"
        return inner in one and inner in other and _agree(one[inner], other[inner])
    return all(one.get(key) == other.get(key) for key in ("format", "x-cocalc-time"))
