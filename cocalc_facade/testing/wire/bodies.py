"""The body of a request, as the server reads it."""

from __future__ import annotations

import codecs
import json
from typing import Any
from urllib.parse import parse_qsl

from .http import BODY_LIMIT, Request


class BadBody(Exception):
    """The body cannot be read; the text is both the reason phrase and the body of the 400 or 413."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def parsed_body(request: Request, limit: int = BODY_LIMIT) -> Any:
    """The body as the server's parser hands it on: JSON, a form's mapping, text, or bytes.

    Raises:
        BadBody: too large, not JSON, or in an unknown character set.
    """
    kind, _, parameters = (request.header("content-type") or "text/plain").partition(";")
    kind = kind.strip().lower()
    encoding = "utf-8"
    for part in parameters.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            encoding = value.strip().strip('"').lower()
    if not _is_charset(encoding):
        raise BadBody(400, "Invalid body")
    if len(request.body) > limit:
        raise BadBody(413, "Body exceeded 1mb limit")
    text = request.body.decode(encoding, "replace").removeprefix("\ufeff")
    if kind in ("application/json", "application/ld+json"):
        return _json(text)
    if kind == "application/x-www-form-urlencoded":
        return _form(text)
    return text if kind == "text/plain" else request.body


# Python knows these names as well, but they are no character sets.
NO_CHARSETS = {"idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}


def _is_charset(name: str) -> bool:
    try:
        b"x".decode(name, "replace")
        return codecs.lookup(name).name.replace("-", "_") not in NO_CHARSETS
    except (LookupError, ValueError):
        return False


def _number(digits: str) -> int | float:
    """A whole number as JavaScript reads it: beyond 53 bits not all of its digits count, and beyond 1e308 it is infinite."""
    return int(digits) if len(digits) < 16 else float(digits)


def _json(text: str) -> Any:
    if not text:
        return {}
    try:
        return json.loads(text, parse_constant=_no_constant, parse_int=_number)
    except (ValueError, RecursionError):
        raise BadBody(400, "Invalid JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _form(text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        if key not in values:
            values[key] = value
        elif isinstance(values[key], list):
            values[key].append(value)
        else:
            values[key] = [values[key], value]
    return values
