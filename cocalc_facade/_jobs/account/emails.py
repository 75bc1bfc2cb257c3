"""The email address of an account, with the ways of not having one told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_facade._calls.engine import call
from cocalc_facade._calls.generations.asking import is_newer
from cocalc_facade._errors import NotFoundError, PermissionDeniedError
from cocalc_facade._jobs.values.checks import identifier
from cocalc_facade._jobs.values.shapes import inner, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow


def _own(session: Session, account: str) -> Flow[tuple[str | None] | None]:
    """Give the caller's own address, which a server of the newer generation refuses by the route for addresses; None when it is another account."""
    if not (yield from is_newer(session)):
        return None
    answer = yield from call(session, "accounts/profile")
    profile = inner(answer, "profile")
    return (text(profile.get("email_address")),) if profile.get("account_id") == account else None


def email_of(session: Session, account_id: object) -> Flow[str | None]:
    """Give the address, or None for an account without one; raises NotFoundError when there is no such account."""
    account = identifier(account_id, "account_id")
    try:
        answer = yield from call(session, "accounts/get-email-address", {"account_id": account})
    except PermissionDeniedError:
        own = yield from _own(session, account)
        if own is None:
            raise
        return own[0]
    address = answer.get("email_address") if isinstance(answer, dict) else None
    if address:
        return str(address)
    # An answer without an address, or null, says nothing of why; names are given for existing accounts only, others are "Deleted User".
    names = yield from call(session, "accounts/get-names", {"account_ids": [account]})
    found = inner(inner(names, "names"), account)
    if not found or (found.get("first_name"), found.get("last_name")) == ("Deleted", "User"):
        raise NotFoundError(
            f"there is no account {account}, or it was deleted", path="accounts/get-email-address"
        )
    return None
