"""The body of an answer as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cocalc_facade._wire.flow import Answer


JSON = "application/json"


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
    kind = answer.headers.get("content-type", "")
    return 200 <= answer.status < 300 and (
        kind.startswith(JSON) or kind.strip()[: len(JSON)].lower() == JSON  # as servers write it, or any case
    )
