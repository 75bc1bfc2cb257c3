"""Requests and answers as plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .javascript import UNDEFINED, base36, dumps

JSON_TYPE = "application/json; charset=utf-8"
BODY_LIMIT = 1_048_576
NEWER_BODY_LIMIT = 10 * BODY_LIMIT
UPLOAD_LIMIT = 200 * BODY_LIMIT
HEAD_LIMIT = 16_384


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
    `cut` that it ends in the middle of the body, `in_chunks` that it goes as it is, without a length.
    """

    status: int = 200
    reason: str = "OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    seconds: float = 0.001
    drop: bool = False
    cut: bool = False
    close: bool = False
    in_chunks: bool = False

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


REASONS = {
    200: "OK",
    204: "No Content",
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
    payload = body.encode("utf-8", "replace") if isinstance(body, str) else body
    headers = [] if content_type is None else [("Content-Type", content_type)]
    return Response(status, reason or REASONS.get(status, "Unknown"), headers, payload)


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer; undefined gives an empty body with the JSON content type."""
    text = "" if value is UNDEFINED else dumps(value)
    response = reply(status, text, JSON_TYPE)
    if text:
        response.headers.append(("ETag", etag(response.body)))
    return response


def etag(payload: bytes) -> str:
    """The tag that Next.js gives a body: 52 bits of FNV-1a and the length, both in base 36."""
    value = 0xCBF29CE484222325
    # The server hashes all of it; beyond this size nobody compares tags across servers, and the loop would be slow.
    for byte in payload[:65_536]:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    high = value >> 48
    folded = ((high & 15) << 48) | (value & 0xFFFFFFFF0000) | ((value & 0xFFFF) ^ (high >> 4))
    return f'"{base36(folded)}{base36(len(payload))}"'
