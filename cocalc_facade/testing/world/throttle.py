"""The server's throttle: so many calls a second, minute and hour, for each account and endpoint."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from cocalc_facade.testing.wire.refusals import Refusal

WINDOWS = (("second", 1), ("minute", 60), ("hour", 3600))
DEFAULT = (3, 15, 200)
# How the refusal of a message that is made through `user-query` names what is throttled; other queries are not.
CREATE_MESSAGE = "user_query-create_message"
RULES: dict[str, tuple[int, int, int]] = {
    "compute/get-servers": (5, 50, 500),
    "compute/get-servers-by-id": (15, 100, 1000),
    "compute/is-dns-available": (3, 80, 500),
    "messages/get": DEFAULT,
    "messages/send": (1, 5, 60),
    "purchases/get-purchases": DEFAULT,
    "purchases/get-purchases-admin": (5, 100, 1000),
    "purchases/stripe/cancel-payment-intent": DEFAULT,
    "purchases/stripe/create-payment-intent": DEFAULT,
    "purchases/stripe/create-setup-intent": DEFAULT,
    "purchases/stripe/create-subscription-payment": DEFAULT,
    "purchases/stripe/delete-payment-method": DEFAULT,
    "purchases/stripe/get-checkout-session": DEFAULT,
    "purchases/stripe/get-customer": DEFAULT,
    "purchases/stripe/get-customer-session": (1, 3, 40),
    "purchases/stripe/get-open-payments": DEFAULT,
    "purchases/stripe/get-payment-method": DEFAULT,
    "purchases/stripe/get-payment-methods": DEFAULT,
    "purchases/stripe/get-payments": (3, 20, 150),
    "purchases/stripe/set-customer": DEFAULT,
    "purchases/stripe/set-default-payment-method": DEFAULT,
    "shopping/cart/add": DEFAULT,
}


def plural(count: int, unit: str) -> str:
    """`1 second`, `53 seconds`."""
    return f"{count} {unit}" + ("" if count == 1 else "s")


def refusal(endpoint: str, wait: int, limit: int, unit: str) -> str:
    """The text with which the server refuses a call."""
    return (
        f"too many requests to {endpoint}; try again in {plural(wait, 'second')} "
        f"(rule: at most {plural(limit, 'request')} per {unit})"
    )


@dataclass(slots=True)
class Throttle:
    """The counts of one server process."""

    counts: dict[tuple[str, str, str], tuple[float, int]] = field(default_factory=dict)

    def check(self, endpoint: str, account_id: str, now: float) -> None:
        """Count a call. A call that a wider window refuses has already counted in the narrower ones.

        Raises:
            Refusal: too many calls; says for how long.
        """
        for (unit, length), limit in zip(WINDOWS, RULES.get(endpoint, DEFAULT), strict=True):
            key = (endpoint, account_id, unit)
            since, count = self.counts.get(key, (now, 0))
            if now - since >= length:
                since, count = now, 0
            if count >= limit:
                raise Refusal(refusal(endpoint, max(1, math.ceil(length - (now - since))), limit, unit))
            self.counts[key] = (since, count + 1)

    def reset(self) -> None:
        """Forget all counts."""
        self.counts.clear()
