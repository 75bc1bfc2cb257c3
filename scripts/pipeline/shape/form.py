"""The plain form of a schema: references followed, parts of `allOf` joined, object unions merged into one object.

A plain schema is one of: anything `{}`; one scalar type; an array; an object with properties; a map (an object
without properties whose `additionalProperties` say what it holds); `{"$ref": …}` to a component that contains
itself; or `anyOf` of those, no two of one JSON type. Two facts about a schema are kept beside it:
`x-cocalc-name`, the class name that somebody chose (`x-cocalc-known-as` the one that a component has), and `x-cocalc-values`, the values that an answer is known to have.
While schemas are plain, `x-note` is what the place of a reference says, in contrast to the `description` of what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cocalc_facade._drift.schema.spelling import spelled
from cocalc_facade._drift.schema.vocabulary import BY_TYPE, Scope, is_never
from scripts.pipeline.document.anatomy import Json, Schema, component
from scripts.pipeline.document.names import class_name
from scripts.pipeline.published import DocumentError
from scripts.pipeline.shape.loops import loops
from scripts.pipeline.shape.plain import (
    BOUNDS,
    DONE,
    DONE_VALUES,
    NEVER,
    by_kind,
    by_type,
    complete,
    different,
    is_done,
    kind_of,
    known_values,
    meet,
    narrowest,
    noted,
    one_list_of_values,
    same,
    types_of_value,
    unmarked,
    widest,
    with_formats,
)

MAX_PARTS = 600_000
_PUBLISHED_NAME = re.compile(r".+(RequestBody|[1-5][0-9]{2}ResponseBody)")
_ORDER = ("boolean", "integer", "number", "string", "array", "object", "$ref", "null")
_PLACE_NOTES = ("description", "default", "deprecated")
_NOTES = (*_PLACE_NOTES, "title", "readOnly", "writeOnly")
_SCALAR = ("type", "enum", "format", *BOUNDS, "x-cocalc-time", "x-cocalc-values")
_ANYTHING: dict[str, Schema] = {
    "object": {"type": "object", "properties": {}},
    "array": {"type": "array", "items": {}},
}


class Plain:
    """Brings the schemas of one document into plain form, for requests or for answers."""

    def __init__(self, components: dict[str, Schema], *, answer: bool) -> None:
        self._components, self._recursive = loops(components)
        self.untyped: set[str] = set()
        """Components that hold themselves and are anything in the client, because no class can say what they are."""
        self._answer = answer
        self._parts = 0
        self._bodies: dict[str, Schema] = {}
        self._opening: set[str] = set()

    def of(self, schema: Json) -> Schema:
        """The plain form of a schema.

        Raises:
            DocumentError: it grows beyond all bounds when its references are followed.
        """
        return self._settled(self._of(schema, Scope(self._answer)))

    def any_of(self, schemas: list[Schema]) -> Schema:
        """The plain form of a value that is of one of `schemas`."""
        return self._settled(self.union([self.of(schema) for schema in schemas]))

    def _of(self, given: Json, scope: Scope) -> Schema:
        """The plain form of a schema that may be a part of another one: what its keywords say, whatever the type.

        A part without a type is *open*: `{"x-open": {"object": …}}` says something of objects and leaves the rest as it is.
        """
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise DocumentError(f"the schemas have more than {MAX_PARTS} parts when references are followed")
        if not isinstance(given, dict):
            return NEVER if given is False else {}
        schema = spelled(given, scope)
        notes: Schema = {key: schema[key] for key in _PLACE_NOTES if key in schema}
        notes |= {key: True for key in ("readOnly", "writeOnly") if schema.get(key) is True}
        if is_never(schema):
            result = NEVER
        elif "$ref" in schema:
            result = self._of_reference(schema["$ref"])
        else:
            result = self._all([self._own(schema), *self._composed(schema, scope)])
        if "$ref" in schema and ("properties" in result or "$ref" in result) and "description" in notes:
            notes["x-note"] = notes.pop("description")
        result = {**result, **notes}
        if "x-cocalc-name" in schema:
            result["x-cocalc-name"] = schema["x-cocalc-name"]
        elif "x-cocalc-known-as" in schema:
            result["x-cocalc-known-as"] = class_name([str(schema["x-cocalc-known-as"])])
        return result

    def _composed(self, schema: Schema, scope: Scope) -> Iterator[Schema]:
        """What the parts of a schema say, each of which holds beside the others."""
        for part in schema.get("allOf", []):
            yield self._of(part, scope.below("allOf"))
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                yield self.union([self._of(arm, scope.below(keyword)) for arm in schema[keyword]])
        if "if" in schema and ("then" in schema or "else" in schema):
            yield self.union([self._of(schema.get(name, {}), scope.below(name)) for name in ("then", "else")])
        for inner in schema.get("dependentSchemas", {}).values():
            yield self.union([self._of(inner, scope.below("dependentSchemas")), {}])

    def _settled(self, plain: Schema) -> Schema:
        """The plain form of a whole: an open one is of the types it speaks of, and what is required is there."""
        if "x-open" in plain:
            notes = {key: value for key, value in plain.items() if not key.startswith("x-open")}
            free = "x-open-to-all" in plain or not plain["x-open"]
            plain = {**({} if free else self.union(list(plain["x-open"].values()))), **notes}
        if "anyOf" in plain:
            arms = [complete(arm) for arm in plain["anyOf"]]
            return {**plain, "anyOf": arms} if arms else {**noted({"type": "null"}, [plain])}
        return complete(plain)

    def body(self, name: str) -> Schema:
        """The plain form of a component that contains itself."""
        if name not in self._bodies:
            self._opening.add(name)
            self._bodies[name] = unmarked(self.of(self._components[name]))
            self._opening.remove(name)
        return self._bodies[name]

    def opened(self, plain: Schema) -> Schema:
        """A plain schema that is no reference, by looking one level into a component that contains itself."""
        return self.body(component(plain["$ref"])) if "$ref" in plain else plain

    def _of_reference(self, ref: str) -> Schema:
        name = component(ref)
        if name not in self._components:
            raise DocumentError(f"the reference {ref[:100]!r} leads to no component")
        if name in self._recursive:
            return {"$ref": ref}
        result = dict(self.of(self._components[name]))
        if not _PUBLISHED_NAME.fullmatch(name) and "x-cocalc-name" not in result:
            result.setdefault("x-cocalc-known-as", class_name([name]))
        return result

    def _own(self, schema: Schema) -> Schema:
        """The plain form of what a schema says itself, without its parts."""
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return self.union([self._own({**schema, "type": kind}) for kind in kinds])
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if kinds is None and values is not None:
            return self.union(
                [self._own({"type": kind, "enum": part}) for kind, part in by_type(values).items()]
            )
        if kinds is None:
            said = [kind for kind, keys in BY_TYPE.items() if any(key in schema for key in keys)]
            return {"x-open": {kind: self._own({**schema, "type": kind}) for kind in said}}
        if kinds == "object":
            return self._object(schema)
        if kinds == "array":
            return self._array(schema)
        return {"type": "null"} if kinds == "null" else self._scalar(schema, values)

    def _object(self, schema: Schema) -> Schema:
        properties = {name: self.of(inner) for name, inner in schema.get("properties", {}).items()}
        required = sorted(schema.get("required", [])) if not self._answer else []
        needed: Schema = {"required": required} if required else {}
        if not properties:
            more = schema.get("additionalProperties", schema.get("unevaluatedProperties", True))
            inner = self.of(more) if isinstance(more, dict) else {}
            return {"type": "object", "additionalProperties": inner, **needed}
        if self._answer and is_done(properties):
            status = {"type": "string", "x-cocalc-values": list(DONE_VALUES)}
            return {"type": "object", "properties": {"status": status}, "x-cocalc-name": DONE}
        return {"type": "object", "properties": properties, **needed}

    def _array(self, schema: Schema) -> Schema:
        result: Schema = {"type": "array"}
        if schema.get("prefixItems"):
            result["prefixItems"] = [self.of(part) for part in schema["prefixItems"]]
        else:
            result["items"] = self.of(schema.get("items"))
        bounds: Schema = {key: schema[key] for key in ("minItems", "maxItems") if key in schema}
        return {**result, **bounds} if not self._answer or "prefixItems" in result else result

    def _scalar(self, schema: Schema, values: list[Json] | None) -> Schema:
        kind = schema["type"]
        result = {key: schema[key] for key in _SCALAR if key in schema and key != "enum"}
        if values is not None:
            fitting = [v for v in values if kind in types_of_value(v)]
            same = {type(v) for v in fitting}
            if self._answer:
                result["x-cocalc-values"] = fitting
            elif same in ({str}, {int}):
                result["enum"] = fitting
            elif fitting and kind != "boolean":
                result["x-cocalc-values"] = fitting
        with_formats(result, answer=self._answer)
        return result

    def union(self, arms: list[Schema]) -> Schema:
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
        slots: dict[str, Schema] = {}
        references = {arm["$ref"] for arm in flat if "$ref" in arm}
        if len(references) > 1 or (references and any(kind_of(arm) == "object" for arm in flat)):
            if len(references) == 1 and not any(arm.get("properties") for arm in flat):
                flat = [arm for arm in flat if kind_of(arm) != "object"]  # its fields are all that there are
            else:
                opening = any(component(ref) in self._opening for ref in references)
                flat = flat if opening else [self.opened(arm) for arm in flat]
                if opening or any("anyOf" in arm or not kind_of(arm) for arm in flat):
                    self.untyped |= set(map(component, references))
                    return noted({}, arms)
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
        kinds: dict[str, Schema] = {}
        for kind in dict.fromkeys(kind for found in said for kind in found):
            free = _ANYTHING.get(kind, {"type": kind})
            kinds[kind] = self.union(
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

    def _either(self, one: Schema, other: Schema) -> Schema:
        if one == other:
            return one
        kind = kind_of(one)
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
            result = self._both(result, part)
        return result

    def _both(self, one: Schema, other: Schema) -> Schema:
        """The plain schema of values that are both; where the two contradict each other, the second is believed."""
        if "x-open" in one or "x-open" in other:
            return self._both_open(one, other)
        if not kind_of(one) or not kind_of(other):
            known, notes = (other, one) if not kind_of(one) else (one, other)
            return {**{k: v for k, v in notes.items() if k in _NOTES}, **known}
        arms, others = one.get("anyOf", [one]), other.get("anyOf", [other])
        if len(arms) > 1 or len(others) > 1:
            notes = {key: value for part in (one, other) for key, value in part.items() if key in _NOTES}
            pairs = [(a, b) for a in arms for b in others if meet(kind_of(a), kind_of(b))]
            return {**notes, **self.union([self._both(a, b) for a, b in pairs])} if pairs else other
        for reference, rest in ((one, other), (other, one)):
            if "$ref" in reference and component(reference["$ref"]) in self._opening:
                if rest.get("properties"):  # a class cannot be itself with fields more
                    self.untyped.add(component(reference["$ref"]))
                return {**{k: v for k, v in rest.items() if k in _NOTES}, **reference}
        one, other = self.opened(one), self.opened(other)
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
                kinds[kind] = self._both(kinds[kind], rule) if kind in kinds else rule
            rest = {k: v for k, v in one.items() if k != "x-open" and (k != "x-open-to-all" or k in other)}
            if "x-open-to-all" in other and not one["x-open"]:
                rest["x-open-to-all"] = True
            return {**notes, **rest, "x-open": kinds}
        if not kind_of(one):
            return {**{k: v for k, v in one.items() if k in _NOTES}, **other}
        arms = [self._ruled(arm, rules) for arm in one.get("anyOf", [one])]
        rest = {k: v for k, v in one.items() if k in _NOTES} if "anyOf" in one else {}
        return {**notes, **(self.union(arms) if len(arms) != 1 else arms[0]), **rest}

    def _ruled(self, arm: Schema, rules: dict[str, Schema]) -> Schema:
        """One alternative with what is said of values of its type."""
        kind = kind_of(
            self.opened(arm) if "$ref" in arm and component(arm["$ref"]) not in self._opening else arm
        )
        rule = rules.get("number" if kind == "integer" else kind)
        return arm if rule is None else self._both(arm, rule)

    def _both_arrays(self, one: Schema, other: Schema) -> Schema:
        result = narrowest(one, other)
        parts, others = one.get("prefixItems"), other.get("prefixItems")
        if parts and others and len(parts) == len(others):
            result["prefixItems"] = [self._both(a, b) for a, b in zip(parts, others, strict=True)]
        elif parts or others:
            result["prefixItems"] = parts or others
            result.pop("items", None)
        else:
            result["items"] = self._both(one.get("items", {}), other.get("items", {}))
        return result

    def _both_objects(self, one: Schema, other: Schema) -> Schema:
        left, right = one.get("properties"), other.get("properties")
        result: Schema = {**one, **other}
        if left is None and right is None:
            result["additionalProperties"] = self._both(
                one["additionalProperties"], other["additionalProperties"]
            )
        else:
            merged = dict(left or {})
            for name, inner in (right or {}).items():
                merged[name] = self._both(merged[name], inner) if name in merged else inner
            result["properties"] = merged
            result.pop("additionalProperties", None)
        required = sorted({*one.get("required", []), *other.get("required", [])})
        if required:
            result["required"] = required
        if left and right:
            result.pop("x-cocalc-name", None)
            result.pop("x-cocalc-known-as", None)
        return result
