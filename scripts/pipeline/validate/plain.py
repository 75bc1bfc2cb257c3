"""Which documents are so plain that two schemas, and a look at what no schema says, show them to be valid OpenAPI.

What `shape` makes is: it uses few words of OpenAPI. Of any other document nothing is said here, neither that it is valid nor that it is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jsonschema_rs import Registry, validator_for

from scripts.pipeline.document.anatomy import Schema, children, component, media, reachable
from scripts.pipeline.published import Document

OPENAPI = "https://spec.openapis.org/oas/3.1/schema/2022-10-07"
JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
WORDS = {
    "$ref", "additionalProperties", "anyOf", "default", "deprecated", "description", "enum", "exclusiveMaximum", "exclusiveMinimum",
    "format", "items", "maxLength", "maximum", "minLength", "minimum", "multipleOf", "properties", "required", "title", "type",
}  # fmt: skip
"""Those whose meaning is that of JSON Schema, and which need no more than a schema and its defaults to be looked at."""
_READ_DIFFERENTLY = {"format", "multipleOf"}
"""What validators do not agree on, so that a default has to be looked at by the thorough one."""


def is_plainly_valid(document: Document) -> bool:
    """Tell whether `document` is seen to be valid OpenAPI 3.1; when it is not seen, it may still be."""
    try:
        return _openapi().is_valid(document) and _has_sound_routes(document) and _has_sound_schemas(document)
    except (
        OSError,
        ValueError,
        RecursionError,
    ):  # nested deeper than is read here, or OpenAPI's own schema lies somewhere else
        return False


@cache
def _openapi() -> Any:
    """OpenAPI's own schema, in which every schema of the document has to be one of JSON Schema."""
    schemas = {"$dynamicAnchor": "meta", "$ref": JSON_SCHEMA}
    whole = {"$schema": JSON_SCHEMA, "$id": "urn:x", "$ref": OPENAPI, "$defs": {"schema": schemas}}
    return validator_for(whole, registry=Registry([(OPENAPI, _published())]), validate_formats=True)


def _published() -> Any:
    """The schema that openapi-spec-validator brings. To import it takes longer than all the rest that is done here."""
    found = find_spec("openapi_spec_validator")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("openapi-spec-validator is not installed", name="openapi_spec_validator")
    place = Path(found.origin).parent / "resources" / "schemas" / "v3.1" / "schema.json"
    return json.loads(place.read_text(encoding="utf-8"))


def _has_sound_routes(document: Document) -> bool:
    """Tell whether nothing is wrong with the routes but, perhaps, their schemas: each is one operation of its own, without parameters."""
    if document.keys() & {"tags", "jsonSchemaDialect"}:
        return False
    names = set()
    for path, item in document.get("paths", {}).items():
        if (
            path.startswith("x-")
            or {"{", "}"} & {*path}
            or item.keys() != {"post"}
            or "parameters" in item["post"]
        ):
            return False
        names.add(item["post"].get("operationId"))
        for status, answer in item["post"].get("responses", {}).items():
            if status.startswith("x-") or "$ref" in answer:
                return False
    return None not in names and len(names) == len(document.get("paths", {}))


def _has_sound_schemas(document: Document) -> bool:
    """Tell whether every reference leads to a component, and every default is allowed."""
    components = document.get("components", {}).get("schemas", {})
    defaults: list[Schema] = []
    for schema in _schemas(document):
        if not all(word in WORDS or word.startswith("x-") for word in schema):
            return False
        if "$ref" in schema and component(schema["$ref"]) not in components:
            return False
        if "default" in schema:
            defaults.append(schema)
    if any(
        schema is True or schema is False or "$ref" in schema for schema in components.values()
    ):  # it might lead back to itself
        return False
    if any(not _is_read_alike(schema, components) for schema in defaults):
        return False
    given = {str(number): schema for number, schema in enumerate(defaults)}
    allowed = validator_for({"properties": given, "components": {"schemas": components}})
    return bool(allowed.is_valid({name: schema["default"] for name, schema in given.items()}))


def _schemas(document: Document) -> Iterator[Schema]:
    """Every schema of a document, however deep."""
    pending: list[Any] = [*document.get("components", {}).get("schemas", {}).values()]
    for item in document.get("paths", {}).values():
        operation = item["post"]
        for holder in (operation.get("requestBody"), *operation.get("responses", {}).values()):
            pending.extend(entry["schema"] for _, entry in media(holder) if "schema" in entry)
    return _with_their_parts(pending)


def _with_their_parts(schemas: list[Any]) -> Iterator[Schema]:
    """These schemas and all within them, but for those that are no objects."""
    pending = [*schemas]
    while pending:
        schema = pending.pop()
        if isinstance(schema, dict):
            yield schema
            pending.extend(container[key] for container, key, _ in children(schema))


def _is_read_alike(schema: Schema, components: dict[str, Any]) -> bool:
    led_to = [components[name] for name in reachable(schema, components)]
    return not any(part.keys() & _READ_DIFFERENTLY for part in _with_their_parts([schema, *led_to]))
