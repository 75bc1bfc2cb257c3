"""Validate: the document that the generator reads is valid OpenAPI, and keeps the promises that only we need."""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

from scripts.pipeline.document.anatomy import (
    SCHEMAS,
    Json,
    Schema,
    check_bounds,
    children,
    component,
    media,
    references,
)
from scripts.pipeline.document.names import RESERVED_FIELDS, group, is_class_name, route
from scripts.pipeline.document.released import attributes, python_of
from scripts.pipeline.published import Document, DocumentError, printable
from scripts.pipeline.validate.plain import is_plainly_valid

_AUTH = ("none", "optional", "account", "account-or-project", "project", "admin", "admin-or-partner")
_FAILURES = ("issues", "status", "event", "response-event", "message")
_TIMES = ("iso", "epoch-ms", "epoch-s")


def _text(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _boolean(value: Json) -> bool:
    return isinstance(value, bool)


def _positive(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _pagination(value: Json) -> bool:
    if not isinstance(value, dict) or not value.keys() & {"limit", "cursor"}:
        return False
    names = all(_text(value[key]) for key in ("limit", "offset", "cursor", "next") if key in value)
    return names and all(_positive(value[key]) for key in ("default", "max") if key in value)


def _rate_limit(value: Json) -> bool:
    known = {"second", "minute", "hour"}
    return (
        isinstance(value, dict)
        and bool(value)
        and value.keys() <= known
        and all(map(_positive, value.values()))
    )


def _names(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) for name in value)


def _failure(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(item in _FAILURES for item in value)


def _attribute(value: Json) -> bool:
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isidentifier()
        and not iskeyword(value)
        and not value.startswith("_")
    )


def _attributes(value: Json) -> bool:
    return isinstance(value, str) and all(map(_attribute, value.split(".")))


def _capability(value: Json) -> bool:
    return _text(value) or (isinstance(value, list) and bool(value) and all(_text(word) for word in value))


OPERATION_EXTENSIONS: dict[str, Callable[[Json], bool]] = {
    "x-cocalc-auth": lambda value: value in _AUTH,
    "x-cocalc-mutates": _boolean,
    "x-cocalc-changes": _text,
    "x-cocalc-reads-when": lambda value: value == "query" or (isinstance(value, dict) and bool(value)),
    "x-cocalc-idempotent": _boolean,
    "x-cocalc-python": _attributes,
    "x-cocalc-timeout": _positive,
    "x-cocalc-confirm": _text,
    "x-cocalc-charges": _boolean,
    "x-cocalc-fails": _text,
    "x-cocalc-pagination": _pagination,
    "x-cocalc-rate-limit": _rate_limit,
    "x-cocalc-retired": _text,
    "x-cocalc-published": _boolean,
    "x-cocalc-newer-servers": _boolean,
    "x-cocalc-capability": _capability,
    "x-cocalc-instead": _text,
    "x-cocalc-job": _text,
    "x-cocalc-failure": _failure,
    "x-cocalc-some": _names,
    "x-cocalc-present": _names,
}
SCHEMA_EXTENSIONS: dict[str, Callable[[Json], bool]] = {
    "x-cocalc-python": _attribute,
    "x-cocalc-time": lambda value: value in _TIMES,
    "x-cocalc-values": lambda value: isinstance(value, list),
    "x-cocalc-always": _names,
}


def validate(document: Document) -> None:
    """Return when the shaped `document` can be generated from.

    Raises:
        DocumentError: the first thing that is wrong, in one line.
    """
    check_bounds(document)
    check_openapi(document)
    _own_paths(document)
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        if set(item) != {"post"}:
            raise DocumentError("a route is a POST and nothing else", path)
        _operation(path, item["post"], schemas)
    _own_components(schemas)


def check_openapi(document: Document) -> None:
    """Return when `document` is valid OpenAPI 3.1.

    Raises:
        DocumentError: the first thing that openapi-spec-validator finds.
    """
    if is_plainly_valid(document):
        return
    from scripts.pipeline.validate.thorough import check  # its import takes as long as some steps of a run

    check(document)


def _own_paths(document: Document) -> None:
    if not document["paths"]:
        raise DocumentError("the document has no operation")
    names: dict[tuple[str, ...], str] = {}
    for path, item in document["paths"].items():
        other = names.setdefault(attributes(path, item.get("post", {})), path)
        if other != path:
            raise DocumentError(f"the path has the same name in Python as {other}", path)


def _operation(path: str, operation: dict[str, Any], schemas: dict[str, Schema]) -> None:
    name = route(path)
    if operation.get("operationId") != name or operation.get("tags") != [group(name)]:
        raise DocumentError("operationId or tag are not those of the path", path)
    if operation.get("parameters"):
        raise DocumentError("a parameter outside the body", path)
    for key, value in operation.items():
        if key.startswith("x-") and key not in OPERATION_EXTENSIONS:
            raise DocumentError(f"the extension {key} does not exist", path)
        if key in OPERATION_EXTENSIONS and not OPERATION_EXTENSIONS[key](value):
            raise DocumentError(f"{key} cannot be {printable(value)}", path)
    bodies = dict(media(operation.get("requestBody")))
    request = component(bodies.get("application/json", {}).get("schema", {}).get("$ref", ""))
    if len(bodies) != 1 or "properties" not in schemas.get(request, {}):
        raise DocumentError("the request is not one JSON object that is a component", path)
    answers = dict(media(operation["responses"].get("200")))
    if len(answers) != 1 or not answers.keys() <= {"application/json", "text/plain"}:
        raise DocumentError("the answer is not one schema of JSON or of text", path)
    if set(operation["responses"]) != {"200", "default"}:
        raise DocumentError("answers are 200 and default", path)
    _schema(next(iter(answers.values()))["schema"], schemas, (path, "answer"))
    arguments = schemas[request]["properties"]
    for key, field in (operation.get("x-cocalc-pagination") or {}).items():
        if key in ("limit", "offset") and field not in arguments:
            raise DocumentError(f"x-cocalc-pagination names {printable(field)}, which is no argument", path)


def _own_components(schemas: dict[str, Schema]) -> None:
    slots: dict[str, str] = {}
    for name, schema in schemas.items():
        if not is_class_name(name):
            raise DocumentError("the component has a name that is no class name", "components", name)
        other = slots.setdefault(name.lower(), name)
        if other != name:
            raise DocumentError(f"the component differs from {other} only in capitals", "components", name)
        if not all(map(is_class_name, schema.get("x-cocalc-aliases", ()))):
            raise DocumentError("x-cocalc-aliases are no class names", "components", name)
        if "properties" not in schema and "enum" not in schema:
            raise DocumentError("the component is neither an object with properties nor an enumeration", name)
        fields: dict[str, str] = {}
        for wire, inner in schema.get("properties", {}).items():
            field = python_of(wire, inner)
            if field in fields or field in RESERVED_FIELDS or not _attribute(field):
                raise DocumentError("the field has no name of its own in Python", name, wire)
            fields[field] = wire
            _schema(inner, schemas, (name, wire))


def _schema(schema: Schema, schemas: dict[str, Schema], place: tuple[str, ...]) -> None:
    if not isinstance(schema, dict):
        raise DocumentError("a schema that is no object", *place)
    if "properties" in schema or "enum" in schema:
        raise DocumentError("an object or an enumeration that is no component", *place)
    for ref in references(schema):
        if not ref.startswith(SCHEMAS) or component(ref) not in schemas:
            raise DocumentError(f"the reference {printable(ref)} leads to no component", *place)
    for key, value in schema.items():
        if key.startswith("x-") and not SCHEMA_EXTENSIONS.get(key, lambda _: False)(value):
            raise DocumentError(f"{key} cannot be {printable(value)} here", *place)
    for container, inner, _ in children(schema):
        _schema(container[inner], schemas, place)
