"""A Python client for CoCalc's HTTP API that is right about the real server.

    from cocalc_facade import CoCalc

    with CoCalc("sk-…") as client:
        client.projects.stop(project_id="…")

Names are imported when they are first asked for, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from ._version import __version__

TYPE_CHECKING = False  # as type checkers read it; importing typing costs more than all the rest
if TYPE_CHECKING:
    from ._client import AsyncCoCalc, CoCalc
    from ._errors import (
        APIError,
        AuthenticationError,
        CoCalcError,
        CoCalcWarning,
        CommandError,
        ConfigurationError,
        ConfirmationRequired,
        ConnectionFailed,
        InvalidRequestError,
        NotFoundError,
        PermissionDeniedError,
        PostOnlyError,
        RateLimitError,
        ResponseError,
        SchemaMismatch,
        ServerError,
        TimedOut,
        TransportError,
        UnexpectedResponse,
    )
    from ._hooks import Request, Response
    from ._identity import Identity
    from ._mismatches import Mismatch, Mismatches
    from ._raw import RawAnswer
    from ._retries import Attempt
    from ._schema import SCHEMA
    from ._timeouts import Timeout

__all__ = [
    "SCHEMA",
    "APIError",
    "AsyncCoCalc",
    "Attempt",
    "AuthenticationError",
    "CoCalc",
    "CoCalcError",
    "CoCalcWarning",
    "CommandError",
    "ConfigurationError",
    "ConfirmationRequired",
    "ConnectionFailed",
    "Identity",
    "InvalidRequestError",
    "Mismatch",
    "Mismatches",
    "NotFoundError",
    "PermissionDeniedError",
    "PostOnlyError",
    "RateLimitError",
    "RawAnswer",
    "Request",
    "Response",
    "ResponseError",
    "SchemaMismatch",
    "ServerError",
    "TimedOut",
    "Timeout",
    "TransportError",
    "UnexpectedResponse",
    "__version__",
]

_HOMES = {
    "SCHEMA": "_schema",
    "AsyncCoCalc": "_client",
    "Attempt": "_retries",
    "CoCalc": "_client",
    "Identity": "_identity",
    "Mismatch": "_mismatches",
    "Mismatches": "_mismatches",
    "RawAnswer": "_raw",
    "Request": "_hooks",
    "Response": "_hooks",
    "Timeout": "_timeouts",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module("." + _HOMES.get(name, "_errors"), __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
