"""Validate: nothing reaches the generator that is not valid OpenAPI and ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.exceptions import SchemaError
from openapi_schema_validator import OAS31Validator

from scripts.pipeline.published import DocumentError
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import check_openapi, thorough, validate
from scripts.pipeline.validate.plain import WORDS, is_plainly_valid
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
    if thorough.METASCHEMA.is_valid(schema):
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


PLAIN = st.recursive(
    st.booleans() | st.integers(-2, 2) | st.text(max_size=2)
    | st.sampled_from(["string", "integer", "array", "object", "uuid", "#/components/schemas/A", "#/components/schemas/B", "#/paths", 1.5]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from([*sorted(WORDS), "allOf", "nullable", "x-a"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
TYPES = ["string", "integer", "number", "boolean", "null", "array", "object"]
DEFAULTED = st.fixed_dictionaries(
    {"default": PLAIN},
    optional={
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), unique=True, min_size=1),
        "minimum": st.integers(-1, 1),
        "exclusiveMaximum": st.integers(-1, 1),
        "minLength": st.integers(0, 2),
        "enum": st.lists(PLAIN, min_size=1, max_size=2),
        "items": st.sampled_from([{"type": "integer"}, {"$ref": "#/components/schemas/B"}, True]),
        "required": st.just(["a"]),
        "anyOf": st.lists(st.sampled_from([{"type": kind} for kind in TYPES]), min_size=1),
        "$ref": st.just("#/components/schemas/B"),
        "format": st.sampled_from(["uuid", "int32", "date-time"]),
    },
)


@given(PLAIN | DEFAULTED, PLAIN | DEFAULTED, PLAIN | DEFAULTED)
def test_what_is_plainly_valid_is_so_for_the_thorough_validator(first: Any, second: Any, answer: Any) -> None:
    made = document({"type": "object", "properties": {"a": answer}}, A=first, B=second)
    if is_plainly_valid(made):
        thorough.check(made)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.update(tags=[{"name": "a"}, {"name": "a"}]),
        lambda made: made.update(jsonSchemaDialect="https://example.org/other"),
        lambda made: made["paths"].update({"/api/v2/y": deepcopy(made["paths"][PATH])}),
        lambda made: made["paths"].update({"/api/v2/{y}": {"post": {"responses": {}}}}),
        lambda made: made["paths"].update({"/api/v2/y": {"post": {"responses": {"200": 1}}}}),
        lambda made: made["paths"].update({"/api/v2/y": {"parameters": [{"in": "path"}]}}),
        setting(parameters=[{"name": "a", "in": "path", "required": True, "schema": {}}]),
        setting(responses={"200": {"$ref": "#/components/responses/Gone"}}),
        component("Loop", {"$ref": "#/components/schemas/Loop"}),
        component("Lost", {"properties": {"a": {"$ref": "#/components/schemas/Gone"}}}),
        component("Wrong", {"type": "integer", "default": "1"}),
        component("Long", {"type": "array", "items": {"default": 1, "minimum": 2}}),
        component("Required", {"allOf": [{"required": ["a"]}], "required": ["b"]}),
        component("Typed", {"type": "text"}),
    ],
)
def test_a_fault_or_what_needs_a_closer_look_is_not_plainly_valid(
    change: Callable[[dict[str, Any]], Any],
) -> None:
    broken = deepcopy(VALID)
    change(broken)
    assert is_plainly_valid(VALID)
    assert not is_plainly_valid(broken)


def test_the_document_of_this_client_is_seen_to_be_valid_without_the_thorough_validator() -> None:
    root = Path(__file__).parents[2]
    program = (
        "import json, sys; from pathlib import Path; import scripts.pipeline.run.pipeline, scripts.pipeline.shape;"
        "from scripts.pipeline.validate import validate; from scripts.pipeline.document.records import checked;"
        "validate(json.loads(Path('openapi/client.json').read_text())); checked('a', {}, {'type': 'object'});"
        "print(*sorted({'jsonschema', 'openapi_spec_validator', 'openapi_schema_validator', 'requests'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
