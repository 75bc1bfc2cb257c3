"""A line of bash as words and operators."""

from __future__ import annotations

from collections.abc import Iterator


class SyntaxFault(Exception):
    """The line is beyond this shell."""


# A word is a list of parts (text, quoting): "" plain, '"' in double quotes, "'" literal.
Word = list[tuple[str, str]]
Token = str | Word

OPERATORS = (
    "<<",
    "&&",
    "||",
    "2>&1",
    "1>&2",
    ">&2",
    "2>>",
    "2>",
    ">>",
    "1>",
    ">",
    "<",
    ";",
    "|",
    "\n",
    "&",
    "(",
    ")",
)


def tokens(line: str) -> Iterator[Token]:
    """The words and operators of a line."""
    at = 0
    waiting: list[tuple[str, Word]] = []
    while at < len(line):
        char = line[at]
        if char == "\n" and waiting:
            at = _documents(line, at + 1, waiting)
            yield ";"
            continue
        if char in " \t":
            at += 1
            continue
        if char == "#":
            at = (line.find("\n", at) + len(line) + 1) % (len(line) + 1) if "\n" in line[at:] else len(line)
            continue
        operator = next((op for op in OPERATORS if line.startswith(op, at)), None)
        if operator == "<<":
            mark, at = _word(line, at + 2)
            document: Word = [("", "'")]
            waiting.append(("".join(text for text, _ in mark), document))
            yield operator
            yield document
            continue
        if operator:
            yield ";" if operator == "\n" else operator
            at += len(operator)
            continue
        word, at = _word(line, at)
        yield word


def _documents(line: str, at: int, waiting: list[tuple[str, Word]]) -> int:
    """Read the here-documents that the line before has announced, without filling in anything; gives where the next line begins."""
    for mark, document in waiting:
        end = at
        while not line.startswith(f"{mark}\n", end) and line[end:] != mark:
            end = line.find("\n", end) + 1
            if not end:
                raise SyntaxFault(f"here-document delimited by end-of-file (wanted `{mark}')")
        document[0] = (line[at:end], "'")
        at = min(end + len(mark) + 1, len(line))
    waiting.clear()
    return at


def _word(line: str, at: int) -> tuple[Word, int]:
    word: Word = []
    plain = ""
    while at < len(line) and line[at] not in " \t\n;|&<>()":
        char = line[at]
        if char == "\\" and at + 1 < len(line):
            word.append((plain, ""))
            word.append((line[at + 1], "'"))
            plain, at = "", at + 2
        elif char in "'\"":
            end = _closing(line, at)
            word.append((plain, ""))
            word.append((line[at + 1 : end], char))
            plain, at = "", end + 1
        elif line.startswith("$((", at) or line.startswith("$(", at):
            raise SyntaxFault("command substitution is not supported by this stand-in")
        else:
            plain += char
            at += 1
    if plain or not word:
        word.append((plain, ""))
    return word, at


def _closing(line: str, at: int) -> int:
    quote, end = line[at], at + 1
    while end < len(line) and line[end] != quote:
        end += 2 if quote == '"' and line[end] == "\\" else 1
    if end >= len(line):
        raise SyntaxFault(f"unexpected EOF while looking for matching `{quote}'")
    return end
