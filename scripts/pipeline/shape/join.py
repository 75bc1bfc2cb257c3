"""What two plain schemas say together, and what either of them says: references opened only as far as they differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.pipeline.document.anatomy import Schema, component
from scripts.pipeline.published import DocumentError
from scripts.pipeline.shape.plain import (
    NEVER,
    by_kind,
    complete,
    different,
    kind_of,
    known_values,
    meet,
    narrowest,
    noted,
    one_list_of_values,
    same,
    widest,
    without_wrong_default,
)

MAX_PARTS = 600_000
_ORDER = ("boolean", "integer", "number", "string", "array", "object", "$ref", "null")
PLACE_NOTES = ("description", "default", "deprecated")
_NOTES = (*PLACE_NOTES, "title", "readOnly", "writeOnly")
_ANYTHING: dict[str, Schema] = {
    "object": {"type": "object", "properties": {}},
    "array": {"type": "array", "items": {}},
}


class Joining(ABC):
    """Joins plain schemas of one document."""

    def __init__(self) -> None:
        self.untyped: set[str] = set()
        """Components that hold themselves and are anything in the client, because no class can say what they are."""
        self.opening: set[str] = set()
        """The components whose bodies are being made."""
        self._joining: set[tuple[str, frozenset[str]]] = set()
        """The references that are opened and joined, further out."""
        self._parts = 0

    @abstractmethod
    def body(self, name: str) -> Schema:
        """The plain form of a component that contains itself."""

    def opened(self, plain: Schema) -> Schema:
        """A plain schema that is no reference, by looking one level into a component that contains itself."""
        while "$ref" in plain and (name := component(plain["$ref"])) not in self.opening:
            plain = self.body(name)
        return plain

    def count(self, parts: int = 1) -> None:
        """Raise DocumentError when more was done than any document needs."""
        self._parts += parts
        if self._parts > MAX_PARTS:
            raise DocumentError(f"the schemas have more than {MAX_PARTS} parts when references are followed")

    def settled(self, plain: Schema) -> Schema:
        """The plain form of a whole: an open one is of the types it speaks of, and what is required is there."""
        if "x-open" in plain:
            notes = {key: value for key, value in plain.items() if not key.startswith("x-open")}
            free = "x-open-to-all" in plain or not plain["x-open"]
            plain = {**({} if free else self.part_of_either(list(plain["x-open"].values()))), **notes}
        plain = without_wrong_default(plain)
        if "anyOf" in plain:
            arms = [complete(without_wrong_default(arm)) for arm in plain["anyOf"]]
            return {**plain, "anyOf": arms} if arms else {**noted({"type": "null"}, [plain])}
        return complete(plain)

    def union(self, arms: list[Schema]) -> Schema:
        """The plain form of a value that is of one of `arms`, which are plain."""
        return self.settled(self.part_of_either(arms))

    def _meeting(self, one: Schema, other: Schema) -> Schema:
        """The plain form of a value that is of both, which are plain."""
        return self.settled(self.part_of_both(one, other))

    def part_of_either(self, arms: list[Schema]) -> Schema:
        """One plain schema for values of any of `arms`."""
        if any("x-open" in arm for arm in arms):
            return self._open_union(arms)
        flat = [inner for arm in arms for inner in arm.get("anyOf", [arm])]
        if not flat and arms:
            return NEVER
        if any(not kind_of(arm) for arm in flat):
            found = [arm for arm in flat if kind_of(arm) == "object" and arm.get("properties")]
            return (
                self._open_union([{"x-open": {}, "x-open-to-all": True}, *found])
                if found
                else noted({}, arms)
            )
        references = frozenset(arm["$ref"] for arm in flat if "$ref" in arm)
        if len(references) == 1 and not any(arm.get("properties") for arm in flat):
            flat = [arm for arm in flat if kind_of(arm) != "object"]  # its fields are all that there are
        elif len(references) > 1 or (references and any(kind_of(arm) == "object" for arm in flat)):
            with self._opened_once("either", references) as is_free:
                opened = [self.opened(arm) for arm in flat] if is_free else []
                if opened and all(kind_of(arm) not in ("", "anyOf", "$ref") for arm in opened):
                    return self._of_kinds(opened, arms)
            self.untyped |= set(map(component, references))
            return noted({}, arms)
        return self._of_kinds(flat, arms)

    @contextmanager
    def _opened_once(self, how: str, references: frozenset[str]) -> Iterator[bool]:
        """Tell whether references can be opened to be joined: not those inside which this already happens."""
        key = (how, references)
        if key in self._joining or not self.opening.isdisjoint(map(component, references)):
            self.untyped |= set(map(component, references))
            yield False
            return
        self._joining.add(key)
        yield True
        self._joining.remove(key)

    def _of_kinds(self, flat: list[Schema], arms: list[Schema]) -> Schema:
        """The union of plain schemas of one kind each; its notes are those of `arms`."""
        slots: dict[str, Schema] = {}
        for arm in one_list_of_values(flat):
            slot = kind_of(arm)
            slots[slot] = self._either(slots[slot], arm) if slot in slots else arm
        if "integer" in slots and "number" in slots:
            slots["number"] = self._either(slots.pop("integer"), slots["number"])
        found = [slots[slot] for slot in _ORDER if slot in slots]
        if len(found) == 1:
            return noted(found[0], arms)
        return noted({"anyOf": found}, arms)

    def _open_union(self, arms: list[Schema]) -> Schema:
        """The union of alternatives some of which leave open what the value is."""
        free_to_all: Schema = {"x-open": {}, "x-open-to-all": True}
        arms = [arm if kind_of(arm) or "x-open" in arm else free_to_all for arm in arms if arm != NEVER]
        said = [by_kind(arm) for arm in arms]
        references = frozenset(found["$ref"]["$ref"] for found in said if "$ref" in found)
        if references:
            with self._opened_once("open", references) as is_free:
                if not is_free:
                    return noted({}, arms)
                return self._open_union([self._without_references(arm) for arm in arms])
        kinds: dict[str, Schema] = {}
        for kind in dict.fromkeys(kind for found in said for kind in found):
            free = _ANYTHING.get(kind, {"type": kind})
            kinds[kind] = self.part_of_either(
                [
                    found.get(kind, free)
                    for arm, found in zip(arms, said, strict=True)
                    if kind in found or "x-open" in arm
                ]
            )
        result: Schema = {"x-open": kinds}
        if any("x-open-to-all" in arm or arm.get("x-open") == {} for arm in arms):
            result["x-open-to-all"] = True
        return noted(result, arms)

    def _without_references(self, arm: Schema) -> Schema:
        """An alternative with what it refers to in the place of each reference."""
        if "x-open" in arm:
            kinds = {kind: one for kind, one in arm["x-open"].items() if kind != "$ref"}
            for kind, one in by_kind(self.opened(arm["x-open"].get("$ref", NEVER))).items():
                kinds[kind] = self.part_of_either([kinds[kind], one]) if kind in kinds else one
            return {**arm, "x-open": kinds}
        arms = [self.opened(one) for one in arm.get("anyOf", [arm])]
        return arms[0] if len(arms) == 1 else self.part_of_either(arms)

    def _either(self, one: Schema, other: Schema) -> Schema:
        if one == other:
            return one
        kind = kind_of(one)
        if kind == "$ref":
            return same(one, other)
        if kind == "object":
            return self._either_object(one, other)
        if kind == "array":
            parts, others = one.get("prefixItems"), other.get("prefixItems")
            if parts and others and len(parts) == len(others):
                both = [self.union([a, b]) for a, b in zip(parts, others, strict=True)]
                return {**same(one, other), "type": "array", "prefixItems": both}
            items = [
                *one.get("prefixItems", [one.get("items", {})]),
                *other.get("prefixItems", [other.get("items", {})]),
            ]
            return {"type": "array", "items": self.union(items), **widest(one, other)}
        result = {**same(one, other), **widest(one, other)}
        result["type"] = "number" if {one["type"], other["type"]} == {"integer", "number"} else one["type"]
        if "enum" in one and "enum" in other:
            result["enum"] = different([*one["enum"], *other["enum"]])
        values = [*known_values(one), *known_values(other)]
        if values and "enum" not in result:
            result["x-cocalc-values"] = different(values)
        return result

    def _either_object(self, one: Schema, other: Schema) -> Schema:
        left, right = one.get("properties"), other.get("properties")
        if left is None and right is None:
            return {
                "type": "object",
                "additionalProperties": self.union(
                    [one["additionalProperties"], other["additionalProperties"]]
                ),
            }
        merged = dict(left or {})
        for name, inner in (right or {}).items():
            merged[name] = self.union([merged[name], inner]) if name in merged else inner
        result = {**same(one, other), "type": "object", "properties": merged}
        result.pop("additionalProperties", None)
        required = sorted(set(one.get("required", [])) & set(other.get("required", [])))
        result.pop("required", None)
        if required:
            result["required"] = required
        return result

    def _all(self, parts: list[Schema]) -> Schema:
        result = parts[0]
        for part in parts[1:]:
            result = self.part_of_both(result, part)
        return result

    def part_of_both(self, one: Schema, other: Schema) -> Schema:
        """The plain schema of values that are both; where the two contradict each other, the second is believed."""
        self.count()
        if "x-open" in one or "x-open" in other:
            return self._both_open(one, other)
        if not kind_of(one) or not kind_of(other):
            known, notes = (other, one) if not kind_of(one) else (one, other)
            return {**{k: v for k, v in notes.items() if k in _NOTES}, **known}
        arms, others = one.get("anyOf", [one]), other.get("anyOf", [other])
        if len(arms) > 1 or len(others) > 1:
            notes = {key: value for part in (one, other) for key, value in part.items() if key in _NOTES}
            pairs = [(a, b) for a in arms for b in others if meet(kind_of(a), kind_of(b))]
            return (
                {**notes, **self.part_of_either([self.part_of_both(a, b) for a, b in pairs])}
                if pairs
                else other
            )
        for reference, rest in ((one, other), (other, one)):
            if "$ref" in reference and component(reference["$ref"]) in self.opening:
                if rest.get("properties"):  # a class cannot be itself with fields more
                    self.untyped.add(component(reference["$ref"]))
                return {**{k: v for k, v in rest.items() if k in _NOTES}, **reference}
        references = frozenset(part["$ref"] for part in (one, other) if "$ref" in part)
        if not references:
            return self._both_of_kinds(one, other)
        if len(references) == 1 and "$ref" in one and "$ref" in other:
            return {**other, **one}
        with self._opened_once("both", references) as is_free:
            return self._both_of_kinds(self.opened(one), self.opened(other)) if is_free else {}

    def _both_of_kinds(self, one: Schema, other: Schema) -> Schema:
        if {kind_of(one), kind_of(other)} == {"integer", "number"}:
            return {**narrowest(one, other), "type": "integer"}
        if kind_of(one) != kind_of(other):
            return other
        if kind_of(one) == "array":
            return self._both_arrays(one, other)
        return self._both_objects(one, other) if kind_of(one) == "object" else narrowest(one, other)

    def _both_open(self, one: Schema, other: Schema) -> Schema:
        if "x-open" not in other:
            one, other = other, one
        rules, notes = other["x-open"], {k: v for k, v in other.items() if not k.startswith("x-open")}
        if "x-open" in one:
            kinds = dict(one["x-open"])
            for kind, rule in rules.items():
                kinds[kind] = self.part_of_both(kinds[kind], rule) if kind in kinds else rule
            rest = {k: v for k, v in one.items() if k != "x-open" and (k != "x-open-to-all" or k in other)}
            if "x-open-to-all" in other and not one["x-open"]:
                rest["x-open-to-all"] = True
            return {**notes, **rest, "x-open": kinds}
        if not kind_of(one):
            return {**{k: v for k, v in one.items() if k in _NOTES}, **other}
        arms = [self._ruled(arm, rules) for arm in one.get("anyOf", [one])]
        rest = {k: v for k, v in one.items() if k in _NOTES} if "anyOf" in one else {}
        return {**notes, **(self.part_of_either(arms) if len(arms) != 1 else arms[0]), **rest}

    def _ruled(self, arm: Schema, rules: dict[str, Schema]) -> Schema:
        """One alternative with what is said of values of its type."""
        kind = kind_of(
            self.opened(arm) if "$ref" in arm and component(arm["$ref"]) not in self.opening else arm
        )
        rule = rules.get("number" if kind == "integer" else kind)
        return arm if rule is None else self.part_of_both(arm, rule)

    def _both_arrays(self, one: Schema, other: Schema) -> Schema:
        result = narrowest(one, other)
        parts, others = one.get("prefixItems"), other.get("prefixItems")
        if parts and others and len(parts) == len(others):
            result["prefixItems"] = [self._meeting(a, b) for a, b in zip(parts, others, strict=True)]
        elif parts or others:
            result["prefixItems"] = parts or others
            result.pop("items", None)
        else:
            result["items"] = self._meeting(one.get("items", {}), other.get("items", {}))
        return result

    def _both_objects(self, one: Schema, other: Schema) -> Schema:
        left, right = one.get("properties"), other.get("properties")
        result: Schema = {**one, **other}
        if left is None and right is None:
            result["additionalProperties"] = self._meeting(
                one["additionalProperties"], other["additionalProperties"]
            )
        else:
            merged = dict(left or {})
            for name, inner in (right or {}).items():
                merged[name] = self._meeting(merged[name], inner) if name in merged else inner
            result["properties"] = merged
            result.pop("additionalProperties", None)
        required = sorted({*one.get("required", []), *other.get("required", [])})
        if required:
            result["required"] = required
        if left and right:
            result.pop("x-cocalc-name", None)
            result.pop("x-cocalc-known-as", None)
        return result
