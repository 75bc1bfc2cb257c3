"""billing/*: the old payment routes, with no payment service behind them."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call


def get_customer(call: Call) -> Any:
    """The payment service's customer: none."""
    call.account_id("must be signed in to get stripe customer information")
    return {}


def get_stripe_customer(call: Call) -> Any:
    """The payment service's customer as it sees it: none."""
    call.account_id()
    call.throttle()
    return {}


def get_subscriptions(call: Call) -> Any:
    """Old subscriptions: a list for nobody, an object without any for somebody."""
    return {} if call.caller else []


def get_invoices_and_receipts(call: Call) -> Any:
    """Invoices: none."""
    return {"data": []} if call.caller else {}
