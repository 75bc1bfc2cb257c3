"""Purchases, page after page, although the list may grow while it is read and the server allows 15 pages a minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import RateLimitError, ResponseError, UnexpectedResponse
from cocalc_facade._jobs.values.checks import identifier, instant, parsed_time, plain_text, whole
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import an_object, inner, integer, number, objects, text
from cocalc_facade._wire.flow import Emit, Sleep

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

PAGE = 500
WINDOWS = 20
LONGEST_WAIT = 90.0


@attrs.frozen(repr=False)
class Purchase(Row):
    """One purchase, or with `group=True` the sum for a service and project, when `count` is set and `id` and `time` are not.

    Money is in US dollars, positive for what was spent: `float` as the server has it, `Decimal` on request.
    """

    service: str
    cost: float | Decimal | None
    id: int | None = None
    time: datetime | None = None
    project_id: str | None = None
    count: int | None = None
    cost_so_far: float | Decimal | None = None
    cost_per_hour: float | Decimal | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    description: dict[str, Any] | None = None
    invoice_id: str | None = None
    notes: str | None = None

    @property
    def amount(self) -> float | Decimal:
        """The cost, or while it is still running what it cost so far."""
        return (
            self.cost if self.cost is not None else self.cost_so_far if self.cost_so_far is not None else 0.0
        )


@attrs.frozen(repr=False)
class Purchases(Rows[Purchase]):
    """Purchases, newest first, with the balance of the account at the time of reading."""

    balance: float | Decimal | None = None

    @property
    def total(self) -> float | Decimal:
        """The sum of all amounts, exact when they are Decimal."""
        amounts = [purchase.amount for purchase in self.rows]
        if any(isinstance(amount, Decimal) for amount in amounts):
            return sum((Decimal(str(amount)) for amount in amounts), Decimal(0))
        import math

        return math.fsum(float(amount) for amount in amounts)

    def _caption(self) -> str:
        return f"{len(self.rows)} purchases, {self.total:.2f} USD in all"


@attrs.frozen
class PurchaseQuery:
    """Which purchases to read, checked, and how."""

    arguments: dict[str, Any]
    decimal: bool
    page_size: int


def query(
    since: datetime | None,
    service: str | None,
    project_id: object | None,
    group: bool,
    decimal: bool,
    page_size: int,
) -> PurchaseQuery:
    """Check what was asked for."""
    arguments: dict[str, Any] = {}
    if since is not None:
        arguments["cutoff"] = instant(since, "since")
    if service is not None:
        arguments["service"] = plain_text(service, "service")
    if project_id is not None:
        arguments["project_id"] = identifier(project_id)
    if group:
        arguments["group"] = True
    return PurchaseQuery(arguments, decimal, whole(page_size, "page_size", 2, PAGE))


def emit(session: Session, wanted: PurchaseQuery) -> Flow[None]:
    """Emit each purchase once."""
    pages = _Pages(wanted)
    while not pages.ended:
        answer = yield from _page(session, wanted, pages.offset)
        for purchase in pages.take(answer):
            yield Emit(purchase)


def collect(session: Session, wanted: PurchaseQuery) -> Flow[Purchases]:
    """Give all of them at once."""
    pages = _Pages(wanted)
    found: list[Purchase] = []
    while not pages.ended:
        answer = yield from _page(session, wanted, pages.offset)
        found += pages.take(answer)
    return Purchases(tuple(found), pages.balance)


def _page(session: Session, wanted: PurchaseQuery, offset: int) -> Flow[dict[str, Any]]:
    request = {**wanted.arguments, "limit": wanted.page_size, "offset": offset}
    for _ in range(WINDOWS):
        try:
            answer = yield from call(session, "purchases/get-purchases", request, wait_for_rate=True)
        except RateLimitError as error:
            if error.retry_after is None or error.retry_after > LONGEST_WAIT:
                raise
            yield Sleep(error.retry_after)
            continue
        if not isinstance(an_object(answer, "purchases/get-purchases").get("purchases"), list):
            raise UnexpectedResponse("the answer holds no purchases", path="purchases/get-purchases")
        return answer  # type: ignore[no-any-return]
    raise RateLimitError("still refused after waiting as told", path="purchases/get-purchases")


class _Pages:
    """Where the reading is: pages overlap by one row, so that rows which moved while paging are noticed."""

    def __init__(self, wanted: PurchaseQuery) -> None:
        self.wanted = wanted
        self.offset = 0
        self.ended = False
        self.balance: float | Decimal | None = None
        self._seen: set[Any] = set()
        self._detours = 0

    def take(self, answer: dict[str, Any]) -> Iterator[Purchase]:
        """Give the page's purchases that are new, and move on; or back, when rows before them vanished."""
        rows = objects(answer["purchases"], "purchases/get-purchases")
        self.balance = _money(answer.get("balance"), self.wanted.decimal)
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
            yield _purchase(row, self.wanted.decimal)

    def _detour(self) -> None:
        """Count a page that brought nothing; the server's list may move now and then, not for ever."""
        self._detours += 1
        if self._detours > WINDOWS:
            raise ResponseError(
                "the purchases changed too much while being read", path="purchases/get-purchases"
            )

    def _identity(self, row: dict[str, Any]) -> Any:
        if self.wanted.arguments.get("group"):
            return text(row.get("service")), text(row.get("project_id"))
        return integer(row.get("id"))


def _purchase(row: dict[str, Any], decimal: bool) -> Purchase:
    return Purchase(
        text(row.get("service")) or "",
        _money(row.get("cost"), decimal),
        integer(row.get("id")),
        parsed_time(row.get("time")),
        text(row.get("project_id")),
        integer(row.get("count")),
        _money(row.get("cost_so_far"), decimal),
        _money(row.get("cost_per_hour"), decimal),
        parsed_time(row.get("period_start")),
        parsed_time(row.get("period_end")),
        inner(row, "description") or None,
        text(row.get("invoice_id")),
        text(row.get("notes")),
    )


def _money(value: Any, decimal: bool) -> float | Decimal | None:
    amount = number(value)
    if amount is None:
        return None
    return Decimal(repr(amount)) if decimal else float(amount)
