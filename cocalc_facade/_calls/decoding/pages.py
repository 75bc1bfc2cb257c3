"""Lists that a server gives in pages, each of which says in a header where the next begins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.arguments import body_of
from cocalc_facade._calls.meaning.refusals import unexpected
from cocalc_facade._wire.flow import Flow

# Digits; no list is longer.
LONGEST = 18


def joined(first: Any, arguments: Mapping[str, Any]) -> Flow[Any]:
    """Give the rows of the page that an exchange brought and of those that follow, as far as the call's own limit goes."""
    route, page = first.route, first
    rows = judge(first.answer, route)[0]
    limit, start = arguments.get("limit"), 0
    while type(limit) is int and isinstance(rows, list) and len(rows) < limit:
        told = following(page, start)
        if told is None:
            break
        start = told
        page = type(first)(first.session, route)
        yield from page.send(body_from(start, route, {**arguments, "limit": limit - len(rows)}))
        if page.error is not None:
            raise page.error
        if not isinstance(page.value, list):
            raise unexpected(page.answer, route, "a page that is no list of rows")
        rows += page.value
    return rows


def body_from(start: int, route: Any, arguments: Mapping[str, Any]) -> bytes:
    """Give the body that asks for the page which begins at `start`."""
    body = body_of(route, arguments)
    return json.dumps({**json.loads(body), "offset": start}).encode() if start else body


def following(page: Any, start: int) -> int | None:
    """Give where the page after one that began at `start` begins; None when there is none, or it leads nowhere new."""
    told = page.answer.headers.get(page.route.next_page, "")
    if told.isascii() and told.isdecimal() and start < (place := int(told[:LONGEST])):
        return place
    return None
