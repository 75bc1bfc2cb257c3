"""Documents as a server may publish them: real ones, small ones with one fault, random ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from scripts.pipeline.published import DocumentError

UPSTREAM = Path(__file__).parents[1] / "data" / "upstream"
OPERATIONS = {
    "cocalc": 57,
    "2024-05-02-004": 4,
    "2024-06-09-006": 28,
    "2024-06-10-007": 28,
    "2024-07-06-012": 43,
    "2024-08-08-021": 49,
    "2024-08-11-022": 50,
    "2024-11-15-031": 58,
    "2025-08-18-038": 55,
}


def check_line(refusal: DocumentError) -> None:
    assert str(refusal)
    assert "\n" not in str(refusal)


def published(name: str) -> Any:
    return json.loads((UPSTREAM / f"{name}.json").read_text(encoding="utf-8"))


def document(answer: Any = None, request: Any = None, **components: Any) -> dict[str, Any]:
    """A document without fault, of one operation."""
    operation: dict[str, Any] = {
        "operationId": "x",
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer or {}}}}},
    }
    if request is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": request}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {"/api/v2/x": {"post": operation}},
        "components": {"schemas": components},
    }


def with_operation(**fields: Any) -> dict[str, Any]:
    result = document()
    result["paths"]["/api/v2/x"]["post"].update(fields)
    return result


def answer_of(repaired: dict[str, Any], path: str = "/api/v2/x") -> Any:
    return repaired["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]


def request_of(repaired: dict[str, Any], path: str = "/api/v2/x") -> Any:
    return repaired["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]


def text_answer(kind: str, schema: Any) -> dict[str, Any]:
    return with_operation(responses={"200": {"description": "", "content": {kind: {"schema": schema}}}})


def changed(**parts: Any) -> dict[str, Any]:
    return {**document(), **parts}


KEYWORDS = [
    *(
        "type",
        "properties",
        "items",
        "prefixItems",
        "anyOf",
        "oneOf",
        "allOf",
        "enum",
        "const",
        "nullable",
        "required",
    ),
    *(
        "additionalProperties",
        "default",
        "minimum",
        "exclusiveMinimum",
        "maxItems",
        "minItems",
        "$ref",
        "format",
        "error",
    ),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 130),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from(
        [
            "string",
            "object",
            "array",
            "null",
            "number",
            "integer",
            "boolean",
            "a",
            "uuid",
            "date-time",
            "",
            "a-b",
            "日本",
        ]
    ),
    st.sampled_from(
        ["#/components/schemas/A", "#/components/schemas/B", "#/components/schemas/C", "x.json#/A"]
    ),
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*KEYWORDS, "a", "A", "a_", "status", "to_dict"]), inner, max_size=4),
    ),
    max_leaves=12,
)


def any_document() -> st.SearchStrategy[dict[str, Any]]:
    """Documents of random schemas, sensible enough to get past the first checks."""
    schema = st.one_of(ANY_JSON, st.fixed_dictionaries({"type": st.just("object"), "properties": ANY_JSON}))
    return st.builds(
        lambda answer, request, a, b: document(answer, request, A=a, B=b), schema, schema, schema, schema
    )


def mutated() -> st.SearchStrategy[dict[str, Any]]:
    """A real document with one value somewhere replaced by something else."""

    def replace(choices: list[int], value: Any) -> dict[str, Any]:
        result: dict[str, Any] = published("2024-05-02-004")
        node: Any = result
        for choice in choices:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = keys[choice % len(keys)]
            if not isinstance(node[key], dict | list) or choice % 7 == 0:
                node[key] = value
                break
            node = node[key]
        return result

    return st.builds(replace, st.lists(st.integers(0, 1000), min_size=2, max_size=14), ANY_JSON)
