"""Whether the connected server still publishes what this client was made from."""

from __future__ import annotations

import json

from attrs import evolve
from cocalc_v2 import published

from cocalc_facade._calls.download import download
from cocalc_facade._calls.session import Session
from cocalc_facade._errors import UnexpectedResponse
from cocalc_facade._wire.flow import Flow

from .change import Severity
from .contract import Contract, readable
from .kinds import ContractError
from .report import Report, report
from .wording import shown

TARGET = "openapi.json"
MAX_BYTES = 16 * 1024 * 1024


def check_schema(session: Session) -> Flow[Report]:
    """Compare the document that the server publishes now with the one that this client was made from."""
    body = yield from download(session, TARGET, limit=MAX_BYTES)
    found = report(made_from(), _live(body))
    # A newer client knows the new spelling; the one that asks does not.
    return Report(
        tuple(
            evolve(change, severity=Severity.BREAKING) if change.what == "spelling" else change
            for change in found.changes
        )
    )


def made_from() -> Contract:
    """Return what the server's document promised when this client was made from it."""
    return {route: json.loads(row) for route, row in published.ROUTES.items()}


def _live(body: bytes) -> Contract:
    try:
        found, unread = readable(json.loads(body))
        for route in unread.keys() & made_from().keys():
            raise ContractError(f"{shown(route)}: {unread[route]}")
    except ContractError as error:
        raise UnexpectedResponse(f"the server's document cannot be read: {error}", path=TARGET) from None
    except (ValueError, RecursionError):
        raise UnexpectedResponse("the server's document is not JSON, or not whole", path=TARGET) from None
    if not found:
        raise UnexpectedResponse("the server's document has no operations", path=TARGET)
    return found
