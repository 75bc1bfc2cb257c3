"""Arguments of the helpers, checked before anything is sent: each function gives the value as the wire has it, or names the field."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePath
from uuid import UUID

from cocalc_facade._calls.timeouts import MOST
from cocalc_facade._calls.values import numeric
from cocalc_facade._calls.values.naming import meant
from cocalc_facade._errors import InvalidRequestError


def refuse(field: str, why: str, hint: str | None = None) -> InvalidRequestError:
    """Give the error to raise for a bad argument: one line that begins with the field's name."""
    return InvalidRequestError(f"{field}: {why}", field=field, hint=hint)


def identifier(value: object, field: str = "project_id") -> str:
    """Give a UUID as text, in lower case with dashes."""
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"{field}: expected a UUID as text, not {type(value).__name__}")
    try:
        parsed = str(UUID(value))
    except ValueError:
        parsed = ""
    if not parsed or parsed != value.lower():
        raise refuse(field, f"{value[:60]!r} is not a UUID like '6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70'")
    return parsed


def positive(value: object, field: str, most: float = MOST) -> float:
    """Give a number above zero and at most `most`, as a float; the bound is that of seconds unless said otherwise."""
    if not isinstance(value, float) and numeric.real(value) is None:
        raise TypeError(f"{field}: expected a number, not {type(value).__name__}")
    number = numeric.real(value)
    if number is None or number <= 0:
        raise refuse(field, f"must be above zero and finite, not {value!r}")
    if number > most:
        raise refuse(field, f"must be at most {most:g}, not {value!r}")
    return float(number)


def whole(value: object, field: str, least: int = 1, most: int | None = None) -> int:
    """Give a whole number within bounds."""
    number = None if isinstance(value, float) else numeric.whole(value)
    if number is None:
        raise TypeError(f"{field}: expected a whole number, not {type(value).__name__}")
    if number < least or (most is not None and number > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        raise refuse(
            field, f"must be {bounds}, not {number if number.bit_length() < 200 else 'a huge number'}"
        )
    return number


def receiver(value: object, field: str) -> None:
    """Refuse what cannot be called with each line of a command's output."""
    if value is None or callable(value):
        return
    hint = "pass its method .write" if hasattr(value, "write") else "a list takes lines by its method .append"
    raise refuse(field, f"must be a function that takes a line, not {type(value).__name__}", hint)


def local_path(value: object, field: str, what: str = "a path") -> str:
    """Give the name of a place on this machine."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{field}: expected {what}, not {type(value).__name__}")
    name = os.fsdecode(value)
    if not name:
        raise refuse(field, "must not be empty")
    if "\0" in name:
        raise refuse(field, "must not contain a NUL character")
    return name


def truth(value: object, field: str) -> bool:
    """Give True or False, and take nothing else for one of them."""
    if not isinstance(value, bool):
        raise TypeError(f"{field}: expected True or False, not {type(value).__name__}")
    return value


def plain_text(value: object, field: str, longest: int | None = None) -> str:
    """Give a text that is not blank and holds no NUL."""
    if not isinstance(value, str):
        raise TypeError(f"{field}: expected text, not {type(value).__name__}")
    if not value.strip():
        raise refuse(field, "must not be empty")
    if "\0" in value:
        raise refuse(field, "must not contain a NUL character")
    if longest is not None and len(value) > longest:
        raise refuse(field, f"must have at most {longest} characters, not {len(value)}")
    return value


def location(value: object, field: str = "path", *, empty: bool = False) -> str:
    """Give a path in a project without `..`, in its shortest form; a leading `~` goes, since the server does not know it."""
    if isinstance(value, PurePath):
        value = value.as_posix()
    if not isinstance(value, str):
        raise TypeError(f"{field}: expected a path as text, not {type(value).__name__}")
    if "\0" in value:
        raise refuse(field, "must not contain a NUL character")
    parts = [part for part in value.split("/") if part not in {"", "."}]
    if parts and parts[0] == "~" and not value.startswith("/"):
        del parts[0]
    if ".." in parts:
        raise refuse(field, f"{value!r} leaves its directory with '..'", "name the directory itself")
    path = "/" * value.startswith("/") + "/".join(parts)
    if not path and not empty:
        raise refuse(field, "must not be empty")
    return path


def choice(value: object, field: str, known: Iterable[str]) -> str:
    """Give one of the known words."""
    words = sorted(known)
    if not isinstance(value, str):
        raise TypeError(f"{field}: expected one of {', '.join(words)}, not {type(value).__name__}")
    if value not in words:
        raise refuse(
            field, f"{value[:60]!r} is unknown{suggestion(value, words)}; known are {', '.join(words)}"
        )
    return value


def suggestion(value: str, known: Iterable[str]) -> str:
    """Give `, did you mean 'x'?` when one of the known words is close, else nothing."""
    hint = meant(value, known)
    return f", {hint}" if hint else ""


def instant(value: object, field: str) -> str:
    """Give an aware datetime as the ISO text that the server takes."""
    if not isinstance(value, datetime):
        raise TypeError(f"{field}: expected a datetime, not {type(value).__name__}")
    try:
        if value.utcoffset() is not None:
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except Exception as error:
        raise refuse(field, f"UTC has no such time: {type(error).__name__}") from None
    raise refuse(field, "the datetime has no time zone", "use datetime.now(UTC) or .replace(tzinfo=UTC)")


def parsed_time(value: object) -> datetime | None:
    """Give the aware datetime of an ISO text or of epoch milliseconds; None for what is neither."""
    try:
        if isinstance(value, str) and "\0" not in value:
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
