"""Why a server has no such route, as far as the page that says so and the tables of the two generations tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .words.wording import NEWER

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._wire.flow import Answer

# The page that says so at servers of the newer generation; older ones have one of another kind.
NEWER_PAGE = re.compile(rb"<pre>Cannot (?:POST|GET) /")
START = 1000


def is_newer_page(answer: Answer) -> bool:
    """Tell whether an answer is the page by which servers of the newer generation say that there is nothing."""
    return answer.status == 404 and NEWER_PAGE.search(answer.body[:START]) is not None


def no_route(answer: Answer, route: Route) -> str:
    """Give the hint for a route, or a document, that a server answers with 404."""
    newer = is_newer_page(answer)
    if route.path.endswith("openapi.json") and newer:
        return f"servers {NEWER} publish no document; docs/coverage.md has what is known of their routes"
    operation = route.operation
    if operation is None:
        return _unknown(route.path, newer)
    if not newer:
        return "this server lacks the route: another version of CoCalc, or base_url points elsewhere"
    if operation.newer_servers:
        return f"this looks like a server {NEWER} that lacks the route, or base_url points elsewhere"
    return f"servers {NEWER} lack this route; {instead_of(operation.instead)}"


def instead_of(instead: str | None) -> str:
    """Say what there is instead of a route."""
    return f"instead there is {instead}" if instead else "over HTTP there is nothing instead"


def _unknown(path: str, newer: bool) -> str:
    from difflib import get_close_matches

    from cocalc_v2.newer import AS_OF, ROUTES
    from cocalc_v2.operations import OPERATIONS

    if path in ROUTES and not newer:
        return f"only servers {NEWER} have this route, as of {AS_OF}"
    known = [*OPERATIONS, *ROUTES] if newer else OPERATIONS
    close = get_close_matches(path, known, n=3)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else "check the path and base_url"
