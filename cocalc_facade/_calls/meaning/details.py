"""What an error tells beyond its words: a wait, an amount, a parameter, an exit code."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cocalc_facade._errors import (
    APIError,
    CommandError,
    InvalidRequestError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
)

from .headers import retry_after

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._wire.flow import Answer

SECONDS = {"second": 1, "minute": 60, "hour": 3600}

_END = re.compile(r"' (?:exited with nonzero code (\d{1,9})|was not able to run) -- stderr='")
_KILLED = "killed command '"


def of_words(
    kind: type[APIError], text: str, match: re.Match[str], answer: Answer, route: Route
) -> dict[str, Any]:
    """Give the attributes of an error of class `kind` for words that fit a row of the table."""
    said = match.groupdict()
    if issubclass(kind, RateLimitError):
        return _rate(said, answer)
    if issubclass(kind, CommandError):
        return _command(text)
    if issubclass(kind, PaymentRequiredError):
        amount = said.get("amount")
        return {"amount": Decimal(amount.replace(",", "")) if amount else None}
    if issubclass(kind, PermissionDeniedError):
        return {"capability": said.get("capability")}
    if issubclass(kind, InvalidRequestError):
        return {"field": _field(said, route)}
    return {}


def _rate(said: dict[str, str | None], answer: Answer) -> dict[str, Any]:
    unit, wait = said.get("unit"), said.get("wait")
    if unit is None or wait is None:
        return {"retry_after": retry_after(answer)}
    number = float(wait) if wait[0].isdecimal() else 1.0
    return {"retry_after": number * SECONDS[unit.lower()], "rule": said.get("rule")}


def _command(text: str) -> dict[str, Any]:
    """The words hold the command, its arguments and what it wrote; where these look like the server's, nothing is believed."""
    ends = _END.finditer(text)
    found, another = next(ends, None), next(ends, None)
    if found is None:
        killed = text.endswith("'") and (text.startswith(_KILLED) or f"' -- {_KILLED}" in text)
        return {"killed": killed or None}
    if another is not None or not text.endswith("'"):
        return {}
    return {"exit_code": int(found[1]) if found[1] else None, "stderr": text[found.end() : -1]}


def _field(said: dict[str, str | None], route: Route) -> str | None:
    """Give the parameter that the words name, if it is one: `w is not iterable` names a variable of the server."""
    name = next((name for key, name in said.items() if key.startswith("field") and name), None)
    if name is None or not route.known or "." in name:
        return name
    return next((field for field in route.kinds if field.lower() == name.lower()), None)
