"""Validate: nothing reaches the generator that is not valid OpenAPI and ours."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.exceptions import SchemaError
from openapi_schema_validator import OAS31Validator

from scripts.pipeline.published import DocumentError
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import _METASCHEMA, check_openapi, validate
from tests.pipeline.documents import document

PATH = "/api/v2/x"
VALID = shape(
    document(
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"n": {}}},
    )
)


def operation(result: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = result["paths"][PATH]["post"]
    return found


def setting(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda result: operation(result).update(fields)


def component(name: str, schema: Any) -> Callable[[dict[str, Any]], None]:
    return lambda result: result["components"]["schemas"].update({name: schema})


def moved(path: str) -> Callable[[dict[str, Any]], None]:
    def change(result: dict[str, Any]) -> None:
        result["paths"][path] = deepcopy(result["paths"][PATH])
        name = path.removeprefix("/api/v2/")
        result["paths"][path]["post"].update(operationId=name, tags=["root"])

    return change


def field(**properties: Any) -> Callable[[dict[str, Any]], None]:
    return component("XResult", {"type": "object", "properties": properties})


TEXT = {"type": "string"}
FAULTS: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda result: result.pop("info"), "not valid OpenAPI"),
    (lambda result: result["paths"].clear(), "no operation"),
    (lambda result: result["paths"].update({PATH: {"get": operation(result)}}), "a POST and nothing else"),
    (moved("/api/v2/../etc"), "not made of letters"),
    (moved("/api/v1/x"), "does not begin with"),
    (lambda result: (moved("/api/v2/a-b")(result), moved("/api/v2/a_b")(result)), "the same name in Python"),
    (setting(operationId="y"), "not those of the path"),
    (setting(tags=["Projects"]), "not those of the path"),
    (setting(parameters=[{"name": "a", "in": "query", "schema": {}}]), "outside the body"),
    (setting(**{"x-cocalc-unknown": 1}), "the extension x-cocalc-unknown does not exist"),
    (setting(**{"x-cocalc-auth": "root"}), "x-cocalc-auth cannot be root"),
    (setting(**{"x-cocalc-mutates": "yes"}), "x-cocalc-mutates cannot be yes"),
    (setting(**{"x-cocalc-timeout": True}), "x-cocalc-timeout cannot be"),
    (setting(**{"x-cocalc-confirm": " "}), "x-cocalc-confirm cannot be"),
    (setting(**{"x-cocalc-rate-limit": {"day": 1}}), "x-cocalc-rate-limit cannot be"),
    (setting(**{"x-cocalc-pagination": {"max": 1}}), "x-cocalc-pagination cannot be"),
    (setting(**{"x-cocalc-pagination": {"limit": "gone"}}), "gone, which is no argument"),
    (setting(**{"x-cocalc-failure": ["error"]}), "x-cocalc-failure cannot be"),
    (
        setting(requestBody={"content": {"application/json": {"schema": TEXT}}}),
        "the request is not one JSON object",
    ),
    (lambda result: operation(result).pop("requestBody"), "the request is not one JSON object"),
    (
        lambda result: operation(result)["responses"]["200"].update(content={"image/png": {"schema": {}}}),
        "of JSON or of text",
    ),
    (lambda result: operation(result)["responses"].pop("default"), "answers are 200 and default"),
    (component("lower", {"type": "object", "properties": {}}), "no class name"),
    (component("Xresult", {"type": "object", "properties": {}}), "only in capitals"),
    (component("Text", TEXT), "neither an object with properties nor an enumeration"),
    (field(fooBar=TEXT, foo_bar=TEXT), "no name of its own in Python"),
    (field(to_dict=TEXT), "no name of its own in Python"),
    (
        field(a={"type": "object", "properties": {"b": TEXT}}),
        "an object or an enumeration that is no component",
    ),
    (
        field(a={"type": "array", "items": {"enum": ["a"]}}),
        "an object or an enumeration that is no component",
    ),
    (field(a={"type": "string", "x-cocalc-time": "stardate"}), "x-cocalc-time cannot be stardate"),
    (field(a={"type": "string", "x-mine": 1}), "x-mine cannot be"),
]


def test_what_shape_makes_is_valid() -> None:
    validate(VALID)


@pytest.mark.parametrize(("change", "says"), FAULTS)
def test_a_fault_is_named_in_one_line(change: Callable[[dict[str, Any]], Any], says: str) -> None:
    broken = deepcopy(VALID)
    change(broken)
    with pytest.raises(DocumentError) as refusal:
        validate(broken)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_reference_to_nothing_is_refused() -> None:
    broken = deepcopy(VALID)
    field(a={"$ref": "#/components/schemas/Gone"})(broken)
    with pytest.raises(DocumentError):
        validate(broken)


def test_every_extension_has_values_that_are_taken() -> None:
    good = deepcopy(VALID)
    operation(good).update(
        {
            "x-cocalc-auth": "account-or-project",
            "x-cocalc-mutates": False,
            "x-cocalc-idempotent": True,
            "x-cocalc-timeout": 90.5,
            "x-cocalc-confirm": "deletes the account of the caller",
            "x-cocalc-charges": True,
            "x-cocalc-fails": "the service behind it is gone",
            "x-cocalc-pagination": {"limit": "n", "default": 10, "max": 100},
            "x-cocalc-rate-limit": {"second": 1, "minute": 5, "hour": 60},
            "x-cocalc-newer-servers": False,
            "x-cocalc-failure": ["issues", "message"],
        }
    )
    validate(good)


KEYWORDS = [
    "type", "enum", "const", "properties", "items", "prefixItems", "required", "allOf", "anyOf", "not", "minimum", "minItems",
    "maxLength", "pattern", "format", "default", "description", "deprecated", "additionalProperties", "discriminator", "xml", "$ref",
]  # fmt: skip
SCHEMAS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3)
    | st.sampled_from(["string", "array", "uuid", "(", "#/components/schemas/A", 1.5, -1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(SCHEMAS)
def test_what_the_fast_metaschema_accepts_the_slow_one_does_too(schema: Any) -> None:
    if _METASCHEMA.is_valid(schema):
        OAS31Validator.check_schema(schema)


@pytest.mark.parametrize(
    "schema", [{"type": "text"}, {"required": "a"}, {"minItems": -1}, {"discriminator": 3}, {"allOf": []}]
)
def test_a_schema_that_is_none_is_refused_with_its_place(schema: Any) -> None:
    with pytest.raises(SchemaError):
        OAS31Validator.check_schema(schema)
    bad = deepcopy(VALID)
    bad["components"]["schemas"]["Wrong"] = schema
    with pytest.raises(DocumentError) as raised:
        check_openapi(bad)
    assert "not valid OpenAPI" in str(raised.value)
    assert "\n" not in str(raised.value)
