"""Asking a person, by way of the client, before something that cannot be taken back. A client that cannot ask is refused."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any, Literal

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp_types.version import is_version_at_least
from pydantic import ValidationError

from cocalc_facade import ConfirmationRequired
from cocalc_facade._errors import printable

IN_ANSWERS = "2026-07-28"
"""The version of the protocol from which on a server asks by its answer, and the client calls again with what the person said."""

KEY = "agreement"
MOST_OPEN = 100
LONGEST = 2000
FORM: types.ElicitRequestedSchema = {
    "type": "object",
    "properties": {"agree": {"type": "boolean", "title": "Do it", "default": False}},
    "required": ["agree"],
}
HOW = "tell the person what you would do; they can do it themselves on the site"


class Agreement:
    """What was asked and not yet answered. An answer counts once, and for the very call that was asked about."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    async def ask(
        self, context: ServerRequestContext[Any, Any], call: types.CallToolRequestParams, question: str
    ) -> Literal[True] | types.InputRequiredResult:
        """Give True when a person has agreed, or the answer by which they are asked.

        Raises:
            ConfirmationRequired: they did not, or cannot be asked.
        """
        if is_version_at_least(context.protocol_version, IN_ANSWERS):
            if call.request_state is not None and self._open.pop(call.request_state, None) == _digest(call):
                return _judged((call.input_responses or {}).get(KEY))
            _require_a_way(context)
            state = secrets.token_urlsafe(24)
            while len(self._open) >= MOST_OPEN:
                del self._open[next(iter(self._open))]
            self._open[state] = _digest(call)
            request = types.ElicitRequest(params=_asked(question))
            return types.InputRequiredResult(input_requests={KEY: request}, request_state=state)
        _require_a_way(context)
        asked = _asked(question)
        try:
            answer = await context.session.elicit_form(
                asked.message, asked.requested_schema, related_request_id=context.request_id
            )
        except (MCPError, NoBackChannelError, ValidationError):  # it answers with an error, or no form
            raise ConfirmationRequired(
                "nothing was sent: your client could not ask the person", hint=HOW
            ) from None
        return _judged(answer)


def _require_a_way(context: ServerRequestContext[Any, Any]) -> None:
    told = context.session.client_capabilities
    able = told.elicitation if told is not None else None
    if able is None or (able.form is None and able.url is not None):  # neither named means forms
        raise ConfirmationRequired(
            "nothing was sent: this needs a person's yes, and your client cannot ask for one (it has no elicitation by forms)",
            hint=HOW,
        )


def _asked(question: str) -> types.ElicitRequestFormParams:
    shown = (
        question
        if len(question) <= LONGEST
        else f"{question[:LONGEST]} … [{len(question)} characters in all]"
    )
    return types.ElicitRequestFormParams(
        message=f"A program wants CoCalc to do what cannot be taken back: {printable(shown)}",
        requested_schema=FORM,
    )


def _judged(answer: Any) -> Literal[True]:
    """Take nothing but a plain yes for one."""
    if isinstance(answer, types.ElicitResult) and answer.action == "accept":
        content: Mapping[str, Any] = answer.content or {}
        if content.get("agree") is True:
            return True
    raise ConfirmationRequired(
        "nothing was sent: the person did not agree", hint="do not ask again unless they say so"
    )


def _digest(call: types.CallToolRequestParams) -> str:
    told = json.dumps([call.name, call.arguments], sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
