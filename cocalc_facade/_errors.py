"""What can go wrong, as one tree.

CoCalcError
├── ConfigurationError            key or host is missing or malformed; nothing was sent
├── PostOnlyError                 not a POST; nothing was sent
├── ReadOnlyError                 the client only reads; nothing was sent
├── TransportError                no answer; .maybe_executed: whether it may have run
│   ├── ConnectionFailed
│   └── TimedOut
├── APIError                      the server refused the call
│   ├── AuthenticationError       no key, or one that the server does not accept
│   ├── PermissionDeniedError     not allowed; .capability says what the key lacks
│   ├── NotFoundError             the route, or what it was asked for, does not exist
│   ├── InvalidRequestError       an argument is missing or wrong; .field names it
│   │   └── ConfirmationRequired  confirm=True was not given; nothing was sent
│   ├── RateLimitError            too many calls; .retry_after seconds
│   ├── ServerError               the server or its gateway failed
│   ├── CommandError              the command that the call ran failed
│   ├── ConflictError             a name is in use, or a state does not allow it
│   ├── PaymentRequiredError      too little money; .amount in dollars, if known
│   └── NotAvailableError         not set up on this server
└── ResponseError                 an answer came that cannot be used
    ├── UnexpectedResponse        HTML, a redirect, half an answer, or no value
    └── SchemaMismatch            not as the schema says: .where, .expected, .got
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

# Characters; of a longer text both ends are kept, for what decides stands there.
_LONGEST = 10_000
_END = 2_000
# What is no printable character and does no harm: line ends, tabs, and the spaces of typography.
_SPACES = frozenset(
    "\n\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)

VERBATIM = frozenset(("stderr",))
"""Details that hold what a program wrote, for programs to read."""


class CoCalcError(Exception):
    """The base of everything that this package raises on purpose.

    `message` is what happened (the server's own words, if it said any), `hint` what to do about it; `str()` joins them in one line. In a message, characters
    that would steer a terminal or turn the direction of text are escaped as in a Python literal, and of very long words only the two ends are kept.
    `maybe_executed` says whether the server may have run the call, or a part of it. No attribute ever holds the key.
    """

    message: str
    hint: str | None = None
    path: str | None = None
    status: int | None = None
    request_id: str | None = None
    attempts: tuple[Any, ...] = ()
    maybe_executed: bool = False

    def __init__(self, message: str, /, **details: Any) -> None:
        self.message = message = _legible(message)
        super().__init__(message)
        for name, value in details.items():
            if value is not None:
                visible = printable(value) if isinstance(value, str) and name not in VERBATIM else value
                setattr(self, name, visible)

    def add_note(self, note: str, /) -> None:
        """Add a note to the error's traceback."""
        super().add_note(printable(note))

    @property
    def schema(self) -> str:
        """The hash of the document that this client was generated from."""
        from ._version import schema_hash

        return schema_hash()

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

    def to_dict(self) -> dict[str, Any]:
        """Give the error as plain JSON: its `type`, `message`, `maybe_executed`, what else is known of it, and its notes."""
        from ._json.form import jsonable

        said = {"type": type(self).__name__, "message": self.message, "maybe_executed": self.maybe_executed}
        known = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        notes = {"notes": found} if (found := getattr(self, "__notes__", None)) else {}
        result: dict[str, Any] = jsonable({**said, **known, **notes})
        return result

    if not TYPE_CHECKING:

        def __iter__(self) -> Any:
            """Give pairs, so that `dict(…)`, with which FastAPI writes an object, gives what `to_dict` does."""
            return iter(self.to_dict().items())

        @property
        def __pydantic_serializer__(self) -> Any:
            from cocalc_v2.serialization import serializer

            return serializer(type(self))

    def _render_traceback_(self) -> list[str]:
        """Give what a notebook shows: what happened in one line, then where in the user's own code, without our frames."""
        from ._json.traceback import rendered

        return rendered(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from cocalc_v2.serialization import core_schema

        return core_schema(cls, cls.to_dict)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> Any:
        from cocalc_v2.serialization import json_schema

        return json_schema(cls)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.message, dict(self.__dict__))


def printable(text: str) -> str:
    """Give the text with what a terminal would obey or hide (controls, direction marks, lone surrogates) written as Python escapes it.

    Line ends, tabs and all kinds of blanks stay.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _SPACES else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _legible(text: str) -> str:
    """Give words that can be shown anywhere: bounded, with what cannot be printed escaped."""
    length = len(text)
    return _bounded(printable(_bounded(text, length)), length)


def _bounded(text: str, length: int) -> str:
    if len(text) <= _LONGEST:
        return text
    left_out = f" … [{length} characters in all] … "
    return f"{text[: _LONGEST - _END - len(left_out)]}{left_out}{text[-_END:]}"


def _restore(kind: type[CoCalcError], message: str, details: dict[str, Any]) -> CoCalcError:
    error = kind(message)
    error.__dict__.update(details)
    return error


class ConfigurationError(CoCalcError):
    """The client cannot be used as it was set up: no key, a malformed key or host. Nothing was sent."""


class PostOnlyError(CoCalcError):
    """Something else than POST was about to go to the API, where even a GET runs the operation. Nothing was sent."""


class ReadOnlyError(CoCalcError):
    """The call changes something, and the client is `read_only`. Nothing was sent. `changes` says what, in words that complete "it …"."""

    changes: str = ""


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
    """Not allowed: to this key, or (on newer servers, which then say it to a wrong key too) to any key.

    `capability` is what the key lacks, such as `project:exec`, where the server names it.
    """

    capability: str | None = None


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
    """The command that the server ran for this call failed; `exit_code` and `stderr` when the server tells.

    `killed` says that the server ended it at its timeout.
    """

    exit_code: int | None = None
    stderr: str | None = None
    killed: bool = False


class ServerError(APIError):
    """The server failed, or a gateway in front of it, or a service behind it, did."""


class ConflictError(APIError):
    """It conflicts with what is there: a name or an address in use, something done already, a state that does not allow it."""


class PaymentRequiredError(APIError):
    """Money is lacking, or a spending limit is reached: `amount` is what has to be paid in, in US dollars, when the server names it."""

    if (
        TYPE_CHECKING
    ):  # reading annotations at run time must not need the module of decimals, which takes long to import
        amount: Decimal | None
    else:
        amount = None


class NotAvailableError(APIError):
    """The server was not set up for it, or does not have it: nothing that the caller can mend."""


class ResponseError(CoCalcError):
    """What came back is not an answer that the server should give."""


class UnexpectedResponse(ResponseError):
    """Not JSON, not whole, or nothing of what the route promises: HTML, a redirect, a truncated body, null for a list. `body` is its start.

    `expected` and `got` name types, when the answer is JSON of another shape than every success has.
    """

    body: str = ""
    location: str | None = None
    expected: str | None = None
    got: str | None = None


class SchemaMismatch(ResponseError, AttributeError):
    """With `strict=True`: the answer departs from the schema at `where` (`*` is a key of a map); `got` names a type, never a value.

    Without it: a field was read that every success has, and this answer does not have; so it is an `AttributeError` too, and `hasattr` and
    `getattr` with a default do what they do for any attribute that is missing.
    """

    where: tuple[str | int, ...] = ()
    expected: str = ""
    got: str = ""

    @classmethod
    def _of_missing(cls, model: str, field: str, null: bool, route: str) -> SchemaMismatch:
        """Give the error for reading a field that an answer lacks; the generated code raises it."""
        message = f"the server {'sent null for' if null else 'left out'} {field} of {model}, which every success has"
        got = "null" if null else "nothing"
        return cls(message, path=route or None, where=(field,), expected="value", got=got)


class CoCalcWarning(UserWarning):
    """What is likely not to be what one wants, such as a route that always fails on today's server, or a key file that others can read."""
