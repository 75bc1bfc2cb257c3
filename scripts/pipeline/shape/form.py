"""The plain form of a schema: references followed, parts of `allOf` joined, object unions merged into one object.

A plain schema is one of: anything `{}`; one scalar type; an array; an object with properties; a map (an object
without properties whose `additionalProperties` say what it holds); `{"$ref": …}` to a component that contains
itself; or `anyOf` of those, no two of one JSON type. Two facts about a schema are kept beside it:
`x-cocalc-name`, the class name that somebody chose (`x-cocalc-known-as` the one that a component has), and `x-cocalc-values`, the values that an answer is known to have.
While schemas are plain, `x-note` is what the place of a reference says, in contrast to the `description` of what is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from cocalc_facade._drift.schema.spelling import spelled
from cocalc_facade._drift.schema.vocabulary import Scope, is_never, spoken_of
from scripts.pipeline.document.anatomy import Json, Schema, component
from scripts.pipeline.document.names import class_name
from scripts.pipeline.published import DocumentError
from scripts.pipeline.shape.join import PLACE_NOTES, Joining
from scripts.pipeline.shape.loops import loops
from scripts.pipeline.shape.plain import (
    BOUNDS,
    DONE,
    DONE_VALUES,
    NEVER,
    by_type,
    is_done,
    types_of_value,
    unmarked,
    with_formats,
)

_PUBLISHED_NAME = re.compile(r".+(RequestBody|[1-5][0-9]{2}ResponseBody)")
_SCALAR = ("type", "enum", "format", *BOUNDS, "x-cocalc-time", "x-cocalc-values")


class Plain(Joining):
    """Brings the schemas of one document into plain form, for requests or for answers."""

    def __init__(self, components: dict[str, Schema], *, answer: bool) -> None:
        super().__init__()
        self._components, self._recursive = loops(components)
        self._answer = answer
        self._bodies: dict[str, Schema] = {}
        self._expansions: dict[str, tuple[str, int]] = {}
        """Components in plain form, written down, and of how many parts each is."""

    def of(self, schema: Json) -> Schema:
        """The plain form of a schema.

        Raises:
            DocumentError: it grows beyond all bounds when its references are followed.
        """
        plain = self.settled(self._of(schema, Scope(self._answer)))
        if "anyOf" in plain:
            return {**plain, "anyOf": [self._as_done(arm) for arm in plain["anyOf"]]}
        return self._as_done(plain)

    def _as_done(self, plain: Schema) -> Schema:
        """An answer that says nothing but that it was done, as all that do are."""
        if not self._answer or "x-cocalc-name" in plain or not is_done(plain.get("properties", {})):
            return plain
        status = {"type": "string", "x-cocalc-values": list(DONE_VALUES)}
        return {**plain, "properties": {"status": status}, "x-cocalc-name": DONE}

    def _of(self, given: Json, scope: Scope) -> Schema:
        """The plain form of a schema that may be a part of another one: what its keywords say, whatever the type.

        A part without a type is *open*: `{"x-open": {"object": …}}` says something of objects and leaves the rest as it is.
        """
        self.count()
        if not isinstance(given, dict):
            return NEVER if given is False else {}
        schema = spelled(given, scope)
        notes: Schema = {key: schema[key] for key in PLACE_NOTES if key in schema}
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
                yield self.part_of_either([self._of(arm, scope.below(keyword)) for arm in schema[keyword]])
        if "if" in schema and ("then" in schema or "else" in schema):
            yield self.part_of_either(
                [self._of(schema.get(name, {}), scope.below(name)) for name in ("then", "else")]
            )
        for inner in schema.get("dependentSchemas", {}).values():
            yield self.part_of_either([self._of(inner, scope.below("dependentSchemas")), {}])

    def body(self, name: str) -> Schema:
        """The plain form of a component that contains itself."""
        if name not in self._bodies:
            self.opening.add(name)
            self._bodies[name] = unmarked(self.of(self._components[name]))
            self.opening.remove(name)
        return self._bodies[name]

    def _of_reference(self, ref: str) -> Schema:
        name = component(ref)
        if name not in self._components:
            raise DocumentError(f"the reference {ref[:100]!r} leads to no component")
        if name in self._recursive:
            return {"$ref": ref}
        result = self._expanded(name)
        if not _PUBLISHED_NAME.fullmatch(name) and "x-cocalc-name" not in result:
            result.setdefault("x-cocalc-known-as", class_name([name]))
        return result

    def _expanded(self, name: str) -> Schema:
        """The plain form of a component that does not contain itself, a new one each time; it counts each time too."""
        if self.opening or self._joining:  # what it is may depend on what is looked into further out
            return dict(self.of(self._components[name]))
        if name not in self._expansions:
            before = self._parts
            written = json.dumps(self.of(self._components[name]))
            self._expansions[name] = written, self._parts - before
        else:
            self.count(self._expansions[name][1])
        result: Schema = json.loads(self._expansions[name][0])
        return result

    def _own(self, schema: Schema) -> Schema:
        """The plain form of what a schema says itself, without its parts."""
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return self.part_of_either([self._own({**schema, "type": kind}) for kind in kinds])
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if kinds is None and values is not None:
            return self.part_of_either(
                [self._own({"type": kind, "enum": part}) for kind, part in by_type(values).items()]
            )
        if kinds is None:
            return {"x-open": {kind: self._own({**schema, "type": kind}) for kind in spoken_of(schema)}}
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
