"""From Python arguments to the JSON body of a request, refusing what the server would refuse late or misread silently."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from cocalc_v2.types import UNSET

from cocalc_facade._errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .routes import Route

MOST = 1_048_576
"""What the server takes: one byte more and it answers 413."""

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE).fullmatch
_WORDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "an object (a dict)",
}
_TYPES: dict[str, Any] = {
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "string": str,
    "array": list,
    "object": dict,
}


def body_of(route: Route, arguments: Mapping[str, Any] | None, check: bool = True) -> bytes:
    """Give the JSON body for the arguments, by wire name. Omitted ones (`UNSET`) are left out, None is sent as null."""
    if not arguments:
        if arguments is None or arguments == {}:
            return b"{}"
        _refuse(route, None, f"the arguments must be a dict, not {type(arguments).__name__}")
    values: dict[str, Any] = {}
    kinds = route.kinds if check else {}
    try:
        for name, value in arguments.items():
            if value is UNSET:
                continue
            kind = kinds.get(name, "any")
            if kind == "any":
                if check and route.known and name not in kinds:
                    _unknown(route, name)
            elif value is not None:
                value = _checked(route, name, kind, value)
            values[name] = value
        body = _encode(values).encode()
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        _refuse(route, None, _reason(error, arguments))
    if len(body) > MOST:
        _refuse(
            route,
            None,
            f"the arguments are {len(body)} bytes as JSON; the server takes at most {MOST}",
            "send less at once",
        )
    return body


def _checked(route: Route, name: str, kind: str, value: Any) -> Any:
    """Give the value as it goes on the wire, for a field of that kind."""
    if kind == "uuid":
        text = value if type(value) is str else _plain(value)
        if type(text) is not str or not _UUID(text):
            shown = repr(text) if isinstance(text, str) and len(text) <= 40 else type(value).__name__
            _refuse(route, name, f"{name} must be a UUID, not {shown}")
        return text
    if kind.startswith("time-"):
        return _time(route, name, kind, value)
    expected = _TYPES.get(kind)
    if expected is None or type(value) is expected:
        return value
    plain = _plain(value)
    fits = isinstance(plain, expected) and not (isinstance(plain, bool) and kind in ("integer", "number"))
    if kind == "integer" and isinstance(plain, float) and plain.is_integer():
        return int(plain)
    if not fits:
        _refuse(route, name, f"{name} must be {_WORDS[kind]}, not {type(value).__name__}")
    return plain


def _time(route: Route, name: str, kind: str, value: Any) -> Any:
    """Give a datetime in the wire form of the field; other values are left to the server."""
    if not isinstance(value, datetime):
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            _refuse(route, name, f"{name} must be a datetime, not {type(value).__name__}")
        return value
    if value.tzinfo is None:
        _refuse(
            route,
            name,
            f"{name} must be a datetime with a time zone",
            "for example datetime.now(timezone.utc)",
        )
    if kind == "time-epoch-ms":
        return round(value.timestamp() * 1000)
    if kind == "time-epoch-s":
        seconds = value.timestamp()
        return int(seconds) if seconds.is_integer() else seconds
    return _iso(value)


def _plain(value: Any) -> Any:
    """Give a JSON value for a Python value of the kinds that users have at hand; TypeError for the rest."""
    if value is None or isinstance(value, str | bool | int | float | list | dict):
        enum_value = getattr(value, "value", None) if type(value) not in _BARE else None
        return value if enum_value is None else enum_value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a datetime must have a time zone, for example datetime.now(timezone.utc)")
        return _iso(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return _foreign(value)


_BARE = {str, bool, int, float, list, dict, type(None)}


def _foreign(value: Any) -> Any:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal
    from enum import Enum
    from pathlib import PurePath
    from uuid import UUID

    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a JSON number")
        whole = value == value.to_integral_value() and abs(value) < 2**53
        return int(value) if whole else float(value)
    if hasattr(type(value), "__attrs_attrs__"):
        return {field.name: getattr(value, field.name) for field in type(value).__attrs_attrs__}
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _default(value: Any) -> Any:
    if value is UNSET:
        raise TypeError("UNSET can only stand for a whole argument")
    return _plain(value)


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_default
).encode


def _iso(value: datetime) -> str:
    """Give the form in which the server writes times: UTC, milliseconds, Z."""
    from datetime import UTC

    value = value.astimezone(UTC)
    digits = "milliseconds" if value.microsecond % 1000 == 0 else "microseconds"
    return value.replace(tzinfo=None).isoformat(timespec=digits) + "Z"


def _unknown(route: Route, name: Any) -> NoReturn:
    from difflib import get_close_matches

    if not isinstance(name, str):
        _refuse(route, None, f"argument names must be text, not {type(name).__name__}")
    kinds = route.kinds
    close = get_close_matches(name, kinds, n=1, cutoff=0.5)
    if close:
        hint = f"did you mean {close[0]!r}?"
    else:
        hint = f"it takes {', '.join(kinds)}" if kinds else "it takes no arguments"
    _refuse(
        route,
        name,
        f"there is no argument {name!r}",
        f"{hint} To send it all the same: call(..., check=False)",
    )


def _reason(error: Exception, arguments: Any) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "a text has characters that cannot be encoded (lone surrogates)"
    if isinstance(error, RecursionError):
        return "the arguments are nested too deeply"
    if isinstance(error, AttributeError):
        return f"the arguments must be a dict, not {type(arguments).__name__}"
    words = str(error)
    if "Out of range float" in words:
        return "NaN and infinity are not JSON"
    if "Circular" in words:
        return "the arguments contain themselves"
    return f"the arguments cannot be sent: {words}"


def _refuse(route: Route, field: str | None, message: str, hint: str | None = None) -> NoReturn:
    raise InvalidRequestError(message, path=route.path, field=field, hint=hint) from None
