"""purchases/*: what was bought, and what is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import js_number, js_text
from cocalc_facade.testing.wire.postgres import sql_count, sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.state import cost_of

from .billing import NO_STRIPE

Rows = list[dict[str, Any]]
MOST = 500
HOUR = 3600
REASONS = ("duplicate", "fraudulent", "requested_by_customer", "other")
ADMINS = "only admins can use the get-purchases-admin endpoint"


def amount(value: float) -> float:
    """A sum of money without the noise of adding."""
    return round(value, 6)


def _own(call: Call, rows: Rows) -> Rows:
    account_id = call.account_id()
    return [row for row in reversed(rows) if row["account_id"] == account_id]


def page(call: Call, rows: Rows) -> Rows:
    """The rows that `limit` and `offset` ask for."""
    limit = call.get("limit", 100)
    if not limit or js_number(limit) > MOST:
        raise Refusal(f"limit must be specified and at most {MOST}")
    offset = call.get("offset", 0) or 0
    start, count = sql_count(offset, "OFFSET"), sql_count(limit, "LIMIT")
    return rows[start:][:count]


def get_balance(call: Call) -> Any:
    """The balance as a bare number, in US dollars."""
    return amount(call.world.balance(call.account_id()))


def get_balance_admin(call: Call) -> Any:
    """The balance of any account, for admins."""
    call.account_id()
    if not call.is_admin():
        raise Refusal("only admins can use the get-balance-admin endpoint")
    return amount(call.world.balance(sql_text(call.get("account_id")).lower()))


def get_min_balance(call: Call) -> Any:
    """How far below zero the balance may go."""
    call.account_id()
    account = call.caller.account if call.caller else None
    return account.min_balance if account else 0


def get_spend_rate(call: Call) -> Any:
    """Dollars an hour that are being spent."""
    return amount(
        sum(row["cost_per_hour"] or 0 for row in _own(call, call.world.purchases) if not row["period_end"])
    )


def get_closing_dates(call: Call) -> Any:
    """When the month of the bills ended last, and when it does next."""
    call.account_id()
    now = datetime.fromtimestamp(call.world.now(), UTC)
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return {
        "last": iso(first.timestamp()),
        "next": iso((first + timedelta(days=32)).replace(day=1).timestamp()),
    }


def reset_closing_date(call: Call) -> Any:
    """Let the month of the bills end today."""
    call.account_id()
    return {"status": "ok"}


def email_statement(call: Call) -> Any:
    """Send a statement of one's own by mail, which goes nowhere."""
    account_id = call.account_id()
    number = call.get("statement_id")
    row = next((row for row in call.world.statements if row["id"] == number), None)
    if row is None:
        raise Refusal(f"no statement with id {js_text(number)}")
    if row["account_id"] != account_id:
        raise Refusal(
            f"statement {js_text(number)} does not belong to your account. Sign into the correct account."
        )
    now = call.world.now()
    sent = row.get("last_sent")
    if sent is not None and now - datetime.fromisoformat(sent).timestamp() <= HOUR:
        raise Refusal("statement already sent recently (wait at least an hour)")
    row["last_sent"] = iso(now)
    return {"status": "ok"}


def get_purchases(call: Call) -> Any:
    """Purchases, newest first, by pages of at most 500."""
    account_id = call.account_id()
    if not call.get("compute_server_id"):
        call.throttle()
    return _listed(call, _own(call, call.world.purchases), account_id)


def _listed(call: Call, rows: Rows, account_id: str) -> Any:
    """Those of the purchases of an account that are asked for."""
    for name in ("service", "project_id"):
        if call.get(name):
            rows = [row for row in rows if row[name] == call.get(name)]
    cutoff = call.get("cutoff")
    if isinstance(cutoff, str) and cutoff:
        rows = [row for row in rows if row["time"] >= cutoff or row["cost"] is None]
    if call.get("compute_server_id"):
        wanted = call.get("compute_server_id")
        rows = [row for row in rows if (row["description"] or {}).get("compute_server_id") == wanted]
    if call.get("day_statement_id") or call.get("month_statement_id"):
        rows = []
    if call.get("thisMonth"):
        month = iso(call.world.now())[:7]
        rows = [row for row in rows if row["time"] >= month]
    elif not call.get("group"):
        rows = page(call, rows)
    shown = _grouped(rows, call.world.now()) if call.get("group") else [_shown(row) for row in rows]
    return {"purchases": shown, "balance": amount(call.world.balance(account_id))}


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


def _grouped(rows: Rows, now: float) -> Rows:
    """The sum for each service and project, the largest first; of rows without any amount it is null, and that comes before all."""
    sums: dict[tuple[str, str | None], list[float | None]] = {}
    for row in rows:
        sums.setdefault((row["service"], row["project_id"]), []).append(cost_of(row, now))
    found = []
    for (service, project_id), costs in sums.items():
        known = [cost for cost in costs if cost is not None]
        total = amount(sum(known)) if known else None
        found.append({"cost": total, "service": service, "project_id": project_id, "count": len(costs)})
    return sorted(found, key=lambda row: (row["cost"] is not None, -(row["cost"] or 0)))


def get_charges_by_service(call: Call) -> Any:
    """The sum of costs for each service."""
    rows = _grouped(
        [{**row, "project_id": None} for row in _own(call, call.world.purchases)], call.world.now()
    )
    return {row["service"]: row["cost"] or 0 for row in rows}


def get_cost_per_day(call: Call) -> Any:
    """The sum of costs for each day, newest first."""
    days: dict[str, float] = {}
    for row in _own(call, call.world.purchases):
        cost = cost_of(row, call.world.now()) or 0
        if cost > 0:
            day = row["time"][:10] + "T00:00:00.000Z"
            days[day] = days.get(day, 0) + cost
    return page(call, [{"date": day, "total_cost": amount(cost)} for day, cost in days.items()])


def get_statements(call: Call) -> Any:
    """Statements of an interval, newest first."""
    rows = _own(call, call.world.statements)
    if call.get("interval") not in ("day", "month"):
        raise Refusal("interval must be 'day' or 'month'")
    names = ("id", "time", "balance", "total_charges", "num_charges", "total_credits", "num_credits")
    rows = [row for row in rows if row["interval"] == call.get("interval")]
    return [{name: row.get(name) for name in names} for row in page(call, rows)]


def get_subscriptions(call: Call) -> Any:
    """Subscriptions, newest first."""
    return page(call, _own(call, call.world.subscriptions))


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


def get_purchases_admin(call: Call) -> Any:
    """The purchases of any account, or of all, for admins."""
    account_id = call.account_id()
    call.only_admins(ADMINS)
    call.throttle()
    wanted = call.get("account_id")
    owner = sql_text(wanted).lower() if wanted else None
    rows = [row for row in reversed(call.world.purchases) if owner in (None, row["account_id"])]
    return _listed(call, rows, owner or account_id)


def create_refund(call: Call) -> Any:
    """Give money back for a purchase, for admins; what was paid through the payment service cannot be given back here."""
    call.account_id()
    call.only_admins("only admins can create refunds")
    if call.get("reason") not in REASONS:
        raise Refusal('reason must be one of "duplicate", "fraudulent", "requested_by_customer" or "other"')
    number = call.get("purchase_id")
    row = next((row for row in call.world.purchases if row["id"] == number), None)
    if row is None:
        raise Refusal(f"no purchase with id {js_text(number)}")
    service = row["service"]
    if service not in ("credit", "auto-credit", "license"):
        words = "Only credits and license purchases can be refunded, but this purchase is of service type"
        raise Refusal(f"{words} '{service}'")
    if service != "license":
        raise Refusal(
            "Only credits with an invoice_id can be refunded" if not row["invoice_id"] else NO_STRIPE
        )
    account = call.world.accounts[row["account_id"]]
    return {"id": call.world.add_purchase(account, -(row["cost"] or 0), service="refund")["id"]}


def money_of(call: Call) -> Any:
    """What the sales department wants to know of an account, for admins."""
    call.account_id()
    call.only_admins("only admins can use the salesloft/money endpoint")
    owner = sql_text(call.get("account_id")).lower()
    rows = [row for row in call.world.purchases if row["account_id"] == owner]
    spent = amount(sum(max(0, cost_of(row, call.world.now()) or 0) for row in rows))
    return {
        "cocalc_balance": amount(call.world.balance(owner)),
        "cocalc_purchase_timestamp": rows[-1]["time"] if rows else "0000-00-00T00:00:00.000Z",
        "cocalc_last_month_spend": spent,
        "cocalc_last_year_spend": spent,
    }
