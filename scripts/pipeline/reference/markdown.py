"""Words of others on a page of Markdown: shown as they are, and never more than words."""

from __future__ import annotations

import re

from scripts.pipeline.generate.prose import clean

_SPAN = re.compile(r"(`[^`\n]+`)")
_SPECIAL = re.compile(r"[\\`*{}\[\]<>|$~&#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def prose(text: object) -> str:
    """Give a paragraph on one line; what stands between backquotes stays code, anything else is shown as it is."""
    line = " ".join(clean(text).split())
    parts = _SPAN.split(line)
    shown = "".join(
        part if number % 2 else _SPECIAL.sub(r"\\\g<0>", part) for number, part in enumerate(parts)
    )
    opening = re.match(r"[-+=:(%]|\d+(?=[.)](\s|$))", shown)
    if opening is None:
        return shown
    end = opening.end() if opening[0].isdigit() else 0
    return f"{shown[:end]}\\{shown[end:]}"


def code(text: object) -> str:
    """Give text as code within a line."""
    inside = " ".join(clean(text).replace("`", "'").split())
    return f"`{inside}`" if inside else "an empty text"
