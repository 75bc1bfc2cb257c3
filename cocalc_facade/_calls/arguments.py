"""From Python arguments to the JSON body of a request, refusing what the server would refuse late or misread silently."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from cocalc_v2.types import LEAVES, UNSET

from cocalc_facade._errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .routes import Route
    from .values.plain import Unsendable

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
_TYPES: dict[str, type] = {
    "boolean": bool,
    "integer": int,
    "string": str,
    "array": list,
    "object": dict,
}
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def body_of(route: Route, arguments: Mapping[str, Any] | None, check: bool = True) -> bytes:
    """Give the JSON body for the arguments, by wire name. Omitted ones (`UNSET`) are left out, None is sent as null where that means something."""
    if arguments is None:
        return b"{}"
    if type(arguments) is not dict:
        arguments = _mapping(route, arguments)
    values: dict[str, Any] = {}
    kinds = route.kinds if check else {}
    for name, value in arguments.items():
        if value is UNSET:
            continue
        kind = kinds.get(name)
        if kind is None:
            _named(route, name, check)
        elif value is None:
            _may_be_null(route, name)
        elif type(value) is not _TYPES.get(kind):
            value = _checked(route, name, kind, value)
        values[name] = value if type(value) in LEAVES else _plain(route, name, value)
    if not values:
        return b"{}"
    try:
        body = _encode(values).encode()
    except ValueError:
        from .values.plain import culprit

        _refuse_place(route, culprit(values, ()))
    if len(body) > MOST:
        _refuse(
            route,
            None,
            f"the arguments are {len(body)} bytes as JSON; the server takes at most {MOST}",
            "send less at once",
        )
    return body


def _mapping(route: Route, arguments: Any) -> dict[Any, Any]:
    from collections.abc import Mapping

    if not isinstance(arguments, Mapping):
        _refuse(route, None, f"the arguments must be a dict, not {type(arguments).__name__}")
    return dict(arguments)


def _named(route: Route, name: Any, check: bool) -> None:
    """Refuse a name that is none, or that the route does not have."""
    if type(name) is not str:
        _refuse(route, None, f"argument names must be text, not {type(name).__name__}")
    if check and route.known:
        _unknown(route, name)


def _may_be_null(route: Route, name: str) -> None:
    if not route.fields[name].null:
        _refuse(route, name, f"{name} must not be None", "leave it out to say nothing of it")


def _plain(route: Route, name: str, value: Any) -> Any:
    """Give the JSON value for an argument."""
    from .values.plain import Unsendable, plain

    try:
        return plain(value, (name,))
    except Unsendable as unsendable:
        _refuse_place(route, unsendable)
    except RecursionError:
        _refuse(route, name, f"{name} is nested too deeply")
    except Exception as error:
        _refuse_raising(route, name, value, error)


def _checked(route: Route, name: str, kind: str, value: Any) -> Any:
    """Give the value as it goes on the wire, for a field of that kind; a value of a class that raises when it is asked is refused."""
    try:
        return _of_kind(route, name, kind, value)
    except InvalidRequestError:
        raise
    except Exception as error:
        _refuse_raising(route, name, value, error)


def _of_kind(route: Route, name: str, kind: str, value: Any) -> Any:
    if kind == "any":
        return value
    if kind.startswith("time-"):
        return _time(route, name, kind, value)
    if kind == "uuid":
        text = value if type(value) is str else _plain(route, name, value)
        if type(text) is not str or not _UUID(text):
            shown = repr(text) if isinstance(text, str) and len(text) <= 40 else type(value).__name__
            _refuse(route, name, f"{name} must be a UUID, not {shown}")
        return text
    from .values import numeric

    found: Any
    if kind == "integer":
        found = numeric.whole(_member(value))
    elif kind == "number":
        found = numeric.real(_member(value))
    elif kind == "boolean":
        found = numeric.truth(value)
    else:
        found = _plain(route, name, value)
        found = found if isinstance(found, _TYPES[kind] if kind != "array" else list | tuple) else None
    if found is None:
        _refuse(route, name, f"{name} must be {_WORDS[kind]}, not {_shown(value)}")
    return found


def _member(value: Any) -> Any:
    """Give what a member of an enumeration stands for."""
    from enum import Enum

    return value.value if isinstance(value, Enum) else value


def _shown(value: Any) -> str:
    """Name a value's type, and the value where that is what is wrong with it."""
    return repr(value) if isinstance(value, float) else type(value).__name__


def _time(route: Route, name: str, kind: str, value: Any) -> Any:
    """Give a datetime in the wire form of the field; text and numbers are left to the server."""
    from .values import numeric
    from .values.plain import Unsendable, in_utc, iso

    if not isinstance(value, datetime):
        found = value if isinstance(value, str) else numeric.real(value)
        if found is None:
            _refuse(route, name, f"{name} must be a datetime, not {_shown(value)}")
        return found
    try:
        if kind == "time-iso":
            return iso(value, (name,))
        seconds = in_utc(value, (name,)).timestamp()
    except Unsendable as unsendable:
        _refuse_place(route, unsendable)
    except Exception as error:
        _refuse_raising(route, name, value, error)
    if kind == "time-epoch-ms":
        return round(seconds * 1000)
    return int(seconds) if seconds.is_integer() else seconds


def _unknown(route: Route, name: Any) -> NoReturn:
    from .values.naming import meant

    kinds = route.kinds
    takes = f"it takes {', '.join(kinds)}." if kinds else "it takes no arguments."
    hint = meant(name, kinds, takes, cutoff=0.5)
    _refuse(
        route,
        name,
        f"there is no argument {name!r}",
        f"{hint} To send it all the same: call(..., check=False)",
    )


def _refuse_place(route: Route, found: Unsendable) -> NoReturn:
    """Refuse what has no JSON, naming where it is."""
    field = ".".join(str(step)[:60].encode("ascii", "backslashreplace").decode() for step in found.place)
    _refuse(route, field, f"{field} {found.why}")


def _refuse_raising(route: Route, name: str, value: Any, error: Exception) -> NoReturn:
    from cocalc_facade._wire.interrupts import raised_by_a_handler

    if raised_by_a_handler(error):
        raise error
    _refuse(route, name, f"{name} cannot be sent: {type(value).__name__} raised {type(error).__name__}")


def _refuse(route: Route, field: str | None, message: str, hint: str | None = None) -> NoReturn:
    raise InvalidRequestError(message, path=route.path, field=field, hint=hint) from None
