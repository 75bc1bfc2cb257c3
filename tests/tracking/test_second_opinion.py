"""A second opinion: the checks that oasdiff publishes, what each of them says of a small change, and what we say of it.

`ERR` is what breaks a client for oasdiff, `WARN` what may, `INFO` what does not. Ours is the same, or a reason stands
beside it. The names and levels are those of its `checker/rules.go`; of a check that is there for bodies, properties and
parameters alike, the one for properties stands for all, since here all of them are arguments.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

import pytest

from cocalc_facade._drift.change import Severity
from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.report import report

INVISIBLE, COMPATIBLE, NOTABLE, BREAKING = Severity
SAME = {"ERR": {BREAKING}, "WARN": {NOTABLE}, "INFO": {COMPATIBLE, INVISIBLE}}

NAMED = "An argument that is gone breaks whoever passes it by name."
ATTRIBUTE = "An attribute that nobody fills any more breaks whoever reads it."
DECODED = "The client takes what comes, whatever its bounds: no value is refused that was let in before."
OPTIONAL = "Every field of an answer may be None in the client, so who reads one has to look already."
SILENT = "What is sent does not change, what it means does: worth a line."
TOLD = "Callers are told, so that they can move in time."
UNLISTED = "Typed calls have no way to pass a field that is not listed."
ONE_FORM = "The client speaks JSON, whatever the document calls it."
LABEL = "A label of the document that no name or type of the client comes from."
GUESSED = "Whether another pattern takes less cannot be told, so that it does is assumed."
OBJECTS = "The fields of all alternatives are attributes of one class, whichever comes."
KEYS = "Only our own files say who may call."


class Check(NamedTuple):
    """One check: its name and level, the two sides of a change, what ours says, and why where it says otherwise."""

    name: str
    level: str
    old: Any
    new: Any
    ours: Severity
    reason: str = ""


S, N, I = {"type": "string"}, {"type": "number"}, {"type": "integer"}  # noqa: E741
LIST = {"type": "array", "items": S}
OBJ = {"type": "object", "properties": {"x": S}}
UP, DOWN = COMPATIBLE, BREAKING


def bounded(base: dict[str, Any], key: str, low: float, high: float) -> list[tuple[str, Any, Any]]:
    """How one bound can change: `set`, `unset`, `increased`, `decreased`."""
    plain, lower, higher = base, {**base, key: low}, {**base, key: high}
    return [
        ("set", plain, higher),
        ("unset", higher, plain),
        ("increased", lower, higher),
        ("decreased", higher, lower),
    ]


def limits() -> list[tuple[bool, Check]]:
    """The checks of bounds, for requests and for answers."""
    bases = {
        "min": (N, "minimum"), "max": (N, "maximum"), "exclusive-min": (N, "exclusiveMinimum"),
        "exclusive-max": (N, "exclusiveMaximum"), "min-length": (S, "minLength"), "max-length": (S, "maxLength"),
        "min-items": (LIST, "minItems"), "max-items": (LIST, "maxItems"),
        "min-properties": (OBJ, "minProperties"), "max-properties": (OBJ, "maxProperties"),
    }  # fmt: skip
    found: list[tuple[bool, Check]] = []
    for name, (base, key) in bases.items():
        for verb, old, new in bounded(base, key, 1, 5):
            narrower = verb in ("set", "increased" if "min" in key.lower() else "decreased")
            found.append(
                (
                    False,
                    Check(
                        f"request-property-{name}-{verb}",
                        "ERR" if narrower else "INFO",
                        old,
                        new,
                        DOWN if narrower else UP,
                    ),
                )
            )
            ours, reason = (COMPATIBLE, "") if narrower else (NOTABLE, DECODED)
            found.append(
                (
                    True,
                    Check(
                        f"response-property-{name}-{verb}",
                        "INFO" if narrower else "ERR",
                        old,
                        new,
                        ours,
                        reason,
                    ),
                )
            )
    return found


def conditions() -> list[tuple[bool, Check]]:
    """The checks of what no type can model, for requests and for answers."""
    said: dict[str, tuple[Any, Any]] = {
        "not": (S, {**S, "not": {"const": "a"}}),
        "if-then": (OBJ, {**OBJ, "if": {"required": ["x"]}, "then": {"minProperties": 2}}),
        "contains": (LIST, {**LIST, "contains": {"const": "a"}}),
        "pattern": (S, {**S, "pattern": "^a"}),
        "dependent-required": (OBJ, {**OBJ, "dependentRequired": {"x": ["y"]}}),
        "dependent-schema": (OBJ, {**OBJ, "dependentSchemas": {"x": {"minProperties": 2}}}),
        "pattern-property": (OBJ, {**OBJ, "patternProperties": {"^a": S}}),
        "property-names": (OBJ, {**OBJ, "propertyNames": {"pattern": "^a"}}),
        "content-schema": (S, {**S, "contentMediaType": "application/json", "contentSchema": OBJ}),
        "unevaluated-items": ({"type": "array", "prefixItems": [S]}, {"type": "array", "prefixItems": [S], "unevaluatedItems": False}),
    }  # fmt: skip
    found: list[tuple[bool, Check]] = []
    for name, (free, held) in said.items():
        found += [
            (False, Check(f"request-property-{name}-added", "ERR", free, held, BREAKING)),
            (False, Check(f"request-property-{name}-removed", "INFO", held, free, COMPATIBLE)),
            (True, Check(f"response-property-{name}-added", "INFO", free, held, COMPATIBLE)),
            (True, Check(f"response-property-{name}-removed", "ERR", held, free, NOTABLE, DECODED)),
        ]
    return found


def thing(*required: str, **fields: Any) -> dict[str, Any]:
    """An object with these fields."""
    return {"type": "object", "properties": fields, **({"required": list(required)} if required else {})}


def one_of(*arms: Any) -> dict[str, Any]:
    return {"oneOf": list(arms)}


READ, WRITE = {**S, "readOnly": True}, {**S, "writeOnly": True}
FIRST, SECOND = thing("k", k={"const": "a"}), thing("k", k={"const": "b"})
CHECKS: list[tuple[bool, Check]] = [
    (False, Check("new-required-request-property", "ERR", thing(a=S), thing("b", a=S, b=S), BREAKING)),
    (False, Check("new-required-request-property-with-default", "ERR", thing(a=S), thing("b", a=S, b={**S, "default": "c"}), BREAKING)),
    (False, Check("new-optional-request-property", "INFO", thing(a=S), thing(a=S, b=S), COMPATIBLE)),
    (False, Check("request-property-removed", "WARN", thing(a=S, b=S), thing(a=S), BREAKING, NAMED)),
    (False, Check("request-property-became-required", "ERR", thing(a=S), thing("a", a=S), BREAKING)),
    (False, Check("request-property-became-optional", "INFO", thing("a", a=S), thing(a=S), COMPATIBLE)),
    (False, Check("request-property-type-changed", "ERR", S, N, BREAKING)),
    (False, Check("request-property-type-generalized", "INFO", I, N, COMPATIBLE)),
    (False, Check("request-property-list-of-types-widened", "INFO", S, {"type": ["string", "number"]}, COMPATIBLE)),
    (False, Check("request-property-list-of-types-narrowed", "ERR", {"type": ["string", "number"]}, S, BREAKING)),
    (False, Check("request-property-became-nullable", "INFO", S, {"type": ["string", "null"]}, COMPATIBLE)),
    (False, Check("request-property-became-not-nullable", "ERR", {"type": ["string", "null"]}, S, BREAKING)),
    (False, Check("request-property-became-enum", "ERR", S, {**S, "enum": ["a"]}, BREAKING)),
    (False, Check("request-property-became-not-enum", "INFO", {**S, "enum": ["a"]}, S, COMPATIBLE)),
    (False, Check("request-property-enum-value-added", "INFO", {**S, "enum": ["a"]}, {**S, "enum": ["a", "b"]}, COMPATIBLE)),
    (False, Check("request-property-enum-value-removed", "ERR", {**S, "enum": ["a", "b"]}, {**S, "enum": ["a"]}, BREAKING)),
    (False, Check("request-property-const-added", "ERR", S, {"const": "a"}, BREAKING)),
    (False, Check("request-property-const-removed", "INFO", {"const": "a"}, S, COMPATIBLE)),
    (False, Check("request-property-const-changed", "ERR", {"const": "a"}, {"const": "b"}, BREAKING)),
    (False, Check("request-property-default-value-changed", "INFO", {**S, "default": "a"}, {**S, "default": "b"}, NOTABLE, SILENT)),
    (False, Check("request-property-default-value-added", "INFO", S, {**S, "default": "b"}, NOTABLE, SILENT)),
    (False, Check("request-property-default-value-removed", "INFO", {**S, "default": "a"}, S, NOTABLE, SILENT)),
    (False, Check("request-property-pattern-changed", "WARN", {**S, "pattern": "a"}, {**S, "pattern": "b"}, BREAKING, GUESSED)),
    (False, Check("request-property-all-of-added", "ERR", S, {"allOf": [S, {"maxLength": 3}]}, BREAKING)),
    (False, Check("request-property-all-of-removed", "INFO", {"allOf": [S, {"maxLength": 3}]}, S, COMPATIBLE)),
    (False, Check("request-property-any-of-added", "INFO", S, {"anyOf": [S, N]}, COMPATIBLE)),
    (False, Check("request-property-any-of-removed", "ERR", {"anyOf": [S, N]}, S, BREAKING)),
    (False, Check("request-property-one-of-added", "INFO", FIRST, one_of(FIRST, SECOND), COMPATIBLE)),
    (False, Check("request-property-one-of-removed", "ERR", one_of(FIRST, SECOND), FIRST, BREAKING)),
    (False, Check("request-property-deprecated", "INFO", S, {**S, "deprecated": True}, NOTABLE, TOLD)),
    (False, Check("request-property-reactivated", "INFO", {**S, "deprecated": True}, S, COMPATIBLE)),
    (False, Check("request-optional-property-became-read-only", "INFO", S, READ, NOTABLE, TOLD)),
    (False, Check("request-optional-property-became-not-read-only", "INFO", READ, S, COMPATIBLE)),
    (False, Check("request-optional-property-became-write-only", "INFO", S, WRITE, INVISIBLE)),
    (False, Check("request-property-unevaluated-properties-added", "ERR", OBJ, {**OBJ, "unevaluatedProperties": False}, NOTABLE, UNLISTED)),
    (False, Check("request-property-unevaluated-properties-removed", "INFO", {**OBJ, "unevaluatedProperties": False}, OBJ, COMPATIBLE)),
    (False, Check("request-property-discriminator-added", "INFO", one_of(FIRST, SECOND), {**one_of(FIRST, SECOND), "discriminator": {"propertyName": "k"}}, INVISIBLE)),
    (False, Check("request-property-unique-items-added", "ERR", LIST, {**LIST, "uniqueItems": True}, BREAKING)),
    (False, Check("request-property-multiple-of-added", "ERR", N, {**N, "multipleOf": 2}, BREAKING)),
    (True, Check("response-required-property-removed", "ERR", thing("a", a=S, b=S), thing(b=S), BREAKING)),
    (True, Check("response-required-property-added", "INFO", thing(b=S), thing("a", a=S, b=S), COMPATIBLE)),
    (True, Check("response-optional-property-removed", "WARN", thing(a=S, b=S), thing(b=S), BREAKING, ATTRIBUTE)),
    (True, Check("response-optional-property-added", "INFO", thing(b=S), thing(a=S, b=S), COMPATIBLE)),
    (True, Check("response-property-became-optional", "ERR", thing("a", a=S), thing(a=S), NOTABLE, OPTIONAL)),
    (True, Check("response-property-became-required", "INFO", thing(a=S), thing("a", a=S), COMPATIBLE)),
    (True, Check("response-property-became-nullable", "ERR", S, {"type": ["string", "null"]}, NOTABLE, OPTIONAL)),
    (True, Check("response-property-became-not-nullable", "INFO", {"type": ["string", "null"]}, S, COMPATIBLE)),
    (True, Check("response-property-type-changed", "ERR", S, N, BREAKING)),
    (True, Check("response-property-type-generalized", "ERR", I, N, BREAKING)),
    (True, Check("response-property-type-specialized", "INFO", N, I, COMPATIBLE)),
    (True, Check("response-property-enum-value-added", "WARN", {**S, "enum": ["a"]}, {**S, "enum": ["a", "b"]}, NOTABLE)),
    (True, Check("response-property-enum-value-removed", "INFO", {**S, "enum": ["a", "b"]}, {**S, "enum": ["a"]}, COMPATIBLE)),
    (True, Check("response-property-const-added", "INFO", S, {"const": "a"}, COMPATIBLE)),
    (True, Check("response-property-const-removed", "ERR", {"const": "a"}, S, NOTABLE, DECODED)),
    (True, Check("response-property-const-changed", "ERR", {"const": "a"}, {"const": "b"}, NOTABLE, DECODED)),
    (True, Check("response-property-any-of-added", "ERR", S, {"anyOf": [S, N]}, BREAKING)),
    (True, Check("response-property-any-of-removed", "INFO", {"anyOf": [S, N]}, S, COMPATIBLE)),
    (True, Check("response-property-one-of-added", "ERR", FIRST, one_of(FIRST, SECOND), NOTABLE, OBJECTS)),
    (True, Check("response-property-one-of-removed", "INFO", one_of(FIRST, SECOND), FIRST, COMPATIBLE)),
    (True, Check("response-property-deprecated", "INFO", S, {**S, "deprecated": True}, NOTABLE, TOLD)),
    (True, Check("response-property-reactivated", "INFO", {**S, "deprecated": True}, S, COMPATIBLE)),
    (True, Check("response-required-property-became-write-only", "INFO", thing("a", a=S), thing("a", a=WRITE), NOTABLE, OPTIONAL)),
    (True, Check("response-required-property-became-not-write-only", "WARN", thing("a", a=WRITE), thing("a", a=S), COMPATIBLE, OPTIONAL)),
    (True, Check("response-required-property-became-read-only", "INFO", S, READ, INVISIBLE)),
    *limits(),
    *conditions(),
]  # fmt: skip


def document(request: Any, answer: Any) -> dict[str, Any]:
    media = {"application/json": {"schema": thing(f=request)}}
    answers = {"application/json": {"schema": thing(f=answer)}}
    post = {
        "operationId": "one",
        "requestBody": {"required": True, "content": media},
        "responses": {"200": {"description": "", "content": answers}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/api/v2/one": {"post": post}},
    }


def said(old: dict[str, Any], new: dict[str, Any]) -> Severity:
    return report(contract(old), contract(new)).severity


@pytest.mark.parametrize(("answer", "check"), CHECKS, ids=[check.name for _, check in CHECKS])
def test_ours_is_the_same_or_says_why(answer: bool, check: Check) -> None:
    sides = [document(S, side) if answer else document(side, S) for side in (check.old, check.new)]
    found = said(*sides)
    assert found is check.ours
    assert (found in SAME[check.level]) == (not check.reason)


def changed(change: Any) -> dict[str, Any]:
    result = deepcopy(document(S, S))
    change(result)
    return result


def post_of(result: dict[str, Any]) -> Any:
    return result["paths"]["/api/v2/one"]["post"]


def schema_of(result: dict[str, Any]) -> Any:
    return post_of(result)["requestBody"]["content"]["application/json"]["schema"]


QUERY = [{"name": "q", "in": "query", "schema": S}]
AROUND: list[tuple[str, str, Any, Any, Severity, str]] = [
    ("endpoint-added", "INFO", lambda d: None, lambda d: d["paths"].update({"/api/v2/two": d["paths"]["/api/v2/one"]}), COMPATIBLE, ""),
    ("api-path-removed-without-deprecation", "ERR", lambda d: d["paths"].update({"/api/v2/two": d["paths"]["/api/v2/one"]}), lambda d: None, BREAKING, ""),
    ("api-path-removed-with-deprecation", "INFO", lambda d: d["paths"].update({"/api/v2/two": {"post": {**post_of(d), "deprecated": True}}}), lambda d: None, BREAKING, NAMED),
    ("endpoint-deprecated", "INFO", lambda d: None, lambda d: post_of(d).update(deprecated=True), NOTABLE, TOLD),
    ("endpoint-reactivated", "INFO", lambda d: post_of(d).update(deprecated=True), lambda d: None, COMPATIBLE, ""),
    ("api-operation-id-removed", "INFO", lambda d: None, lambda d: post_of(d).pop("operationId"), INVISIBLE, ""),
    ("api-tag-added", "INFO", lambda d: None, lambda d: post_of(d).update(tags=["a"]), INVISIBLE, ""),
    ("api-schema-removed", "INFO", lambda d: d.update(components={"schemas": {"A": S}}), lambda d: None, INVISIBLE, ""),
    ("api-security-added", "INFO", lambda d: None, lambda d: post_of(d).update(security=[{"key": []}]), INVISIBLE, ""),
    ("api-security-removed", "ERR", lambda d: post_of(d).update(security=[{"key": []}]), lambda d: None, INVISIBLE, KEYS),
    ("new-optional-request-parameter", "INFO", lambda d: None, lambda d: post_of(d).update(parameters=QUERY), COMPATIBLE, ""),
    ("new-required-request-parameter", "ERR", lambda d: None, lambda d: post_of(d).update(parameters=[{**QUERY[0], "required": True}]), BREAKING, ""),
    ("request-parameter-removed", "WARN", lambda d: post_of(d).update(parameters=QUERY), lambda d: None, BREAKING, NAMED),
    ("request-parameter-became-required", "ERR", lambda d: post_of(d).update(parameters=QUERY), lambda d: post_of(d).update(parameters=[{**QUERY[0], "required": True}]), BREAKING, ""),
    ("request-body-media-type-removed", "ERR", lambda d: post_of(d)["requestBody"]["content"].update({"text/plain": {"schema": S}}), lambda d: None, INVISIBLE, ONE_FORM),
    ("response-media-type-removed", "ERR", lambda d: post_of(d)["responses"]["200"]["content"].update({"text/plain": {"schema": S}}), lambda d: None, INVISIBLE, ONE_FORM),
    ("request-body-became-required", "ERR", lambda d: post_of(d)["requestBody"].pop("required"), lambda d: None, INVISIBLE, ONE_FORM),
    ("request-body-removed", "ERR", lambda d: None, lambda d: post_of(d).pop("requestBody"), BREAKING, ""),
    ("added-required-request-body", "ERR", lambda d: post_of(d).pop("requestBody"), lambda d: schema_of(d).update(required=["f"]), BREAKING, ""),
    ("response-success-status-added", "INFO", lambda d: None, lambda d: post_of(d)["responses"].update({"204": {"description": ""}}), NOTABLE, OPTIONAL),
    ("response-non-success-status-added", "INFO", lambda d: None, lambda d: post_of(d)["responses"].update({"404": {"description": ""}}), INVISIBLE, ""),
    ("response-non-success-status-removed", "INFO", lambda d: post_of(d)["responses"].update({"404": {"description": ""}}), lambda d: None, INVISIBLE, ""),
    ("api-version-decreased", "INFO", lambda d: d["info"].update(version="2"), lambda d: None, INVISIBLE, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "level", "before", "after", "ours", "reason"), AROUND, ids=[row[0] for row in AROUND]
)
def test_around_the_schemas_too(
    name: str, level: str, before: Any, after: Any, ours: Severity, reason: str
) -> None:
    found = said(changed(before), changed(after))
    assert found is ours
    assert (found in SAME[level]) == (not reason)


def test_the_table_is_long_and_names_each_check_once() -> None:
    names = [check.name for _, check in CHECKS] + [row[0] for row in AROUND]
    assert len(names) == len(set(names)) > 150
