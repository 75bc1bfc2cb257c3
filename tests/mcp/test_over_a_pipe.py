"""The server as hosts start it: a process, spoken to over its stdin and stdout."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from cocalc_facade.mcp import main
from cocalc_facade.testing import Oddities, StandIn
from tests.mcp.conftest import told

COMMAND = (sys.executable, "-m", "cocalc_facade.mcp")
SOURCE = r"\documentclass{article}\begin{document}Hello\end{document}"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
UNREAD = {
    "half": (-32700, "lone surrogate"),
    "bytes": (-32700, "unicode"),
    "deep": (-32700, "recursion limit"),
    "long": (-32700, "number out of range"),
    "old": (-32600, "'2.0'"),
}
"""Requests that cannot be read, each with how it is refused. Nobody waits for ever for an answer."""
WHOAMI = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "whoami", "arguments": {}}}


@pytest.fixture
def standin() -> StandIn:
    return StandIn(oddities=Oddities(rate_limits=False, latex_seconds=0.0), start_seconds=0.0)


@pytest.fixture
def environment(standin: StandIn) -> Iterator[dict[str, str]]:
    with standin.serve() as url:
        yield {"COCALC_HOST": url, "COCALC_API_KEY": standin.user.key}


def calls(project: str) -> list[tuple[str, dict[str, Any], str | None]]:
    """What is called, with what, and the words of a refusal."""
    inside = {"project_id": project}
    return [
        ("whoami", {}, None),
        ("projects", {}, None),
        ("projects", {"title": "measured", "older": True}, None),
        ("project_state", inside, None),
        ("wait_for_project", {**inside, "state": "asleep"}, "state"),
        ("run", {**inside, "command": "echo hello; exit 3"}, None),
        ("run", {**inside, "command": ["echo", "$HOME"]}, None),
        ("run", {**inside, "command": "exit 1", "check": True}, "exited with 1"),
        ("run", {"project_id": "wrong", "command": "true"}, "project_id"),
        ("run", {**inside}, "command"),
        ("wait_for_project", inside, None),
        ("write", {**inside, "path": "notes.txt", "content": "hello\n"}, None),
        ("read", {**inside, "path": "notes.txt"}, None),
        ("read", {**inside, "path": "notes.txt", "offset": 1, "length": 2}, None),
        ("read", {**inside, "path": "missing.txt"}, "NotFoundError"),
        ("ls", inside, None),
        ("ls", {**inside, "path": "nowhere"}, "NotFoundError"),
        ("latex", {**inside, "source": SOURCE}, None),
        ("latex", {**inside, "timeout": 1, "source": SOURCE}, "timeout"),
        ("query", {"table": "projects", "fields": ["title"], "many": True}, None),
        ("query", {"table": "nothing", "fields": ["title"]}, "nothing"),
        ("list_routes", {}, None),
        ("list_routes", {"contains": "copy"}, None),
        ("describe_route", {"path": "projects/start"}, None),
        ("describe_route", {"path": "projects/strat"}, "did you mean"),
        ("call_route", {"path": "projects/start", "arguments": inside}, None),
        ("call_route", {"path": "projects/start", "arguments": {}}, "project_id"),
        ("call_route", {"path": "accounts/set-name", "arguments": {"first_name": "Una"}}, None),
        ("call_route", {"path": "purchases/create-refund", "arguments": {"purchase_id": 1}}, "did not agree"),
        ("call_route", {"path": "accounts/delete"}, "did not agree"),
        ("rum", {}, "did you mean 'run'"),
    ]


async def test_thirty_calls(standin: StandIn, environment: dict[str, str]) -> None:
    asked = []

    async def person(_context: Any, params: Any) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action="decline")

    server = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], "--allow-changes"], env=environment
    )
    everything = ""
    async with Client(server, elicitation_callback=person) as client:
        assert len((await client.list_tools()).tools) >= 15
        for name, arguments, refusal in calls(standin.project.project_id):
            result = await client.call_tool(name, arguments)
            assert result.is_error == (refusal is not None), (name, arguments, told(result))
            assert (refusal or "") in told(result)
            everything += result.model_dump_json()
        at_once = [client.call_tool("whoami", {}) for _ in range(5)]
        assert not any(result.is_error for result in await asyncio.gather(*at_once))
    assert ["purchases/create-refund" in asked[0], "accounts/delete" in asked[1]] == [True, True]
    changing = {"accounts/delete", "purchases/create-refund"}
    assert not changing & {request.path for request in standin.requests}
    assert standin.user.key[4:] not in everything


def test_what_is_no_request_does_no_harm(environment: dict[str, str]) -> None:
    """And without `--allow-changes` nothing can be changed."""
    write = {"name": "write", "arguments": {"project_id": "x", "path": "a", "content": "b" * 3_000_000}}
    lines = [
        json.dumps(HELLO).encode(),
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
        b"no json",
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b'{"jsonrpc":"2.0","id":3,"method":"no/such"}',
        b'{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":5}}',
        json.dumps({"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": write}).encode(),
        b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}',
        b'{"jsonrpc":"2.0","id":"half","method":"tools/call","params":{"name":"projects","arguments":{"title":"\\ud83d"}}}',
        b'{"jsonrpc":"2.0","id":"bytes","method":"tools/call","params":{"name":"projects","arguments":{"title":"\xff"}}}',
        b'{"jsonrpc":"2.0","id":"deep","method":"ping","params":{"a":' + b"[" * 500 + b"]" * 500 + b"}}",
        b'{"jsonrpc":"2.0","id":"long","method":"ping","params":{"a":' + b"9" * 5000 + b"}}",
        b'{"jsonrpc":"1.0","id":"old","method":"ping"}',
        b'\xef\xbb\xbf{"jsonrpc":"2.0","id":"mark","method":"ping"}',
        json.dumps(WHOAMI).encode(),
    ]
    with started(environment) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"\n".join(lines) + b"\n")
        server.stdin.flush()
        answers: dict[Any, Any] = {}
        while not {2, 3, 4, 5, *UNREAD, "mark"} <= answers.keys():
            answer = json.loads(server.stdout.readline())
            answers[answer["id"]] = answer
        server.stdin.close()
        assert server.wait(30) == 0
        assert server.stderr is not None
        assert server.stderr.read() == b""
    assert answers[2]["result"]["isError"] is False
    assert "error" in answers[3]
    assert "error" in answers[4]
    assert answers[5]["result"]["isError"] is True
    for name, (code, words) in UNREAD.items():
        error = answers[name]["error"]
        assert (error["code"], words in error["message"]) == (code, True), error
        assert error["message"].startswith("nothing was done")
    assert answers["mark"]["result"] == {}


@pytest.mark.parametrize(
    ("able", "replies"),
    [
        (
            {},
            [
                {"result": {}},
                {"result": {"action": "ACCEPT", "content": {"agree": True}}},
                {"result": {"action": "accept", "content": {"agree": [True]}}},
                {"result": {"action": "accept", "content": {"agree": "true"}}},
                {"result": {"action": "accept", "content": [{"agree": True}]}},
                {"error": {"code": -32603, "message": "broken"}},
            ],
        ),
        ({"url": {}}, [None, None]),
    ],
    ids=["no plain yes", "no forms"],
)
def test_what_is_no_form_or_no_plain_yes_does_nothing(
    environment: dict[str, str], standin: StandIn, able: Any, replies: list[Any]
) -> None:
    """Whatever a host answers in the place of a form, and where it has none: an answer in words, and no traceback."""
    delete = {"name": "call_route", "arguments": {"path": "accounts/delete"}}
    hello = json.loads(json.dumps(HELLO))
    hello["params"]["capabilities"] = {"elicitation": able}
    with started(environment, "--allow-changes") as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def say(**message: Any) -> None:
            server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
            server.stdin.flush()

        def heard() -> Any:
            return json.loads(server.stdout.readline())

        say(**hello)
        assert heard()["id"] == 1
        say(method="notifications/initialized")
        for number, reply in enumerate(replies, 10):
            say(id=number, method="tools/call", params=delete)
            if reply is not None:
                say(id=heard()["id"], **reply)
            answer = heard()
            assert answer["id"] == number
            assert answer["result"]["isError"] is True
            assert "ConfirmationRequired: nothing was sent" in answer["result"]["content"][0]["text"]
        server.stdin.close()
        assert server.wait(30) == 0
        assert server.stderr is not None
        assert server.stderr.read() == b""
    assert "accounts/delete" not in {request.path for request in standin.requests}


@pytest.mark.parametrize(
    ("end", "code"),
    [
        pytest.param("nobody reads", 1, id="a closed pipe"),
        pytest.param(
            "interrupt", 130, id="Ctrl-C", marks=pytest.mark.skipif(os.name == "nt", reason="no SIGINT there")
        ),
    ],
)
def test_it_ends_without_waiting_for_stdin(environment: dict[str, str], end: str, code: int) -> None:
    with started(environment) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(HELLO).encode() + b"\n")
        server.stdin.flush()
        server.stdout.readline()
        if end == "interrupt":
            server.send_signal(signal.SIGINT)
        else:
            server.stdout.close()
            server.stdin.write(json.dumps(WHOAMI).encode() + b"\n")
            server.stdin.flush()
        assert server.wait(30) == code
        assert server.stderr is not None
        assert server.stderr.read() == b""


def started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        (*COMMAND, *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "ftp://x"], "ftp"),
        (["--profile", "none"], "config.toml"),
        (["--timeout", "-1"], "a positive number of seconds"),
        (["--timeout", "nan"], "a positive number of seconds"),
        (["--save-to", "no-such-folder"], "there is no folder"),
        (["--allow"], "--allow"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_one_line(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    try:
        code: Any = main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    said = capsys.readouterr()
    assert code == 2
    assert words in said.err.splitlines()[-1]
    assert said.out == ""


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_warning_is_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(environment.pop("COCALC_API_KEY"))
    (tmp_path / "key").chmod(0o644)
    with started({**environment, "COCALC_API_KEY_FILE": str(tmp_path / "key")}) as server:
        said, warned = server.communicate(b"", timeout=30)
    assert (server.returncode, said) == (0, b"")
    (line,) = warned.decode().splitlines()
    assert line.startswith("cocalc-facade mcp: COCALC_API_KEY_FILE")


def test_what_the_environment_forbids_is_not_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COCALC_READ_ONLY", "1")
    assert main(["--allow-changes"]) == 2
    assert "COCALC_READ_ONLY" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "cocalc-facade mcp: this needs the extra mcp: pip install 'cocalc-facade[mcp]'\n"
    )
