"""Docstrings from what a document says, which is not to be trusted with quotes, escapes or control characters."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from scripts.pipeline.generate.kinds import Kind, Scalar, Time, without_null

WIDTH = 100
MOST_CHARACTERS = 8000
_PLAIN = re.compile(r"[\n -~]*")

_TIMES = {
    "iso": "ISO 8601 text on the wire",
    "epoch-ms": "milliseconds since 1970 on the wire",
    "epoch-s": "seconds since 1970 on the wire",
}


def clean(text: object) -> str:
    """Give text without characters that have no business in prose: controls, and those that reorder what is shown."""
    shown = str(text)[:MOST_CHARACTERS]
    if _PLAIN.fullmatch(shown):
        return shown.strip()
    kept = (
        character if character in "\n" or not unicodedata.category(character).startswith(("C", "Z")) else " "
        for character in shown
    )
    return "".join(kept).strip()


def sentence(text: object) -> str:
    """Give text as one line that ends like a sentence."""
    line = " ".join(clean(text).split())
    return line if not line or line[-1] in ".!?:" else f"{line}."


def paragraphs(text: object) -> list[str]:
    """Give the paragraphs of a text, each on one line."""
    return [" ".join(part.split()) for part in clean(text).split("\n\n") if part.strip()]


def wrapped(text: str, indent: int, hanging: int = 0) -> list[str]:
    """Give a paragraph as lines; nothing in it is broken that has no space."""
    return textwrap.wrap(
        text,
        WIDTH - indent,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def docstring(text: str | list[str], indent: int) -> str:
    """Give a docstring, quotes included, for text in paragraphs or for lines that are already set."""
    if isinstance(text, str):
        lines: list[str] = []
        for paragraph in paragraphs(text):
            lines += ([""] if lines else []) + wrapped(paragraph, indent)
    else:
        lines = text
    escaped = [
        line.replace("\\", "\\\\").replace('"', '\\"') if _needs_escape(line) else line for line in lines
    ]
    margin = " " * indent
    body = ("\n" + margin).join(escaped).replace("\n" + margin + "\n", "\n\n")
    closing = f"\n{margin}" if len(escaped) > 1 else ""
    return f'"""{body}{closing}"""'


def _needs_escape(line: str) -> bool:
    return "\\" in line or '"""' in line or line.endswith('"')


def attribute_docstring(description: object, kind: Kind, indent: int) -> str:
    """Give the docstring of a field, empty when there is nothing to say."""
    text = f"{sentence(description) if description else ''} {facts(kind)}".strip()
    return docstring(text, indent) if text else ""


def facts(kind: Kind) -> str:
    """Say of a kind what its Python type does not: the known values, the wire form of a time."""
    kind = without_null(kind)
    if isinstance(kind, Time):
        return f"A time, {_TIMES[kind.form]}."
    if isinstance(kind, Scalar) and kind.type == "string" and len(kind.choices) > 1:
        return f"Known values: {', '.join(clean(choice)[:80] for choice in kind.choices[:60])}."
    return ""


def newer_keys(words: list[str]) -> str:
    """Say what a key must be able to on newer servers."""
    if words in ([], ["none"]):
        return ""
    if words == ["never"]:
        return "On newer servers no key may call it."
    return f"On newer servers the key needs {' and '.join(f'`{word}`' for word in words)}."


def capabilities(value: object) -> list[str] | None:
    """Give what a key must be able to as a list, whether one thing or several are said."""
    if value is None:
        return None
    return [clean(word) for word in value] if isinstance(value, list) else [clean(value)]


def about_job(job: object) -> list[str]:
    """Name the job that does what a route is for, and knows how it behaves."""
    return (
        []
        if job is None
        else [f"Use `{clean(job)}` first: it builds on this route and knows how it behaves."]
    )
