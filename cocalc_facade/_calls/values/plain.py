"""From what people pass to plain JSON, or the place in it that cannot be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from cocalc_v2.types import LEAVES, UNSET

from . import numeric

Place = tuple[str | int, ...]
_TEXT = frozenset({str})


class Unsendable(Exception):
    """A value that has no JSON: where it is, and why."""

    def __init__(self, place: Place, why: str) -> None:
        super().__init__(why)
        self.place = place
        self.why = why


def plain(value: Any, place: Place, around: tuple[int, ...] = ()) -> Any:
    """Give the JSON value for a value of the kinds that users have at hand.

    Raises:
        Unsendable: there is none. Some floats and texts are left for who writes them to refuse, see `culprit`.
    """
    kind = type(value)
    if kind in LEAVES:
        return value
    if id(value) in around:
        raise Unsendable(place, "contains itself")
    around = (*around, id(value))
    if isinstance(value, list | tuple | dict):
        if isinstance(value, dict):
            return _object(value, place, around)
        if LEAVES.issuperset(map(type, value)):
            return value
        return [plain(item, (*place, index), around) for index, item in enumerate(value)]
    made = _converted(value, place)
    return made if type(made) in LEAVES else plain(made, place, around)


def _object(value: dict[Any, Any], place: Place, around: tuple[int, ...]) -> dict[str, Any]:
    if type(value) is not dict:
        value = dict(value)
    if _TEXT.issuperset(map(type, value)) and LEAVES.issuperset(map(type, value.values())):
        return value
    result: dict[str, Any] = {}
    for key, item in value.items():
        name = key if type(key) is str else _key(key, place)
        if name in result:
            raise Unsendable((*place, name), "is there twice, as keys that are the same as text")
        result[name] = item if type(item) in LEAVES else plain(item, (*place, name), around)
    return result


def _key(key: Any, place: Place) -> str:
    """Give a key as JSON writes it."""
    if isinstance(key, str):
        return str(_enumerated(key))
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    number = numeric.real(key)
    if number is not None:
        return str(number)
    made = _converted(key, place)
    if isinstance(made, str):
        return made
    raise Unsendable(place, f"has a key that is no text but {type(key).__name__}")


def _converted(value: Any, place: Place) -> Any:
    """Give a value as one that is nearer to JSON."""
    if value is UNSET:
        raise Unsendable(place, "is UNSET, which can only stand for a whole argument")
    if isinstance(value, str | int | float):
        inner = _enumerated(value)
        return inner if inner is not value else _bare(value, place)
    if isinstance(value, datetime):
        return iso(value, place)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return _foreign(value, place)


def _enumerated(value: Any) -> Any:
    from enum import Enum

    return value.value if isinstance(value, Enum) else value


def _bare(value: Any, place: Place) -> Any:
    """Give the text or number that a value of a derived class is."""
    if isinstance(value, str):
        return str.__str__(value)
    number = numeric.real(value)
    return number if number is not None else refuse_type(value, place)


def _foreign(value: Any, place: Place) -> Any:
    from collections.abc import Mapping
    from datetime import date
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
    if (answer := numeric.truth(value)) is not None:
        return answer
    if (number := numeric.real(value)) is not None:
        return number
    if hasattr(type(value), "__attrs_attrs__"):
        return {field.name: getattr(value, field.name) for field in type(value).__attrs_attrs__}
    return refuse_type(value, place)


def refuse_type(value: Any, place: Place) -> NoReturn:
    """Say that a value of this type is not sent."""
    from numbers import Number

    if hasattr(value, "tolist") and hasattr(value, "__len__"):
        raise Unsendable(place, f"cannot be sent as JSON: it is {type(value).__name__}; pass its .tolist()")
    if isinstance(value, Number):
        raise Unsendable(place, f"is no finite number but {type(value).__name__}")
    raise Unsendable(place, f"cannot be sent as JSON: it is {type(value).__name__}")


def iso(value: datetime, place: Place) -> str:
    """Give the form in which the server writes times: UTC, milliseconds, Z."""
    value = in_utc(value, place)
    digits = "milliseconds" if value.microsecond % 1000 == 0 else "microseconds"
    return value.replace(tzinfo=None).isoformat(timespec=digits) + "Z"


def in_utc(value: datetime, place: Place) -> datetime:
    """Give an aware datetime in UTC."""
    from datetime import UTC

    try:
        if value != value:
            raise Unsendable(place, f"is no time but {type(value).__name__}")
        if value.utcoffset() is not None:
            return value.astimezone(UTC)
    except Unsendable:
        raise
    except (ValueError, OverflowError):
        raise Unsendable(place, "is a time that UTC has no date for") from None
    except Exception as error:
        from cocalc_facade._wire.interrupts import raised_by_a_handler

        if raised_by_a_handler(error):
            raise
        raise Unsendable(place, f"is a time whose zone raises {type(error).__name__}") from None
    raise Unsendable(place, "must be a datetime with a time zone, for example datetime.now(timezone.utc)")


def culprit(value: Any, place: Place) -> Unsendable:
    """Give the place that cannot be written in JSON that `plain` gave."""
    pending = [(value, place)]
    while pending:
        one, here = pending.pop()
        if isinstance(one, dict):
            pending += [(name, here) for name in one] + [(item, (*here, name)) for name, item in one.items()]
        elif isinstance(one, list | tuple):
            pending += [(item, (*here, index)) for index, item in enumerate(one)]
        elif isinstance(one, float) and one - one != 0:
            return Unsendable(here, "must be finite: NaN and infinity are not JSON")
        elif isinstance(one, int) and one.bit_length() > 14_000:
            return Unsendable(here, "has more digits than can be written")
        elif isinstance(one, str) and any("\ud800" <= letter <= "\udfff" for letter in one):
            return Unsendable(here, "has characters that cannot be encoded (lone surrogates)")
    return Unsendable(place, "cannot be sent as JSON")
