"""Repairs of operations around their schemas: fields, parameters, bodies, answers.

Each rule changes the document in place and returns how many faults it found. Its first line is the reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from cocalc_facade._drift.contract import ELSEWHERE, NO_CONTENT, has_content, parameter_schema, success
from cocalc_facade._drift.schema.reader import Reader
from scripts.pipeline.document.anatomy import PREFIX, Json, component, media, operations, pointed_at
from scripts.pipeline.published import Document
from scripts.pipeline.repair.schema_rules import as_schema

JSON_MEDIA = "application/json"
TEXT_MEDIA = "text/plain"
_OPERATION: dict[str, type] = {
    "operationId": str,
    "summary": str,
    "description": str,
    "deprecated": bool,
    "tags": list,
    "parameters": list,
    "requestBody": dict,
    "responses": dict,
}
_STATUS = re.compile(r"[1-5]([0-9]{2}|XX)|default")
_PER_OPERATION = re.compile(r".+(RequestBody|[1-5][0-9]{2}ResponseBody)")


def operation_field(document: Document) -> int:
    """Fields of an operation that OpenAPI does not have, of the wrong type, or that only we may set."""
    fired = 0
    for _, _, operation in operations(document):
        for key in list(operation):
            kind = _OPERATION.get(key)
            if kind is None or not isinstance(operation[key], kind):
                del operation[key]
                fired += 1
        tags = operation.get("tags")
        if tags is not None and not all(isinstance(tag, str) for tag in tags):
            del operation["tags"]
            fired += 1
    return fired


def _resolved(document: Document, node: Json) -> Json:
    """A copy of what `node` refers to; what cannot be followed has been left out before."""
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        node = pointed_at(document, node["$ref"])
    return deepcopy(node)


def indirect_part(document: Document) -> int:
    """Bodies, answers and parameters by reference are put where they are used: only schemas are shared."""
    fired = 0
    for _, _, operation in operations(document):
        if isinstance(operation.get("requestBody"), dict) and "$ref" in operation["requestBody"]:
            operation["requestBody"] = _resolved(document, operation["requestBody"])
            fired += 1
        responses = operation.get("responses", {})
        for status, response in responses.items():
            if isinstance(response, dict) and "$ref" in response:
                responses[status] = _resolved(document, response)
                fired += 1
        parameters = operation.get("parameters", [])
        for index, parameter in enumerate(parameters):
            if isinstance(parameter, dict) and "$ref" in parameter:
                parameters[index] = _resolved(document, parameter)
                fired += 1
    return fired


def query_parameter(document: Document) -> int:
    """The server ignores the query string; what is published as a parameter is read from the body."""
    fired = 0
    for _, _, operation in operations(document):
        parameters = operation.pop("parameters", None)
        if parameters is None:
            continue
        fields: dict[str, Json] = {}
        required: list[str] = []
        for parameter in parameters:
            name = parameter.get("name") if isinstance(parameter, dict) else None
            if not isinstance(name, str) or parameter.get("in") in ELSEWHERE or name in fields:
                continue
            schema = parameter_schema(parameter)
            fields[name] = schema if isinstance(schema, dict) else as_schema(schema)
            if parameter.get("required") is True:
                required.append(name)
        fired += max(1, len(parameters))
        if not fields:
            continue
        extra: dict[str, Any] = {"type": "object", "properties": fields}
        if required:
            extra["required"] = required
        body = [entry.get("schema") for _, entry in media(operation.get("requestBody"))]
        alone = {**extra, "additionalProperties": False}
        whole = {"allOf": [body[0], extra]} if body and isinstance(body[0], dict) else alone
        operation["requestBody"] = {"required": True, "content": {JSON_MEDIA: {"schema": whole}}}
    return fired


def request_media(document: Document) -> int:
    """A body is one JSON schema: a development server answers 415 to anything else."""
    fired = 0
    for _, _, operation in operations(document):
        if "requestBody" not in operation:
            continue
        body = operation["requestBody"]
        schemas = {kind: entry.get("schema") for kind, entry in media(body)}
        schema = schemas.get(JSON_MEDIA, next(iter(schemas.values()), None))
        if not isinstance(schema, dict):
            del operation["requestBody"]
            fired += 1
        elif body != (wanted := {**_required(body), "content": {JSON_MEDIA: {"schema": schema}}}):
            operation["requestBody"] = wanted
            fired += 1
    return fired


def _required(body: dict[str, Any]) -> dict[str, Any]:
    return {"required": body["required"]} if "required" in body else {}


def optional_body(document: Document) -> int:
    """A body is always sent, be it an empty object: without one, a server may not know that JSON is spoken."""
    fired = 0
    for _, _, operation in operations(document):
        body = operation.get("requestBody")
        if body is not None and body.get("required") is not True:
            body["required"] = True
            fired += 1
    return fired


def missing_answer(document: Document) -> int:
    """Every operation answers something, even when the document does not say what."""
    fired = 0
    for _, _, operation in operations(document):
        responses = operation.setdefault("responses", {})
        for status in [
            s for s in responses if not _STATUS.fullmatch(s) or not isinstance(responses[s], dict)
        ]:
            del responses[status]
            fired += 1
        if not any(status.startswith("2") for status in responses):
            found = responses.pop("default", {"content": {JSON_MEDIA: {"schema": {}}}})
            responses["200"] = found
            fired += 1
    return fired


def answer_media(document: Document) -> int:
    """Answers are JSON whatever the document says, except where the answer is nothing but text and said to be text; none is null."""
    fired = 0
    reader = Reader(document)
    for _, _, operation in operations(document):
        good = [response for status, response in operation["responses"].items() if status.startswith("2")]
        said = any(map(has_content, good))
        for status, response in operation["responses"].items():
            found = {kind: entry.get("schema", {}) for kind, entry in media(response)}
            kind = next((k for k in found if "json" in k), next(iter(found), JSON_MEDIA))
            schema = found.get(kind, {})
            schema = schema if isinstance(schema, dict) else as_schema(schema)
            if status.startswith("2") and not has_content(response) and (said or status in NO_CONTENT):
                schema = {"type": "null"}
            text = kind.startswith("text/") and _is_text(reader, schema)
            description = response.get("description")
            wanted = {
                "description": description if isinstance(description, str) else "",
                "content": {TEXT_MEDIA if text else JSON_MEDIA: {"schema": schema}},
            }
            if wanted != response:
                operation["responses"][status] = wanted
                fired += 1
    return fired


def _is_text(reader: Reader, schema: Json) -> bool:
    """Tell whether an answer is text, its error shape left out."""
    found = success(reader.read(schema, answer=True))
    return set(found.kinds) == {"string"} and not found.open


def overwritten_schema(document: Document) -> int:
    """Operations of one name overwrote each other's schemas; which survived cannot be known, so none is believed."""
    users: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, _, operation in operations(document):
        for holder in (operation.get("requestBody"), *operation.get("responses", {}).values()):
            for _, entry in media(holder):
                schema = entry.get("schema")
                ref = schema.get("$ref") if isinstance(schema, dict) else None
                if isinstance(ref, str) and _PER_OPERATION.fullmatch(component(ref)):
                    users[component(ref)].append(entry)
    fired = 0
    for name, entries in users.items():
        if len(entries) > 1:
            for entry in entries:
                kind = {"type": "object"} if name.endswith("RequestBody") else {}
                entry["schema"] = {**kind, "x-cocalc-unknown": name}
                fired += 1
    return fired


def operation_id(document: Document) -> int:
    """Each operation has an id of its own."""
    fired = 0
    taken: set[str] = set()
    for path, _, operation in operations(document):
        name = operation.get("operationId")
        if not name or name in taken:
            name = path.removeprefix(PREFIX)
            while name in taken:
                name += "_"
            operation["operationId"] = name
            fired += 1
        taken.add(name)
    return fired


# Their references first: those after them count on components having names and places of their own.
SHARED_PARTS: tuple[Callable[[Document], int], ...] = (operation_field, indirect_part, query_parameter)
OPERATION_RULES: tuple[Callable[[Document], int], ...] = (
    request_media,
    optional_body,
    missing_answer,
    answer_media,
    overwritten_schema,
    operation_id,
)
