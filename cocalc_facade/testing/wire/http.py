"""Requests and answers as plain values, and how the server reads and writes their bodies."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

JSON_TYPE = "application/json; charset=utf-8"
BODY_LIMIT = 1_048_576
HEAD_LIMIT = 16_384


class Undefined:
    """What JavaScript calls undefined: absent in an object, an empty body as an answer."""

    def __repr__(self) -> str:
        return "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined()


class Refusal(Exception):
    """The handler says no: answered as 200 with `{"error": text}`."""


class Crash(Exception):
    """The handler throws where nothing catches it: answered as 500."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method, target (path and query as sent), headers in order, body."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(slots=True)
class Response:
    """One answer: status line, headers in order, body, and what becomes of it on the way.

    `seconds` is how long the server takes to give it. `drop` means that the connection ends without a byte of it,
    `cut` that it ends in the middle of the body.
    """

    status: int = 200
    reason: str = "OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    seconds: float = 0.001
    drop: bool = False
    cut: bool = False
    close: bool = False

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


REASONS = {
    200: "OK",
    304: "Not Modified",
    308: "Permanent Redirect",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    524: "A Timeout Occurred",
}


def reply(status: int, body: bytes | str, content_type: str | None, *, reason: str | None = None) -> Response:
    """An answer with this body; a content type of None leaves the header out, as the server does for plain errors."""
    payload = body.encode() if isinstance(body, str) else body
    headers = [] if content_type is None else [("Content-Type", content_type)]
    return Response(status, reason or REASONS.get(status, "Unknown"), headers, payload)


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer; undefined gives an empty body with the JSON content type."""
    text = "" if value is UNDEFINED else dumps(value)
    response = reply(status, text, JSON_TYPE)
    if text:
        response.headers.append(("ETag", etag(response.body)))
    return response


def dumps(value: Any) -> str:
    """JSON as the server writes it: compact, not escaped, whole floats without a point, undefined left out."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not UNDEFINED}
    if isinstance(value, (list, tuple)):
        return [None if item is UNDEFINED else _plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def etag(payload: bytes) -> str:
    """The tag that Next.js gives a body: 52 bits of FNV-1a and the length, both in base 36."""
    value = 0xCBF29CE484222325
    # The server hashes all of it; beyond this size nobody compares tags across servers, and the loop would be slow.
    for byte in payload[:65_536]:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    high = value >> 48
    folded = ((high & 15) << 48) | (value & 0xFFFFFFFF0000) | ((value & 0xFFFF) ^ (high >> 4))
    return f'"{base36(folded)}{base36(len(payload))}"'


def base36(number: int) -> str:
    """A natural number in base 36."""
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
        if not number:
            return digits


class BadBody(Exception):
    """The body cannot be read; the text is both the reason phrase and the body of the 400 or 413."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def parsed_body(request: Request) -> Any:
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
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise BadBody(400, "Invalid body") from None
    if len(request.body) > BODY_LIMIT:
        raise BadBody(413, "Body exceeded 1mb limit")
    text = request.body.decode(encoding, "replace").removeprefix("\ufeff")
    if kind in ("application/json", "application/ld+json"):
        return _json(text)
    if kind == "application/x-www-form-urlencoded":
        return _form(text)
    return text if kind == "text/plain" else request.body


def _json(text: str) -> Any:
    if not text:
        return {}
    try:
        return json.loads(text, parse_constant=_no_constant)
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
