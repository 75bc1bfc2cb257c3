"""Which of the two routes for files this server is known not to give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_facade._errors import CoCalcError, NotAvailableError

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session

ALONE = (500, 502, 503, 504)
"""Statuses that may be the matter of this one file: the routes say 500 to everything."""


def closed(session: Session, route: str) -> bool:
    """Whether the route is not to be tried."""
    return session.newer or route in session.learned.closed


def note(session: Session, route: str, error: CoCalcError) -> None:
    """Remember an error that says that the route is not there, or not for this key."""
    if isinstance(error, NotAvailableError) or (error.status is not None and error.status not in ALONE):
        session.learned.closed.add(route)
