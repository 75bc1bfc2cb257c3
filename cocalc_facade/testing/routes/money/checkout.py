"""The price of a cart, and buying what is in it."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import js_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

from .purchases import Rows, amount, get_min_balance
from .services import MIN_PAYMENT, dollars

# So many dollars may be lacking without a word.
TOLERATED = 3


def _in_cart(call: Call, account_id: str) -> Rows:
    rows = [row for row in call.world.cart if row["account_id"] == account_id and row["purchased"] is None]
    return [row for row in rows if row["checked"] and not row["removed"]]


def _price(row: dict[str, Any]) -> float:
    """A price, not CoCalc's: vouchers cost what they are worth, licenses by members, memory and disk."""
    about = row["description"] if isinstance(row["description"], dict) else {}
    if row["product"] == "cash-voucher":
        return amount(float(about.get("amount") or 0) * float(about.get("numVouchers") or 1))
    if row["product"] != "site-license":
        raise Refusal(f'unknown product "{js_text(row["product"])}"')
    size = 1 + float(about.get("ram") or 0) + float(about.get("disk") or 0) / 4 + float(about.get("cpu") or 0)
    return amount(2.0 * float(about.get("run_limit") or 1) * size)


def _check(row: dict[str, Any]) -> None:
    """What is asked of a license before it is made, and not before."""
    about = row["description"] if isinstance(row["description"], dict) else {}
    for name in ("cpu", "ram", "disk") if row["product"] == "site-license" else ():
        if not isinstance(about.get(name), (int, float)):
            raise Refusal(f'field "custom_{name}" must be number')


def _cost(row: dict[str, Any]) -> dict[str, Any]:
    """The price of an item in all the forms in which the server gives it."""
    about = row["description"] if isinstance(row["description"], dict) else {}
    price, quantity = _price(row), about.get("run_limit") or about.get("numVouchers") or 1
    month = price if about.get("period") == "monthly" else 0
    return {
        "cost": price,
        "cost_per_unit": amount(price / quantity),
        "cost_per_project_per_month": amount(month / quantity),
        "cost_sub_month": amount(month / quantity),
        "cost_sub_year": amount(12 * month / quantity),
        "quantity": quantity,
        "period": about.get("period", "range"),
        "input": _priced(row, about, quantity),
    }


def _priced(row: dict[str, Any], about: dict[str, Any], quantity: Any) -> dict[str, Any]:
    """What a price was computed from."""
    if row["product"] != "site-license":
        return {**about, "subscription": "no"}
    period = about.get("period")
    given = {
        f"custom_{name}": about[name] for name in ("ram", "cpu", "disk", "member", "uptime") if name in about
    }
    return {
        "version": "3",
        "type": "quota",
        "user": about.get("user"),
        "upgrade": "custom",
        "quantity": quantity,
        "subscription": period if period in ("monthly", "yearly") else "no",
        "custom_dedicated_ram": 0,
        "custom_dedicated_cpu": 0,
        **given,
        "boost": bool(about.get("boost")),
        "start": (about.get("range") or [None, None])[0],
        "end": (about.get("range") or [None, None])[1],
    }


def get_checkout_params(call: Call) -> Any:
    """What checking out would mean."""
    account_id = call.account_id()
    balance, minimum = call.world.balance(account_id), get_min_balance(call)
    rows = [{**row, "cost": _cost(row), "lineItemAmount": _price(row)} for row in _in_cart(call, account_id)]
    total = amount(sum(row["lineItemAmount"] for row in rows))
    # A balance below the least one is to be made good as well.
    due = amount(max(0.0, total + minimum - balance))
    charge = max(MIN_PAYMENT, due) if due else 0.0
    return {
        "balance": amount(balance),
        "minPayment": MIN_PAYMENT,
        "minBalance": minimum,
        "amountDue": due,
        "chargeAmount": charge,
        "total": total,
        "cart": rows,
        "minimumPaymentCharge": amount(charge - due),
        "cureAmount": amount(max(0.0, minimum - balance)),
    }


def check_out(call: Call) -> Any:
    """Buy what is ticked, from the balance; takes no parameters, hence also by GET."""
    account_id = call.account_id()
    rows = _in_cart(call, account_id)
    total = sum(_price(row) for row in rows)
    lacking = amount(total + get_min_balance(call) - call.world.balance(account_id))
    if lacking > TOLERATED:
        words = "Insufficient credit on your account to complete the purchase"
        raise Refusal(f"{words} (you need {dollars(lacking)}).")
    for row in rows:
        _check(row)
    for row in rows:
        account = call.world.accounts[account_id]
        bought = call.world.add_purchase(
            account, _price(row), service="license", project_id=row["project_id"]
        )
        row["purchased"] = {"success": True, "time": iso(call.world.now()), "purchase_id": bought["id"]}
    return {"success": True}
