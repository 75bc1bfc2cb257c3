"""Who the key speaks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import APIError, AuthenticationError, PermissionDeniedError
from cocalc_facade._wire.flow import Flow

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session

FIELDS = ("account_id", "first_name", "last_name", "email_address")


class Identity(NamedTuple):
    """Who a key speaks for: `kind` is `account` or `project`. A project's key does not tell which project it belongs to."""

    kind: str
    account_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None


def whoami(session: Session) -> Flow[Identity]:
    """Ask for the caller's own row of the table of accounts, which an anonymous caller is refused and a project does not have."""
    try:
        answer = yield from call(session, "user-query", {"query": {"accounts": dict.fromkeys(FIELDS)}})
    except AuthenticationError:
        raise
    except APIError as refused:
        if isinstance(refused, PermissionDeniedError) or refused.status == 404 or refused.code is not None:
            return (yield from _by_profile(session))
        raise
    row = _inner(answer, "query", "accounts")
    if row is None:
        return Identity("project")
    return Identity("account", *(_text(row, name) for name in FIELDS))


def _by_profile(session: Session) -> Flow[Identity]:
    """Give the way for newer servers, which answer no user-query to a key."""
    answer = yield from call(session, "accounts/profile")
    row = _inner(answer, "profile")
    if row is None or _text(row, "account_id") is None:
        raise AuthenticationError(
            "the server takes the caller for anonymous",
            path="accounts/profile",
            hint="the key is wrong or expired",
        )
    return Identity("account", *(_text(row, name) for name in FIELDS))


def _inner(answer: Any, *names: str) -> dict[str, Any] | None:
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) and answer else None


def _text(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) else None
