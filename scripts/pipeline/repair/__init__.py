"""Repair: any published document becomes valid OpenAPI 3.1, and how often each rule fired is counted."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from typing import Any, NamedTuple

from cocalc_facade._drift.schema.vocabulary import Scope
from scripts.pipeline.document.anatomy import (
    Json,
    Schema,
    check_bounds,
    children,
    media,
    operations,
    reachable,
)
from scripts.pipeline.published import Document, DocumentError
from scripts.pipeline.repair.document_rules import ENVELOPE_RULES, component_section, unused_component
from scripts.pipeline.repair.left_out import leave_out
from scripts.pipeline.repair.loop_rule import part_of_itself
from scripts.pipeline.repair.operation_rules import OPERATION_RULES, SHARED_PARTS
from scripts.pipeline.repair.reference_rules import component_name, part_reference
from scripts.pipeline.repair.schema_rules import Place, as_schema, repair_schema

# The envelope first: the other rules count on operations being where they belong.
DOCUMENT_RULES = (
    *ENVELOPE_RULES,
    *SHARED_PARTS,
    component_name,
    *OPERATION_RULES,
    part_reference,
    component_section,
)
_ROUNDS = 20


class Repaired(NamedTuple):
    """A valid document, what it took, and what of it no client can have, each with the reason."""

    document: Document
    counts: Counter[str]
    left_out: tuple[str, ...] = ()


def repair(document: Json) -> Repaired:
    """The published `document` as valid OpenAPI 3.1, and how often each rule fired, by the rule's name.

    The input is left as it is. Rules run until none fires, so a repaired document needs no repair.

    Raises:
        DocumentError: it is no OpenAPI 3 document, has no operation that a client can have, is too large or too deep, or a
            schema refers out of it.
    """
    check_bounds(document)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise DocumentError("not an OpenAPI document: it has no object 'paths'")
    if not re.fullmatch(r"3\.\d+(\.\d+)?", str(document.get("openapi"))):
        raise DocumentError("not an OpenAPI 3 document: 'openapi' is not a version 3")
    result = deepcopy(document)
    left_out = leave_out(result)
    bare = str(document["openapi"]).startswith("3.0")
    counts: Counter[str] = Counter()
    for _ in range(_ROUNDS):
        fired = _round(result, bare)
        if not fired:
            return Repaired(result, counts, tuple(left_out))
        counts += fired
    raise DocumentError("the document does not settle: repairs keep undoing each other")


def _round(document: Document, bare: bool) -> Counter[str]:
    fired: Counter[str] = Counter()
    for rule in DOCUMENT_RULES:
        fired[rule.__name__] += rule(document)
    if not document["paths"]:
        raise DocumentError("the document has no operation")
    _repair_schemas(document, fired, bare)
    fired[unused_component.__name__] += unused_component(document)
    fired[part_of_itself.__name__] += part_of_itself(document)
    return +fired


def _repair_schemas(document: Document, fired: Counter[str], bare: bool) -> None:
    schemas = document["components"].get("schemas", {})
    known = frozenset(schemas)
    answers, requests = _reached(document)
    for name in schemas:
        # What a request takes as well is only what an answer gives where it is one.
        scope = Scope(name in answers and name not in requests, bare_references=bare)
        _repair_at(schemas, name, Place(scope, known, ("components", name)), fired)
    for path, _, operation in operations(document):
        for _, entry in media(operation.get("requestBody")):
            place = Place(Scope(answer=False, bare_references=bare), known, (path, "request"))
            _repair_at(entry, "schema", place, fired)
        for response in operation["responses"].values():
            for _, entry in media(response):
                place = Place(Scope(answer=True, bare_references=bare), known, (path, "answer"))
                _repair_at(entry, "schema", place, fired)


def _reached(document: Document) -> tuple[set[str], set[str]]:
    """The components that answers lead to, and those that requests do."""
    schemas = document["components"].get("schemas", {})
    answers: list[Json] = []
    requests: list[Json] = []
    for _, _, operation in operations(document):
        requests += [entry["schema"] for _, entry in media(operation.get("requestBody"))]
        for response in operation["responses"].values():
            answers += [entry["schema"] for _, entry in media(response)]
    return reachable({"allOf": answers}, schemas), reachable({"allOf": requests}, schemas)


def _repair_at(holder: Any, key: Any, place: Place, fired: Counter[str]) -> None:
    """Repair the schema in `holder[key]`, the schemas inside it first."""
    if not isinstance(holder[key], dict):
        holder[key] = as_schema(holder[key])
        fired["not_a_schema"] += 1
    schema: Schema = holder[key]
    for container, inner, keyword in children(schema):
        _repair_at(container, inner, place.below(keyword, str(inner)), fired)
    for rule, times in repair_schema(schema, place):
        fired[rule] += times
