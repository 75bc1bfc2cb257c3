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


def judge(answer: Answer, route: Route, check: bool = True) -> tuple[Any, CoCalcError | None]:
    """Give the plain JSON value of the answer and None, or None and the error that it means.

    With `check`, an answer that has nothing of what every success of the route has is an error: nothing is not something.
    """
    if is_json(answer):
        try:
            value = load(answer.body)
        except (ValueError, RecursionError) as error:
            from .meaning.payloads import load_anew
            from .meaning.refusals import not_json

            try:
                value = load_anew(answer)
            except (ValueError, RecursionError):
                return None, not_json(answer, route, error)
        if type(value) is dict and ("error" in value or route.failure):
            from .meaning.refusals import refusal

            error_ = refusal(value, answer, route)
            if error_ is not None:
                return None, error_
    elif answer.status == 204:
        value = None
    else:
        from .meaning.refusals import other

        return other(answer, route)
    if check and route.types is not None and (type(value) not in route.types or lacks(value, route)):
        from .meaning.promises import nothing

        return nothing(value, answer, route)
    return value, None


def lacks(value: Any, route: Route) -> bool:
    """Tell whether a value has none of the fields that every success of the route has."""
    operation = route.operation
    if not route.promises or type(value) is not dict or operation is None:
        return False
    return not (
        any(value.get(name) is not None for name in operation.some)
        or any(name in value for name in operation.present)
    )
