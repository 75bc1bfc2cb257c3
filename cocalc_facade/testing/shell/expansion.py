"""The words that a word becomes."""

from __future__ import annotations

import re

from cocalc_facade.testing.world.process import Process

from .words import Word

VARIABLE = re.compile(r"\$([?$#@*0-9]|[A-Za-z_]\w*|\{[A-Za-z_]\w*\})")


def expand(word: Word, process: Process) -> list[str]:
    """The words that a word becomes: variables filled in, unquoted ones split, patterns matched."""
    fields: list[str] = []
    current, quoted = "", any(kind for _, kind in word)
    if [part for part in word if part[0]] == [("$@", '"')]:
        return process.arguments[1:]
    for text, kind in word:
        if kind == "'":
            current += text
            continue
        value = VARIABLE.sub(lambda found: _variable(found[1], process), text)
        if kind == '"':
            current += re.sub(r'\\(["\\$`])', r"\1", value)
        elif value == text:
            current += value
        else:
            pieces = re.split(r"\s+", value)
            current += pieces[0]
            for piece in pieces[1:]:
                fields.append(current)
                current = piece
    if current or quoted:
        fields.append(current)
    return [name for item in fields for name in ([item] if quoted else _matches(item, process))]


def _variable(name: str, process: Process) -> str:
    arguments = process.arguments
    if name.isdigit():
        return arguments[int(name)] if int(name) < len(arguments) else ""
    special = {"?": process.code, "$": process.pid, "#": len(arguments) - 1}
    if name in ("@", "*"):
        return " ".join(arguments[1:])
    return str(special[name]) if name in special else process.env.get(name.strip("{}"), "")


def _matches(item: str, process: Process) -> list[str]:
    span = re.fullmatch(r"(.*)\{(\d+)\.\.(\d+)\}(.*)", item)
    if span:
        low, high = int(span[2]), int(span[3])
        if abs(high - low) <= 100_000:
            return [f"{span[1]}{i}{span[4]}" for i in range(low, high + 1)]
    folder, slash, name = item.rpartition("/")
    if set(folder) & set("*?") or not set(name) & set("*?"):
        return [item]
    pattern = re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in name))
    where = process.files.resolve(folder or slash, process.cwd)
    return [
        f"{folder}{slash}{found}"
        for found in process.files.names(where)
        if pattern.fullmatch(found) and found[0] != "."
    ] or [item]
