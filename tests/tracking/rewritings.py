"""Whole documents in another form of the same meaning, by chance: schemas and the parts of operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

from scripts.pipeline.document.anatomy import media, operations
from tests.tracking.forms import PREFIX

Schema = dict[str, Any]
NOTES = ("title", "description", "default", "deprecated", "readOnly", "writeOnly", "nullable")
ODD = {"x-go-name": "T", "example": {"type": "string"}, "$comment": "c", "xml": {"name": "x"}}
PREFIXES = ("", "/6a8b/port/5000", "/base")


class Rewriter:
    """Rewrites one document; each call of `document` gives another form."""

    def __init__(self, published: dict[str, Any], seed: int, share: float = 0.2) -> None:
        self._published = published
        self._random = Random(seed)
        self._share = share
        self._older = str(published["openapi"]).startswith("3.0")
        self._parts: dict[str, Schema] = {}
        self.used: list[str] = []

    def document(self) -> dict[str, Any]:
        """The document in another form."""
        random = self._random
        self._parts = {}
        result = deepcopy(self._published)
        for holder, key in list(_roots(result)):
            if not (
                isinstance(holder[key], dict) and "$ref" in holder[key] and key == "schema"
            ):  # such a name tells whose it is
                holder[key] = self._schema(holder[key], part=False)
        for _, _, operation in operations(result):
            self._operation(result, operation)
        schemas = [*result.setdefault("components", {}).get("schemas", {}).items(), *self._parts.items()]
        random.shuffle(schemas)
        result["components"]["schemas"] = dict(schemas)
        prefix = random.choice(PREFIXES)
        paths = [(prefix + path, item) for path, item in result["paths"].items()]
        random.shuffle(paths)
        return {**result, "paths": dict(paths)}

    def _operation(self, document: dict[str, Any], operation: dict[str, Any]) -> None:
        shared = document["components"]
        if "requestBody" in operation and self._chance():
            name = f"Body{len(shared.setdefault('requestBodies', {}))}"
            shared["requestBodies"][name] = operation["requestBody"]
            operation["requestBody"] = {"$ref": f"#/components/requestBodies/{name}"}
        for status, response in list(operation.get("responses", {}).items()):
            if self._chance() and isinstance(response, dict):
                name = f"Answer{len(shared.setdefault('responses', {}))}"
                shared["responses"][name] = response
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}

    def _chance(self) -> bool:
        return self._random.random() < self._share

    def _schema(self, schema: Any, *, part: bool) -> Any:
        if not isinstance(schema, dict):
            return schema
        result = dict(schema)
        for keyword in ("properties", "patternProperties", "dependentSchemas"):
            if isinstance(result.get(keyword), dict):
                fields = [
                    (name, self._schema(inner, part=keyword == "dependentSchemas"))
                    for name, inner in result[keyword].items()
                ]
                self._random.shuffle(fields)
                result[keyword] = dict(fields)
        for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
            if isinstance(result.get(keyword), list):
                result[keyword] = [
                    self._schema(inner, part=keyword != "prefixItems") for inner in result[keyword]
                ]
        for keyword in ("items", "additionalProperties", "contains", "propertyNames", "not"):
            if isinstance(result.get(keyword), dict):
                result[keyword] = self._schema(result[keyword], part=keyword == "not")
        for _ in range(0 if _is_pair(result) else 2):
            if self._chance():
                form = self._random.choice(FORMS)
                if (other := form(self, result, part)) is not None:
                    self.used.append(form.__name__)
                    result = other
        return result

    # Each form gives the schema in another form, or None where it has none of that kind.

    def _one_part(self, schema: Schema, part: bool) -> Schema | None:
        return {self._random.choice(["allOf", "anyOf", "oneOf"]): [schema]}

    def _beside_nothing(self, schema: Schema, part: bool) -> Schema | None:
        inner, notes = _apart(schema)
        return {"allOf": self._shuffled([inner, {}]), **notes}

    def _twice(self, schema: Schema, part: bool) -> Schema | None:
        if schema.keys() & {"anyOf", "oneOf", "allOf", "$ref"}:
            return None  # what is said of the place may be further inside
        inner, notes = _apart(schema)
        return {"anyOf": [inner, deepcopy(inner)], **notes}

    def _or_never(self, schema: Schema, part: bool) -> Schema | None:
        inner, notes = _apart(schema)
        return {self._random.choice(["anyOf", "oneOf"]): self._shuffled([inner, {"not": {}}]), **notes}

    def _odd_words(self, schema: Schema, part: bool) -> Schema | None:
        return {**deepcopy(ODD), **schema}

    def _reference(self, schema: Schema, part: bool) -> Schema | None:
        if part and "type" not in schema:  # as a component it is a whole
            return None
        name = f"Part{len(self._parts)}RequestBody"
        inner, notes = _apart(schema)
        self._parts[name] = inner
        return {"$ref": PREFIX + name} if not notes else {"allOf": [{"$ref": PREFIX + name}], **notes}

    def _part_of_a_component(self, schema: Schema, part: bool) -> Schema | None:
        if part and "type" not in schema:
            return None
        name = f"Part{len(self._parts)}RequestBody"
        self._parts[name] = {"type": "object", "properties": {"a/b~c d%": schema}}
        return {"$ref": f"{PREFIX}{name}/properties/a~1b~0c%20d%25"}

    def _definition(self, schema: Schema, part: bool) -> Schema | None:
        if part and "type" not in schema:
            return None
        name = f"Part{len(self._parts)}RequestBody"
        self._parts[name] = {"type": "object", "$defs": {"In": schema}}
        return {"$ref": f"{PREFIX}{name}/$defs/In"}

    def _required_in_a_part(self, schema: Schema, part: bool) -> Schema | None:
        if not schema.get("required") or schema.get("type") != "object":
            return None
        inner, notes = _apart(schema)
        bare = {key: value for key, value in inner.items() if key != "required"}
        parts = [bare, *({"required": [name]} for name in schema["required"])]
        return {"allOf": self._shuffled(parts), **notes}

    def _fields_in_parts(self, schema: Schema, part: bool) -> Schema | None:
        fields, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        if (
            schema.get("type") != "object"
            or len(fields) < 2
            or not isinstance(rest, bool)
            or "allOf" in schema
        ):
            return None
        bare = {
            key: said for key, said in schema.items() if key not in ("properties", "additionalProperties")
        }
        parts = [{"properties": {name: inner}} for name, inner in fields.items()]
        return {**bare, "allOf": parts, **({} if rest else {"unevaluatedProperties": False})}

    def _bounds_in_a_part(self, schema: Schema, part: bool) -> Schema | None:
        moved = [key for key in schema if key.startswith(("min", "max", "pattern", "uniqueItems"))]
        if not moved or "exclusiveMinimum" in schema or "exclusiveMaximum" in schema or not _one_type(schema):
            return None
        if "maxItems" in moved:
            return None  # together with the items it may say that this is a tuple or a map
        inner, notes = _apart(schema)
        bare = {key: value for key, value in inner.items() if key not in moved}
        return {"allOf": self._shuffled([bare, *({key: schema[key]} for key in moved)]), **notes}

    def _values_apart(self, schema: Schema, part: bool) -> Schema | None:
        values = schema.get("enum")
        if (
            not isinstance(values, list)
            or not _one_type(schema)
            or None in values
            or "null" in values
            or schema.keys() - {"type", "enum"} - set(NOTES)
            or "nullable" in schema
        ):
            return None
        _, notes = _apart(schema)
        one = [
            {"type": schema["type"], "enum": [value]} if self._older else {"const": value} for value in values
        ]
        return {self._random.choice(["oneOf", "anyOf"]): one, **notes}

    def _values_in_another_order(self, schema: Schema, part: bool) -> Schema | None:
        values = schema.get("enum")
        return {**schema, "enum": [*values, *values[:1]]} if isinstance(values, list) else None

    def _null(self, schema: Schema, part: bool) -> Schema | None:
        kinds = schema.get("type")
        orless = dict(schema)
        if "enum" in schema or "const" in schema or schema.keys() & {"anyOf", "oneOf", "allOf", "not", "if"}:
            return None
        if schema.get("nullable") is True and _one_type(schema):
            del orless["nullable"]
        elif isinstance(kinds, list) and len(kinds) == 2 and "null" in kinds:
            orless["type"] = next(kind for kind in kinds if kind != "null")
        else:
            return None
        inner, notes = _apart(orless)
        nulls: list[Schema] = [
            {"enum": [None]},
            {"type": "null"},
            {"enum": ["null"], "nullable": True},
            {"const": None},
        ]
        ways: list[Schema] = [
            {"anyOf": self._shuffled([inner, self._random.choice(nulls)]), **notes},
            {"oneOf": self._shuffled([inner, self._random.choice(nulls)]), **notes},
            {**orless, "nullable": True},
            {**orless, "type": [orless["type"], "null"]},
            {"allOf": [inner], "nullable": True, **notes},
        ]
        return self._random.choice(ways)

    def _idle(self, schema: Schema, part: bool) -> Schema | None:
        idle: dict[str, list[Schema]] = {
            "string": [{"minLength": 0}],
            "array": [{"uniqueItems": False}],
            "object": [{"minProperties": 0}, {"required": []}, {"additionalProperties": True}],
            "integer": [{"minimum": -(2**53) + 1}, {"maximum": 2**53 - 1}],
        }
        more = idle.get(str(schema.get("type")))
        return {**self._random.choice(more), **schema} if more else None

    def _shuffled(self, parts: list[Any]) -> list[Any]:
        self._random.shuffle(parts)
        return parts


FORMS: tuple[Callable[[Rewriter, Schema, bool], Schema | None], ...] = (
    Rewriter._one_part,
    Rewriter._beside_nothing,
    Rewriter._twice,
    Rewriter._or_never,
    Rewriter._odd_words,
    Rewriter._reference,
    Rewriter._part_of_a_component,
    Rewriter._definition,
    Rewriter._required_in_a_part,
    Rewriter._fields_in_parts,
    Rewriter._bounds_in_a_part,
    Rewriter._values_apart,
    Rewriter._values_in_another_order,
    Rewriter._null,
    Rewriter._idle,
)


def _is_pair(schema: Schema) -> bool:
    """Tell whether this may be the entry of a map that is published as a list of pairs."""
    parts = schema.get("prefixItems", schema.get("items"))
    return isinstance(parts, list) and len(parts) == 2


def _one_type(schema: Schema) -> bool:
    return isinstance(schema.get("type"), str) and schema["type"] != "null"


def _apart(schema: Schema) -> tuple[Schema, Schema]:
    """A schema without what is said of its place, and that; what may be null stays with it."""
    notes = {key: schema[key] for key in NOTES if key in schema and key != "nullable"}
    return {key: value for key, value in schema.items() if key not in notes}, notes


def _roots(document: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for _, _, operation in operations(document):
        for holder in (operation.get("requestBody"), *operation.get("responses", {}).values()):
            for _, entry in media(holder):
                if "schema" in entry:
                    yield entry, "schema"
    schemas = document.get("components", {}).get("schemas", {})
    yield from ((schemas, name) for name in schemas)
