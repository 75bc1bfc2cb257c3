"""purchases/*: what was bought, and what is left."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, is_uuid, js_text
from cocalc_facade.testing.wire.postgres import sql_count, sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

Rows = list[dict[str, Any]]
MIN_PAYMENT = 2.5
TOKEN_PRICES = {"openai-gpt-4": {"prompt_tokens": 3.9e-05, "completion_tokens": 7.8e-05}}


def _amount(value: float) -> float:
    return round(value, 6)


def _own(call: Call, rows: Rows) -> Rows:
    account_id = call.account_id()
    return [row for row in reversed(rows) if row["account_id"] == account_id]


def _page(call: Call, rows: Rows) -> Rows:
    limit = call.get("limit", 100)
    if limit in (None, 0):
        raise Refusal("limit must be specified")
    offset = call.get("offset", 0) or 0
    start, count = sql_count(offset, "OFFSET"), sql_count(limit, "LIMIT")
    return rows[start:][: min(500, count)]


def get_balance(call: Call) -> Any:
    """The balance as a bare number, in US dollars."""
    return _amount(call.world.balance(call.account_id()))


def get_balance_admin(call: Call) -> Any:
    """The balance of any account, for admins."""
    call.account_id()
    if not call.is_admin():
        raise Refusal("only admins can use the get-balance-admin endpoint")
    return _amount(call.world.balance(sql_text(call.get("account_id")).lower()))


def get_min_balance(call: Call) -> Any:
    """How far below zero the balance may go."""
    call.account_id()
    account = call.caller.account if call.caller else None
    return account.min_balance if account else 0


def get_spend_rate(call: Call) -> Any:
    """Dollars an hour that are being spent."""
    return _amount(
        sum(row["cost_per_hour"] or 0 for row in _own(call, call.world.purchases) if not row["period_end"])
    )


def get_purchases(call: Call) -> Any:
    """Purchases, newest first, by pages of at most 500."""
    account_id = call.account_id()
    if not call.get("compute_server_id"):
        call.throttle()
    rows = _own(call, call.world.purchases)
    for name in ("service", "project_id"):
        if call.get(name):
            rows = [row for row in rows if row[name] == call.get(name)]
    cutoff = call.get("cutoff")
    if isinstance(cutoff, str) and cutoff:
        rows = [row for row in rows if row["time"] >= cutoff]
    if call.get("day_statement_id") or call.get("month_statement_id"):
        rows = []
    if call.get("thisMonth"):
        month = iso(call.world.now())[:7]
        rows = [row for row in rows if row["time"] >= month]
    elif not call.get("group"):
        rows = _page(call, rows)
    shown = _grouped(rows) if call.get("group") else [_shown(row) for row in rows]
    return {"purchases": shown, "balance": _amount(call.world.balance(account_id))}


SHOWN = (
    "id",
    "time",
    "cost",
    "period_start",
    "period_end",
    "cost_per_hour",
    "cost_so_far",
    "service",
    "description",
    "invoice_id",
    "project_id",
    "notes",
)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in SHOWN}


def _grouped(rows: Rows) -> Rows:
    sums: dict[tuple[str, str | None], list[float]] = {}
    for row in rows:
        sums.setdefault((row["service"], row["project_id"]), []).append(row["cost"] or 0)
    return [
        {"service": service, "project_id": project_id, "cost": _amount(sum(costs)), "count": len(costs)}
        for (service, project_id), costs in sums.items()
    ]


def get_charges_by_service(call: Call) -> Any:
    """The sum of costs for each service."""
    return {row["service"]: row["cost"] for row in _grouped(_own(call, call.world.purchases))}


def get_cost_per_day(call: Call) -> Any:
    """The sum of costs for each day, newest first."""
    days: dict[str, float] = {}
    for row in _own(call, call.world.purchases):
        if (row["cost"] or 0) > 0:
            day = row["time"][:10] + "T00:00:00.000Z"
            days[day] = days.get(day, 0) + row["cost"]
    return _page(call, [{"date": day, "total_cost": _amount(cost)} for day, cost in days.items()])


def get_statements(call: Call) -> Any:
    """Statements of an interval, newest first."""
    rows = _own(call, call.world.statements)
    if call.get("interval") not in ("day", "month"):
        raise Refusal("interval must be 'day' or 'month'")
    return _page(call, [row for row in rows if row["interval"] == call.get("interval")])


def get_subscriptions(call: Call) -> Any:
    """Subscriptions, newest first."""
    return _page(call, _own(call, call.world.subscriptions))


def get_live_subscriptions(call: Call) -> Any:
    """Subscriptions that still cost something."""
    rows = [row for row in _own(call, call.world.subscriptions) if row["status"] != "canceled"]
    return [{name: row[name] for name in ("id", "cost", "status")} for row in rows]


def get_unpaid_invoices(call: Call) -> Any:
    """Open invoices: no payment service stands behind this server."""
    call.account_id()
    return []


def get_current_checkout_session(call: Call) -> Any:
    """The open payment, if any."""
    call.account_id()
    return {"session": None}


def get_stripe_publishable_key(call: Call) -> Any:
    """The payment service's public key: none is configured."""
    call.account_id()
    return {"stripe_publishable_key": ""}


def get_quotas(call: Call) -> Any:
    """The limits that the caller set on services."""
    account_id = call.account_id()
    services = {
        service: value for (owner, service), value in call.world.quotas.items() if owner == account_id
    }
    account = call.world.accounts.get(account_id)
    return {"services": services, "minBalance": account.min_balance if account else 0}


def set_quota(call: Call) -> Any:
    """Set a limit on a service."""
    account_id = call.account_id()
    value = call.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise Refusal(f"value (={js_text(value)}) must be a nonnegative number")
    call.world.quotas[(account_id, js_text(call.get("service")))] = value
    return get_quotas(call)


def get_max_project_quotas(call: Call) -> Any:
    """The most that a project may get."""
    return {
        "network": 1,
        "member_host": 1,
        "always_running": 1,
        "cores": 3,
        "memory": 16000,
        "disk_quota": 15000,
    }


def get_prices_project_quotas(call: Call) -> Any:
    """What project quotas cost."""
    return {"cores": 32, "memory": 4, "disk_quota": 0.25, "member_host": 4}


def get_service_cost(call: Call) -> Any:
    """What a service costs, or each of a list."""
    service = call.get("service")
    if service in (UNDEFINED, None):
        raise Refusal(f"Cannot read properties of {js_text(service)} (reading 'startsWith')")
    if isinstance(service, list):
        return {js_text(name): _cost(js_text(name)) for name in service}
    if not isinstance(service, str):
        raise Refusal("e.startsWith is not a function")
    return _cost(service)


def _cost(service: str) -> Any:
    if service == "credit":
        return -MIN_PAYMENT
    if service not in TOKEN_PRICES:
        raise Refusal(f"{service} not fully implemented")
    return TOKEN_PRICES[service]


def is_purchase_allowed(call: Call) -> Any:
    """Whether a purchase would go through; no is not an error."""
    account_id = call.account_id()
    service, cost = js_text(call.get("service")), call.get("cost")
    if service == "credit":
        credit = -float(cost) if isinstance(cost, (int, float)) else MIN_PAYMENT
        if credit < MIN_PAYMENT:
            shown = f"-${-credit:.2f}" if credit < 0 else f"${credit:.2f}"
            text = (
                f"must credit account with at least ${MIN_PAYMENT:.2f}, but you're trying to credit {shown}"
            )
            return {"allowed": False, "reason": text}
        return {"allowed": True}
    if service not in TOKEN_PRICES and service not in ("license", "voucher", "student-pay", "edit-license"):
        return {"allowed": False, "reason": f'unknown service "{service}"'}
    wanted = float(cost) if isinstance(cost, (int, float)) else 0.0
    balance = call.world.balance(account_id)
    if wanted > balance:
        return {
            "allowed": False,
            "reason": "Please pay the amount due.",
            "chargeAmount": max(MIN_PAYMENT, wanted),
        }
    return {"allowed": True}


def _in_cart(call: Call, account_id: str) -> Rows:
    rows = [row for row in call.world.cart if row["account_id"] == account_id and row["purchased"] is None]
    return [row for row in rows if row["checked"] and not row["removed"]]


def _price(row: dict[str, Any]) -> float:
    """A price, not CoCalc's: vouchers cost what they are worth, licenses by members, memory and disk."""
    about = row["description"] if isinstance(row["description"], dict) else {}
    if row["product"] == "cash-voucher":
        return _amount(float(about.get("amount") or 0) * float(about.get("numVouchers") or 1))
    if row["product"] != "site-license":
        raise Refusal(f'unknown product "{js_text(row["product"])}"')
    size = 1 + float(about.get("ram") or 0) + float(about.get("disk") or 0) / 4 + float(about.get("cpu") or 0)
    return _amount(2.0 * float(about.get("run_limit") or 1) * size)


def get_checkout_params(call: Call) -> Any:
    """What checking out would mean."""
    account_id = call.account_id()
    balance, minimum = call.world.balance(account_id), get_min_balance(call)
    rows = [
        {**row, "cost": {"cost": _price(row)}, "lineItemAmount": _price(row)}
        for row in _in_cart(call, account_id)
    ]
    total = _amount(sum(row["lineItemAmount"] for row in rows))
    due = _amount(max(0.0, total - max(0.0, balance - minimum)))
    charge = max(MIN_PAYMENT, due) if due else 0.0
    return {
        "balance": _amount(balance),
        "minPayment": MIN_PAYMENT,
        "minBalance": minimum,
        "amountDue": due,
        "chargeAmount": charge,
        "total": total,
        "cart": rows,
        "minimumPaymentCharge": _amount(charge - due),
        "cureAmount": _amount(max(0.0, minimum - balance)),
    }


def check_out(call: Call) -> Any:
    """Buy what is ticked, from the balance; takes no parameters, hence also by GET."""
    account_id = call.account_id()
    rows = _in_cart(call, account_id)
    total = sum(_price(row) for row in rows)
    if total > call.world.balance(account_id) - get_min_balance(call):
        raise Refusal("Not enough credit to complete purchase -- please pay the amount due first.")
    for row in rows:
        account = call.world.accounts[account_id]
        bought = call.world.add_purchase(
            account, _price(row), service="license", project_id=row["project_id"]
        )
        row["purchased"] = {"success": True, "time": iso(call.world.now()), "purchase_id": bought["id"]}
    return {"success": True}


def get_purchases_admin(call: Call) -> Any:
    """The purchases of any account, for admins."""
    call.account_id()
    if not call.is_admin():
        raise Refusal("only admins can use the get-purchases-admin endpoint")
    call.throttle()
    wanted = call.get("account_id")
    if not is_uuid(wanted):
        raise Refusal("account_id must be a valid uuid")
    rows = [row for row in reversed(call.world.purchases) if row["account_id"] == str(wanted).lower()]
    return {
        "purchases": [_shown(row) for row in _page(call, rows)],
        "balance": _amount(call.world.balance(str(wanted).lower())),
    }
