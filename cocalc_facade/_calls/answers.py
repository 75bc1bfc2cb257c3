"""What an answer means: a value, or an error.

CoCalc says almost every failure with HTTP 200, so the decision needs status, content type, body and what the operation table says of
the route. It is a pure function of those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .meaning.payloads import is_json, load

if TYPE_CHECKING:
    from cocalc_facade._errors import CoCalcError
    from cocalc_facade._wire.flow import Answer

    from .routes import Route


def judge(answer: Answer, route: Route) -> tuple[Any, CoCalcError | None]:
    """Give the plain JSON value of the answer and None, or None and the error that it means."""
    if is_json(answer):
        try:
            value = load(answer.body)
        except (ValueError, RecursionError) as error:
            from .meaning.refusals import not_json

            return None, not_json(answer, route, error)
        if type(value) is not dict or not ("error" in value or route.failure):
            return value, None
        from .meaning.refusals import refusal

        error_ = refusal(value, answer, route)
        return (None, error_) if error_ is not None else (value, None)
    from .meaning.refusals import other

    return other(answer, route)
