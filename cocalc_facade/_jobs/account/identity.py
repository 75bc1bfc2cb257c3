"""Who the key speaks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import is_newer
from cocalc_facade._errors import APIError, AuthenticationError, PermissionDeniedError, UnexpectedResponse
from cocalc_facade._jobs.values.shapes import text
from cocalc_facade._json.records import Unpacked
from cocalc_facade._wire.flow import Flow

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session

FIELDS = ("account_id", "first_name", "last_name", "email_address")


@attrs.frozen
class Identity(Unpacked):
    """Who a key speaks for: `kind` is `account` or `project`. A project's key does not tell which project it belongs to."""

    kind: Literal["account", "project"]
    account_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None


def whoami(session: Session) -> Flow[Identity]:
    """Ask who the key speaks for, by the way that the server's generation has for it."""
    found = yield from _asked(session)
    session.learned.accepted, session.learned.speaks_for = True, found.kind
    return found


def _asked(session: Session) -> Flow[Identity]:
    """Ask for the caller's own row of the table of accounts, which an anonymous caller is refused and a project does not have."""
    if (yield from is_newer(session)):
        return (yield from _by_profile(session))
    try:
        answer = yield from call(session, "user-query", {"query": {"accounts": dict.fromkeys(FIELDS)}})
    except AuthenticationError:
        raise
    except APIError as refused:
        if isinstance(refused, PermissionDeniedError) or refused.status == 404 or refused.code is not None:
            return (yield from _by_profile(session))
        raise
    found = answer.get("query") if isinstance(answer, dict) else None
    if found == {}:
        return Identity("project")
    return _account(found.get("accounts") if isinstance(found, dict) else None, "user-query")


def _by_profile(session: Session) -> Flow[Identity]:
    """Give the way for newer servers, which answer no user-query to a key."""
    path = "accounts/profile"
    answer = yield from call(session, path)
    row = answer.get("profile") if isinstance(answer, dict) else None
    if row == {}:
        raise AuthenticationError(
            "the server takes the caller for anonymous", path=path, hint="the key is wrong or expired"
        )
    return _account(row, path)


def _account(row: Any, path: str) -> Identity:
    """Give the account of a row that names one; nothing else is believed."""
    account_id = row.get("account_id") if isinstance(row, dict) else None
    if not isinstance(account_id, str) or not _is_uuid(account_id):
        raise UnexpectedResponse(
            "the answer names no account",
            path=path,
            hint="whether the key is accepted is not known; is base_url a CoCalc server?",
        )
    return Identity("account", account_id, *(text(row.get(name)) for name in FIELDS[1:]))


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False
