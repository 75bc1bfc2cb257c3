"""What a tool's result becomes: text, a picture, or a document, never with the key, and never more than is told that there is at most."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import mcp_types as types

from cocalc_facade import CoCalcError, InvalidRequestError, LatexResult, RateLimitError, jsonable
from cocalc_facade._wire.keys.redaction import LIKELY, mask_likely

from . import limits

Redact = Callable[[str], str]

PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
SHOWN = frozenset(kind for _, kind in PICTURES)
PDF = "application/pdf"
MASKED = "A secret was masked in this (***): do not write it back."


def data(
    value: Any, redact: Redact, rest: str = limits.LESS, *, secret: bool = False
) -> list[types.ContentBlock]:
    """Give any result as JSON, or a text as it is. `rest` says how to get what is cut. With `secret`, whatever looks like a key is masked."""
    plain = value.to_dict() if hasattr(value, "to_dict") else jsonable(value)
    pictures = _taken_out(plain)
    whole = plain if isinstance(plain, str) else limits.written(plain)
    shown = redact(whole)
    if secret:
        shown = mask_likely(shown, LIKELY)
    notes = [] if shown == whole else [MASKED]
    if getattr(value, "cut", False):
        notes.append("The table gives no more rows than these: there may be others.")
    if len(shown) > limits.TEXT:
        notes.append(
            f"This was cut: it has {len(shown)} characters, and at most {limits.TEXT} are told. {rest}"
        )
        shown = limits.ends(shown, limits.TEXT) if isinstance(plain, str) else limits.cut(_read(shown, plain))
    return [*texts(shown, *notes), *pictures]


def file(value: bytes, redact: Redact, arguments: dict[str, Any]) -> list[types.ContentBlock]:
    """Give what a file holds: a picture or a PDF as such, else its text.

    Raises:
        InvalidRequestError: it is neither.
    """
    kind = media(value)
    if kind is not None:
        return [_medium(value, kind, arguments["path"])]
    start = arguments.get("offset") or 0
    part = start > 0 or arguments.get("length") is not None
    whole = _text(value, part)
    if whole is None:
        raise InvalidRequestError(
            f"{arguments['path']} is neither text in UTF-8 nor a picture or a PDF: {len(value)} bytes that begin with {value[:16].hex(' ')}",
            hint="`run` can look into it with a program",
        )
    shown = redact(whole)
    notes = [] if shown == whole else [MASKED]
    if len(shown) > limits.TEXT:
        told = len(whole[: limits.TEXT].encode())
        notes.append(
            f"This was cut: at most {limits.TEXT} characters are told, of {len(shown)}. For more: offset={start + told}, length={limits.TEXT}."
        )
        shown = shown[: limits.TEXT]
    return texts(shown, *notes)


def pdf(value: LatexResult, redact: Redact, save_to: Path | None) -> list[types.ContentBlock]:
    """Give what came of a compilation, and its PDF: saved, or as a document."""
    told = {name: inner for name, inner in value.to_dict().items() if name != "data"}
    blocks = data({"ok": value.ok, **told}, redact)
    if value.data is None:
        return blocks
    if save_to is not None:
        name = re.sub(r"[^\w.-]", "_", PurePosixPath(value.path).stem).lstrip(".")[:80] or "document"
        return [*blocks, *texts(f"The PDF was saved: {value.save(save_to / f'{name}.pdf')}")]
    return [*blocks, _medium(value.data, PDF, PurePosixPath(value.path).with_suffix(".pdf").as_posix())]


def failure(error: Exception, redact: Redact, *, changes: bool) -> types.CallToolResult:
    """Give an error as an answer that says what to do. `changes`: what was called may change something."""
    words = [str(error) or type(error).__name__, *getattr(error, "__notes__", ())]
    if isinstance(error, CoCalcError):
        words[0] = f"{type(error).__name__}: {words[0]}"
        if isinstance(error, RateLimitError) and error.retry_after is not None:
            words.append(f"Try again in {error.retry_after:g} seconds, not before.")
        if error.maybe_executed and changes:
            words.append("It may have been done all the same: look before you try again.")
    return types.CallToolResult(
        content=texts(limits.ends(redact("\n".join(words)), limits.TEXT)), is_error=True
    )


def media(value: bytes) -> str | None:
    """Give the type of a picture or a PDF, by how it begins."""
    if value.startswith(b"%PDF-"):
        return PDF
    if value[:4] == b"RIFF" and value[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in PICTURES if value.startswith(start)), None)


def texts(*parts: str) -> list[types.ContentBlock]:
    """Give texts as content; a lone surrogate, which no client could read, is escaped."""
    return [
        types.TextContent(text=part.encode("utf-8", "backslashreplace").decode("utf-8")) for part in parts
    ]


def _medium(value: bytes, kind: str, path: str) -> types.ContentBlock:
    if len(value) > limits.MEDIA:
        words = f"{path} has {len(value)} bytes of {kind}, and at most {limits.MEDIA} are sent. It is in the project; or start this server with --save-to."
        return types.TextContent(text=words)
    encoded = b64encode(value).decode("ascii")
    if kind != PDF:
        return types.ImageContent(data=encoded, mime_type=kind)
    name = re.sub(r"[^\w./-]", "_", path).lstrip("/")
    return types.EmbeddedResource(
        resource=types.BlobResourceContents(uri=f"cocalc:///{name}", mime_type=kind, blob=encoded)
    )


def _taken_out(plain: Any) -> list[types.ContentBlock]:
    """Take the pictures out of the output of programs, where they stand in base64 under their type, and give them as such."""
    found: list[types.ContentBlock] = []
    size, pending = 0, [plain]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending += reversed(one)
        elif isinstance(one, dict):
            for name, inner in one.items():
                if name not in SHOWN or not isinstance(inner, str):
                    continue
                try:
                    picture = b64decode("".join(inner.split()), validate=True)
                except ValueError:
                    continue
                size += len(picture)
                if size > limits.MEDIA:
                    one[name] = f"a picture of {len(picture)} bytes; at most {limits.MEDIA} are sent"
                    continue
                found.append(types.ImageContent(data=b64encode(picture).decode("ascii"), mime_type=name))
                one[name] = f"picture {len(found)} of those that follow"
            pending += reversed(one.values())
    return found


def _text(value: bytes, part: bool) -> str | None:
    """Give bytes as text; a part of a file may begin and end within a character."""
    begins = range(4) if part else range(1)
    stops = range(4) if part else range(1)
    for begin in begins:
        for stop in stops:
            try:
                found = value[begin : len(value) - stop].decode("utf-8")
            except UnicodeDecodeError:
                continue
            return None if "\x00" in found else found
    return None


def _read(text: str, plain: Any) -> Any:
    """Give the JSON of a text from which secrets were taken."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return plain if isinstance(plain, str) else text
