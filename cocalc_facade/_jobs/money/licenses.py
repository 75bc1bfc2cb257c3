"""The licences that the account manages; an empty list is believed only from a key that the server knows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import AuthenticationError
from cocalc_facade._jobs import query
from cocalc_facade._jobs.values.checks import parsed_time
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import inner, integer, objects, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow


@attrs.frozen(repr=False)
class License(Row):
    """One licence: what it grants (`quota`), to how many projects at once (`run_limit`), and when."""

    id: str
    title: str | None
    quota: dict[str, Any] | None
    run_limit: int | None
    activates: datetime | None
    expires: datetime | None
    last_used: datetime | None
    is_manager: bool


@attrs.frozen(repr=False)
class Licenses(Rows[License]):
    """The licences that the account manages."""


def managed(session: Session) -> Flow[Licenses]:
    """Give the licences that the account manages."""
    answer = yield from call(session, "licenses/get-managed", {})
    rows = objects(answer, "licenses/get-managed")
    if not rows:
        # The server answers [] to a key that it refuses, too.
        account = yield from query.one(session, "accounts", ["account_id"], None)
        if account is None:
            raise AuthenticationError(
                "the key belongs to a project, which manages no licences", path="licenses/get-managed"
            )
    return Licenses(tuple(_license(row) for row in rows))


def _license(row: dict[str, Any]) -> License:
    return License(
        text(row.get("id")) or "",
        text(row.get("title")),
        inner(row, "quota") or None,
        integer(row.get("run_limit")),
        parsed_time(row.get("activates")),
        parsed_time(row.get("expires")),
        parsed_time(row.get("last_used")),
        bool(row.get("is_manager")),
    )
