"""purchases/*-subscription: what is paid again and again."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.postgres import sql_integer
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

Row = dict[str, Any]
OK = {"status": "ok"}


def _subscription(call: Call) -> Row:
    number = call.get("subscription_id")
    wanted = None if number in (UNDEFINED, None) else sql_integer(number, "integer")
    row = next((row for row in call.world.subscriptions if row["id"] == wanted), None)
    if row is None:
        raise Refusal(f"no subscription with id={js_text(number)}")
    return row


def _own(call: Call) -> Row:
    account_id = call.account_id()
    row = _subscription(call)
    if row["account_id"] != account_id:
        raise Refusal("you must be signed in as the owner of the subscription")
    return row


def _canceled(row: Row) -> Row:
    if row["status"] != "canceled":
        status = row["status"]
        raise Refusal(f'You can only resume a canceled subscription, but this subscription is "{status}"')
    return row


def _pay(call: Call, row: Row) -> int:
    """Pay for one more period from the balance; gives the id of the purchase."""
    account = call.world.accounts[row["account_id"]]
    if call.world.balance(account.account_id) - row["cost"] < account.min_balance:
        raise Refusal(f"Please pay ${row['cost']:,.2f}.")
    number: int = call.world.add_purchase(account, row["cost"], service="license")["id"]
    row["latest_purchase_id"] = number
    return number


def cancel(call: Call) -> Any:
    """End a subscription; ok for one that is somebody else's, and nothing happens."""
    account_id = call.account_id()
    for row in call.world.subscriptions:
        if row["account_id"] == account_id and row["id"] == call.get("subscription_id"):
            row |= {"status": "canceled", "canceled_at": iso(call.world.now())}
    return OK


def resume(call: Call) -> Any:
    """Take up one's own canceled subscription again."""
    row = _canceled(_own(call))
    row |= {"status": "active", "resumed_at": iso(call.world.now())}
    return OK


def cost_to_resume(call: Call) -> Any:
    """What taking up a canceled subscription costs; anybody may ask."""
    call.account_id()
    row = _canceled(_subscription(call))
    return {"cost": row["cost"], "periodicCost": row["cost"]}


def renew(call: Call) -> Any:
    """Pay for the next period."""
    return {"purchase_id": _pay(call, _own(call))}


def sync(call: Call) -> Any:
    """Compare with the old payment service, which knows of none."""
    call.account_id()
    return {**OK, "found": False}
