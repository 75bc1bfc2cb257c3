"""Checks of one side: what a request takes, or what an answer has."""

from __future__ import annotations

from typing import Any

from .parts import (
    ATTRIBUTE,
    BREAKING,
    COMPATIBLE,
    DATED,
    DECODED,
    FIRST,
    FOREIGN,
    GUESSED,
    INVISIBLE,
    LAPSED,
    LIST,
    MORE,
    NAMED,
    NEEDED,
    NOTABLE,
    OBJ,
    OBJECTS,
    OPEN,
    OPTIONAL,
    PASSED,
    READ,
    READABLE,
    SECOND,
    SILENT,
    TOLD,
    TUPLE,
    UNLISTED,
    WRITE,
    Check,
    I,
    N,
    S,
    Severity,
    one_of,
    thing,
)  # fmt: skip

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


IF, THEN, ELSE = {"if": {"required": ["x"]}}, {"then": {"minProperties": 2}}, {"else": {"minProperties": 1}}
HOLDS = {**LIST, "contains": {"const": "a"}}


def conditions() -> list[tuple[bool, Check]]:
    """The checks of what no type can model, for requests and for answers."""
    said: dict[str, tuple[Any, Any]] = {
        "not": (S, {**S, "not": {"const": "a"}}),
        "if": ({**OBJ, **THEN}, {**OBJ, **IF, **THEN}),
        "then": ({**OBJ, **IF}, {**OBJ, **IF, **THEN}),
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


def read_only() -> list[tuple[bool, Check]]:
    """The checks of arguments that are called read-only, and take less than before."""
    said = {
        "enum-value-removed": (S, "enum", ["a", "b"], ["a"]), "max-decreased": (N, "maximum", 5, 1),
        "max-length-decreased": (S, "maxLength", 5, 1), "max-items-decreased": (LIST, "maxItems", 5, 1),
        "max-properties-decreased": (OBJ, "maxProperties", 5, 1), "min-increased": (N, "minimum", 1, 5),
        "exclusive-min-increased": (N, "exclusiveMinimum", 1, 5), "exclusive-max-decreased": (N, "exclusiveMaximum", 5, 1),
    }  # fmt: skip
    return [
        (False, Check(f"request-read-only-property-{name}", "INFO", {**kind, "readOnly": True, key: more},
                      {**kind, "readOnly": True, key: less}, BREAKING, PASSED))
        for name, (kind, key, more, less) in said.items()
    ]  # fmt: skip


def chosen(**mapping: str) -> dict[str, Any]:
    """Two alternatives, told apart by a discriminator."""
    return {
        **one_of(FIRST, SECOND),
        "discriminator": {"propertyName": "k", **({"mapping": mapping} if mapping else {})},
    }


Opinion = tuple[str, Severity] | tuple[str, Severity, str]
UNHEARD, QUIET = ("INFO", INVISIBLE), ("INFO", COMPATIBLE)
OLD, GONE = {**S, "deprecated": True}, ("ERR", NOTABLE, DATED)
LATE, LATER = {**OLD, "x-sunset": "2020-01-01"}, {**OLD, "x-sunset": "2036-01-01"}
STABLE, BETA = {**S, "x-stability-level": "stable"}, {**S, "x-stability-level": "beta"}
NOTED = {"allOf": [S, {"title": "T", "description": "words"}]}
PAIR, TRIPLE = ({"type": "array", "prefixItems": [S] * length} for length in (2, 3))
CLOSED = {**OBJ, "unevaluatedProperties": False}
BOTH: list[tuple[str, Opinion | None, Opinion | None, Any, Any]] = [
    ("discriminator-added", UNHEARD, UNHEARD, one_of(FIRST, SECOND), chosen()),
    ("discriminator-removed", UNHEARD, UNHEARD, chosen(), one_of(FIRST, SECOND)),
    ("discriminator-property-name-changed", UNHEARD, UNHEARD, chosen(), {**chosen(), "discriminator": {"propertyName": "z"}}),
    ("discriminator-mapping-added", UNHEARD, UNHEARD, chosen(), chosen(a="#/components/schemas/A")),
    ("discriminator-mapping-deleted", UNHEARD, UNHEARD, chosen(a="#/components/schemas/A"), chosen()),
    ("discriminator-mapping-changed", UNHEARD, UNHEARD, chosen(a="#/components/schemas/A"), chosen(a="#/components/schemas/B")),
    ("default-value-added", None, UNHEARD, S, {**S, "default": "a"}),
    ("default-value-changed", None, UNHEARD, {**S, "default": "a"}, {**S, "default": "b"}),
    ("default-value-removed", None, UNHEARD, {**S, "default": "a"}, S),
    ("all-of-added", None, QUIET, S, {"allOf": [S, {"maxLength": 3}]}),
    ("all-of-removed", None, ("ERR", NOTABLE, DECODED), {"allOf": [S, {"maxLength": 3}]}, S),
    ("all-of-added-annotation-only", UNHEARD, UNHEARD, S, NOTED),
    ("all-of-removed-annotation-only", UNHEARD, UNHEARD, NOTED, S),
    ("prefix-items-added", ("INFO", BREAKING, TUPLE), ("ERR", BREAKING), PAIR, TRIPLE),
    ("prefix-items-removed", ("ERR", BREAKING), ("INFO", BREAKING, TUPLE), TRIPLE, PAIR),
    ("else-added", ("ERR", BREAKING), ("INFO", NOTABLE, MORE), {**OBJ, **IF, **THEN}, {**OBJ, **IF, **THEN, **ELSE}),
    ("else-removed", ("INFO", BREAKING, MORE), ("ERR", NOTABLE, DECODED), {**OBJ, **IF, **THEN, **ELSE}, {**OBJ, **IF, **THEN}),
    ("min-contains-increased", ("ERR", BREAKING), ("INFO", NOTABLE, MORE), {**HOLDS, "minContains": 1}, {**HOLDS, "minContains": 3}),
    ("min-contains-decreased", ("INFO", BREAKING, MORE), ("ERR", NOTABLE, DECODED), {**HOLDS, "minContains": 3}, {**HOLDS, "minContains": 2}),
    ("max-contains-increased", ("INFO", BREAKING, MORE), ("ERR", NOTABLE, DECODED), {**HOLDS, "maxContains": 1}, {**HOLDS, "maxContains": 3}),
    ("max-contains-decreased", ("ERR", BREAKING), ("INFO", NOTABLE, MORE), {**HOLDS, "maxContains": 3}, {**HOLDS, "maxContains": 2}),
    ("dependent-required-changed", ("ERR", BREAKING), ("ERR", NOTABLE, DECODED), {**OBJ, "dependentRequired": {"x": ["y"]}}, {**OBJ, "dependentRequired": {"x": ["z"]}}),
    ("unevaluated-properties-added", None, UNHEARD, OBJ, CLOSED),
    ("unevaluated-properties-removed", None, ("ERR", INVISIBLE, OPEN), CLOSED, OBJ),
    ("content-media-type-changed", ("ERR", BREAKING), ("ERR", NOTABLE, DECODED), {**S, "contentMediaType": "image/png"}, {**S, "contentMediaType": "image/gif"}),
    ("content-encoding-changed", ("ERR", BREAKING), ("ERR", NOTABLE, DECODED), {**S, "contentEncoding": "base64"}, {**S, "contentEncoding": "base32"}),
    ("multiple-of-changed", ("ERR", BREAKING), ("ERR", NOTABLE, DECODED), {**N, "multipleOf": 2}, {**N, "multipleOf": 3}),
    ("stability-decreased", ("ERR", INVISIBLE, FOREIGN), ("ERR", INVISIBLE, FOREIGN), STABLE, BETA),
    ("stability-increased", UNHEARD, UNHEARD, BETA, STABLE),
    ("deprecated-with-sunset", ("INFO", NOTABLE, TOLD), ("INFO", NOTABLE, TOLD), S, LATER),
    ("deprecated-sunset-missing", GONE, GONE, S, OLD),
    ("deprecated-sunset-invalid", GONE, GONE, S, {**OLD, "x-sunset": "soon"}),
    ("sunset-date-too-small", GONE, GONE, S, LATE),
]  # fmt: skip


def both_sides() -> list[tuple[bool, Check]]:
    """The checks of one change that a request and an answer can have, with an opinion of each that is not said elsewhere."""
    return [
        (answer, Check(f"{'response' if answer else 'request'}-property-{name}", opinion[0], old, new, *opinion[1:]))
        for name, request, of_answer, old, new in BOTH
        for answer, opinion in ((False, request), (True, of_answer))
        if opinion is not None
    ]  # fmt: skip


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
    (False, Check("request-property-unique-items-set", "ERR", LIST, {**LIST, "uniqueItems": True}, BREAKING)),
    (False, Check("request-property-multiple-of-set", "ERR", N, {**N, "multipleOf": 2}, BREAKING)),
    (True, Check("response-required-property-removed", "ERR", thing("a", a=S, b=S), thing(b=S), BREAKING)),
    (True, Check("response-required-property-added", "INFO", thing(b=S), thing("a", a=S, b=S), COMPATIBLE)),
    (True, Check("response-optional-property-removed", "INFO", thing(a=S, b=S), thing(b=S), BREAKING, ATTRIBUTE)),
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
    (False, Check("request-property-became-required-with-default", "ERR", thing(a={**S, "default": "b"}), thing("a", a={**S, "default": "b"}), BREAKING)),
    (False, Check("request-property-pattern-generalized", "INFO", {**S, "pattern": "^a$"}, {**S, "pattern": ".*"}, COMPATIBLE)),
    (True, Check("response-property-pattern-changed", "WARN", {**S, "pattern": "a"}, {**S, "pattern": "b"}, NOTABLE)),
    (False, Check("request-property-unique-items-unset", "INFO", {**LIST, "uniqueItems": True}, LIST, COMPATIBLE)),
    (True, Check("response-property-unique-items-unset", "ERR", {**LIST, "uniqueItems": True}, LIST, NOTABLE, DECODED)),
    (False, Check("request-property-multiple-of-unset", "INFO", {**N, "multipleOf": 2}, N, COMPATIBLE)),
    (True, Check("response-property-multiple-of-unset", "ERR", {**N, "multipleOf": 2}, N, NOTABLE, DECODED)),
    (False, Check("request-property-multiple-of-generalized", "INFO", {**N, "multipleOf": 4}, {**N, "multipleOf": 2}, COMPATIBLE)),
    (True, Check("response-property-multiple-of-specialized", "INFO", {**N, "multipleOf": 2}, {**N, "multipleOf": 4}, COMPATIBLE)),
    (False, Check("request-property-x-extensible-enum-value-removed", "ERR", {**S, "x-extensible-enum": ["a", "b"]}, {**S, "x-extensible-enum": ["a"]}, INVISIBLE, FOREIGN)),
    (False, Check("request-property-removed-with-deprecation", "INFO", thing(a={**S, "deprecated": True}, b=S), thing(b=S), BREAKING, LAPSED)),
    (True, Check("response-optional-write-only-property-added", "INFO", thing(a=S), thing(a=S, b=WRITE), COMPATIBLE)),
    (True, Check("response-optional-write-only-property-removed", "INFO", thing(a=S, b=WRITE), thing(a=S), BREAKING, READABLE)),
    (True, Check("response-required-write-only-property-added", "INFO", thing(a=S), thing("b", a=S, b=WRITE), COMPATIBLE)),
    (True, Check("response-required-write-only-property-removed", "INFO", thing("b", a=S, b=WRITE), thing(a=S), BREAKING, READABLE)),
    (True, Check("response-write-only-property-became-optional", "INFO", thing("a", a=WRITE), thing(a=WRITE), INVISIBLE)),
    (True, Check("response-write-only-property-became-required", "INFO", thing(a=WRITE), thing("a", a=WRITE), INVISIBLE)),
    (True, Check("response-write-only-property-enum-value-added", "INFO", {**WRITE, "enum": ["a"]}, {**WRITE, "enum": ["a", "b"]}, NOTABLE, READABLE)),
    (False, Check("request-required-property-became-read-only", "INFO", thing("a", a=S), thing("a", a=READ), NOTABLE, TOLD)),
    (False, Check("request-required-property-became-not-read-only", "INFO", thing("a", a=READ), thing("a", a=S), BREAKING, NEEDED)),
    (False, Check("request-required-property-became-write-only", "INFO", thing("a", a=S), thing("a", a=WRITE), INVISIBLE)),
    (False, Check("request-required-property-became-not-write-only", "INFO", thing("a", a=WRITE), thing("a", a=S), INVISIBLE)),
    (False, Check("request-optional-property-became-not-write-only", "INFO", WRITE, S, INVISIBLE)),
    (True, Check("response-required-property-became-not-read-only", "INFO", thing("a", a=READ), thing("a", a=S), INVISIBLE)),
    (True, Check("response-optional-property-became-read-only", "INFO", thing(a=S), thing(a=READ), INVISIBLE)),
    (True, Check("response-optional-property-became-not-read-only", "INFO", READ, S, INVISIBLE)),
    (True, Check("response-optional-property-became-write-only", "INFO", S, WRITE, NOTABLE, OPTIONAL)),
    (True, Check("response-optional-property-became-not-write-only", "INFO", WRITE, S, COMPATIBLE)),
    (True, Check("response-property-list-of-types-widened", "ERR", S, {"type": ["string", "number"]}, BREAKING)),
    (True, Check("response-property-list-of-types-narrowed", "INFO", {"type": ["string", "number"]}, S, COMPATIBLE)),
    *read_only(),
    *both_sides(),
    *limits(),
    *conditions(),
]  # fmt: skip
