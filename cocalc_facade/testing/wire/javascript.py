"""Values as JavaScript has and writes them."""

from __future__ import annotations

import json
import re
from math import isfinite, nan
from typing import Any

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# One half of a pair without the other; a pair is one character in Python.
HALF = re.compile("[\ud800-\udfff]")


class Undefined:
    """What JavaScript calls undefined: absent in an object, an empty body as an answer."""

    def __repr__(self) -> str:
        return "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined()


def dumps(value: Any) -> str:
    """JSON as the server writes it: compact, only halves of characters escaped, whole floats without a point, undefined left out."""
    text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() else HALF.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not UNDEFINED}
    if isinstance(value, (list, tuple)):
        return [None if item is UNDEFINED else _plain(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def base36(number: int) -> str:
    """A natural number in base 36."""
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
        if not number:
            return digits


def is_uuid(value: object) -> bool:
    """Whether a value is the text of a uuid, in any case of letters."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def js_number(value: object) -> float:
    """A value as JavaScript compares it with a number; NaN, which nothing is above or below, where it is none."""
    if value is None:
        return 0.0
    try:
        return float(value) if isinstance(value, (int, float, str)) else nan
    except (ValueError, OverflowError):
        return nan


def js_text(value: object) -> str:
    """A value as JavaScript puts it into a text."""
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join("" if item is None else js_text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, str) else dumps(value)


def well_formed(text: str) -> str:
    """A text whose halves of characters are replaced, as when it leaves JavaScript for a file or a process."""
    return HALF.sub("\ufffd", text) if not text.isascii() else text
