"""What deletes an account or moves money waits for a person."""

from __future__ import annotations

from typing import Any

import mcp_types as types
import pytest

from cocalc_facade import CoCalc
from cocalc_facade.testing import StandIn
from tests.mcp.conftest import Connect, told

DELETE = {"path": "accounts/delete"}


def answering(*answers: Any) -> tuple[Any, list[str]]:
    """A person who answers so, and the questions that they were asked."""
    asked: list[str] = []
    left = list(answers)

    async def answer(_context: Any, params: Any) -> types.ElicitResult:
        asked.append(params.message)
        action, content = left.pop(0)
        return types.ElicitResult(action=action, content=content)

    return answer, asked


def paths(standin: StandIn) -> list[str]:
    return [request.path for request in standin.requests]


@pytest.mark.parametrize(
    "answer",
    [
        ("decline", None),
        ("cancel", None),
        ("accept", {"agree": False}),
        ("accept", {}),
        ("accept", {"agree": "yes"}),
        ("accept", {"agree": 1}),
        ("accept", {"other": True}),
    ],
)
async def test_anything_but_a_plain_yes_is_a_no(
    connect: Connect, standin: StandIn, mode: str, answer: Any
) -> None:
    person, asked = answering(answer)
    async with connect(changes=True, mode=mode, elicitation_callback=person) as client:
        result = await client.call_tool("call_route", DELETE)
    assert result.is_error
    assert "did not agree" in told(result)
    assert len(asked) == 1
    assert "accounts/delete" not in paths(standin)


async def test_a_client_that_cannot_ask_is_refused(connect: Connect, standin: StandIn, mode: str) -> None:
    async with connect(changes=True, mode=mode) as client:
        result = await client.call_tool("call_route", DELETE)
    assert result.is_error
    assert "cannot ask" in told(result)
    assert paths(standin) == []


async def test_an_agreement_does_it_once(connect: Connect, standin: StandIn, mode: str) -> None:
    person, asked = answering(("accept", {"agree": True}), ("decline", None))
    async with connect(changes=True, mode=mode, elicitation_callback=person) as client:
        assert not (await client.call_tool("call_route", DELETE)).is_error
        assert (await client.call_tool("call_route", DELETE)).is_error
    assert paths(standin).count("accounts/delete") == 1
    assert "deletes the account of the caller" in asked[0]


async def test_a_wrong_call_is_refused_before_anybody_is_asked(connect: Connect, mode: str) -> None:
    person, asked = answering()
    async with connect(changes=True, mode=mode, elicitation_callback=person) as client:
        result = await client.call_tool(
            "call_route", {"path": "purchases/create-refund", "arguments": {"nonsense": 1}}
        )
    assert result.is_error
    assert asked == []


async def test_a_server_that_only_reads_asks_nobody(connect: Connect, standin: StandIn, mode: str) -> None:
    person, asked = answering()
    async with connect(mode=mode, elicitation_callback=person) as client:
        result = await client.call_tool("call_route", DELETE)
    assert "--allow-changes" in told(result)
    assert asked == paths(standin) == []


async def test_the_question_shows_no_secret(connect: Connect, mode: str) -> None:
    person, asked = answering(("decline", None))
    token = "sk-" + "tokentokentoken"
    async with connect(changes=True, mode=mode, elicitation_callback=person) as client:
        await client.call_tool("call_route", {"path": "token-action", "arguments": {"token": token}})
    assert len(asked) == 1
    assert token not in asked[0]


async def test_the_question_begins_with_what_is_done_and_hides_nothing(connect: Connect) -> None:
    person, asked = answering(("decline", None))
    arguments = {"purchase_id": 1, "reason": "other", "notes": "\u202e" + "x" * 5000}
    async with connect(changes=True, mode="auto", elicitation_callback=person) as client:
        await client.call_tool("call_route", {"path": "purchases/create-refund", "arguments": arguments})
    (question,) = asked
    assert "it refunds money, at localhost" in question[:120]
    assert "\u202e" not in question
    assert len(question) < 3000


@pytest.mark.parametrize("state", [None, "made up"])
async def test_an_answer_to_no_question_counts_for_nothing(
    connect: Connect, standin: StandIn, state: str | None
) -> None:
    yes = {"agreement": types.ElicitResult(action="accept", content={"agree": True})}
    person, _ = answering()
    async with connect(changes=True, mode="2026-07-28", elicitation_callback=person) as client:
        result = await client.session.call_tool(
            "call_route", DELETE, input_responses=yes, request_state=state, allow_input_required=True
        )
    assert isinstance(result, types.InputRequiredResult)
    assert paths(standin) == []


async def test_an_answer_counts_for_the_call_that_was_asked_about(connect: Connect, standin: StandIn) -> None:
    yes = {"agreement": types.ElicitResult(action="accept", content={"agree": True})}
    refund = {"path": "token-action", "arguments": {"token": "x"}}
    person, _ = answering()
    async with connect(changes=True, mode="2026-07-28", elicitation_callback=person) as client:
        asked = await client.session.call_tool("call_route", refund, allow_input_required=True)
        assert isinstance(asked, types.InputRequiredResult)
        other = await client.session.call_tool(
            "call_route",
            DELETE,
            input_responses=yes,
            request_state=asked.request_state,
            allow_input_required=True,
        )
    assert isinstance(other, types.InputRequiredResult)
    assert paths(standin) == []


async def test_every_route_that_needs_it_asks(connect: Connect, standin: StandIn) -> None:
    described = [CoCalc("sk-" + "0" * 24).describe(path) for path in CoCalc("sk-" + "0" * 24).routes()]
    needing = [row for row in described if row.confirm is not None or row.charges]
    samples = {"string": "x", "uuid": standin.project.project_id, "integer": 1, "number": 1, "boolean": True}
    async with connect(changes=True, mode="auto") as client:
        for row in needing:
            arguments = {
                one.name: samples.get(one.kind, [] if one.kind == "array" else {}) for one in row.required
            }
            result = await client.call_tool("call_route", {"path": row.path, "arguments": arguments})
            assert result.is_error, row.path
    assert len(needing) > 10
    assert set(paths(standin)) & {row.path for row in needing} == set()
