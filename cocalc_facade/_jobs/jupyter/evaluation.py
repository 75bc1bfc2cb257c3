"""What code in a kernel put out, and how a notebook shows it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

import attrs

from cocalc_facade._errors import CommandError
from cocalc_facade._json.records import Record

PATH = "jupyter/execute"
_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@attrs.frozen(repr=False)
class Evaluation(Record):
    """What code put out: `output` has all of it in order, each an object as the server gave it.

    In a notebook it shows itself as the cell would have: html and pictures as such, everything else escaped. `truncated` says that the server cut output that was
    too long. `cached` says that the code was not run now, but at `created`. `planned` says that it was not run, because the client is in a dry run.
    """

    output: tuple[dict[str, Any], ...]
    created: datetime | None = None
    cached: bool = False
    planned: bool = False

    @property
    def stdout(self) -> str:
        """What was printed."""
        return self._stream("stdout")

    @property
    def stderr(self) -> str:
        """What was printed to stderr."""
        return self._stream("stderr")

    @property
    def displays(self) -> tuple[dict[str, Any], ...]:
        """What was displayed, and the value of the last line: each a value by its media type, such as `text/plain` or `image/png`."""
        return tuple(item["data"] for item in self.output if isinstance(item.get("data"), dict))

    @property
    def text(self) -> str | None:
        """The value of the last line as text; None when it has none."""
        shown = self.displays
        return joined(shown[-1].get("text/plain")) if shown else None

    @property
    def truncated(self) -> bool:
        """Whether the server cut output that was too long."""
        return any(
            item.get("output_type") == "stream" and isinstance(item.get("text"), list) for item in self.output
        )

    @property
    def error(self) -> CommandError | None:
        """What the code raised, with the traceback as text in `stderr`; None when all went well."""
        for item in self.output:
            if "traceback" in item or "ename" in item:
                return _raised(item)
        return None

    def image(self, kind: str = "image/png") -> bytes | None:
        """Give the bytes of the first picture of a media type; None when there is none."""
        for data in self.displays:
            if kind in data:
                return picture(data[kind])
        return None

    def __str__(self) -> str:
        return "".join(
            part if part.endswith("\n") else part + "\n" for part in map(_plain, self.output) if part
        )

    def __repr__(self) -> str:
        error = self.error
        what = error.message if error is not None else self.text or self.stdout
        first = what.strip().partition("\n")[0][:60]
        return f"<Evaluation {len(self.output)} outputs{': ' if first else ''}{first}>"

    def _repr_html_(self) -> str:
        return "\n".join(filter(None, map(_html, self.output)))

    def _repr_mimebundle_(self, **_options: Any) -> Any:
        if len(self.output) == 1 and isinstance(data := self.output[0].get("data"), dict):
            metadata = self.output[0].get("metadata")
            bundle = {kind: value if kind.endswith("json") else joined(value) for kind, value in data.items()}
            return bundle, metadata if isinstance(metadata, dict) else {}
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def _stream(self, name: str) -> str:
        return "".join(joined(item.get("text")) for item in self.output if item.get("name") == name)


def kept(output: Iterable[Any]) -> tuple[dict[str, Any], ...]:
    """Give what is left of the output when each request to clear it was followed."""
    found: list[dict[str, Any]] = []
    pending = False
    for item in output:
        if not isinstance(item, dict):
            continue
        if isinstance(item.get("wait"), bool) and not ("data" in item or "text" in item):
            pending = item["wait"]
            if not pending:
                found.clear()
            continue
        if pending:
            found.clear()
            pending = False
        found.append(item)
    return tuple(found)


def joined(value: Any) -> str:
    """Give a text that came whole or in parts; what is none, as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(part if isinstance(part, str) else json.dumps(part) for part in value)
    return json.dumps(value)


def picture(value: Any) -> bytes | None:
    """Give the bytes of a picture that came in base64; of one that came as text, its text."""
    words = joined(value)
    try:
        return base64.b64decode("".join(words.split()), validate=True)
    except (binascii.Error, ValueError):
        return words.encode("utf-8", "replace")


def without_colours(text: str) -> str:
    """Give a text without the codes that colour it in a terminal."""
    return _CODES.sub("", text)


def _traceback(item: Mapping[str, Any]) -> str:
    lines = item.get("traceback")
    whole = "\n".join(map(joined, lines)) if isinstance(lines, list) else joined(lines)
    return without_colours(whole)


def _raised(item: Mapping[str, Any]) -> CommandError:
    trace = _traceback(item)
    name, value = joined(item.get("ename")), joined(item.get("evalue"))
    words = f"{name}: {value}" if name and value else name or value or trace.strip().rpartition("\n")[2]
    error = CommandError(without_colours(words) or "the code failed", path=PATH, stderr=trace)
    if trace:
        error.add_note(trace)
    return error


def _plain(item: Mapping[str, Any]) -> str:
    if "traceback" in item or "ename" in item:
        return _traceback(item) or f"{joined(item.get('ename'))}: {joined(item.get('evalue'))}"
    if isinstance(data := item.get("data"), dict):
        return joined(data["text/plain"]) if "text/plain" in data else f"<{', '.join(data) or 'nothing'}>"
    return joined(item.get("text"))


def _html(item: Mapping[str, Any]) -> str:
    data = item.get("data")
    if isinstance(data, dict):
        if "text/html" in data:
            return f"<div>{joined(data['text/html'])}</div>"
        if "image/svg+xml" in data:
            drawn = base64.b64encode(joined(data["image/svg+xml"]).encode("utf-8", "replace")).decode()
            return f'<img src="data:image/svg+xml;base64,{drawn}">'
        for kind in _PICTURES:
            if kind in data:
                return f'<img src="data:{kind};base64,{escape("".join(joined(data[kind]).split()))}">'
    words = escape(without_colours(_plain(item)))
    colour = ' style="background: #fdd"' if item.get("name") == "stderr" or "traceback" in item else ""
    return f"<pre{colour}>{words}</pre>" if words else ""
