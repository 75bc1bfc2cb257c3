"""Purchases, page after page, although the list may grow while it is read and the server allows 15 pages a minute."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic

import attrs
from cocalc_v2.tables import counted
from cocalc_v2.types import Recent

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import RateLimitError, ResponseError, UnexpectedResponse
from cocalc_facade._jobs.values.checks import identifier, parsed_time, plain_text, refuse, truth, whole
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import an_object, inner, integer, objects, text
from cocalc_facade._wire.flow import Emit, Sleep

from .amounts import M, amount_of
from .periods import moment

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

OWN = "purchases/get-purchases"
ANYBODYS = "purchases/get-purchases-admin"
PAGE = 500
WINDOWS = 20
LONGEST_WAIT = 90.0


@attrs.frozen(repr=False)
class Purchase(Row, Generic[M]):
    """One purchase, or with `group=True` the sum for a service and project, when `count` is set and `id` and `time` are not.

    Money is in US dollars, positive for what was spent: `float`, or with `decimal=True` `Decimal`.
    """

    service: str
    cost: M | None
    id: int | None = None
    time: datetime | None = None
    project_id: str | None = None
    count: int | None = None
    cost_so_far: M | None = None
    cost_per_hour: M | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    description: dict[str, Any] | None = None
    invoice_id: str | None = None
    notes: str | None = None
    as_of: datetime | None = attrs.field(default=None, repr=False)
    _zero: M = attrs.field(default=0.0, repr=False)  # type: ignore[assignment] # whoever makes one of Decimal gives it

    @property
    def amount(self) -> M:
        """What it cost, as the server counts it: the cost; while it runs the cost so far, or the hours until now at the price of an hour.

        0 for a row that has none of these, which is recorded in `client.mismatches`; see `has_amount`.
        """
        known = self.cost if self.cost is not None else self.cost_so_far
        if known is not None:
            return known
        hours = self._hours
        return self._zero if hours is None or self.cost_per_hour is None else self.cost_per_hour * hours

    @property
    def has_amount(self) -> bool:
        """Whether the server said what it cost, or how to tell."""
        return (
            self.cost is not None
            or self.cost_so_far is not None
            or (self.cost_per_hour is not None and self._hours is not None)
        )

    @property
    def _hours(self) -> M | None:
        if self.period_start is None:
            return None
        lasted = (self.period_end or self.as_of or datetime.now(UTC)) - self.period_start
        hour = type(self._zero)(3_600_000_000)
        return max(self._zero, type(self._zero)(lasted // timedelta(microseconds=1)) / hour)


@attrs.frozen(repr=False)
class Purchases(Rows[Purchase[M]], Generic[M]):
    """Purchases, newest first, with the balance of the account at the time of reading."""

    balance: M | None = None
    _zero: M = attrs.field(default=0.0, repr=False)  # type: ignore[assignment] # whoever makes one of Decimal gives it

    @property
    def total(self) -> M:
        """The sum of all amounts, exact when they are Decimal."""
        amounts = [purchase.amount for purchase in self.rows]
        if isinstance(self._zero, Decimal):
            return sum(amounts, self._zero)
        return math.fsum(amounts)

    def _caption(self) -> str:
        unknown = sum(not purchase.has_amount for purchase in self.rows)
        more = f", {unknown} without an amount" if unknown else ""
        return f"{counted(len(self.rows), 'purchase')}, {self.total:.2f} USD in all{more}"


@attrs.frozen
class PurchaseQuery:
    """Which purchases to read, checked, and how."""

    arguments: dict[str, Any]
    zero: Any
    page_size: int
    until: datetime | None = None
    path: str = OWN


def query(
    since: date | timedelta | None,
    until: date | timedelta | None,
    service: str | None,
    project_id: object | None,
    account_id: object | None,
    group: bool,
    decimal: bool,
    page_size: int,
) -> PurchaseQuery:
    """Check what was asked for."""
    arguments: dict[str, Any] = {}
    start = None if since is None else moment(since, "since")
    end = None if until is None else moment(until, "until")
    if start is not None:
        arguments["cutoff"] = start.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if start is not None and end is not None and start >= end:
        raise refuse("until", f"{end:%Y-%m-%d %H:%M} UTC is not after `since`, {start:%Y-%m-%d %H:%M} UTC")
    if account_id is not None:
        arguments["account_id"] = identifier(account_id, "account_id")
    if service is not None:
        arguments["service"] = plain_text(service, "service")
    if project_id is not None:
        arguments["project_id"] = identifier(project_id)
    if truth(group, "group"):
        if end is not None:
            raise refuse(
                "until", "cannot be used with `group`: a sum has no time", "sum up the single purchases"
            )
        arguments["group"] = True
    return PurchaseQuery(
        arguments,
        Decimal(0) if truth(decimal, "decimal") else 0.0,
        whole(page_size, "page_size", 2, PAGE),
        end,
        OWN if account_id is None else ANYBODYS,
    )


def emit(session: Session, wanted: PurchaseQuery) -> Flow[None]:
    """Emit each purchase once."""
    pages = _Pages(session, wanted)
    while not pages.ended:
        answer = yield from _page(session, wanted, pages.offset)
        for purchase in pages.take(answer):
            yield Emit(purchase)


def collect(session: Session, wanted: PurchaseQuery) -> Flow[Purchases[Any]]:
    """Give all of them at once."""
    pages = _Pages(session, wanted)
    found: list[Purchase[Any]] = []
    while not pages.ended:
        answer = yield from _page(session, wanted, pages.offset)
        found += pages.take(answer)
    return Purchases(tuple(found), pages.balance, wanted.zero)


def _page(session: Session, wanted: PurchaseQuery, offset: int) -> Flow[dict[str, Any]]:
    request = {**wanted.arguments, "limit": wanted.page_size, "offset": offset}
    for _ in range(WINDOWS):
        try:
            answer = yield from call(session, wanted.path, request, wait_for_rate=True)
        except RateLimitError as error:
            if error.retry_after is None or error.retry_after > LONGEST_WAIT:
                raise
            yield Sleep(error.retry_after)
            continue
        if not isinstance(an_object(answer, wanted.path).get("purchases"), list):
            raise UnexpectedResponse("the answer holds no purchases", path=wanted.path)
        return answer  # type: ignore[no-any-return]
    raise RateLimitError("still refused after waiting as told", path=wanted.path)


class _Pages:
    """Where the reading is: pages overlap by one row, so that rows which moved while paging are noticed."""

    def __init__(self, session: Session, wanted: PurchaseQuery) -> None:
        self.session = session
        self.wanted = wanted
        self.as_of = datetime.now(UTC)
        self.offset = 0
        self.ended = False
        self.balance: Any = None
        # Groups come in no order of time. Of the others some thousands are enough: detours go back no further.
        self._seen: Recent | set[Any] = set() if wanted.arguments.get("group") else Recent()
        self._detours = 0

    def take(self, answer: dict[str, Any]) -> Iterator[Purchase[Any]]:
        """Give the page's purchases that are new, and move on; or back, when rows before them vanished."""
        rows = objects(answer["purchases"], self.wanted.path)
        self.balance = amount_of(answer.get("balance"), self.wanted.zero)
        if self.offset and (not rows or self._identity(rows[0]) not in self._seen):
            self._detour()
            self.offset = max(0, self.offset - self.wanted.page_size // 2)
            return
        self.ended = len(rows) < self.wanted.page_size
        self.offset += max(len(rows) - 1, 1)
        news = [row for row in rows if self._identity(row) not in self._seen]
        if not news and not self.ended:
            self._detour()
        for row in news:
            self._seen.add(self._identity(row))
            purchase = _purchase(row, self.wanted.zero, self.as_of)
            if self.wanted.until and purchase.time and purchase.time >= self.wanted.until:
                continue
            if not purchase.has_amount:
                self._record(row)
            yield purchase

    def _record(self, row: dict[str, Any]) -> None:
        got = "no amount" if row.get("cost") is None else type(row["cost"]).__name__
        departure = (("purchases", 0, "cost"), "an amount of money", got)
        self.session.mismatches.record(self.wanted.path, [departure], self.session.options.on_mismatch)

    def _detour(self) -> None:
        """Count a page that brought nothing; the server's list may move now and then, not for ever."""
        self._detours += 1
        if self._detours > WINDOWS:
            raise ResponseError("the purchases changed too much while being read", path=self.wanted.path)

    def _identity(self, row: dict[str, Any]) -> Any:
        if self.wanted.arguments.get("group"):
            return text(row.get("service")), text(row.get("project_id"))
        return integer(row.get("id"))


def _purchase(row: dict[str, Any], zero: Any, as_of: datetime) -> Purchase[Any]:
    return Purchase(
        text(row.get("service")) or "",
        amount_of(row.get("cost"), zero),
        integer(row.get("id")),
        parsed_time(row.get("time")),
        text(row.get("project_id")),
        integer(row.get("count")),
        amount_of(row.get("cost_so_far"), zero),
        amount_of(row.get("cost_per_hour"), zero),
        parsed_time(row.get("period_start")),
        parsed_time(row.get("period_end")),
        inner(row, "description") or None,
        text(row.get("invoice_id")),
        text(row.get("notes")),
        as_of,
        zero,
    )
