"""Whatever an agent calls: an answer, within the limits, without the key, and foreseen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp.client.client import Client

from cocalc_facade import AsyncCoCalc, CoCalc
from cocalc_facade.mcp import limits
from cocalc_facade.mcp.serving import server
from cocalc_facade.mcp.tools import signatures
from cocalc_facade.mcp.tools.table import tools
from cocalc_facade.testing import Oddities, StandIn
from tests.guarding.conftest import Still, changing
from tests.mcp.conftest import told

KEY, PROJECT = StandIn().user.key, StandIn().project.project_id
WORDS = st.sampled_from(
    [
        "", " ", "\0", "\n", "\x1b[0m", "\x7f", "\u202e", "é" * 300, "a" * 5000, "../x", "/etc/passwd", "-rf", "--", "~", "$(id)", "'", "%s", "{}",
        "a", "a/../b", "*", "null", "1", "running", "projects", "title", "exec", "user-query", "python3", KEY, KEY.upper(), PROJECT, "x.tex",
    ]
)  # fmt: skip
NUMBERS = st.sampled_from([0, 1, -1, 2, 30, 10**9, 2**63, 10**30, 0.5, 1e-9, 1e308])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
TOOLS = {name: tool for name, tool in tools(read_only=False).items() if not name.startswith("wait_")}
ROUTES = st.sampled_from(CoCalc(KEY).routes()) | WORDS


def of_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema takes."""
    if "anyOf" in schema:
        return st.one_of(*map(of_schema, schema["anyOf"]))
    kinds: dict[Any, st.SearchStrategy[Any]] = {
        "string": WORDS,
        "number": NUMBERS,
        "integer": NUMBERS.filter(lambda one: isinstance(one, int)),
        "boolean": st.booleans(),
        "null": st.none(),
        "object": st.dictionaries(WORDS, VALUES, max_size=3),
    }
    if schema.get("type") == "array":
        return st.lists(of_schema(schema["items"]), max_size=3)
    return kinds.get(schema.get("type"), VALUES)


@st.composite
def calls(draw: Any) -> tuple[str, dict[str, Any]]:
    """Give a tool, and arguments that mostly are of the right kinds."""
    name = draw(st.sampled_from(sorted(TOOLS)))
    schema = signatures.schema(TOOLS[name].arguments)
    given = {
        one: draw(of_schema(found) if draw(st.booleans()) else VALUES)
        for one, found in schema["properties"].items()
        if one in schema.get("required", ()) or draw(st.booleans())
    }
    if "project_id" in given and draw(st.booleans()):
        given["project_id"] = PROJECT
    if name.endswith("_route"):
        given["path"] = draw(ROUTES)
    return name, given


@pytest.mark.filterwarnings("ignore")  # of routes that fail, or are deprecated
@settings(max_examples=25, deadline=None)
@given(st.lists(calls(), min_size=3, max_size=8), st.booleans())
def test_any_call_has_an_answer(made: list[tuple[str, dict[str, Any]]], changes: bool) -> None:
    standin = StandIn(oddities=Oddities(rate_limits=False, latex_seconds=0.0), start_seconds=0.0)

    async def calling() -> None:
        client = AsyncCoCalc(
            KEY,
            base_url="http://localhost",
            http_client=standin.async_client(),
            read_only=not changes,
            max_retries=0,
            _clock=Still(),
        )
        async with client, Client(server(client)) as connected:
            for name, arguments in made:
                result = await connected.call_tool(name, arguments)
                said = told(result)
                assert "unforeseen" not in said
                assert len(said) <= limits.TEXT + 500
                assert KEY[3:15] not in result.model_dump_json()

    asyncio.run(calling())
    if not changes:
        assert not [seen.path for seen in standin.requests if changing(seen.path, seen.params)]
