"""shopping/cart/* and vouchers: answers are numbers of rows."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, is_uuid, js_text
from cocalc_facade.testing.wire.postgres import sql_integer
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

NO_CART = "must be signed in to get shopping cart information"
Row = dict[str, Any]


def _rows(call: Call, account_id: str) -> list[Row]:
    """The caller's items, or the one that `id` names."""
    number = call.get("id")
    mine = [row for row in call.world.cart if row["account_id"] == account_id]
    if number in (UNDEFINED, None):
        return mine
    wanted = sql_integer(number, "integer")
    return [row for row in mine if row["id"] == wanted]


def _has_id(call: Call) -> bool:
    return call.get("id") not in (UNDEFINED, None)


def add(call: Call) -> Any:
    """Put something in, or with `id` back in."""
    account_id = call.account_id("must be signed in to use shopping cart")
    call.throttle()
    if _has_id(call):
        rows = _rows(call, account_id)
        if call.get("purchased"):
            item = _item(call, rows)
            return _put_in(call, account_id, item["product"], item["description"])
        rows = [row for row in rows if row["removed"] is not None and row["purchased"] is None]
        for row in rows:
            row["removed"], row["checked"] = None, True
        return len(rows)
    if not call.get("product"):
        raise Refusal("if id isn't specified then the product must be set")
    return _put_in(call, account_id, call.get("product"), call.get("description", None))


def _put_in(call: Call, account_id: str, product: Any, description: Any) -> int:
    project_id = call.get("project_id")
    call.world.cart.append(
        {
            "id": max((row["id"] for row in call.world.cart), default=0) + 1,
            "account_id": account_id,
            "added": iso(call.world.now()),
            "checked": True,
            "removed": None,
            "purchased": None,
            "product": product,
            "description": description,
            "project_id": project_id if is_uuid(project_id) else None,
        }
    )
    return 1


def _item(call: Call, rows: list[Row]) -> Row:
    if not rows:
        raise Refusal(f"no item with id {js_text(call.get('id'))}")
    return rows[0]


def checked(call: Call) -> Any:
    """Tick an item, or all."""
    account_id = call.account_id(NO_CART)
    rows = [row for row in _rows(call, account_id) if row["purchased"] is None and row["removed"] is None]
    for row in rows:
        row["checked"] = bool(call.get("checked"))
    return len(rows)


def remove(call: Call) -> Any:
    """Take an item out; it can be put back."""
    account_id = call.account_id(NO_CART)
    rows = [row for row in _rows(call, account_id) if row["removed"] is None] if _has_id(call) else []
    for row in rows:
        row["removed"] = iso(call.world.now())
    return len(rows)


def delete(call: Call) -> Any:
    """Forget an item."""
    account_id = call.account_id(NO_CART)
    rows = _rows(call, account_id) if _has_id(call) else []
    for row in rows:
        call.world.cart.remove(row)
    return len(rows)


def edit(call: Call) -> Any:
    """Change an item that is not bought."""
    account_id = call.account_id("must be signed in to use shopping cart")
    rows = [row for row in _rows(call, account_id) if row["purchased"] is None] if _has_id(call) else []
    for row in rows:
        row.update(
            {name: call.get(name) for name in ("product", "description") if call.get(name) is not UNDEFINED}
        )
    return len(rows)


def get(call: Call) -> Any:
    """What is in the cart, was bought, or was removed; with `id` one item."""
    account_id = call.account_id(NO_CART)
    rows = _rows(call, account_id)
    if _has_id(call):
        return _item(call, rows)
    bought, removed = bool(call.get("purchased")), bool(call.get("removed"))
    if bought:
        return [row for row in rows if row["purchased"] is not None]
    return [row for row in rows if row["purchased"] is None and (row["removed"] is not None) == removed]


def processing(call: Call) -> Any:
    """What is being paid for."""
    call.account_id("must be signed in to get cart checkout items")
    return []


def recent_purchases(call: Call) -> Any:
    """What was bought of late."""
    account_id = call.account_id(NO_CART)
    return [
        row for row in call.world.cart if row["account_id"] == account_id and row["purchased"] is not None
    ]
