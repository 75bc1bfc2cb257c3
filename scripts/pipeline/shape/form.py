"""The plain form of a schema: references followed, parts of `allOf` joined, object unions merged into one object.

A plain schema is one of: anything `{}`; one scalar type; an array; an object with properties; a map (an object
without properties whose `additionalProperties` say what it holds); `{"$ref": …}` to a component that contains
itself; or `anyOf` of those, no two of one JSON type. Two facts about a schema are kept beside it:
`x-cocalc-name`, the class name that somebody chose (`x-cocalc-known-as` the one that a component has), and `x-cocalc-values`, the values that an answer is known to have.
While schemas are plain, `x-note` is what the place of a reference says, in contrast to the `description` of what is there.
"""

from __future__ import annotations

import re
from typing import Any

from scripts.pipeline.document.anatomy import Json, Schema, component, reachable
from scripts.pipeline.document.names import class_name
from scripts.pipeline.published import DocumentError

MAX_PARTS = 30_000
KNOWN = "Known values: "
DONE = "Ok"
_DONE_VALUES = ("ok", "success")
_ORDER = ("boolean", "integer", "number", "string", "array", "object", "$ref", "null")
_PUBLISHED_NAME = re.compile(r".+(RequestBody|[1-5][0-9]{2}ResponseBody)")
_NOTES = ("description", "default", "deprecated", "title", "readOnly", "writeOnly")
_BOUNDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
)
_SCALAR = ("type", "enum", "format", *_BOUNDS, "x-cocalc-time", "x-cocalc-values")


class Plain:
    """Brings the schemas of one document into plain form, for requests or for answers."""

    def __init__(self, components: dict[str, Schema], *, answer: bool) -> None:
        self._components = components
        self._answer = answer
        self._parts = 0
        self._recursive = {
            name for name, schema in components.items() if name in reachable(schema, components)
        }
        self._bodies: dict[str, Schema] = {}

    def of(self, schema: Json) -> Schema:
        """The plain form of a schema.

        Raises:
            DocumentError: it grows beyond all bounds when its references are followed.
        """
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise DocumentError(f"the schemas have more than {MAX_PARTS} parts when references are followed")
        if not isinstance(schema, dict):
            return {}
        notes = {key: schema[key] for key in ("description", "default", "deprecated") if key in schema}
        if "$ref" in schema:
            result = self._of_reference(schema["$ref"])
        else:
            parts = [self._own(schema)] if self._says_something(schema) else []
            parts += [self.of(part) for part in schema.get("allOf", [])]
            if "anyOf" in schema or "oneOf" in schema:
                parts.append(
                    self.union([self.of(arm) for arm in (*schema.get("anyOf", []), *schema.get("oneOf", []))])
                )
            result = self._all(parts) if parts else {}
        if "$ref" in schema and ("properties" in result or "$ref" in result) and "description" in notes:
            notes["x-note"] = notes.pop("description")
        result = {**result, **notes}
        if "x-cocalc-name" in schema:
            result["x-cocalc-name"] = schema["x-cocalc-name"]
        elif "x-cocalc-known-as" in schema:
            result["x-cocalc-known-as"] = class_name([str(schema["x-cocalc-known-as"])])
        return result

    def body(self, name: str) -> Schema:
        """The plain form of a component that contains itself."""
        if name not in self._bodies:
            self._bodies[name] = self.of(self._components[name])
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

    @staticmethod
    def _says_something(schema: Schema) -> bool:
        return any(
            key in schema
            for key in ("type", "properties", "additionalProperties", "items", "prefixItems", "enum", "const")
        )

    def _own(self, schema: Schema) -> Schema:
        """The plain form of what a schema says itself, without its `allOf` and `anyOf`."""
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return self.union([self._own({**schema, "type": kind}) for kind in kinds])
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if kinds is None and values is not None:
            return self.union(
                [self._own({"type": kind, "enum": part}) for kind, part in _by_type(values).items()]
            )
        if kinds == "object" or (
            kinds is None and ("properties" in schema or "additionalProperties" in schema)
        ):
            return self._object(schema)
        if kinds == "array" or (kinds is None and ("items" in schema or "prefixItems" in schema)):
            return self._array(schema)
        if kinds == "null":
            return {"type": "null"}
        return self._scalar(schema, values) if kinds is not None else {}

    def _object(self, schema: Schema) -> Schema:
        properties = {name: self.of(inner) for name, inner in schema.get("properties", {}).items()}
        if not properties:
            more = schema.get("additionalProperties", True)
            return {"type": "object", "additionalProperties": self.of(more) if isinstance(more, dict) else {}}
        if self._answer and _is_done(properties):
            status = {"type": "string", "x-cocalc-values": list(_DONE_VALUES)}
            return {"type": "object", "properties": {"status": status}, "x-cocalc-name": DONE}
        result: Schema = {"type": "object", "properties": properties}
        required = sorted(set(schema.get("required", [])) & set(properties))
        if required and not self._answer:
            result["required"] = required
        return result

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
            fitting = [v for v in values if kind in _types(v)]
            same = {type(v) for v in fitting}
            if self._answer:
                result["x-cocalc-values"] = fitting
            elif same in ({str}, {int}):
                result["enum"] = fitting
            elif fitting and kind != "boolean":
                result["x-cocalc-values"] = fitting
        _formats(result, answer=self._answer)
        return result

    def union(self, arms: list[Schema]) -> Schema:
        """One plain schema for values of any of `arms`."""
        flat = [inner for arm in arms for inner in arm.get("anyOf", [arm])]
        if not flat or any(not _kind(arm) for arm in flat):
            return _noted({}, arms)
        slots: dict[str, Schema] = {}
        references = {arm["$ref"] for arm in flat if "$ref" in arm}
        if len(references) > 1 or (references and any(_kind(arm) == "object" for arm in flat)):
            flat = [self.opened(arm) for arm in flat]
            if any("$ref" in arm or "anyOf" in arm or not _kind(arm) for arm in flat):
                return _noted({}, arms)
        for arm in flat:
            slot = _kind(arm)
            slots[slot] = self._either(slots[slot], arm) if slot in slots else arm
        if "integer" in slots and "number" in slots:
            slots["number"] = self._either(slots.pop("integer"), slots["number"])
        found = [slots[slot] for slot in _ORDER if slot in slots]
        if len(found) == 1:
            return _noted(found[0], arms)
        return _noted({"anyOf": found}, arms)

    def _either(self, one: Schema, other: Schema) -> Schema:
        if one == other:
            return one
        kind = _kind(one)
        if kind == "object":
            return self._either_object(one, other)
        if kind == "array":
            parts, others = one.get("prefixItems"), other.get("prefixItems")
            if parts and others and len(parts) == len(others):
                both = [self.union([a, b]) for a, b in zip(parts, others, strict=True)]
                return {**_same(one, other), "type": "array", "prefixItems": both}
            items = [
                *one.get("prefixItems", [one.get("items", {})]),
                *other.get("prefixItems", [other.get("items", {})]),
            ]
            return {"type": "array", "items": self.union(items)}
        result = _same(one, other)
        result["type"] = "number" if {one["type"], other["type"]} == {"integer", "number"} else one["type"]
        if "enum" in one and "enum" in other:
            result["enum"] = list(dict.fromkeys([*one["enum"], *other["enum"]]))
        values = [*_values(one), *_values(other)]
        if values and "enum" not in result:
            result["x-cocalc-values"] = list(dict.fromkeys(values))
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
        result = {**_same(one, other), "type": "object", "properties": merged}
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
        if not _kind(one) or not _kind(other):
            known, notes = (other, one) if not _kind(one) else (one, other)
            return {**{k: v for k, v in notes.items() if k in _NOTES}, **known}
        arms, others = one.get("anyOf", [one]), other.get("anyOf", [other])
        if len(arms) > 1 or len(others) > 1:
            pairs = [(a, b) for a in arms for b in others if _kind(a) == _kind(b)]
            return self.union([self._both(a, b) for a, b in pairs]) if pairs else other
        one, other = self.opened(one), self.opened(other)
        if _kind(one) != "object" or _kind(other) != "object":
            return other if _kind(one) != _kind(other) else {**one, **other}
        left, right = one.get("properties"), other.get("properties")
        if left is None or right is None:
            return one if left is not None else other
        merged = dict(left)
        for name, inner in right.items():
            merged[name] = self._both(merged[name], inner) if name in merged else inner
        result: Schema = {**one, **other, "properties": merged}
        required = sorted({*one.get("required", []), *other.get("required", [])})
        if required:
            result["required"] = required
        result.pop("x-cocalc-name", None)
        result.pop("x-cocalc-known-as", None)
        return result


def _is_done(properties: dict[str, Schema]) -> bool:
    """Tell whether an answer says that it was done and nothing else; servers word it in two ways."""
    values = properties.get("status", {}).get("x-cocalc-values", [])
    return list(properties) == ["status"] and bool(values) and all(value in _DONE_VALUES for value in values)


def _kind(plain: Schema) -> str:
    """Where a plain schema stands in a union; the empty text for anything."""
    return "$ref" if "$ref" in plain else "anyOf" if "anyOf" in plain else str(plain.get("type", ""))


def _noted(plain: Schema, sources: list[Schema]) -> Schema:
    """`plain` with the first description that a source has, when there is none."""
    if "description" in plain:
        return plain
    return {**plain, **next(({"description": s["description"]} for s in sources if _speaks(s, plain)), {})}


def _speaks(source: Schema, plain: Schema) -> bool:
    """Tell whether the description of `source` is one of `plain`: that of a class stays with the class."""
    return "description" in source and (
        "properties" in plain or not ("properties" in source or "$ref" in source)
    )


def _same(one: Schema, other: Schema) -> Schema:
    result = {key: value for key, value in one.items() if key in other and other[key] == value}
    return _noted(result, [one, other])


def _values(plain: Schema) -> list[Json]:
    return [*plain.get("enum", []), *plain.get("x-cocalc-values", [])]


def _types(value: Json) -> tuple[str, ...]:
    match value:
        case None:
            return ("null",)
        case bool():
            return ("boolean",)
        case str():
            return ("string",)
        case int():
            return ("integer", "number")
        case float():
            return ("number", "integer") if value.is_integer() else ("number",)
    return ("other",)


def _by_type(values: list[Json]) -> dict[str, list[Json]]:
    result: dict[str, list[Any]] = {}
    for value in values:
        result.setdefault(_types(value)[0], []).append(value)
    return result


def _formats(scalar: Schema, *, answer: bool) -> None:
    """Ids are text; times stay what they are on the wire, and an extension says which form that is."""
    form = scalar.get("format")
    if form in ("date-time", "date", "binary") or (form == "uuid" and (answer or scalar["type"] != "string")):
        del scalar["format"]
        if form == "date-time" and scalar["type"] == "string":
            scalar.setdefault("x-cocalc-time", "iso")
    if answer:
        for key in _BOUNDS:
            scalar.pop(key, None)
