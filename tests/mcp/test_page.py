"""The page for agents says what is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cocalc_facade.mcp import limits
from cocalc_facade.mcp.command import parsed
from cocalc_facade.mcp.tools.table import tools
from cocalc_facade.testing import StandIn
from tests.mcp.conftest import Connect, told

PAGE = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text(encoding="utf-8")


def test_the_settings_of_hosts_start_this_server() -> None:
    blocks = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.M | re.S)]
    servers = [one for block in blocks for key in block if key != "inputs" for one in block[key].values()]
    assert [server["args"][:2] for server in servers] == [["-m", "cocalc_facade.mcp"]] * 2
    assert [parsed(server["args"][2:]).allow_changes for server in servers] == [False, True]


def test_all_tools_are_there() -> None:
    table = PAGE.partition("## Tools")[2].partition("\n\nA server")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == tools(read_only=True).keys()


def test_the_limits_are_those() -> None:
    for limit in (limits.TEXT, limits.MEDIA, limits.ARGUMENTS):
        assert f"{limit:,}" in PAGE


async def test_what_works_without_changes_works(connect: Connect, standin: StandIn) -> None:
    project = standin.project.project_id
    standin.view(standin.project)
    for name, arguments in {
        "ls": {"live": False},
        "wait_for_project": {"request": False, "state": "stopped"},
        "project_state": {},
    }.items():
        async with connect() as client:
            result = await client.call_tool(name, {"project_id": project, **arguments})
        assert not result.is_error, told(result)
    async with connect() as client:
        result = await client.call_tool("call_route", {"path": "auth/requires-token"})
    assert not result.is_error, told(result)
