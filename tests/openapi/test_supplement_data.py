"""The unpublished routes: OpenAPI, in order, each with its evidence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator.schemas import schema_v31

from scripts.pipeline.document.anatomy import children, component, references
from scripts.pipeline.overlay import read_yaml
from tests.openapi.formats import SUPPLEMENT_OPERATION
from tests.rows import every_row

FILES = sorted((Path(__file__).parents[2] / "openapi" / "supplement").glob("*.yaml"))
CONTENT: dict[str, dict[str, Any]] = {file.stem: read_yaml(file) for file in FILES}
OPERATIONS = {
    path: item["post"] for content in CONTENT.values() for path, item in content.get("paths", {}).items()
}
SHARED = "shared"
EXCHANGES = Path(__file__).parents[1] / "data" / "exchanges"
RECORDED = {
    json.loads(line)["name"]
    for name in ("recorded", "second-meeting")
    for line in (EXCHANGES / f"{name}.jsonl").read_text().splitlines()
}
RECORDED.add("every-route-without-key")


def bodies(content: dict[str, Any]):
    """The schemas that nothing else is around: of components, requests and answers."""
    yield from content.get("components", {}).get("schemas", {}).values()
    for item in content.get("paths", {}).values():
        for holder in (item["post"].get("requestBody", {"content": {}}), item["post"]["responses"]["200"]):
            yield from (entry["schema"] for entry in holder["content"].values())


def schemas(schema: dict[str, Any]):
    """A schema and all that are inside it."""
    yield schema
    for container, key, _ in children(schema):
        yield from schemas(container[key])


def test_all_files_together_are_valid_openapi():
    parts = [content.get("components", {}).get("schemas", {}) for content in CONTENT.values()]
    components = {name: schema for part in parts for name, schema in part.items()}
    assert len(components) == sum(len(part) for part in parts), "two files define one component"
    document = {
        "openapi": "3.1.0",
        "info": {"title": "supplement", "version": "0"},
        "paths": {path: {"post": operation} for path, operation in OPERATIONS.items()},
        "components": {"schemas": components},
    }
    assert not [
        (list(e.absolute_path), e.message) for e in Draft202012Validator(schema_v31).iter_errors(document)
    ]
    for content in CONTENT.values():
        for schema in bodies(content):
            Draft202012Validator.check_schema(schema)


@every_row("path", OPERATIONS)
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


@pytest.mark.parametrize("file", CONTENT)
def test_a_file_uses_only_its_own_and_the_shared_components(file):
    own = CONTENT[file].get("components", {}).get("schemas", {})
    shared = CONTENT[SHARED]["components"]["schemas"]
    used = {component(ref) for body in bodies(CONTENT[file]) for ref in references(body)}
    assert used <= set(own) | set(shared)
    assert file == SHARED or set(own) <= used


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_says_what_its_descriptions_rest_on(file):
    text = file.read_text()
    assert file.stem == SHARED or text.startswith(
        "# From the server's code, and where exchanges are named, as recorded.\n"
    )
    named = " ".join(re.findall(r"Exchanges: ([^.]+)\.", re.sub(r"\n *# ", " ", text)))
    assert set(re.sub(r"and \d+ more|,", "", named).split()) <= RECORDED


def test_the_error_form_is_nowhere_repeated():
    for path, operation in OPERATIONS.items():
        answer = operation["responses"]["200"]["content"]
        schema = next(iter(answer.values()))["schema"]
        assert "error" not in schema.get("properties", {}), path


def test_a_field_of_an_answer_is_neither_promised_nor_said_to_be_null():
    """Both are true of every field, so saying it of one would mislead."""
    for path, operation in OPERATIONS.items():
        for entry in operation["responses"]["200"]["content"].values():
            for schema in schemas(entry["schema"]):
                assert "required" not in schema, path
                for field in schema.get("properties", {}).values():
                    assert "null" not in field.get("type", ""), path


def test_a_time_says_its_wire_form():
    wire = {"iso": {"string", "null"}, "epoch-ms": {"number"}, "epoch-s": {"number"}}
    for file, content in CONTENT.items():
        for body in bodies(content):
            for schema in schemas(body):
                if schema.get("format") == "date-time":
                    assert schema.get("x-cocalc-time") == "iso", file
                if form := schema.get("x-cocalc-time"):
                    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
                    assert set(kinds) <= wire[form], file


def test_pages_are_taken_by_fields_that_the_request_has():
    for path, operation in OPERATIONS.items():
        if page := operation.get("x-cocalc-pagination"):
            fields = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
            assert {page[key] for key in ("limit", "offset", "cursor") if key in page} <= set(fields), path
