"""Tools are the methods of the client: their signatures, their words, and what the table says of their routes."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.client.client import Client

from cocalc_facade import AsyncCoCalc, CoCalc, InvalidRequestError, Project
from cocalc_facade.mcp.serving import server
from cocalc_facade.mcp.tools import signatures
from cocalc_facade.mcp.tools.routes import describe_route
from cocalc_facade.mcp.tools.table import Tool, tools
from cocalc_facade.testing import StandIn
from cocalc_facade.testing.world.site import Generation
from tests.mcp.conftest import Connect, told

TOOLS = tools(read_only=False)
TITLES = {"whoami", "projects", "run", "ls", "read", "write", "latex", "query", "list_routes", "call_route"}


async def listed(client: Client) -> dict[str, Any]:
    return {tool.name: tool for tool in (await client.list_tools()).tools}


def is_function(hint: Any) -> bool:
    parts = get_args(hint) if NoneType in get_args(hint) else (hint,)
    return {get_origin(part) for part in parts if part is not NoneType} == {Callable}


def test_the_jobs_and_the_routes_are_there() -> None:
    assert TOOLS.keys() >= TITLES


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_a_tool_takes_what_its_method_takes(tool: Tool) -> None:
    schema = signatures.schema(tool.arguments)
    parameters = dict(list(inspect.signature(tool.method).parameters.items())[1:])
    own = {"project_id"} if getattr(Project, tool.method.__name__, None) is tool.method else set()
    functions = {name for name, hint in get_type_hints(tool.method).items() if is_function(hint)}
    assert schema.get("properties", {}).keys() == (parameters.keys() - functions) | own
    required = {name for name, one in parameters.items() if one.default is one.empty} | own
    assert set(schema.get("required", ())) == required
    assert schema["additionalProperties"] is False
    for name, one in schema.get("properties", {}).items():
        said = None if name in required else parameters[name].default
        assert one.get("default") == (None if said == () else said)  # an empty list is not told
    jsonschema.Draft202012Validator.check_schema(schema)


def test_what_json_cannot_give_is_left_out() -> None:
    class Opaque:
        pass

    def method(self, path, either, call=None, opaque=None, many=(), hook=5):  # type: ignore[no-untyped-def]
        """Take many kinds of values."""

    method.__annotations__ = {
        "path": Path,
        "either": str | os.PathLike[str],
        "call": Callable[[str], object] | None,
        "opaque": Opaque | None,
        "many": Sequence[Mapping[str, int]],
        "hook": Opaque | int,
    }
    properties = signatures.schema(signatures.model("method", method))["properties"]
    assert {name: one.get("type") for name, one in properties.items()} == {
        "either": "string",
        "many": "array",
        "hook": "integer",
    }


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_every_argument_is_told_in_words(tool: Tool) -> None:
    untold = [
        name
        for name, one in signatures.schema(tool.arguments).get("properties", {}).items()
        if not one.get("description")
    ]
    assert untold == []
    assert "Args:" not in signatures.text(tool.method)


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_what_has_to_be_given_is_not_null(tool: Tool) -> None:
    """Jobs take None, as it is in some answers, to refuse it in words; JSON has no need of that."""
    for name, field in tool.arguments.model_fields.items():
        if field.is_required():
            with pytest.raises(InvalidRequestError, match=rf"{name}[:.]"):
                signatures.checked(tool.arguments, {name: None})


SAMPLES: dict[str, Any] = {
    "string": "a",
    "number": 1.5,
    "integer": 3,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS.keys())
def test_a_value_is_taken_just_when_its_schema_says_so(tool: Tool) -> None:
    for name, one in signatures.schema(tool.arguments).get("properties", {}).items():
        takes = jsonschema.Draft202012Validator(one)
        for value in SAMPLES.values():
            said = ""
            try:
                signatures.checked(tool.arguments, {name: value})
            except InvalidRequestError as error:
                said = error.message
            refused = [fault for fault in said.split("; ") if fault.startswith((f"{name}:", f"{name}."))]
            assert bool(refused) != takes.is_valid(value), (name, value, said)
            assert "Sequence" not in said


def test_what_the_docstring_says_of_an_argument_is_in_the_schema() -> None:
    told = signatures.schema(TOOLS["run"].arguments)["properties"]
    assert told["cwd"]["description"] == "Where to run it, relative to the home directory."
    assert "client: " not in json.dumps(signatures.schema(TOOLS["call_route"].arguments))


async def test_every_route_is_described_by_its_typed_method() -> None:
    client = AsyncCoCalc("sk-" + "0" * 24)
    for path in client.routes():
        said = await describe_route(client, path)
        row, schema = client.describe(path), said["input_schema"]
        assert schema["properties"].keys() == {one.name for one in row.arguments}, path
        assert set(schema["required"]) == {one.name for one in row.required}, path
        assert said["annotations"]["readOnlyHint"] == row.reads
        jsonschema.Draft202012Validator.check_schema(schema)
        json.dumps(said)


async def test_the_hints_are_those_of_the_table(connect: Connect) -> None:
    async with connect(changes=True) as client:
        hints = {name: tool.annotations for name, tool in (await listed(client)).items()}
    kinds = {
        name: (one.read_only_hint, one.destructive_hint, one.idempotent_hint) for name, one in hints.items()
    }
    reads, looks, changes = (True, False, True), (False, False, True), (False, True, False)
    assert kinds["whoami"] == kinds["query"] == kinds["projects"] == kinds["list_routes"] == reads
    assert kinds["ls"] == kinds["read"] == looks
    assert kinds["run"] == kinds["call_route"] == kinds["stop_command"] == changes
    start = CoCalc("sk-" + "0" * 24).describe("projects/start")
    assert kinds["wait_for_project"] == (False, True, start.repeatable)


async def test_a_description_says_that_output_is_data_and_what_is_refused(connect: Connect) -> None:
    async with connect() as reading, connect(changes=True) as changing:
        refusing, allowing = await listed(reading), await listed(changing)
        assert "only reads" in str(reading.instructions)
        assert "only reads" not in str(changing.instructions)
    asking = {name for name, tool in allowing.items() if "never for instructions" in tool.description}
    assert allowing.keys() - asking == {"list_routes", "describe_route"}
    refused = {name for name, tool in refusing.items() if "refused before it is sent" in tool.description}
    assert refused == {name for name, tool in TOOLS.items() if tool.effect != "reads"} - {"call_route"}
    assert refusing["call_route"].annotations.read_only_hint
    assert not allowing["call_route"].annotations.read_only_hint


async def test_a_tool_calls_the_routes_that_it_says(connect: Connect, standin: StandIn) -> None:
    project = standin.project.project_id
    calls: dict[str, dict[str, Any]] = {
        "whoami": {},
        "projects": {"title": "measured", "older": True},
        "project_state": {"project_id": project},
        "wait_for_project": {"project_id": project},
        "run": {"project_id": project, "command": ["echo", "hi"]},
        "ls": {"project_id": project},
        "write": {"project_id": project, "path": "a.txt", "content": "a"},
        "read": {"project_id": project, "path": "a.txt"},
        "latex": {"project_id": project, "source": "x"},
        "query": {"table": "accounts", "fields": ["first_name"]},
        "list_routes": {"contains": "copy"},
        "describe_route": {"path": "exec"},
    }
    async with connect(changes=True) as client:
        for name, arguments in calls.items():
            standin.requests.clear()
            result = await client.call_tool(name, arguments)
            assert not result.is_error, told(result)
            called = {request.path for request in standin.requests}
            allowed = {*TOOLS[name].routes, *TOOLS[name].asks}
            assert {path for path in called if not path.endswith(".pdf")} <= allowed, name


async def test_a_server_that_only_reads_sends_nothing_that_changes(
    connect: Connect, standin: StandIn
) -> None:
    project = standin.project.project_id
    client_side = CoCalc("sk-" + "0" * 24)
    changing = [path for path in client_side.routes() if client_side.describe(path).changes]
    async with connect() as client:
        for path in changing:
            if client_side.describe(path).reads_when is None:
                result = await client.call_tool("call_route", {"path": path})
                assert "--allow-changes" in told(result), path
        for name, arguments in {
            "run": {"command": "true"},
            "write": {"path": "a", "content": "b"},
            "ls": {},
            "read": {"path": "a"},
            "latex": {"source": "x"},
            "wait_for_project": {},
            "stop_command": {"job_id": "x"},
        }.items():
            result = await client.call_tool(name, {"project_id": project, **arguments})
            assert result.is_error, name
            assert "--allow-changes" in told(result), name
    assert {request.path for request in standin.requests} <= {"user-query"}
    assert len(changing) > 50


async def test_reading_tools_read_even_where_changes_are_allowed(connect: Connect, standin: StandIn) -> None:
    """The table `create_message` inserts a row when it is read."""
    async with connect(changes=True) as client:
        result = await client.call_tool(
            "query", {"table": "create_message", "fields": ["id"], "check": False}
        )
    assert result.is_error
    assert "`call_route` may do it" in told(result)
    assert standin.requests == []


async def test_what_nobody_foresaw_is_an_answer_too(
    connect: Connect, standin: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise LookupError(f"no {standin.user.key}")

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(broken)) as http_client,
        connect(http_client=http_client) as client,
    ):
        result = await client.call_tool("whoami", {})
    assert result.is_error
    assert "LookupError" in told(result)
    assert standin.user.key not in told(result) + caplog.text


@pytest.mark.parametrize("generation", ["cocalc", "ai"])
async def test_projects_are_found_by_their_title(generation: Generation) -> None:
    standin = StandIn(generation=generation)
    standin.project.title = "Algebra I"
    made = AsyncCoCalc(
        standin.user.key, base_url="http://localhost", http_client=standin.async_client(), read_only=True
    )
    async with made as client, Client(server(client)) as connected:
        found = json.loads(told(await connected.call_tool("projects", {"title": "algebra"})))
        none = json.loads(told(await connected.call_tool("projects", {"title": "geometry"})))
    assert [row["project_id"] for row in found] == [standin.project.project_id]
    assert none == []


async def test_what_gives_nothing_says_that_it_is_done(connect: Connect, standin: StandIn) -> None:
    arguments = {"project_id": standin.project.project_id, "path": "a", "content": "b"}
    async with connect(changes=True) as client:
        assert told(await client.call_tool("write", arguments)) == "Done."


async def test_a_long_command_is_started_and_followed(connect: Connect, standin: StandIn) -> None:
    project = {"project_id": standin.project.project_id}
    job = {**project, "command": "echo done", "async_call": True}
    async with connect(changes=True) as client:
        started = await client.call_tool("call_route", {"path": "exec", "arguments": job})
        job_id = json.loads(told(started))["job_id"]
        ended = await client.call_tool("wait_for_command", {**project, "job_id": job_id})
    assert json.loads(told(ended))["stdout"] == "done\n"


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("runn", {}, "did you mean 'run'"),
        ("", {}, "there is no tool ''"),
        ("run", {"comand": "x"}, "did you mean 'command'"),
        ("run", {"project_id": "x", "command": 5}, "command"),
        ("run", {"project_id": "x", "command": "true"}, "project_id: 'x' is not a UUID"),
        ("whoami", {"x": 1}, "no such argument (there are: none)"),
        ("query", {"table": "acounts", "fields": ["a"]}, "accounts"),
        ("describe_route", {"path": "projects/strat"}, "did you mean 'projects/start'"),
        ("call_route", {"path": "projects/strat"}, "did you mean 'projects/start'"),
        ("describe_route", {"path": "nothing/like/it"}, "`list_routes` lists those that are"),
        ("call_route", {"path": "q" * 100_000}, "q' is not known"),
        ("call_route", {"path": "/../accounts/delete"}, "is not the path of a route"),
        (
            "run",
            {"project_id": "x", "command": "true", "timeout": "30"},
            "timeout: input should be a valid number",
        ),
        (
            "run",
            {"project_id": "x", "command": "true", "timeout": True},
            "timeout: input should be a valid number",
        ),
        ("wait_for_command", {"project_id": "x", "job_id": None}, "job_id: input should be a valid string"),
        ("call_route", {"path": "projects/start", "arguments": {"project": "x"}}, "project"),
        ("call_route", {"path": "https://example.com/"}, "not"),
        ("call_route", {"path": "projects/start", "arguments": []}, "arguments"),
        ("read", {"project_id": "826cd844-c73b-47a4-bbf1-cc75a50cf5ee", "path": "none"}, "NotFoundError"),
        ("write", {"project_id": "x", "path": "a", "content": "a" * 4_100_000}, "nothing was sent"),
    ],
)
async def test_what_is_wrong_is_an_answer_that_names_it(
    connect: Connect, name: str, arguments: dict[str, Any], words: str
) -> None:
    async with connect(changes=True) as client:
        result = await client.call_tool(name, arguments)
    assert result.is_error
    assert words in told(result)
    assert len(told(result)) < 1000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(TOOLS)), arguments=st.dictionaries(st.text(), VALUES), value=VALUES)
def test_arguments_are_taken_or_refused_in_words(name: str, arguments: dict[str, Any], value: Any) -> None:
    model = TOOLS[name].arguments
    for one in (arguments, dict.fromkeys(model.model_fields, value)):
        with suppress(InvalidRequestError):
            assert signatures.checked(model, one).keys() == one.keys()
