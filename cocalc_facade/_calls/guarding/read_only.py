"""What a client that only reads says to everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from cocalc_facade._errors import ReadOnlyError

from .changing import change_of_route

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route

HOW = "to allow it, make another client without read_only; a view of this one cannot allow it"


def refuse(route: Route, words: str) -> NoReturn:
    """Refuse a call that changes something."""
    raise ReadOnlyError(
        f"nothing was sent: this client is read_only, and the call {words}",
        path=route.path,
        changes=words,
        hint=HOW,
    )


def refuse_always(route: Route) -> None:
    """Refuse what no arguments make a read, before anything else is said of the call."""
    words = change_of_route(route)
    if words is not None and (route.operation is None or route.operation.reads_when is None):
        refuse(route, words)
