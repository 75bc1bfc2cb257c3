"""The shopping cart: licences described so that the server understands them, and a checkout that happens once or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from cocalc_facade._calls.engine import call
from cocalc_facade._errors import InvalidRequestError, NotFoundError, TransportError, UnexpectedResponse
from cocalc_facade._jobs.values.checks import (
    choice,
    identifier,
    instant,
    parsed_time,
    plain_text,
    positive,
    refuse,
    whole,
)
from cocalc_facade._jobs.values.rows import Row, Rows
from cocalc_facade._jobs.values.shapes import an_object, inner, integer, number, objects, text

if TYPE_CHECKING:
    from cocalc_facade._calls.session import Session
    from cocalc_facade._wire.flow import Flow

# The server's schema for the description of a licence, which its production build does not enforce.
USERS = ("academic", "business")
PERIODS = ("range", "monthly", "yearly")
UPTIMES = ("short", "medium", "day", "always_running")
SOURCES = ("site-license", "course")


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
class Checkout:
    """What a checkout did (`bought`), or would do: the items, the sum, and what has to be paid beyond the balance.

    All money is in US dollars.
    """

    bought: bool
    items: tuple[CartItem, ...]
    total: float
    balance: float
    to_pay: float

    def __str__(self) -> str:
        what = f"{len(self.items)} item{'s' if len(self.items) != 1 else ''} for ${self.total:.2f}"
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
    for name, flag in (("member", member), ("boost", boost)):
        if not isinstance(flag, bool):
            raise TypeError(f"{name}: expected True or False, not {type(flag).__name__}")
    found: dict[str, Any] = {
        "type": "quota",
        "user": choice(user, "user", USERS),
        "run_limit": whole(run_limit, "run_limit"),
        "cpu": whole(cpu, "cpu"),
        "ram": whole(ram, "ram"),
        "disk": whole(disk, "disk"),
        "member": member,
        "uptime": choice(uptime, "uptime", UPTIMES),
        "always_running": uptime == "always_running",
        "period": choice(period, "period", PERIODS),
        "boost": boost,
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
    yield from call(session, "shopping/cart/add", request, wait_for_rate=True)
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
    total = number(found.get("total"))
    if total is None:
        raise UnexpectedResponse("the answer holds no total", path=path)
    bought = tuple(item for item in _items(found.get("cart"), path) if item.checked)
    return Checkout(
        False, bought, total, number(found.get("balance")) or 0, number(found.get("chargeAmount")) or 0
    )


def checkout(session: Session, *, confirm: bool, at_most: float | None) -> Flow[Checkout]:
    """Buy the checked items, once, if `confirm` is True; otherwise only say what would be bought."""
    if at_most is not None:
        positive(at_most, "at_most")
    planned = yield from plan(session)
    if confirm is not True:
        return planned
    if not planned.items:
        raise InvalidRequestError("nothing to buy: no checked item is in the cart", field="cart")
    if at_most is not None and planned.total > at_most:
        raise refuse(
            "at_most", f"the cart costs ${planned.total:.2f}, more than ${at_most:.2f}; nothing was bought"
        )
    try:
        yield from call(session, "purchases/shopping-cart-checkout", {}, confirm=True)
    except TransportError as error:
        if error.maybe_executed:
            error.add_note(
                f"the purchase of {len(planned.items)} items for ${planned.total:.2f} may have happened; "
                "it is not tried again: client.cart.recent() tells"
            )
        raise
    return attrs.evolve(planned, bought=True)


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
        number(row.get("lineItemAmount")),
    )
