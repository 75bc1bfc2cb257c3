"""Checks of what stands around the schemas: paths, operations, parameters, bodies, statuses, headers, security."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .parts import (
    BOTH_FIT,
    BREAKING,
    CALLS_IN,
    CLASS,
    COMPATIBLE,
    DATED,
    FOREIGN,
    HEADERS,
    INVISIBLE,
    KEYS,
    LAPSED,
    LIST,
    NAMED,
    NO_BODY,
    NOTABLE,
    OBJ,
    ONE_FORM,
    OPTIONAL,
    POSTED,
    TOLD,
    UNSENT,
    WRITTEN,
    I,
    N,
    S,
    Severity,
    one_of,
    thing,
)  # fmt: skip


def post_of(result: dict[str, Any]) -> Any:
    return result["paths"]["/api/v2/one"]["post"]


def schema_of(result: dict[str, Any]) -> Any:
    return post_of(result)["requestBody"]["content"]["application/json"]["schema"]


def path_of(result: dict[str, Any]) -> Any:
    return result["paths"]["/api/v2/one"]


def answer_of(result: dict[str, Any]) -> Any:
    return post_of(result)["responses"]["200"]


Edit = Callable[[dict[str, Any]], Any]


def saying(**said: Any) -> Edit:
    """The operation says this, too."""
    return lambda d: post_of(d).update(said)


def taking(**said: Any) -> Edit:
    """The operation has one parameter, of which this is said."""
    return saying(parameters=[{**QUERY[0], **said}])


def sending(schema: Any) -> Edit:
    """The operation has one header."""
    return saying(parameters=[{"name": "X-A", "in": "header", "schema": schema}])


def body(content: dict[str, Any]) -> Edit:
    return lambda d: post_of(d)["requestBody"].update(content=content)


def answer(content: dict[str, Any]) -> Edit:
    return lambda d: answer_of(d).update(content=content)


def headed(**said: Any) -> Edit:
    """The answer has one header, of which this is said."""
    return lambda d: answer_of(d).update(headers={"X-A": said})


def answering(*statuses: str) -> Edit:
    """The operation has an answer for each of these statuses, that of 204 with nothing in it."""

    def edit(d: dict[str, Any]) -> None:
        given = answer_of(d)
        post_of(d)["responses"] = {s: {"description": ""} if s == "204" else given for s in statuses}

    return edit


def got_too(**said: Any) -> Edit:
    """The path has a GET as well, of which this is said."""
    return lambda d: path_of(d).update(get={**deepcopy(post_of(d)), **said})


def two(**said: Any) -> Edit:
    """There is a second path, of whose operation this is said."""
    return lambda d: d["paths"].update({"/api/v2/two": {"post": {**post_of(d), **said}}})


def scheme(**said: Any) -> Edit:
    return lambda d: d.update(components={"securitySchemes": {"key": said}})


def oauth(**said: Any) -> Edit:
    return scheme(type="oauth2", flows={"authorizationCode": said})


QUERY = [{"name": "q", "in": "query", "schema": S}]
JSON, LINES = "application/json", "application/jsonl"
SUNSET, SOONER = {"x-sunset": "2036-01-01"}, {"x-sunset": "2020-01-01"}
QUERY_TAKEN, QUERY_NEEDED, QUERY_DEPRECATED = taking(), taking(required=True), taking(deprecated=True)
ONE, TWO, THREE = thing("a", a=S), thing("b", b=S), thing("c", c=S)


def as_it_is(result: dict[str, Any]) -> None:
    """Leave the document as it is."""


AROUND: list[tuple[str, str, Any, Any, Severity, str]] = [
    ("endpoint-added", "INFO", as_it_is, lambda d: d["paths"].update({"/api/v2/two": d["paths"]["/api/v2/one"]}), COMPATIBLE, ""),
    ("api-path-removed-without-deprecation", "ERR", lambda d: d["paths"].update({"/api/v2/two": d["paths"]["/api/v2/one"]}), as_it_is, BREAKING, ""),
    ("api-path-removed-with-deprecation", "INFO", lambda d: d["paths"].update({"/api/v2/two": {"post": {**post_of(d), "deprecated": True}}}), as_it_is, BREAKING, NAMED),
    ("endpoint-deprecated", "INFO", as_it_is, lambda d: post_of(d).update(deprecated=True), NOTABLE, TOLD),
    ("endpoint-reactivated", "INFO", lambda d: post_of(d).update(deprecated=True), as_it_is, COMPATIBLE, ""),
    ("api-operation-id-removed", "INFO", as_it_is, lambda d: post_of(d).pop("operationId"), INVISIBLE, ""),
    ("api-tag-added", "INFO", as_it_is, lambda d: post_of(d).update(tags=["a"]), INVISIBLE, ""),
    ("api-schema-removed", "INFO", lambda d: d.update(components={"schemas": {"A": S}}), as_it_is, INVISIBLE, ""),
    ("api-security-added", "INFO", as_it_is, lambda d: post_of(d).update(security=[{"key": []}]), INVISIBLE, ""),
    ("api-security-removed", "ERR", lambda d: post_of(d).update(security=[{"key": []}]), as_it_is, INVISIBLE, KEYS),
    ("new-optional-request-parameter", "INFO", as_it_is, lambda d: post_of(d).update(parameters=QUERY), COMPATIBLE, ""),
    ("new-required-request-parameter", "ERR", as_it_is, lambda d: post_of(d).update(parameters=[{**QUERY[0], "required": True}]), BREAKING, ""),
    ("request-parameter-removed", "WARN", lambda d: post_of(d).update(parameters=QUERY), as_it_is, BREAKING, NAMED),
    ("request-parameter-became-required", "ERR", lambda d: post_of(d).update(parameters=QUERY), lambda d: post_of(d).update(parameters=[{**QUERY[0], "required": True}]), BREAKING, ""),
    ("request-body-media-type-removed", "ERR", lambda d: post_of(d)["requestBody"]["content"].update({"text/plain": {"schema": S}}), as_it_is, INVISIBLE, ONE_FORM),
    ("response-media-type-removed", "ERR", lambda d: post_of(d)["responses"]["200"]["content"].update({"text/plain": {"schema": S}}), as_it_is, INVISIBLE, ONE_FORM),
    ("request-body-became-required", "ERR", lambda d: post_of(d)["requestBody"].pop("required"), as_it_is, INVISIBLE, ONE_FORM),
    ("request-body-removed", "ERR", as_it_is, lambda d: post_of(d).pop("requestBody"), BREAKING, ""),
    ("request-body-added-required", "ERR", lambda d: post_of(d).pop("requestBody"), lambda d: schema_of(d).update(required=["f"]), BREAKING, ""),
    ("response-success-status-added", "INFO", as_it_is, lambda d: post_of(d)["responses"].update({"204": {"description": ""}}), NOTABLE, OPTIONAL),
    ("response-non-success-status-added", "INFO", as_it_is, lambda d: post_of(d)["responses"].update({"404": {"description": ""}}), INVISIBLE, ""),
    ("response-non-success-status-removed", "INFO", lambda d: post_of(d)["responses"].update({"404": {"description": ""}}), as_it_is, INVISIBLE, ""),
    ("api-version-decreased", "INFO", lambda d: d["info"].update(version="2"), as_it_is, INVISIBLE, ""),
    ("request-parameter-became-optional", "INFO", QUERY_NEEDED, QUERY_TAKEN, COMPATIBLE, ""),
    ("request-parameter-deprecated", "INFO", QUERY_TAKEN, QUERY_DEPRECATED, NOTABLE, TOLD),
    ("request-parameter-reactivated", "INFO", QUERY_DEPRECATED, QUERY_TAKEN, COMPATIBLE, ""),
    ("request-parameter-removed-with-deprecation", "INFO", QUERY_DEPRECATED, as_it_is, BREAKING, LAPSED),
    ("request-parameter-removed-before-sunset", "ERR", taking(deprecated=True, **SUNSET), as_it_is, BREAKING, ""),
    ("request-parameter-sunset-parse", "ERR", taking(deprecated=True, **{"x-sunset": "soon"}), as_it_is, BREAKING, ""),
    ("request-parameter-sunset-deleted", "ERR", taking(deprecated=True, **SUNSET), QUERY_DEPRECATED, INVISIBLE, DATED),
    ("request-parameter-sunset-date-changed-too-small", "ERR", taking(deprecated=True, **SUNSET), taking(deprecated=True, **SOONER), INVISIBLE, DATED),
    ("request-parameter-type-generalized", "INFO", QUERY_TAKEN, taking(schema=LIST), BREAKING, WRITTEN),
    ("request-parameter-property-type-changed", "WARN", taking(schema=thing(a=S)), taking(schema=thing(a=N)), BREAKING, WRITTEN),
    ("request-parameter-property-type-specialized", "ERR", taking(schema=thing(a=N)), taking(schema=thing(a=I)), BREAKING, ""),
    ("new-request-path-parameter", "ERR", as_it_is, lambda d: d["paths"].update({"/api/v2/one/{id}": d["paths"].pop("/api/v2/one")}), BREAKING, ""),
    ("new-required-request-default-parameter-to-existing-path", "ERR", as_it_is, lambda d: path_of(d).update(parameters=[{**QUERY[0], "required": True}]), BREAKING, ""),
    ("new-optional-request-default-parameter-to-existing-path", "INFO", as_it_is, lambda d: path_of(d).update(parameters=QUERY), COMPATIBLE, ""),
    ("new-required-request-header-property", "ERR", sending(thing()), sending(thing("a", a=S)), INVISIBLE, UNSENT),
    ("request-header-property-became-required", "ERR", sending(thing(a=S)), sending(thing("a", a=S)), INVISIBLE, UNSENT),
    ("request-header-property-became-enum", "ERR", sending(S), sending({**S, "enum": ["a"]}), INVISIBLE, UNSENT),
    ("request-body-became-optional", "INFO", as_it_is, lambda d: post_of(d)["requestBody"].pop("required"), INVISIBLE, ""),
    ("request-body-added-optional", "INFO", lambda d: post_of(d).pop("requestBody"), as_it_is, COMPATIBLE, ""),
    ("request-body-media-type-added", "INFO", as_it_is, lambda d: post_of(d)["requestBody"]["content"].update({"text/plain": {"schema": S}}), INVISIBLE, ""),
    ("request-body-media-type-schema-added", "ERR", body({JSON: {}}), as_it_is, COMPATIBLE, NO_BODY),
    ("request-body-media-type-schema-removed", "INFO", as_it_is, body({JSON: {}}), BREAKING, NAMED),
    ("request-body-media-type-item-schema-added", "ERR", body({LINES: {}}), body({LINES: {"itemSchema": OBJ}}), INVISIBLE, ONE_FORM),
    ("request-body-media-type-item-schema-removed", "INFO", body({LINES: {"itemSchema": OBJ}}), body({LINES: {}}), INVISIBLE, ""),
    ("request-body-type-compatible", "INFO", body({"application/xml": {"schema": thing(f=I)}}), body({"application/xml": {"schema": thing(f=S)}}), BREAKING, WRITTEN),
    ("request-body-wrapped-in-one-of", "ERR", body({JSON: {"schema": ONE}}), body({JSON: {"schema": one_of(TWO, THREE)}}), BREAKING, ""),
    ("request-body-wrapped-in-one-of-original-preserved", "WARN", body({JSON: {"schema": ONE}}), body({JSON: {"schema": one_of(ONE, THREE)}}), BREAKING, BOTH_FIT),
    ("response-body-wrapped-in-one-of", "ERR", answer({JSON: {"schema": ONE}}), answer({JSON: {"schema": one_of(TWO, THREE)}}), BREAKING, ""),
    ("response-body-wrapped-in-one-of-original-preserved", "WARN", answer({JSON: {"schema": ONE}}), answer({JSON: {"schema": one_of(ONE, THREE)}}), NOTABLE, ""),
    ("response-body-type-compatible", "INFO", answer({"application/xml": {"schema": S}}), answer({"application/xml": {"schema": I}}), BREAKING, WRITTEN),
    ("response-body-media-type-schema-added", "INFO", answer({JSON: {}}), as_it_is, BREAKING, CLASS),
    ("response-body-media-type-schema-removed", "ERR", as_it_is, answer({JSON: {}}), BREAKING, ""),
    ("response-body-media-type-item-schema-added", "INFO", answer({LINES: {}}), answer({LINES: {"itemSchema": OBJ}}), INVISIBLE, ""),
    ("response-body-media-type-item-schema-removed", "ERR", answer({LINES: {"itemSchema": OBJ}, JSON: {}}), answer({LINES: {}, JSON: {}}), INVISIBLE, ONE_FORM),
    ("response-body-media-type-item-schema-removed-untyped", "ERR", answer({LINES: {"itemSchema": OBJ}}), answer({LINES: {}}), INVISIBLE, ONE_FORM),
    ("response-mediatype-enum-value-removed", "INFO", answer({JSON: {"schema": {**S, "enum": ["a", "b"]}}}), answer({JSON: {"schema": {**S, "enum": ["a"]}}}), COMPATIBLE, ""),
    ("response-media-type-added", "INFO", as_it_is, lambda d: answer_of(d)["content"].update({"text/plain": {"schema": S}}), INVISIBLE, ""),
    ("response-media-type-name-changed", "INFO", answer({"application/json;v=1": {"schema": ONE}}), answer({"application/json;v=2": {"schema": ONE}}), INVISIBLE, ""),
    ("response-media-type-name-generalized", "ERR", answer({"application/problem+json": {"schema": ONE}}), answer({JSON: {"schema": ONE}}), INVISIBLE, ONE_FORM),
    ("response-media-type-name-specialized", "INFO", answer({JSON: {"schema": ONE}}), answer({"application/problem+json": {"schema": ONE}}), INVISIBLE, ""),
    ("response-header-added", "INFO", as_it_is, headed(schema=S), INVISIBLE, ""),
    ("optional-response-header-removed", "WARN", headed(schema=S), as_it_is, INVISIBLE, HEADERS),
    ("required-response-header-removed", "ERR", headed(required=True, schema=S), as_it_is, INVISIBLE, HEADERS),
    ("response-header-became-optional", "ERR", headed(required=True, schema=S), headed(schema=S), INVISIBLE, HEADERS),
    ("response-header-type-changed", "ERR", headed(schema=S), headed(schema=OBJ), INVISIBLE, HEADERS),
    ("response-header-type-generalized", "ERR", headed(schema=I), headed(schema=N), INVISIBLE, HEADERS),
    ("response-header-type-specialized", "INFO", headed(schema=N), headed(schema=I), INVISIBLE, ""),
    ("response-header-type-compatible", "INFO", headed(schema=S), headed(schema=I), INVISIBLE, ""),
    ("response-header-became-nullable", "ERR", headed(schema=S), headed(schema={"type": ["string", "null"]}), INVISIBLE, HEADERS),
    ("response-header-became-not-nullable", "INFO", headed(schema={"type": ["string", "null"]}), headed(schema=S), INVISIBLE, ""),
    ("response-success-status-removed", "ERR", answering("200", "204"), answering("204"), BREAKING, ""),
    ("the-only-success-status-changed", "ERR", as_it_is, answering("204"), BREAKING, ""),
    ("the-last-success-status-removed", "ERR", as_it_is, answering("404"), BREAKING, ""),
    ("api-operation-id-added", "INFO", lambda d: post_of(d).pop("operationId"), as_it_is, INVISIBLE, ""),
    ("api-tag-removed", "INFO", saying(tags=["a"]), as_it_is, INVISIBLE, ""),
    ("api-removed-without-deprecation", "ERR", got_too(), as_it_is, INVISIBLE, POSTED),
    ("api-removed-with-deprecation", "INFO", got_too(deprecated=True), as_it_is, INVISIBLE, ""),
    ("api-removed-before-sunset", "ERR", got_too(deprecated=True, **SUNSET), as_it_is, INVISIBLE, POSTED),
    ("api-path-removed-before-sunset", "ERR", two(deprecated=True, **SUNSET), as_it_is, BREAKING, ""),
    ("api-path-sunset-parse", "ERR", two(deprecated=True, **{"x-sunset": "soon"}), as_it_is, BREAKING, ""),
    ("endpoint-deprecated-with-sunset", "INFO", as_it_is, saying(deprecated=True, **SUNSET), NOTABLE, TOLD),
    ("api-deprecated-sunset-parse", "ERR", as_it_is, saying(deprecated=True, **{"x-sunset": "soon"}), NOTABLE, DATED),
    ("api-deprecated-sunset-missing", "ERR", as_it_is, saying(deprecated=True), NOTABLE, DATED),
    ("api-sunset-date-too-small", "ERR", as_it_is, saying(deprecated=True, **SOONER), NOTABLE, DATED),
    ("sunset-deleted", "ERR", saying(deprecated=True, **SUNSET), saying(deprecated=True), INVISIBLE, DATED),
    ("api-sunset-date-changed-too-small", "ERR", saying(deprecated=True, **SUNSET), saying(deprecated=True, **SOONER), INVISIBLE, DATED),
    ("api-stability-decreased", "ERR", saying(**{"x-stability-level": "stable"}), saying(**{"x-stability-level": "beta"}), INVISIBLE, FOREIGN),
    ("api-stability-increased", "INFO", saying(**{"x-stability-level": "beta"}), saying(**{"x-stability-level": "stable"}), INVISIBLE, ""),
    ("api-invalid-stability-level", "ERR", as_it_is, saying(**{"x-stability-level": "so so"}), INVISIBLE, FOREIGN),
    ("api-security-scope-added", "ERR", saying(security=[{"key": []}]), saying(security=[{"key": ["a"]}]), INVISIBLE, KEYS),
    ("api-security-scope-removed", "INFO", saying(security=[{"key": ["a"]}]), saying(security=[{"key": []}]), INVISIBLE, ""),
    ("api-global-security-added", "INFO", as_it_is, lambda d: d.update(security=[{"key": []}]), INVISIBLE, ""),
    ("api-global-security-removed", "ERR", lambda d: d.update(security=[{"key": []}]), as_it_is, INVISIBLE, KEYS),
    ("api-global-security-scope-added", "ERR", lambda d: d.update(security=[{"key": []}]), lambda d: d.update(security=[{"key": ["a"]}]), INVISIBLE, KEYS),
    ("api-global-security-scope-removed", "INFO", lambda d: d.update(security=[{"key": ["a"]}]), lambda d: d.update(security=[{"key": []}]), INVISIBLE, ""),
    ("api-security-component-added", "INFO", as_it_is, scheme(type="http", scheme="basic"), INVISIBLE, ""),
    ("api-security-component-removed", "INFO", scheme(type="http", scheme="basic"), as_it_is, INVISIBLE, ""),
    ("api-security-component-type-changed", "INFO", scheme(type="http", scheme="basic"), scheme(type="apiKey", name="k"), INVISIBLE, ""),
    ("api-security-component-oauth-url-changed", "INFO", oauth(authorizationUrl="https://a"), oauth(authorizationUrl="https://b"), INVISIBLE, ""),
    ("api-security-component-oauth-token-url-changed", "INFO", oauth(tokenUrl="https://a"), oauth(tokenUrl="https://b"), INVISIBLE, ""),
    ("api-security-component-oauth-scope-added", "INFO", oauth(scopes={}), oauth(scopes={"a": "A"}), INVISIBLE, ""),
    ("api-security-component-oauth-scope-removed", "INFO", oauth(scopes={"a": "A"}), oauth(scopes={}), INVISIBLE, ""),
    ("api-security-component-oauth-scope-changed", "INFO", oauth(scopes={"a": "A"}), oauth(scopes={"a": "B"}), INVISIBLE, ""),
    ("webhook-added", "INFO", as_it_is, lambda d: d.update(webhooks={"w": path_of(d)}), INVISIBLE, ""),
    ("webhook-removed", "ERR", lambda d: d.update(webhooks={"w": path_of(d)}), as_it_is, INVISIBLE, CALLS_IN),
    ("api-version-not-bumped", "INFO", as_it_is, lambda d: d["info"].update(title="B"), INVISIBLE, ""),
    ("api-major-version-not-bumped", "INFO", as_it_is, lambda d: d["info"].update(version="1.1"), INVISIBLE, ""),
]  # fmt: skip
