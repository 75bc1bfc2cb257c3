"""A Python client for CoCalc's HTTP API that is right about the real server.

    from cocalc_facade import CoCalc

    with CoCalc("sk-…") as client:
        client.projects.stop(project_id="…")

Names are imported when they are first asked for, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from ._version import __version__

# False, and True to type checkers. Completion would see through the word `False`, and importing typing costs more than all the rest.
TYPE_CHECKING = bool()  # noqa: UP018
if TYPE_CHECKING:
    from ._api_keys import ApiKey
    from ._async_handles import AsyncProject
    from ._cart import CartItem, Checkout
    from ._client import AsyncCoCalc, CoCalc
    from ._commands import CompletedCommand
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
    from ._handles import Project
    from ._hooks import Request, Response
    from ._identity import Identity
    from ._latex import LatexMessage, LatexResult
    from ._licenses import License
    from ._listing import DirectoryListing, Entry
    from ._map import MapInterrupted, Outcome, Outcomes
    from ._mismatches import Mismatch, Mismatches
    from ._projects import ProjectState
    from ._purchases import Purchase, Purchases
    from ._query import QueryRows
    from ._raw import RawAnswer
    from ._retries import Attempt
    from ._schema import SCHEMA
    from ._secret import Secret
    from ._tables import TABLES
    from ._timeouts import Timeout

__all__ = [
    "SCHEMA",
    "TABLES",
    "APIError",
    "ApiKey",
    "AsyncCoCalc",
    "AsyncProject",
    "Attempt",
    "AuthenticationError",
    "CartItem",
    "Checkout",
    "CoCalc",
    "CoCalcError",
    "CoCalcWarning",
    "CommandError",
    "CompletedCommand",
    "ConfigurationError",
    "ConfirmationRequired",
    "ConnectionFailed",
    "DirectoryListing",
    "Entry",
    "Identity",
    "InvalidRequestError",
    "LatexMessage",
    "LatexResult",
    "License",
    "MapInterrupted",
    "Mismatch",
    "Mismatches",
    "NotFoundError",
    "Outcome",
    "Outcomes",
    "PermissionDeniedError",
    "PostOnlyError",
    "Project",
    "ProjectState",
    "Purchase",
    "Purchases",
    "QueryRows",
    "RateLimitError",
    "RawAnswer",
    "Request",
    "Response",
    "ResponseError",
    "SchemaMismatch",
    "Secret",
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
    "ApiKey": "_api_keys",
    "CartItem": "_cart",
    "Checkout": "_cart",
    "CompletedCommand": "_commands",
    "DirectoryListing": "_listing",
    "Entry": "_listing",
    "LatexMessage": "_latex",
    "LatexResult": "_latex",
    "License": "_licenses",
    "MapInterrupted": "_map",
    "Outcome": "_map",
    "Outcomes": "_map",
    "ProjectState": "_projects",
    "Purchase": "_purchases",
    "Purchases": "_purchases",
    "QueryRows": "_query",
    "Secret": "_secret",
    "TABLES": "_tables",
    "Project": "_handles",
    "AsyncProject": "_async_handles",
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
