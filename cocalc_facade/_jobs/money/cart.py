"""The shopping cart: licences described so that the server understands them, and a checkout that happens once or not at all."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
from cocalc_v2.tables import counted

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import CoCalcError, InvalidRequestError, NotFoundError, UnexpectedResponse
from cocalc_facade._jobs.values.checks import (
    choice,
    identifier,
    instant,
    parsed_time,
    plain_text,
    positive,
    refuse,
    truth,
    whole,
)
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import an_object, inner, integer, objects, text
from cocalc_facade._json.records import Record

from .amounts import amount_of, dollars, exact

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

# The server's schema for the description of a licence, which its production build does not enforce.
USERS = ("academic", "business")
PERIODS = ("range", "monthly", "yearly")
UPTIMES = ("short", "medium", "day", "always_running")
SOURCES = ("site-license", "course")

LENIENT = Decimal(3)
"""US dollars that may lack at a checkout. Measured on a real server."""


@attrs.frozen(repr=False)
class CartItem(Row):
    """One item in the cart. `cost` in US dollars, known only from `price()`; `checked` items are bought at checkout."""

    id: int
    product: str
    description: dict[str, Any]
    checked: bool
    added: datetime | None = None
    project_id: str | None = None
    cost: float | None = None


@attrs.frozen(repr=False)
class CartItems(Rows[CartItem]):
    """What is in the cart."""


@attrs.frozen(repr=False)
class Checkout(Record):
    """What a checkout did (`bought`), or would do: the items, the sum, and what has to be paid beyond the balance.

    All money is in US dollars.
    """

    bought: bool
    items: tuple[CartItem, ...]
    total: float
    balance: float
    to_pay: float

    def __str__(self) -> str:
        what = f"{counted(len(self.items), 'item')} for ${self.total:.2f}"
        if self.bought:
            return f"bought {what} from the balance of ${self.balance:.2f}"
        if not self.items:
            return "nothing to buy: no checked item is in the cart"
        lack = f"; ${self.to_pay:.2f} would have to be paid in first" if self.to_pay > 0 else ""
        return f"nothing was bought: checkout(confirm=True) would buy {what} from the balance of ${self.balance:.2f}{lack}"

    def __repr__(self) -> str:
        return f"<Checkout: {self}>"


def license_description(
    *,
    user: str,
    run_limit: int,
    cpu: int,
    ram: int,
    disk: int,
    member: bool,
    uptime: str,
    period: str,
    start: datetime | None,
    end: datetime | None,
    boost: bool,
    dedicated_cpu: int,
    dedicated_ram: int,
    title: str | None,
    description: str | None,
    source: str,
) -> dict[str, Any]:
    """Give the description of a quota licence as the server's schema has it, or name the argument that makes no sense."""
    found: dict[str, Any] = {
        "type": "quota",
        "user": choice(user, "user", USERS),
        "run_limit": whole(run_limit, "run_limit"),
        "cpu": whole(cpu, "cpu"),
        "ram": whole(ram, "ram"),
        "disk": whole(disk, "disk"),
        "member": truth(member, "member"),
        "uptime": choice(uptime, "uptime", UPTIMES),
        "always_running": uptime == "always_running",
        "period": choice(period, "period", PERIODS),
        "boost": truth(boost, "boost"),
        "source": choice(source, "source", SOURCES),
    }
    if uptime != "always_running":
        found["idle_timeout"] = uptime
    dedicated = {"dedicated_cpu": dedicated_cpu, "dedicated_ram": dedicated_ram}
    found |= {name: amount for name, amount in dedicated.items() if whole(amount, name, 0)}
    for name, words in (("title", title), ("description", description)):
        if words is not None:
            found[name] = plain_text(words, name)
    if period == "range":
        if start is None or end is None:
            raise refuse("start" if start is None else "end", 'must be given with period="range"')
        found["range"] = [instant(start, "start"), instant(end, "end")]
        if end <= start:
            raise refuse("end", "must be after start")
    elif end is not None or start is not None:
        raise refuse("end" if end is not None else "start", f'goes with period="range", not {period!r}')
    return found


def add(session: Session, description: dict[str, Any], project_id: object | None) -> Flow[CartItem]:
    """Put a licence into the cart and give the item."""
    request: dict[str, Any] = {"product": "site-license", "description": description}
    if project_id is not None:
        request["project_id"] = identifier(project_id)
    number = yield from call(session, "shopping/cart/add", request, wait_for_rate=True)
    if session.plan is not None:
        return CartItem(number, "site-license", description, True, None, request.get("project_id"))
    found = yield from items(session)
    ours = [item for item in found if item.product == "site-license"]
    if not ours:
        raise UnexpectedResponse(
            "the item was added, and is not in the cart", path="shopping/cart/add", maybe_executed=True
        )
    return max(ours, key=lambda item: item.id)


def items(session: Session) -> Flow[CartItems]:
    """Give what is in the cart."""
    answer = yield from call(session, "shopping/cart/get", {})
    return CartItems(_items(answer, "shopping/cart/get"))


def recent(session: Session, interval: str) -> Flow[CartItems]:
    """Give what was bought lately."""
    request = {"recent": plain_text(interval, "interval")}
    answer = yield from call(session, "shopping/cart/recent-purchases", request)
    return CartItems(_items(answer, "shopping/cart/recent-purchases"))


def change(session: Session, route: str, item_id: object, **more: Any) -> Flow[None]:
    """Run one of the routes that change an item; raises NotFoundError where the server answers 0."""
    number = whole(item_id, "item_id")
    changed = yield from call(session, route, {"id": number, **more})
    if changed == 0 and not isinstance(changed, bool):
        raise NotFoundError(f"no such item {number} in the cart", path=route)


def plan(session: Session) -> Flow[Checkout]:
    """Give what a checkout would buy and cost now."""
    path = "purchases/get-shopping-cart-checkout-params"
    answer = yield from call(session, path, {})
    found = an_object(answer, path)
    total, balance = amount_of(found.get("total"), 0.0), amount_of(found.get("balance"), 0.0)
    if total is None or balance is None:
        missing = "total" if total is None else "balance"
        raise UnexpectedResponse(f"the answer holds no {missing}", path=path)
    bought = tuple(item for item in _items(found.get("cart"), path) if item.checked)
    return Checkout(False, bought, total, balance, _to_pay(found))


def _to_pay(found: dict[str, Any]) -> float:
    """Give what the server would ask for first: what is lacking, what cures a balance below zero, and its least payment.

    Measured: it lets a checkout pass that lacks at most `LENIENT`.
    """
    zero = Decimal(0)
    total, balance = (exact(found.get(name)) or zero for name in ("total", "balance"))
    credit = exact(found.get("minBalance")) or zero
    asked = exact(found.get("chargeAmount"))
    lacking = total - balance + min(credit, zero)
    if lacking <= LENIENT:
        return 0.0
    return float(max(lacking, asked or zero) if not credit or asked is None else asked)


def checkout(session: Session, *, confirm: bool, at_most: float | Decimal | None) -> Flow[Checkout]:
    """Buy the checked items, once, if `confirm` is True; otherwise only say what would be bought."""
    truth(confirm, "confirm")
    limit = None if at_most is None else _limit(at_most)
    planned = yield from plan(session)
    if not confirm:
        return planned
    if not planned.items and session.plan is None:
        raise InvalidRequestError("nothing to buy: no checked item is in the cart", field="cart")
    total = Decimal(repr(planned.total))
    if limit is not None and total > limit:
        raise refuse(
            "at_most", f"the cart costs {dollars(total)}, more than {dollars(limit)}; nothing was bought"
        )
    try:
        yield from call(session, "purchases/shopping-cart-checkout", {}, confirm=True)
    except CoCalcError as error:
        if error.maybe_executed:
            error.add_note(
                f"the purchase of {counted(len(planned.items), 'item')} for ${planned.total:.2f} may have happened; "
                "it is not tried again: client.cart.recent() tells"
            )
        raise
    if session.plan is not None:
        changed = any(one.path.startswith("shopping/cart/") for one in session.plan.calls)
        if planned.items and not changed:  # else what is bought is another cart than the server's
            session.plan.costs("purchases/shopping-cart-checkout", planned.total)
        return planned
    return attrs.evolve(planned, bought=True)


def _limit(at_most: object) -> Decimal:
    if isinstance(at_most, Decimal):
        if not at_most.is_finite() or at_most <= 0:
            raise refuse("at_most", f"must be above zero, not {at_most}")
        return at_most
    return Decimal(repr(positive(at_most, "at_most", 1e15)))


def _items(rows: Any, path: str) -> tuple[CartItem, ...]:
    return tuple(_item(row) for row in objects(rows, path) if integer(row.get("id")) is not None)


def _item(row: dict[str, Any]) -> CartItem:
    return CartItem(
        row["id"],
        text(row.get("product")) or "",
        inner(row, "description"),
        row.get("checked") is not False,
        parsed_time(row.get("added")),
        text(row.get("project_id")),
        amount_of(row.get("lineItemAmount"), 0.0),
    )
