"""Amounts of money in US dollars: servers send numbers, newer ones text as well; `Decimal` on request, exact then."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    M = TypeVar("M", float, Decimal, default=float)
else:
    from typing import TypeVar

    M = TypeVar("M", float, Decimal)

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{0,60})?([eE][+-]?[0-9]{1,2})?")
_MOST = Decimal(10) ** 30


def exact(value: Any) -> Decimal | None:
    """Give the amount that a JSON number or a text says; None when it says none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = value if isinstance(value, str) else repr(value)
    if len(text) > 100 or not _NUMBER.fullmatch(text):
        return None
    amount = Decimal(text)
    return amount if abs(amount) < _MOST else None


def amount_of(value: Any, zero: M) -> M | None:
    """Give the amount in the kind of `zero`."""
    amount = exact(value)
    return None if amount is None else type(zero)(amount)


def dollars(amount: Decimal) -> str:
    """Give the amount as people write it, with as many digits as it has, two at least."""
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"${amount:.{digits}f}"
