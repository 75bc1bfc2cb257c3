"""Shape: clean names, one class per shape, failures split off, answers that promise nothing."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData

from scripts.pipeline.document.names import class_name, is_class_name
from scripts.pipeline.published import DocumentError
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.pipeline.documents import OPERATIONS, any_document, check_line, document, mutated, published
from tests.pipeline.shape.parts import ERROR, answer_of, classes, obj, results, shaped
from tests.pipeline.shaped import TEXT, ref


# All nine go through the whole pipeline in tests/tracking/test_replay.py.
@pytest.mark.parametrize("name", ["2024-05-02-004", "2024-08-08-021", "2024-11-15-031", "cocalc"])
def test_a_published_document_is_shaped_to_what_the_generator_takes_without_a_word(
    name: str, tmp_path: Path
) -> None:
    result = shape(repair(published(name)).document)
    validate(result)
    assert len(result["paths"]) == OPERATIONS[name]
    assert shape(result) == result
    assert warnings(result, tmp_path) == []


def warnings(result: dict[str, Any], folder: Path) -> list[str]:
    config = Config.from_sources(
        ConfigFile(literal_enums=True, post_hooks=[]),
        MetaType.NONE,
        document_source=folder / "client.json",
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / "out",
    )
    data = GeneratorData.from_dict(json.loads(json.dumps(result)), config=config)
    assert isinstance(data, GeneratorData)
    groups = data.endpoint_collections_by_tag.values()
    assert sum(len(group.endpoints) for group in groups) == len(result["paths"])
    return [str(error) for error in (*data.errors, *(e for group in groups for e in group.parse_errors))]


def test_operations_are_named_and_grouped_by_their_path() -> None:
    found = {
        path: shaped(path=path)["paths"][f"/api/v2/{path}"]["post"]
        for path in (
            "exec",
            "projects/stop",
            "projects/collaborators/change-user-type",
            "compute/cloud-filesystem/get",
        )
    }
    assert {path: operation["tags"] for path, operation in found.items()} == {
        "exec": ["root"],
        "projects/stop": ["projects"],
        "projects/collaborators/change-user-type": ["projects_collaborators"],
        "compute/cloud-filesystem/get": ["compute_cloud_filesystem"],
    }
    assert all(operation["operationId"] == path for path, operation in found.items())


@pytest.mark.parametrize(
    "path", ["../x", "a b", "a/", "a//b", "a{id}", "a\nb", "__", "é", "a" * 100, "a/" * 20 + "a"]
)
def test_a_path_that_is_no_route_is_refused(path: str) -> None:
    with pytest.raises(DocumentError, match="the path is not made of"):
        shaped(path=path)


@pytest.mark.parametrize(
    "failure",
    [
        ERROR,
        obj(message=TEXT),
        obj(issues=obj(email=TEXT)),
        obj(status={"type": "string", "enum": ["error"]}, error=TEXT),
        obj(status={"const": "error"}, error=TEXT, project_id=TEXT),
        ref("Failure"),
    ],
)
def test_ways_to_say_no_are_split_off_from_the_answer(failure: Any) -> None:
    result = shaped({"anyOf": [failure, {"anyOf": [obj(a=TEXT), ERROR]}]}, Failure={"anyOf": [ERROR]})
    assert answer_of(result) == ref("ProjectsCopyPathResult")
    assert list(classes(result)["ProjectsCopyPathResult"]["properties"]) == ["a"]
    (item,) = result["paths"].values()
    assert item["post"]["responses"]["default"]["content"]["application/json"]["schema"] == ref("Error")


@pytest.mark.parametrize(
    "success",
    [
        obj(stdout=TEXT, error=TEXT),
        obj(status={"type": "string", "enum": ["done", "error"]}, error=TEXT, id=TEXT),
        obj(status=TEXT),
        obj(success={"type": "boolean"}),
    ],
)
def test_an_answer_that_also_has_an_error_field_or_a_status_stays(success: Any) -> None:
    result = shaped({"anyOf": [success, ERROR]})
    (found,) = results(result).values()
    assert sorted(found["properties"]) == sorted(success["properties"])


def test_an_answer_known_only_by_its_failure_can_be_anything() -> None:
    assert answer_of(shaped(ERROR)) == {}


def test_objects_become_classes_named_after_path_role_and_property() -> None:
    inner = obj(costPerHour=obj(running=TEXT), nodes={"type": "array", "items": obj(name=TEXT)})
    result = shaped({**inner, "description": "What came."}, obj(options=obj(deep=TEXT)))
    assert list(classes(result)) == [
        "ProjectsCopyPathRequest",
        "ProjectsCopyPathRequestOptions",
        "ProjectsCopyPathResult",
        "ProjectsCopyPathResultCostPerHour",
        "ProjectsCopyPathResultNode",
    ]
    assert classes(result)["ProjectsCopyPathResult"]["description"] == "What came."


@pytest.mark.parametrize(
    ("answer", "name", "found"),
    [
        (
            {"type": "array", "items": obj(a=TEXT)},
            "ProjectsCopyPathItem",
            {"type": "array", "items": ref("ProjectsCopyPathItem")},
        ),
        (
            {"type": "object", "additionalProperties": obj(a=TEXT)},
            "ProjectsCopyPathValue",
            {"type": "object", "additionalProperties": ref("ProjectsCopyPathValue")},
        ),
    ],
)
def test_lists_and_maps_name_what_they_hold(answer: Any, name: str, found: Any) -> None:
    result = shaped(answer)
    assert (answer_of(result), list(results(result))) == (found, [name])


@pytest.mark.parametrize(
    "free", [{"type": "object"}, obj(), {"type": "object", "additionalProperties": True}]
)
def test_an_object_without_fields_is_a_map_and_no_class(free: Any) -> None:
    assert answer_of(shaped(free)) == {"type": "object", "additionalProperties": True}


@pytest.mark.parametrize(
    "body", [None, {}, TEXT, {"type": "array", "items": obj(a=TEXT)}, {"type": "object"}]
)
def test_a_request_is_always_an_object_of_arguments(body: Any) -> None:
    assert classes(shaped({}, body))["ProjectsCopyPathRequest"] == {"type": "object", "properties": {}}


def test_alternative_requests_are_one_list_of_arguments_required_where_all_require_them() -> None:
    one = {**obj(id=TEXT, command=TEXT), "required": ["id", "command"]}
    other = {**obj(id=TEXT, job={"type": "integer"}), "required": ["id", "job"]}
    request = classes(shaped({}, {"anyOf": [one, other]}))["ProjectsCopyPathRequest"]
    assert request["required"] == ["id"]
    assert list(request["properties"]) == ["command", "id", "job"]


def test_parts_of_a_request_are_joined_and_required_where_one_requires_them() -> None:
    parts = [ref("Base"), {**obj(b=TEXT), "required": ["b"]}]
    request = shaped({}, {"allOf": parts}, Base={**obj(a=TEXT), "required": ["a"]})
    assert classes(request)["ProjectsCopyPathRequest"]["required"] == ["a", "b"]


def test_fields_that_differ_between_alternatives_can_be_either() -> None:
    result = shaped({"oneOf": [obj(a=TEXT), obj(a={"type": "integer"}), obj(a={"type": "number"})]})
    assert classes(result)["ProjectsCopyPathResult"]["properties"]["a"] == {
        "anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]
    }


def test_any_field_of_an_answer_may_be_absent_or_null_and_any_value_may_come() -> None:
    kind = {"type": "string", "enum": ["a", "b"], "minLength": 1, "default": "a"}
    result = shaped(
        {**obj(kind=kind, one=obj(a=TEXT), many={"type": "array", "items": TEXT}), "required": ["kind"]}
    )
    assert classes(result)["ProjectsCopyPathResult"] == {
        "type": "object",
        "properties": {
            "kind": {
                "type": ["string", "null"],
                "x-cocalc-values": ["a", "b"],
                "description": "Known values: a, b.",
            },
            "many": {"anyOf": [{"type": "array", "items": TEXT}, {"type": "null"}]},
            "one": {"anyOf": [ref("ProjectsCopyPathResultOne"), {"type": "null"}]},
        },
    }


def test_a_choice_of_a_request_stays_closed_and_has_a_name() -> None:
    request = {
        **obj(kind={"type": ["string", "null"], "enum": ["a", "b", None], "description": "d"}),
        "required": ["kind"],
    }
    result = classes(shaped({}, request))
    assert result["ProjectsCopyPathRequestKind"] == {"type": "string", "enum": ["a", "b"]}
    assert result["ProjectsCopyPathRequest"]["properties"]["kind"] == {
        "anyOf": [ref("ProjectsCopyPathRequestKind"), {"type": "null"}],
        "description": "d",
    }


def test_ids_are_text_and_times_keep_their_wire_form() -> None:
    fields = {
        "id": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "ms": {"type": "number", "x-cocalc-time": "epoch-ms"},
        "mail": {"type": "string", "format": "email"},
    }
    result = classes(shaped(obj(**fields), obj(**fields)))
    assert result["ProjectsCopyPathResult"]["properties"] == {
        "at": {"type": ["string", "null"], "x-cocalc-time": "iso"},
        "id": {"type": ["string", "null"]},
        "mail": {"type": ["string", "null"], "format": "email"},
        "ms": {"type": ["number", "null"], "x-cocalc-time": "epoch-ms"},
    }
    assert result["ProjectsCopyPathRequest"]["properties"] == {
        "at": {"type": "string", "x-cocalc-time": "iso"},
        "id": {"type": "string", "format": "uuid"},
        "mail": {"type": "string", "format": "email"},
        "ms": {"type": "number", "x-cocalc-time": "epoch-ms"},
    }


def test_ten_thousand_fields_are_a_class_like_any_other() -> None:
    result = shape(document(obj(**{f"f{n}": TEXT for n in range(10_000)})))
    assert len(classes(result)["XResult"]["properties"]) == 10_000


def test_published_and_supplemented_operations_are_told_apart() -> None:
    source = document()
    source["paths"]["/api/v2/y"] = deepcopy(source["paths"]["/api/v2/x"])
    source["paths"]["/api/v2/y"]["post"]["x-cocalc-published"] = False
    found = {path: item["post"]["x-cocalc-published"] for path, item in shape(source)["paths"].items()}
    assert found == {"/api/v2/x": True, "/api/v2/y": False}


def test_what_a_field_says_stands_beside_what_its_class_says() -> None:
    said = {**ref("Thing"), "description": "The first."}
    result = shaped(obj(first=said, second=ref("Thing")), Thing={**obj(a=TEXT), "description": "A thing."})
    fields = classes(result)["ProjectsCopyPathResult"]["properties"]
    assert fields["first"] == {"anyOf": [ref("Thing"), {"type": "null"}], "description": "The first."}
    assert classes(result)["Thing"]["description"] == "A thing."


@pytest.mark.parametrize(
    "parts", [["Warning"], ["2", "Fa"], ["List"], ["Sha1", "Item"], [], ["日本"], ["PDF", "File"]]
)
def test_class_names_are_fixed_points_of_the_generator(parts: list[str]) -> None:
    name = class_name(parts)
    assert class_name([name]) == name
    assert is_class_name(name) == name.isascii()


def test_the_input_is_left_as_it_is_and_the_order_of_keys_does_not_matter() -> None:
    source = repair(published("cocalc")).document
    before = json.dumps(source)
    turned = json.loads(before, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    # The order of an object's own fields is the document's; that of everything else is ours.
    assert json.dumps(shape(source)["paths"], sort_keys=True) == json.dumps(
        shape(turned)["paths"], sort_keys=True
    )
    assert list(shape(source)["paths"]) == list(shape(turned)["paths"])
    assert list(shape(source)["components"]["schemas"]) == list(shape(turned)["components"]["schemas"])
    assert json.dumps(source) == before


@settings(max_examples=40)
@given(any_document() | mutated())
def test_any_document_is_shaped_to_a_valid_one_or_refused(given_document: dict[str, Any]) -> None:
    try:
        result = shape(repair(given_document).document)
        validate(result)
    except DocumentError as refusal:
        check_line(refusal)
        return
    assert shape(result) == result


def test_a_very_long_list_of_values_is_not_written_out_whole() -> None:
    values = [f"value-{number}" for number in range(10_000)] + ["x" * 90_000]
    source = document()
    media = source["paths"]["/api/v2/x"]["post"]["responses"]["200"]["content"]["application/json"]
    media["schema"] = {"type": "object", "properties": {"v": {"type": "string", "enum": values[::-1]}}}
    result = shape(source)
    validate(result)
    (field,) = result["components"]["schemas"]["XResult"]["properties"].values()
    assert field["description"].endswith("value-9801 and 9801 more.")
    assert len(field["description"]) < 5_000
    assert len(field["x-cocalc-values"]) == 10_001, "they are known, all of them"
