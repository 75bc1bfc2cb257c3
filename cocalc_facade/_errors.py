"""What can go wrong, as one tree.

CoCalcError
├── ConfigurationError            no key, malformed key or host: raised before anything is sent
├── PostOnlyError                 anything but POST to the API: refused before it is sent
├── TransportError                no answer came; .maybe_executed says whether the call may have run
│   ├── ConnectionFailed
│   └── TimedOut
├── APIError                      the server answered: no
│   ├── AuthenticationError       no key, or one that the server does not accept
│   ├── PermissionDeniedError     the key is accepted, and not allowed to do this
│   ├── NotFoundError             the route, or what it was asked for, does not exist
│   ├── InvalidRequestError       a parameter is missing or wrong; .field names it when known
│   │   └── ConfirmationRequired  nothing was sent, because confirm=True was not given
│   ├── RateLimitError            too many requests; .retry_after seconds
│   ├── CommandError              the command that the server ran for the call failed
│   └── ServerError               the server, or what stands before it, failed
└── ResponseError                 the server answered something that is not an answer
    ├── UnexpectedResponse        HTML, a redirect, truncated or non-JSON
    └── SchemaMismatch            only with strict=True: .where, .expected, .got
"""

from __future__ import annotations

from typing import Any


class CoCalcError(Exception):
    """The base of everything that this package raises on purpose.

    `message` is what happened (the server's own words, if it said any), `hint` what to do about it. Both are one line, and `str()`
    joins them. No attribute ever holds the key.
    """

    message: str
    hint: str | None = None
    path: str | None = None
    status: int | None = None
    request_id: str | None = None
    attempts: tuple[Any, ...] = ()
    maybe_executed: bool = False

    def __init__(self, message: str, /, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in details.items():
            if value is not None:
                setattr(self, name, value)

    @property
    def schema(self) -> str:
        """The hash of the document that this client was generated from."""
        from ._schema import SCHEMA

        return SCHEMA.hash

    def __str__(self) -> str:
        text = " ".join(self.message.split())
        if self.path and not text.startswith(self.path):
            text = f"{self.path}: {text}"
        if self.hint:
            text = f"{text} ({self.hint})"
        return text

    def __repr__(self) -> str:
        status = f", status={self.status}" if self.status else ""
        path = f", path={self.path!r}" if self.path else ""
        return f"{type(self).__name__}({self.message!r}{path}{status})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.message, dict(self.__dict__))


def _restore(kind: type[CoCalcError], message: str, details: dict[str, Any]) -> CoCalcError:
    error = kind(message)
    error.__dict__.update(details)
    return error


class ConfigurationError(CoCalcError):
    """The client cannot be used as it was set up: no key, a malformed key or host. Nothing was sent."""


class PostOnlyError(CoCalcError):
    """Something else than POST was about to go to the API, where even a GET runs the operation. Nothing was sent."""


class TransportError(CoCalcError):
    """No answer came. `maybe_executed` says whether the server may have run the call all the same."""


class ConnectionFailed(TransportError):
    """The connection could not be made, or was lost before an answer came."""


class TimedOut(TransportError):
    """No answer came in time."""


class APIError(CoCalcError):
    """The server answered: no. `message` holds its words, `code` its code if it gave one (newer servers do)."""

    code: str | None = None


class AuthenticationError(APIError):
    """The server took the caller for anonymous: no key, a wrong, expired or banned one, or its database is away."""


class PermissionDeniedError(APIError):
    """The key is accepted, and not allowed to do this."""


class NotFoundError(APIError):
    """The route, or the thing that it was asked for, does not exist."""


class InvalidRequestError(APIError):
    """A parameter is missing, unknown or wrong; `field` names it when that is known."""

    field: str | None = None


class ConfirmationRequired(InvalidRequestError):
    """The operation cannot be undone, and `confirm=True` was not given. Nothing was sent."""


class RateLimitError(APIError):
    """Too many requests: `retry_after` is the wait in seconds that the server asks for, `rule` its rule."""

    retry_after: float | None = None
    rule: str | None = None


class CommandError(APIError):
    """The command that the server ran for this call failed; `exit_code` and `stderr` when the server tells."""

    exit_code: int | None = None
    stderr: str | None = None


class ServerError(APIError):
    """The server failed, or a gateway in front of it did."""


class ResponseError(CoCalcError):
    """What came back is not an answer that the server should give."""


class UnexpectedResponse(ResponseError):
    """Not JSON, or not whole: HTML, a redirect, a truncated body. `body` is its start."""

    body: str = ""
    location: str | None = None


class SchemaMismatch(ResponseError):
    """With `strict=True`: the answer departs from the schema at `where`; `got` names a type, never a value."""

    where: tuple[str | int, ...] = ()
    expected: str = ""
    got: str = ""


class CoCalcWarning(UserWarning):
    """A call that is likely not to do what one wants, such as a route that always fails on today's server."""
