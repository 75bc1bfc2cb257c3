"""What an OpenAPI document promises a caller, whatever the form in which it says so.

A *contract* is plain JSON: for each route what it takes and what it answers. It is read from a document of any stage,
as published or repaired or shaped, and two documents that mean the same give the same contract: `nullable` or a list
of types, tuples old and new, maps written as pairs, references or copies, GET or POST, order, names, descriptions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from .kinds import ContractError, Json, Type, both, either, way, with_null

Contract: TypeAlias = dict[str, dict[str, Any]]

MAX_NODES = 200_000
MAX_TUPLE = 8

_METHODS = ("post", "get", "put", "patch", "delete")
_FLAGS = ("auth", "idempotent", "confirm", "charges", "fails")
_LIMITS = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength", "format"),
    "array": ("minItems", "maxItems"),
}
_UNKNOWN = frozenset({"type", "description", "x-cocalc-unknown"})
_FAILURE_FIELDS = frozenset({"error", "errors", "issues", "message", "code", "status", "success", "reason"})
_FAILURE_MARKS = frozenset({"error", "errors", "issues"})
_FAILURE_VALUES = ("error", "failed", "failure", "fail")
_KINDS = ("null", "boolean", "integer", "number", "string", "array", "object")


def contract(document: Json) -> Contract:
    """Return what `document` promises, by route (`projects/stop`). Raises ContractError."""
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict):
        raise ContractError("not an OpenAPI document: it has no object `paths`")
    found: Contract = {}
    reader = _Reader(document)
    for path, item in sorted(paths.items()):
        operation = _operation(item)
        if operation is not None and "x-cocalc-retired" not in operation:
            found[route(path)] = reader.operation(item, operation)
    return found


def route(path: str) -> str:
    """Return the route that `path` names: what follows `/api/v2/`, whatever base path comes before."""
    return path.rpartition("/api/v2/")[2].strip("/")


def _operation(item: Json) -> dict[str, Json] | None:
    methods = _METHODS if isinstance(item, dict) else ()
    return next((item[method] for method in methods if isinstance(item.get(method), dict)), None)


class _Reader:
    def __init__(self, document: dict[str, Json]) -> None:
        self._document = document
        self._nodes = 0
        self._open: dict[str, int] = {}
        self._depth = 0
        self._overwritten = _overwritten(document)

    def operation(self, item: dict[str, Json], operation: dict[str, Json]) -> dict[str, Json]:
        result: dict[str, Json] = {
            "request": self._request(item, operation),
            "answer": self._answer(operation),
        }
        if operation.get("deprecated") is True:
            result["deprecated"] = True
        if isinstance(operation.get("x-cocalc-python"), str):
            result["python"] = operation["x-cocalc-python"]
        sides = {"request": operation.get("requestBody"), "answer": self._success(operation)}
        unknown = [side for side, holder in sides.items() if self._cannot_be_known(holder)]
        if unknown:
            result["unknown"] = unknown
        stated = {name: operation[f"x-cocalc-{name}"] for name in _FLAGS if f"x-cocalc-{name}" in operation}
        if stated:
            result["stated"] = stated
        return result

    def _request(self, item: dict[str, Json], operation: dict[str, Json]) -> Type:
        taken = self.type(_schema(self._resolved(operation.get("requestBody"))))
        fields: dict[str, Json] = {}
        required = []
        for parameter in [*_list(operation.get("parameters")), *_list(item.get("parameters"))]:
            parameter = self._resolved(parameter)
            if (
                isinstance(parameter, dict)
                and parameter.get("in") == "query"
                and parameter.get("name") not in fields
            ):
                fields[str(parameter.get("name"))] = parameter.get("schema")
                if parameter.get("required") is True:
                    required.append(str(parameter.get("name")))
        if fields:
            query = self.type({"type": "object", "properties": fields, "required": required})
            taken = both(taken, query)
        return taken or {"object": {"fields": {}, "ways": [way(())]}}

    def _answer(self, operation: dict[str, Json]) -> Type:
        responses = operation.get("responses")
        responses = responses if isinstance(responses, dict) else {}
        good = [status for status in sorted(responses) if status.startswith("2")] or ["default"]
        arms = [arm for status in good for arm in self._arms(_schema(self._resolved(responses.get(status))))]
        return either(self.type(arm) for arm in arms if not is_failure(arm))

    def _cannot_be_known(self, holder: Json) -> bool:
        """Tell whether a body or an answer is a schema that another operation may have overwritten."""
        schema = _schema(self._resolved(holder))
        ref = _reference(schema)
        if isinstance(ref, str):
            return ref in self._overwritten
        # So repair leaves it; when a correction says more, it is known again.
        return isinstance(schema, dict) and "x-cocalc-unknown" in schema and not schema.keys() - _UNKNOWN

    def _success(self, operation: dict[str, Json]) -> Json:
        """Return the first answer of success."""
        responses = operation.get("responses")
        responses = responses if isinstance(responses, dict) else {}
        return next((responses[status] for status in sorted(responses) if status.startswith("2")), None)

    def _arms(self, schema: Json, depth: int = 0) -> Iterator[Json]:
        """Yield the alternatives of `schema`, those behind references too."""
        schema = self._resolved(schema)
        plain = isinstance(schema, dict) and not schema.keys() & {
            "type",
            "properties",
            "allOf",
            "enum",
            "const",
        }
        inner = [*_list(schema.get("anyOf")), *_list(schema.get("oneOf"))] if plain else []
        if not inner or depth > 20:
            yield schema
            return
        for arm in inner:
            yield from self._arms(arm, depth + 1)
        if schema.get("nullable") is True:
            yield {"type": "null"}

    def _resolved(self, node: Json) -> Json:
        """Return what `node` refers to, or `node`; nothing where a reference loops or leads outside."""
        for _ in range(20):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            node = self._target(node["$ref"])
        return None

    def _target(self, ref: str) -> Json:
        parts = ref.split("/")
        if ref in self._overwritten or len(parts) != 4 or parts[:2] != ["#", "components"]:
            return {}
        section = self._document.get("components", {}).get(parts[2], {})
        return section.get(parts[3], {}) if isinstance(section, dict) else {}

    def type(self, schema: Json) -> Type:
        """Return the canonical type of `schema`."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ContractError(f"the document describes more than {MAX_NODES} values")
        if not isinstance(schema, dict):
            return {}
        ref = schema.get("$ref")
        if isinstance(ref, str):
            if ref in self._open:
                return {"again": {"levels": self._depth - self._open[ref]}}
            if len(self._open) > 100:
                raise ContractError("the document is nested deeper than 100 references")
            self._open[ref] = self._depth
            found = self.type(self._target(ref))
            del self._open[ref]
        else:
            found = self._inline(schema)
        return with_null(found) if schema.get("nullable") is True and found else found

    def _inline(self, schema: dict[str, Json]) -> Type:
        self._depth += 1
        found = self._own(schema)
        self._depth -= 1
        for keyword in ("anyOf", "oneOf"):
            if _list(schema.get(keyword)):
                found = both(found, either(self.type(arm) for arm in schema[keyword]))
        for part in _list(schema.get("allOf")):
            found = both(found, self.type(part))
        return found

    def _own(self, schema: dict[str, Json]) -> Type:
        """Return the type that the keywords of `schema` itself describe, its alternatives aside."""
        values = (
            schema["enum"] if _list(schema.get("enum")) else [schema["const"]] if "const" in schema else None
        )
        if values == ["null"] and ("type" not in schema or schema.get("nullable") is True):
            return {"null": {}}
        kinds = schema.get("type")
        kinds = [kinds] if isinstance(kinds, str) else _list(kinds)
        kinds = [kind for kind in _KINDS if kind in kinds] or list(_implied(schema, values))
        result: Type = {}
        for kind in kinds:
            if kind == "integer" and "number" in kinds:
                continue
            name = "object" if kind == "array" and _map_of_pairs(schema) is not None else kind
            result[name] = self._kind(name, schema, values)
        return {kind: more for kind, more in result.items() if more is not None}

    def _kind(self, kind: str, schema: dict[str, Json], values: list[Json] | None) -> dict[str, Json] | None:
        if kind == "object":
            pairs = _map_of_pairs(schema)
            return self._object(schema if pairs is None else {"additionalProperties": pairs})
        more = _limits(kind, schema)
        if kind == "array":
            return self._array(schema, more)
        if values is not None and kind != "null":
            enum = [value for value in values if kind in _kinds_of(value)]
            if not enum and "null" not in _kinds_of(values[0]):
                return None
            more = {} if kind == "boolean" and len(enum) > 1 else {"enum": sorted(enum, key=repr)}
        if kind in ("string", "integer", "number") and isinstance(schema.get("x-cocalc-time"), str):
            more["time"] = schema["x-cocalc-time"]
        return more

    def _array(self, schema: dict[str, Json], limits: dict[str, Json]) -> dict[str, Json]:
        parts = [self.type(part) for part in _list(schema.get("prefixItems")) or _list(schema.get("items"))]
        items = {} if parts else self.type(schema.get("items"))
        length = limits.get("minItems")
        if (
            not parts
            and length == limits.get("maxItems")
            and isinstance(length, int)
            and 0 < length <= MAX_TUPLE
        ):
            parts = [items] * length
        if parts:
            return {"tuple": parts}
        return {**limits, "items": items} if items else limits

    def _object(self, schema: dict[str, Json]) -> dict[str, Json]:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        fields: dict[str, Json] = {}
        for name, inner in sorted(properties.items()):
            if isinstance(inner, dict) and "x-cocalc-retired" in inner:
                continue
            field: dict[str, Json] = {"type": self.type(inner)}
            if isinstance(inner, dict) and "default" in inner:
                field["default"] = inner["default"]
            if isinstance(inner, dict) and inner.get("deprecated") is True:
                field["deprecated"] = True
            fields[name] = field
        required = sorted(
            name for name in _list(schema.get("required")) if isinstance(name, str) and name in fields
        )
        result: dict[str, Json] = {"fields": fields, "ways": [way(fields, required)]}
        rest = schema.get("additionalProperties")
        if isinstance(rest, dict) and (inner_type := self.type(rest)):
            result["rest"] = inner_type
        if isinstance(schema.get("x-cocalc-name"), str):
            result["name"] = schema["x-cocalc-name"]
        return result


def _schema(holder: Json) -> Json:
    """Return the schema of a body or an answer: that of JSON when there are several."""
    content = holder.get("content") if isinstance(holder, dict) else None
    entries = content if isinstance(content, dict) else {}
    kinds = sorted(entries, key=lambda kind: "json" not in kind)
    entry = entries[kinds[0]] if kinds else None
    return entry.get("schema") if isinstance(entry, dict) else None


def _overwritten(document: dict[str, Json]) -> frozenset[str]:
    """Return the references to schemas that say in their name whose they are, and are used by several operations.

    The publishing tool lets operations of one name overwrite each other's schemas; which survived cannot be known.
    """
    used: Counter[str] = Counter()
    for item in document["paths"].values():
        operation = _operation(item) or {}
        responses = operation.get("responses")
        holders = [operation.get("requestBody"), *(responses.values() if isinstance(responses, dict) else ())]
        for ref in {ref for holder in holders if isinstance(ref := _reference(_schema(holder)), str)}:
            used[ref] += 1
    own = ("RequestBody", "ResponseBody")
    return frozenset(ref for ref, count in used.items() if count > 1 and ref.endswith(own))


def _reference(schema: Json) -> Json:
    return schema.get("$ref") if isinstance(schema, dict) else None


def is_failure(schema: Json) -> bool:
    """Tell whether an alternative of an answer is the shape of a failure, which callers get as an exception."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not properties:
        return False
    names = set(properties)
    if names <= _FAILURE_FIELDS and (names & _FAILURE_MARKS or names == {"message"}):
        return True
    status = properties.get("status") if "error" in names else None
    values = _values(status) if isinstance(status, dict) else None
    return bool(values) and all(value in _FAILURE_VALUES for value in values or ())


def _values(schema: dict[str, Json]) -> list[Json] | None:
    """Return the values that `schema` lists, or None where it lists none."""
    for keyword in ("enum", "x-cocalc-values"):
        if _list(schema.get(keyword)):
            return list(schema[keyword])
    return [schema["const"]] if "const" in schema else None


def _map_of_pairs(schema: dict[str, Json]) -> Json:
    """Return the schema of the values when `schema` is a map published as a bounded list of [key, value], else None."""
    items = schema.get("items")
    if (
        schema.get("type") != "array"
        or "maxItems" not in schema
        or schema.get("minItems")
        or not isinstance(items, dict)
    ):
        return None
    parts = items.get("prefixItems", items.get("items"))
    if not isinstance(parts, list) or len(parts) != 2 or items.get("maxItems", 2) != 2:
        return None
    return parts[1] if isinstance(parts[0], dict) and parts[0].get("type") == "string" else None


def _implied(schema: dict[str, Json], values: list[Json] | None) -> Iterable[str]:
    if values is not None:
        found = {_kinds_of(value)[0] for value in values}
        return [kind for kind in _KINDS if kind in found]
    if "properties" in schema or "additionalProperties" in schema:
        return ["object"]
    return ["array"] if "items" in schema or "prefixItems" in schema else []


def _kinds_of(value: Json) -> tuple[str, ...]:
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int):
        return ("integer", "number")
    if isinstance(value, float):
        return ("number",)
    return ("string",) if isinstance(value, str) else ("array",) if isinstance(value, list) else ("object",)


def _limits(kind: str, schema: dict[str, Json]) -> dict[str, Json]:
    more = {name: schema[name] for name in _LIMITS.get(kind, ()) if name in schema}
    if kind == "string" and isinstance(schema.get("x-cocalc-format"), str):
        more["format"] = schema["x-cocalc-format"]
    for sharp, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(more.get(sharp), bool) and more.pop(sharp) and plain in more:  # OpenAPI 3.0
            more[sharp] = more.pop(plain)
    if more.get("minLength") == 0 or more.get("minItems") == 0:
        more = {name: value for name, value in more.items() if name not in ("minLength", "minItems")}
    return more


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
