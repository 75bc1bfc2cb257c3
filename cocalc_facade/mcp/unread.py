"""Requests that cannot be read. The protocol's package drops them without a word, and who asked would wait for ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import mcp_types as types
from anyio.abc import ObjectReceiveStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

if TYPE_CHECKING:
    from mcp.shared._context_streams import ContextReceiveStream, ContextSendStream

HINT = "half of a character (a lone surrogate such as \\ud83d), thousands of digits and very deep nesting cannot be read"
LONGEST = 1000
"""Digits of a number that are read; ids have less."""


class Readable(ObjectReceiveStream[SessionMessage]):
    """The messages that came. A request that cannot be read is answered with an error; what is no request is passed over."""

    def __init__(
        self,
        incoming: ContextReceiveStream[SessionMessage | Exception],
        outgoing: ContextSendStream[SessionMessage],
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    async def receive(self) -> SessionMessage:
        """Give the next message that can be read."""
        while isinstance(item := await self._incoming.receive(), Exception):
            if isinstance(item, ValidationError) and (answer := refusal(item)) is not None:
                await self._outgoing.send(SessionMessage(answer))
        return item

    async def aclose(self) -> None:
        """Close what the messages come from."""
        await self._incoming.aclose()


def refusal(error: ValidationError) -> types.JSONRPCError | None:
    """Give the answer to a request that cannot be read; None when nobody can be told."""
    faults = error.errors(include_url=False)
    for fault in faults:
        request = _request(fault["input"])
        if request is not None:
            text = faults[0]["type"] in ("json_invalid", "string_unicode")
            words = f"nothing was done, for the request could not be read: {faults[0]['msg'][:200]}"
            told = types.ErrorData(
                code=types.PARSE_ERROR if text else types.INVALID_REQUEST,
                message=f"{words} ({HINT})" if text else words,
            )
            return types.JSONRPCError(jsonrpc="2.0", id=request["id"], error=told)
    return None


def _request(found: Any) -> dict[str, Any] | None:
    """Give a message that wants an answer and says by which id. Python reads more than the package does."""
    if isinstance(found, str):
        try:
            found = json.loads(found, parse_int=lambda digits: int(digits[:LONGEST]))
        except (ValueError, RecursionError):
            return None
    if not isinstance(found, dict) or "method" not in found:
        return None
    told = found.get("id")
    if type(told) is int or (isinstance(told, str) and told.isprintable()):
        return found
    return None
