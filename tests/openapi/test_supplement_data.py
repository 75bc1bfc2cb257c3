"""The unpublished routes: OpenAPI, in order, each with its evidence."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from scripts.overlay import read_yaml
from tests.openapi.formats import SUPPLEMENT_OPERATION

FILES = sorted((Path(__file__).parents[2] / "openapi" / "supplement").glob("*.yaml"))
CONTENT: dict[str, dict[str, Any]] = {file.stem: read_yaml(file) for file in FILES}
OPERATIONS = {
    path: item["post"] for content in CONTENT.values() for path, item in content.get("paths", {}).items()
}
SHARED = "shared"


def schemas(node: Any):
    """Every schema object of a part of the document."""
    if isinstance(node, dict):
        if "type" in node or "oneOf" in node or "$ref" in node:
            yield node
        for value in node.values():
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def test_all_files_together_are_valid_openapi():
    parts = [content.get("components", {}).get("schemas", {}) for content in CONTENT.values()]
    components = {name: schema for part in parts for name, schema in part.items()}
    assert len(components) == sum(len(part) for part in parts), "two files define one component"
    paths = {path: {"post": {**operation, "operationId": path}} for path, operation in OPERATIONS.items()}
    validate(
        {
            "openapi": "3.1.0",
            "info": {"title": "supplement", "version": "0"},
            "paths": paths,
            "components": {"schemas": components},
        }
    )


@pytest.mark.parametrize("path", OPERATIONS)
def test_a_route_is_in_the_format(path):
    assert not [
        error.message for error in Draft202012Validator(SUPPLEMENT_OPERATION).iter_errors(OPERATIONS[path])
    ]


@pytest.mark.parametrize("file", CONTENT)
def test_a_file_holds_the_routes_of_its_group_in_order(file):
    content = CONTENT[file]
    paths, names = list(content.get("paths", {})), list(content.get("components", {}).get("schemas", {}))
    assert paths == sorted(paths)
    assert names == sorted(names)
    assert all(path.split("/")[3] == file for path in paths)
    assert bool(paths) == (file != SHARED)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_route_says_what_its_description_rests_on(file):
    above = re.findall(r"(?:\A|\n)(.*)\n  /api/v2/\S+:\n", file.read_text())
    assert all(line.startswith("  # ") and line.endswith(".") for line in above)
    assert len(above) == len(CONTENT[file.stem].get("paths", {}))


def test_the_error_form_is_nowhere_repeated():
    for path, operation in OPERATIONS.items():
        answer = operation["responses"]["200"]["content"]
        schema = next(iter(answer.values()))["schema"]
        assert "error" not in schema.get("properties", {}), path


def test_a_field_of_an_answer_is_neither_promised_nor_said_to_be_null():
    """Both are true of every field, so saying it of one would mislead."""
    for path, operation in OPERATIONS.items():
        for schema in schemas(operation["responses"]):
            assert "required" not in schema, path
            for field in schema.get("properties", {}).values():
                assert "null" not in field.get("type", ""), path


def test_a_time_says_its_wire_form():
    for file, content in CONTENT.items():
        for schema in schemas(content):
            if schema.get("format") == "date-time":
                assert schema.get("x-cocalc-time") == "iso", file
            if "x-cocalc-time" in schema:
                wire = {
                    "iso": {"string", "null"},
                    "epoch-ms": {"integer", "number"},
                    "epoch-s": {"integer", "number"},
                }
                kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
                assert set(kinds) <= wire[schema["x-cocalc-time"]], file


def test_pages_are_taken_by_fields_that_the_request_has():
    for path, operation in OPERATIONS.items():
        if page := operation.get("x-cocalc-pagination"):
            fields = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
            assert {page[key] for key in ("limit", "offset", "cursor") if key in page} <= set(fields), path
