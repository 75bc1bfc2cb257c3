"""What an answer means: a value, or an error.

CoCalc says almost every failure with HTTP 200, so the decision needs status, content type, body and what the operation table says of
the route. It is a pure function of those.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._flow import Answer

if TYPE_CHECKING:
    from ._errors import CoCalcError
    from ._routes import Route


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


@cache
def _fast() -> Callable[[bytes], Any] | None:
    """Give the decoder of the extra `fast`; not sooner than the first answer, for it imports a lot."""
    try:
        return import_module("msgspec.json").decode  # type: ignore[no-any-return]
    except ImportError:
        return None


def load(body: bytes) -> Any:
    """Give the JSON value in `body`; ValueError (or RecursionError) when there is none. An empty body is None."""
    return loaded(body, _fast()) if body else None


def loaded(body: bytes, fast: Callable[[bytes], Any] | None) -> Any:
    """Give the JSON value in `body`, by the `fast` decoder where that gives the same."""
    if fast is not None:
        try:
            return fast(body)
        except (ValueError, RecursionError):
            pass  # the standard decoder takes lone surrogates and deeper nesting, and says better what is wrong
    return _decode(body.decode())


def is_json(answer: Answer) -> bool:
    """Tell whether the answer says that it is JSON and no failure of HTTP."""
    return 200 <= answer.status < 300 and answer.headers.get("content-type", "").startswith(
        "application/json"
    )


def judge(answer: Answer, route: Route) -> tuple[Any, CoCalcError | None]:
    """Give the plain JSON value of the answer and None, or None and the error that it means."""
    if is_json(answer):
        try:
            value = load(answer.body)
        except (ValueError, RecursionError) as error:
            from ._refusals import not_json

            return None, not_json(answer, route, error)
        if type(value) is not dict or not ("error" in value or route.failure):
            return value, None
        from ._refusals import refusal

        error_ = refusal(value, answer, route)
        return (None, error_) if error_ is not None else (value, None)
    from ._refusals import other

    return other(answer, route)
