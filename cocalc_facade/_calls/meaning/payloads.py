"""The body of an answer as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cocalc_facade._wire.flow import Answer

SMALL = 4096
"""Bytes; for less than these the extra `fast` need not be imported."""
JSON = ("application/json", "text/json")
# The names of encodings of one byte a character; the others that JSON may be in are told by the bytes.
_ONE_BYTE = ("iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "us-ascii", "ascii")
_INFINITY = float("inf")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _real(text: str) -> Any:
    """Give a number as a float, or as it is written where no float is as large."""
    value = float(text)
    return value if -_INFINITY < value < _INFINITY else _as_written(text)


def _whole(text: str) -> Any:
    """Give a number as an int, or as it is written where Python refuses so many digits."""
    try:
        return int(text)
    except ValueError:
        return _as_written(text)


def _as_written(text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:40]} is a number beyond all that Python has") from None


Scan = Callable[[str, int], tuple[Any, int]]


class Reals(dict[str, Any]):
    """The numbers of one answer by how they are written: prices repeat, and each is one object, found sooner than read."""

    MOST = 1000

    __slots__ = ()

    def __missing__(self, text: str) -> Any:
        self[text] = value = _real(text)
        return value


def scanner(constant: Callable[[str], Any] = _no_constant, real: Callable[[str], Any] = _real) -> Scan:
    """Give what reads a value from a place in a text on, and says where it ends; ValueError or StopIteration where there is none."""
    scan: Scan = vars(json.JSONDecoder(parse_constant=constant, parse_float=real))["scan_once"]
    return scan


_scan = scanner()


@cache
def _fast() -> Callable[[bytes], Any] | None:
    """Give the decoder of the extra `fast`; not sooner than the first answer, for it imports a lot."""
    try:
        return import_module("msgspec.json").decode  # type: ignore[no-any-return]
    except ImportError:
        return None


def load(body: bytes) -> Any:
    """Give the JSON value in `body`; ValueError (or RecursionError) when there is none. An empty body is None.

    A number that no float is as large as, or of more digits than Python takes, is a `Decimal`.
    """
    if len(body) < SMALL:
        return loaded(body, None) if body else None
    return loaded(body, _fast())


def loaded(body: bytes, fast: Callable[[bytes], Any] | None) -> Any:
    """Give the JSON value in `body`, by the `fast` decoder where that gives the same."""
    if fast is not None:
        try:
            return fast(body)
        except (ValueError, RecursionError):
            pass  # the standard decoder takes lone surrogates and deeper nesting, and says better what is wrong
    text = body.decode()
    try:
        value, end = _scan(text, 0)
        if end == len(text) or text[end:].isspace():
            return value
    except (ValueError, StopIteration):
        pass
    return _decoded(text)


def _decoded(text: str) -> Any:
    """Decode what has space around it, or a number that is too long, or is wrong."""
    return json.loads(text, parse_constant=_no_constant, parse_float=_real, parse_int=_whole)


def load_anew(answer: Answer) -> Any:
    """Give the JSON value of a body in another encoding than UTF-8; ValueError (or RecursionError) when it is none."""
    told: str = json.detect_encoding(answer.body)
    if _charset(answer) in _ONE_BYTE and told == "utf-8":
        told = "latin-1"
    return _decoded(answer.body.decode(told))


def media_type(answer: Answer) -> str:
    """Give the media type without its parameters, in small letters."""
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _charset(answer: Answer) -> str:
    for part in answer.headers.get("content-type", "").lower().split(";"):
        name, _, value = part.partition("=")
        if name.strip() == "charset":
            return value.strip().strip("\"'")
    return ""


def is_json(answer: Answer) -> bool:
    """Tell whether the answer says that it is JSON and no failure of HTTP."""
    if not 200 <= answer.status < 300:
        return False
    kind = answer.headers.get("content-type", "")
    if kind == "application/json; charset=utf-8" or kind in JSON:
        return True
    kind = media_type(answer)
    return kind in JSON or (kind.endswith("+json") and "/" in kind)
