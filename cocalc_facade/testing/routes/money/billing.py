"""billing/*: the old payment routes, with no payment service behind them."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.calls import Call, route


@route("billing/get-customer")
def get_customer(call: Call) -> Any:
    """The payment service's customer: none."""
    call.account_id("must be signed in to get stripe customer information")
    return {}


@route("purchases/stripe/get-customer")
def get_stripe_customer(call: Call) -> Any:
    """The payment service's customer as it sees it: none."""
    call.account_id()
    call.throttle()
    return {}


@route("billing/get-subscriptions")
def get_subscriptions(call: Call) -> Any:
    """Old subscriptions: a list for nobody, an object without any for somebody."""
    return {} if call.caller else []


@route("billing/get-invoices-and-receipts")
def get_invoices_and_receipts(call: Call) -> Any:
    """Invoices: none."""
    return {"data": []} if call.caller else {}
