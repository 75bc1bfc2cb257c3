"""What cannot be read is answered whenever it says by which id, and never ends the reading."""

from __future__ import annotations

import json
from typing import Any

import mcp_types as types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cocalc_facade.mcp.unread import refusal

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=8,
)
IDS = st.integers() | st.text(st.characters(categories=["L", "N"]), min_size=1)


def answer(line: str) -> types.JSONRPCError | None:
    try:
        types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError as error:
        return refusal(error)
    raise AssertionError("it can be read")


@given(IDS, st.dictionaries(st.text(st.characters()), JSONS))
def test_a_request_with_a_broken_text_is_refused_by_its_id(told: Any, params: dict[str, Any]) -> None:
    request = {"id": told, "params": {**params, "broken": "\ud83d"}, "method": "tools/call", "jsonrpc": "2.0"}
    said = answer(json.dumps(request))
    assert said is not None
    assert said.id == told
    said.model_dump_json()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "[]",
        "5",
        '"text"',
        "{",
        "{}",
        '{"id": 5}',
        '{"jsonrpc": "1.0", "method": "ping"}',
        '{"jsonrpc": "1.0", "method": "ping", "id": null}',
        '{"jsonrpc": "1.0", "method": "ping", "id": true}',
        '{"jsonrpc": "1.0", "method": "ping", "id": "\\ud800"}',
        '{"jsonrpc": "2.0", "id": 5, "result": {"a": "\\ud800"}}',
        "[" * 100_000,
    ],
)
def test_what_wants_no_answer_or_cannot_have_one_gets_none(line: str) -> None:
    assert answer(line) is None


@given(st.text(st.characters()) | JSONS.map(json.dumps))
def test_any_line_is_a_message_or_a_refusal_or_nothing(line: str) -> None:
    try:
        types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError as error:
        said = refusal(error)
        assert said is None or "nothing was done" in said.error.message
