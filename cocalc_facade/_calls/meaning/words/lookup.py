"""Which row of the table of wordings a server's words belong to."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from cocalc_facade._errors import RateLimitError

from .table import WORDINGS
from .wording import ANY, FATAL, LLM_LEAD, QUERY, THROTTLED, Wording

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route

# Characters; no phrase of the server is longer, but for what it quotes.
WINDOW = 1000
FIRST_WORDS = 30
CUT = "\N{HORIZONTAL ELLIPSIS}"
BRIDGE = " - callHub: subject='"
LONGEST_CHECK = 400
"""Characters; what the server says of a call that it did not begin is a line, and no longer."""

_LEADS = re.compile(
    r"(?:There is a problem calling [^\n]{1,100}?\. Please try another model, a different prompt, or try again later\. ?)?+"
    r"(?:(?:[A-Z][A-Za-z]{0,30})?Error: |FATAL: |postgresql error: |[a-z]{1,30}[A-Z][A-Za-z]{0,30} -- ){0,3}+"
)

# How the server's own JavaScript begins what it says: other names are those of a library, which speaks for another service.
_OWN = re.compile(r"(?:(?:Type|Range|Reference|Syntax)?Error: |[a-z]{1,30}[A-Z][A-Za-z]{0,30} -- )*+")


def meaning(words: str, route: Route) -> tuple[Wording, re.Match[str]] | None:
    """Give the row that `words`, said by `route`, belong to, and how they fit its pattern.

    Where another service or the database is quoted, or more than a line is said, the row says that something may have been done.
    """
    path = route.path.lstrip("/")
    start = ends = words
    if len(words) > WINDOW:
        start, ends = words[:WINDOW] + CUT, words[:FIRST_WORDS] + words[-WINDOW:]
    if path.startswith("api/conat/"):
        start = start.partition(BRIDGE)[0]
    found = _LEADS.match(start)
    lead = found[0] if found is not None else ""
    rest = start[len(lead) :].strip()
    quoted = lead.startswith(LLM_LEAD)
    for row in WORDINGS:
        if (row.lead not in lead if row.lead else quoted) or not said_by(row, route, path):
            continue
        if issubclass(row.error, RateLimitError) and not row.lead and lead not in ("", "Error: "):
            continue
        match = _compiled(row.pattern).fullmatch(ends if row.at_end else rest)
        if match is not None and match.groupdict().get("route", path) == path:
            return (row if row.begun or _checked(words, lead, row, path) else row._replace(begun=True)), match
    return None


def _checked(words: str, lead: str, row: Wording, path: str) -> bool:
    """Tell whether words can be what the server says before it begins: a short line, which it does not have from elsewhere."""
    if len(words) > LONGEST_CHECK or "\n" in words.strip():
        return False
    if path == QUERY:
        lead = lead.removeprefix(FATAL)  # so it begins what it says of any query
    return bool(row.lead) or _OWN.fullmatch(lead) is not None


def said_by(row: Wording, route: Route, path: str) -> bool:
    """Tell whether the route is one of those that the row is for."""
    if row.routes == ANY:
        return True
    if row.routes == THROTTLED:
        return route.operation is not None and bool(route.operation.rate_limit)
    return path.startswith(tuple(row.routes.split()))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
