"""billing/* and purchases/stripe/*: payments, with no payment service behind them."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call, Handler
from cocalc_facade.testing.wire.refusals import Refusal

NO_STRIPE = "stripe publishable key is not set -- billing functionality not available"


def unpaid(refusal: str = "must be signed in", *, throttled: bool = False) -> Handler:
    """A route that would ask the payment service, and says that there is none.

    Args:
        refusal: what it says to nobody.
        throttled: whether its calls are counted.
    """

    def ask(call: Call) -> Any:
        call.account_id(refusal)
        if throttled:
            call.throttle()
        raise Refusal(NO_STRIPE)

    return ask


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


def no_payments(call: Call) -> Any:
    """A page of payments or of ways to pay: an empty one."""
    call.account_id()
    call.throttle()
    return {"has_more": False, "data": [], "object": "list"}


def process_payments(call: Call) -> Any:
    """Look at payments that are under way: none."""
    call.account_id()
    return {"count": 0, "success": True}


def set_default_payment_method(call: Call) -> Any:
    """Choose among ways to pay: there are none."""
    call.account_id("must be signed in to set stripe default payment method")
    call.throttle()
    raise Refusal("customer does not exist in stripe, so has no payment methods")


def cancel_automatic_billing(call: Call) -> Any:
    """End automatic payments, whether there are any or not."""
    call.account_id()
    return {"success": True}


def cancel_checkout_session(call: Call) -> Any:
    """Forget the open payment, whether there is one or not."""
    call.account_id()
    return {"status": "ok"}
