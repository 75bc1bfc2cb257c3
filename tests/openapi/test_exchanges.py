"""Recorded exchanges as evidence: what the real server answers fits the types, what people sent fits the requests."""

import json
from pathlib import Path
from typing import Any

import pytest
from dateutil.parser import isoparse
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from tests.rows import every_row

DATA = Path(__file__).parents[1] / "data"
ROUTES = {fact["path"] for fact in json.loads((DATA / "facts.json").read_text())}

# Requests that were meant to be wrong, and what is wrong with them. A development server has the same ones under dev/.
DELIBERATELY_WRONG = {
    "accounts-get-email-address-missing": "nothing is given",
    "accounts-get-names-missing": "nothing is given",
    "accounts-search-number": "a number for text",
    "api-keys-bad-action": "no such action",
    "api-keys-create-bad-expire": "an expiry that is no time",
    "api-keys-no-action": "no action",
    "auth-key-in-body": "the key as a field, where a development server knows all fields",
    "auth-password-strength-missing": "nothing is given",
    "auth-sign-in-missing": "nothing is given",
    "auth-sign-up-issues": "a password of one character",
    "body-json-array": "a list for an object",
    "body-json-null": "null for an object",
    "body-json-number": "a number for an object",
    "body-json-string": "text for an object",
    "body-proto-key": "a field that no route has",
    "cart-add-bad-product": "no such product",
    "cart-edit-missing": "nothing is given",
    "customize-bad-fields": "a number for a list",
    "exec-args-string": "text for a list",
    "exec-missing-project": "no project",
    "exec-timeout-string": "text for a number",
    "keys-expire-milliseconds": "a number for a time, which the database refuses",
    "latex-no-path": "no path",
    "messages-send-missing": "nothing is given",
    "news-edit-admin-missing": "nothing is given",
    "param-extra-unknown": "a field that no route has",
    "param-limit-text": "text for a number",
    "param-missing-project-id": "nothing is given",
    "param-null-uuid": "null for an id",
    "param-number-as-uuid": "a number for an id",
    "path-query-string-params-vs-body": "parameters in the query string, which the server ignores",
    "projects-copy-path": "another name for the target project",
    "projects-create-title-number": "a number for text",
    "projects-create-title-object": "an object for text",
    "token-action": "a token that is too short",
    "uq-many-limit": "options, which the server ignores",
    "uq-missing-query": "nothing is given",
    "uq-options-ignored": "options, which the server ignores",
    "write-text-file-missing": "no path and no content",
}


def _time(_: Any, form: str, value: Any, schema: Any):
    if form == "iso" and isinstance(value, str):
        try:
            isoparse(value)
        except ValueError:
            yield ValidationError("not a time in ISO form")


# A time is checked too: a text that cannot be decoded to a datetime is a departure.
Validator = extend(Draft202012Validator, {"x-cocalc-time": _time})


def route(path: str) -> str:
    return path.removeprefix("/base/path").removeprefix("/api/v2/").partition("?")[0].rstrip("/")


def parsed(body: Any) -> list[Any]:
    """The JSON of a body, in a list; nothing when it is none, which is then what the exchange is about."""
    try:
        return [json.loads(body)] if isinstance(body, str) else []
    except ValueError:
        return []


def succeeded(status: int, answer: Any) -> bool:
    return status == 200 and not (isinstance(answer, dict) and ("error" in answer or "issues" in answer))


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "exchanges" / name).read_text().splitlines()]


def of_routes(*names: str) -> list[dict[str, Any]]:
    return [x for name in names for x in lines(name) if route(x["request"]["path"]) in ROUTES]


RECORDED = of_routes("recorded.jsonl")
KEYLESS = lines("every-route-without-key.jsonl")

_ANSWERS = [
    (route(x["request"]["path"]), x["name"], x["response"]["json"])
    for x in [*RECORDED, *of_routes("second-meeting.jsonl", "newer-generation.jsonl")]
    if "json" in x["response"] and succeeded(x["response"]["status"], x["response"]["json"])
] + [
    (x["path"], "without key", x["json"])
    for x in KEYLESS
    if "json" in x and succeeded(x["status"], x["json"])
]
ANSWERS = {
    path: [(name, answer) for of, name, answer in _ANSWERS if of == path]
    for path in dict.fromkeys(path for path, _, _ in _ANSWERS)
}
"""What each route was seen to answer, with the names of the exchanges."""

REQUESTS = [
    pytest.param(
        x["name"].removeprefix("dev/").removeprefix("basepath/"),
        route(x["request"]["path"]),
        value,
        id=x["name"],
    )
    for x in RECORDED
    if x["request"]["method"] == "POST" and x["request"].get("content_type") == "application/json"
    for value in parsed(x["request"].get("body"))
]


@every_row("path", ANSWERS)
def test_an_answer_has_the_type_that_is_promised(client, operations, path):
    content = operations[path]["responses"]["200"]["content"]
    validator = Validator({**next(iter(content.values()))["schema"], "components": client["components"]})
    assert not [
        (name, list(e.absolute_path), e.message)
        for name, answer in ANSWERS[path]
        for e in validator.iter_errors(answer)
    ]


@every_row(("name", "path", "value"), REQUESTS)
def test_a_request_is_valid_or_meant_to_be_wrong(client, operations, name, path, value):
    content = operations[path]["requestBody"]["content"]["application/json"]
    schema = {**content["schema"], "components": client["components"]}
    problems = [e.message for e in Validator(schema).iter_errors(value)]
    properties = client["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]].get(
        "properties", {}
    )
    if isinstance(value, dict):
        problems += [f"unknown field {key}" for key in value if key not in properties]
    assert bool(problems) == (name in DELIBERATELY_WRONG), problems


def test_every_request_that_is_listed_as_wrong_was_sent():
    assert set(DELIBERATELY_WRONG) <= {param.values[0] for param in REQUESTS}
