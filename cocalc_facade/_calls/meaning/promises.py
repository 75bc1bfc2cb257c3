"""From JSON that is not what a route promises to the error that it means."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from cocalc_v2.types import word

from cocalc_facade._errors import CoCalcError

from .refusals import unexpected

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route
    from cocalc_facade._wire.flow import Answer

UNDONE = "the server says this when it could not do it, or gave up waiting until it was done"
ANYWAY = "call(…, check=False) gives it all the same"


def nothing(value: Any, answer: Answer, route: Route) -> tuple[Any, CoCalcError | None]:
    """Give the error for a value of another type than every success of the route has, or without its fields.

    Numbers in another form than the usual one are values all the same: those that no float holds, and newer servers' money, which is text.
    """
    operation = route.operation
    assert operation is not None
    if {"number", "integer"}.intersection(operation.answer) and _is_number(value):
        return value, None
    expected = " or ".join(operation.answer)
    got = "nothing" if not answer.body or answer.status == 204 else word(value)
    if not (isinstance(value, dict) and "object" in operation.answer):
        message = f"expected {expected}, got {got}"
        return None, unexpected(
            answer, route, message, expected=expected, got=got, hint=ANYWAY if value else None
        )
    names = " or ".join((*operation.some, *operation.present))
    expected, got = f"object with {names}", "object without"
    hint = ANYWAY if value else UNDONE
    return None, unexpected(answer, route, f"the answer lacks {names}", expected=expected, got=got, hint=hint)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, Decimal) or (isinstance(value, str) and Decimal(value).is_finite())
    except InvalidOperation:
        return False
