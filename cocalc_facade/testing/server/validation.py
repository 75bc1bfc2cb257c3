"""Validation as the development build does it: zod's issues, from the published schemas of the requests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from cocalc_facade.testing.wire.javascript import UNDEFINED, UUID, dumps

Issue = dict[str, Any]
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")


@dataclass(slots=True)
class Outcome:
    """What zod makes of a value: the value it hands on and its issues.

    `fatal` tells a wrong type from a right type whose content is refused: a union reports the latter directly.
    """

    value: Any
    issues: list[Issue] = field(default_factory=list)
    fatal: bool = False


class Validator:
    """Checks request bodies of the published routes.

    Args:
        document: the published OpenAPI document.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document.get("components", {}).get("schemas", {})
        self._bodies: dict[str, Any] = {}
        self.paths: set[str] = set()
        for path, item in document["paths"].items():
            name = path.removeprefix("/api/v2/")
            self.paths.add(name)
            for operation in item.values():
                if isinstance(operation, dict) and operation.get("requestBody"):
                    (media,) = operation["requestBody"]["content"].values()
                    self._bodies[name] = media["schema"]

    def has_body(self, path: str) -> bool:
        """Whether a route's request is validated at all."""
        return path in self._bodies

    def check(self, path: str, body: Any) -> Outcome:
        """What becomes of a body: unknown fields vanish, defaults are filled in."""
        schema = self._bodies.get(path)
        return Outcome(body) if schema is None else self._check(schema, body, [])

    def _check(self, schema: dict[str, Any], value: Any, path: list[Any]) -> Outcome:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if value is UNDEFINED and "default" in schema:
            value = schema["default"]
        if value is None and schema.get("nullable"):
            return Outcome(None)
        if "anyOf" in schema:
            return self._union(schema["anyOf"], value, path)
        if "enum" in schema:
            return _choice(schema, value, path)
        kind = schema.get("type")
        if kind is None:
            return Outcome(value)
        check = {
            "object": self._object,
            "array": self._array,
            "string": _string,
            "number": _number,
            "integer": _number,
            "boolean": _boolean,
        }[kind]
        return check(schema, value, path)

    def _union(self, options: list[dict[str, Any]], value: Any, path: list[Any]) -> Outcome:
        outcomes = [self._check(option, value, path) for option in options]
        for outcome in outcomes:
            if not outcome.issues:
                return outcome
        for outcome in outcomes:
            if not outcome.fatal:
                return outcome
        errors = [{"issues": outcome.issues, "name": "ZodError"} for outcome in outcomes]
        issue = {"code": "invalid_union", "unionErrors": errors, "path": path, "message": "Invalid input"}
        return Outcome(value, [issue], fatal=True)

    def _object(self, schema: dict[str, Any], value: Any, path: list[Any]) -> Outcome:
        if not isinstance(value, dict):
            return _wrong("object", value, path)
        found = Outcome({})
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        for name, part in properties.items():
            item = value.get(name, UNDEFINED)
            if item is UNDEFINED and name not in required and "default" not in part:
                continue
            _merge(found, name, self._check(part, item, [*path, name]))
        rest = schema.get("additionalProperties")
        for name in value if rest else ():
            if name not in properties:
                part = rest if isinstance(rest, dict) else {}
                _merge(found, name, self._check(part, value[name], [*path, name]))
        return found

    def _array(self, schema: dict[str, Any], value: Any, path: list[Any]) -> Outcome:
        if not isinstance(value, list):
            return _wrong("array", value, path)
        items = schema.get("items", {})
        parts = items if isinstance(items, list) else [items] * len(value)
        found = Outcome({})
        for at, (part, item) in enumerate(zip(parts, value, strict=False)):
            _merge(found, at, self._check(part, item, [*path, at]))
        found.value = list(found.value.values())
        return found


def _merge(whole: Outcome, name: Any, part: Outcome) -> None:
    whole.issues += part.issues
    whole.fatal |= part.fatal
    if part.value is not UNDEFINED:
        whole.value[name] = part.value


def _received(value: Any) -> str:
    if value is UNDEFINED:
        return "undefined"
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def _wrong(expected: str, value: Any, path: list[Any]) -> Outcome:
    received = _received(value)
    message = "Required" if received == "undefined" else f"Expected {expected}, received {received}"
    issue = {
        "code": "invalid_type",
        "expected": expected,
        "received": received,
        "path": path,
        "message": message,
    }
    return Outcome(value, [issue], fatal=True)


def _choice(schema: dict[str, Any], value: Any, path: list[Any]) -> Outcome:
    options = schema["enum"]
    if options == ["null"] and schema.get("nullable"):
        return _wrong("null", value, path)
    if len(options) == 1:
        expected = options[0]
        if type(value) is type(expected) and value == expected:
            return Outcome(value)
        issue = {
            "received": value,
            "code": "invalid_literal",
            "expected": expected,
            "path": path,
            "message": f"Invalid literal value, expected {dumps(expected)}",
        }
        return Outcome(value, [issue], fatal=True)
    names = " | ".join(f"'{option}'" for option in options)
    if not isinstance(value, str):
        return _wrong(names, value, path)
    if value in options:
        return Outcome(value)
    issue = {
        "received": value,
        "code": "invalid_enum_value",
        "options": options,
        "path": path,
        "message": f"Invalid enum value. Expected {names}, received '{value}'",
    }
    return Outcome(value, [issue], fatal=True)


def _string(schema: dict[str, Any], value: Any, path: list[Any]) -> Outcome:
    if not isinstance(value, str):
        return _wrong("string", value, path)
    found = Outcome(value)
    for bound, code, words in (("minLength", "too_small", "at least"), ("maxLength", "too_big", "at most")):
        limit = schema.get(bound)
        if limit is not None and (len(value) < limit if bound == "minLength" else len(value) > limit):
            message = f"String must contain {words} {limit} character(s)"
            found.issues.append(_size(code, limit, "string", path, message))
    form = schema.get("format")
    if form == "uuid" and not UUID.fullmatch(value):
        found.issues.append(
            {"validation": "uuid", "code": "invalid_string", "message": "Invalid uuid", "path": path}
        )
    if form == "email" and not EMAIL.fullmatch(value):
        found.issues.append(
            {"validation": "email", "code": "invalid_string", "message": "Invalid email", "path": path}
        )
    return found


def _size(
    code: str, limit: float, kind: str, path: list[Any], message: str, *, inclusive: bool = True
) -> Issue:
    bound = "minimum" if code == "too_small" else "maximum"
    return {
        "code": code,
        bound: limit,
        "type": kind,
        "inclusive": inclusive,
        "exact": False,
        "message": message,
        "path": path,
    }


def _number(schema: dict[str, Any], value: Any, path: list[Any]) -> Outcome:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _wrong("number", value, path)
    found = Outcome(value)
    if schema["type"] == "integer" and isinstance(value, float) and not value.is_integer():
        issue = {
            "code": "invalid_type",
            "expected": "integer",
            "received": "float",
            "message": "Expected integer, received float",
            "path": path,
        }
        found.issues.append(issue)
    low, high = schema.get("minimum"), schema.get("maximum")
    strict = schema.get("exclusiveMinimum") is True
    if low is not None and (value <= low if strict else value < low):
        words = f"Number must be greater than {'' if strict else 'or equal to '}{low}"
        found.issues.append(_size("too_small", low, "number", path, words, inclusive=not strict))
    if high is not None and value > high:
        words = f"Number must be less than or equal to {high}"
        found.issues.append(_size("too_big", high, "number", path, words))
    return found


def _boolean(schema: dict[str, Any], value: Any, path: list[Any]) -> Outcome:
    return Outcome(value) if isinstance(value, bool) else _wrong("boolean", value, path)
