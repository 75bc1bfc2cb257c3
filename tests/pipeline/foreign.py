"""Documents of servers that nobody has seen: every form that OpenAPI 3.0 and 3.1 have, put together by chance."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Schema = Any
NAMES = (
    "title", "Title", "x-y", "x_y", "class", "from", "any", "None", "to_dict", "type", "id", "ID", "1st", "日本", "a.b", "self", "error", "status",
    "Error", "value", "items", "keys", "data", "$ref", "",
)  # fmt: skip
SEGMENTS = (
    "projects",
    "a",
    "get-thing",
    "getThing",
    "get_thing",
    "import",
    "Error",
    "value",
    "type",
    "key",
    "run",
    "con",
    "2fa",
    "None",
)
COMPONENTS = ("Thing", "thing", "Error", "any", "Tree", "a.b")
SCALARS: tuple[Schema, ...] = (
    {"type": "string"}, {"type": "string", "format": "uuid"}, {"type": "string", "format": "date-time"}, {"type": "string", "pattern": "["},
    {"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"type": "number", "enum": [1.0, 0.5]}, {"enum": ["a", 1, None, True]},
    {"type": "boolean", "enum": [False]}, {"type": "string", "enum": ["\u2028", '"""', "{{x}}", "\\"]}, {"enum": [{"a": 1}, [1]]}, {"not": {}}, {},
    {"type": "array"}, {"type": "object"}, {"nullable": True}, {"type": "string", "nullable": True}, {"enum": ["null"], "nullable": True},
)  # fmt: skip
NEWER: tuple[Schema, ...] = (
    True, False, {"const": None}, {"const": [1]}, {"type": ["string", "null"]}, {"type": ["object", "null"], "properties": {"a": {}}},
    {"type": "array", "items": False}, {"type": "array", "prefixItems": [{"type": "string"}, {}], "items": False}, {"examples": [1]},
)  # fmt: skip
NOTES: tuple[dict[str, Any], ...] = (
    {"default": "x"}, {"default": None}, {"default": {}}, {"default": 1}, {"description": '"""{x}\\'}, {"title": "class"}, {"readOnly": True}, {"writeOnly": True},
    {"deprecated": True}, {"nullable": True}, {"minLength": 2}, {"required": ["title"]}, {"x-odd": [1]}, {"$defs": {"q": {}}}, {"maxItems": 2},
)  # fmt: skip
BESIDE: tuple[dict[str, Any], ...] = (
    {"patternProperties": {"^x": {"type": "string"}}}, {"propertyNames": {"pattern": "^a"}}, {"unevaluatedProperties": False}, {"additionalProperties": False},
    {"if": {"required": ["id"]}, "then": {"required": ["title"]}}, {"dependentSchemas": {"id": {"required": ["title"]}}}, {"not": {"required": ["id"]}}, {"minProperties": 1},
)  # fmt: skip


class Foreign:
    """Makes one document from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._version = self._random.choice(["3.0.0", "3.0.3", "3.1.0"])

    def document(self) -> dict[str, Any]:
        """The document."""
        random = self._random
        components = {name: self._schema(1) for name in COMPONENTS}
        components["Tree"] = self._object(1) | {
            "properties": {"kids": {"type": "array", "items": self._reference()}, "next": self._reference()}
        }
        paths = {
            f"/api/v2/{'/'.join(random.choices(SEGMENTS, k=random.randint(1, 3)))}": self._item()
            for _ in range(6)
        }
        return {
            "openapi": self._version,
            "info": {"title": "x", "version": ""},
            "paths": paths,
            "components": {"schemas": components},
        }

    def _item(self) -> dict[str, Any]:
        random = self._random
        operation: dict[str, Any] = {
            "summary": random.choice(['"""', "a\nb", "{{ x }}", ""]),
            "tags": [random.choice(SEGMENTS)],
        }
        if random.random() < 0.8:
            operation["requestBody"] = {"content": self._content(self._object(0))}
        if random.random() < 0.3:
            places = ("query", "header", "cookie")
            operation["parameters"] = [
                {"name": random.choice(NAMES) or "p", "in": random.choice(places), "schema": self._schema(2)}
            ]
        statuses = random.sample(["200", "201", "204", "2XX", "default", "400"], random.randint(1, 3))
        operation["responses"] = {
            status: {"description": "", "content": self._content(self._schema(0))} for status in statuses
        }
        return {random.choice(["post", "post", "get", "put"]): operation}

    def _content(self, schema: Schema) -> dict[str, Any]:
        kinds = [
            ["application/json"],
            ["multipart/form-data"],
            ["text/plain"],
            ["application/json", "text/plain"],
            ["*/*"],
            [],
        ]
        return {kind: {"schema": schema} for kind in self._random.choice(kinds)}

    def _reference(self) -> Schema:
        return {"$ref": f"#/components/schemas/{self._random.choice(COMPONENTS)}"}

    def _schema(self, depth: int) -> Schema:
        random = self._random
        makers: list[Callable[[int], Schema]] = [self._scalar]
        if depth < 4:
            makers += [
                self._scalar,
                self._object,
                self._object,
                self._list,
                self._map,
                self._union,
                self._whole,
                lambda _: self._reference(),
            ]
        made = random.choice(makers)(depth)
        return {**made, **random.choice(NOTES)} if isinstance(made, dict) and random.random() < 0.3 else made

    def _scalar(self, _: int) -> Schema:
        return self._random.choice(SCALARS if self._version.startswith("3.0") else (*SCALARS, *NEWER))

    def _object(self, depth: int) -> dict[str, Any]:
        random = self._random
        fields = {name: self._schema(depth + 1) for name in random.sample(NAMES, random.randint(0, 4))}
        made = {
            "type": "object",
            "properties": fields,
            "required": random.sample(sorted(fields), random.randint(0, len(fields))),
        }
        return {**made, **random.choice(BESIDE)} if random.random() < 0.2 else made

    def _list(self, depth: int) -> Schema:
        return {"type": "array", "items": self._schema(depth + 1)}

    def _map(self, depth: int) -> Schema:
        return {"type": "object", "additionalProperties": self._schema(depth + 1)}

    def _union(self, depth: int) -> Schema:
        arms = [self._schema(depth + 1) for _ in range(self._random.randint(1, 3))]
        return {self._random.choice(["anyOf", "oneOf"]): arms}

    def _whole(self, depth: int) -> Schema:
        parts = [
            self._random.choice([self._object(depth + 1), self._reference(), {"required": ["title"]}])
            for _ in range(self._random.randint(1, 2))
        ]
        return {"allOf": parts, **self._random.choice([{}, {"nullable": True}, self._object(depth + 1)])}
