"""What a TeX log complains of: the errors and warnings of the last run of each document, with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from cocalc_facade._json.records import Record

# How TeX breaks its lines unless `max_print_line` says otherwise, and what this client says.
WIDTHS = (79, 1000)
LOOKING_AHEAD = 12
# Characters; no message is longer, and what is put together ends.
LONGEST = 5000

_RULE = re.compile(r"Run number \d+ of rule '(.*)'")
_RUNNING = re.compile(r"Running '(.*)'$")
_BANNER = re.compile(r"This is \S{0,20}?(?:TeX|tex)\S{0,20}, Version ")
_OTHER_PROGRAM = re.compile(r"This is (?:BibTeX|pBibTeX|upBibTeX|bibtexu)")
_OPENED = re.compile(r'\(+"?(?:\./)?(.+?\.\w+)')
_PLACED = re.compile(r'(?!l\.\d+ )"?(?:\./)?(.+?\.\w+)"?:(\d+): *(.+)')
_OPENLY = re.compile(r"!(?: |(?=pdfTeX error: ))(.+)")
_BEGUN = re.compile(r'"?\.{0,2}/')
_WARNING = re.compile(
    r"((?:La|pdf|Lua|Xe)?TeX|(?:Package|Class|Module) \S+)(?: (\w+))? [Ww]arning(?: \([^)]*\))?: *(.*)"
)
_MORE = re.compile(r"\(([^()\s]+)\) {2,}(.*)")
_INPUT_LINE = re.compile(r"on input line (\d+)")
_LINE = re.compile(r"l\.(\d+)")
_HATS = re.compile(r"(?:\^\^[0-9a-f]{2})+")


@attrs.frozen
class LatexMessage(Record):
    """One complaint of LaTeX: `file` and `line` where it knows them."""

    message: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.file or '?'}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return place + self.message


def messages(log: str) -> tuple[list[LatexMessage], list[LatexMessage]]:
    """Give the errors and the warnings that the last run of each document tells of, in order and each once, whichever way it words them."""
    errors: dict[LatexMessage, None] = {}
    warnings: dict[LatexMessage, None] = {}
    for run in last_runs(log):
        lines = _whole_lines(run)
        for at, line in enumerate(lines):
            if match := _WARNING.match(line):
                words = _continued(match[3], lines, at + 1)
                place = _INPUT_LINE.search(words)
                warnings[LatexMessage(words, None, int(place[1]) if place else None)] = None
            elif match := _OPENLY.match(line):
                words = _continued(match[1], lines, at + 1)
                ahead = (_LINE.match(later) for later in lines[at + 1 : at + LOOKING_AHEAD])
                number = next((found for found in ahead if found), None)
                if words:
                    errors[LatexMessage(words, None, int(number[1]) if number else None)] = None
            elif match := _PLACED.match(line):
                words = _continued(match[3], lines, at + 1)
                if words:
                    errors[LatexMessage(words, _readable(match[1]), int(match[2]))] = None
    return list(errors), list(warnings)


def last_runs(log: str) -> list[str]:
    """Give the part of a log that each document's last run wrote; what a run found is settled by those that follow it.

    A run begins where latexmk says so, or where a TeX introduces itself.
    """
    parts: dict[object, list[str]] = {}
    part: list[str] = []
    key: object = None
    introduced = True
    parts[key] = part
    for line in log.split("\n"):
        line = line.removesuffix("\r")
        if match := _RULE.search(line):
            part, key, introduced = [], match[1], False
            parts.pop(key, None)
            parts[key] = part
        elif (match := _RUNNING.match(line)) and not introduced:
            # One latexmk can make several documents, all by the same rule.
            del parts[key]
            key = (key, match[1])
            parts.pop(key, None)
            parts[key] = part
        elif _BANNER.match(line) and not _OTHER_PROGRAM.match(line):
            if introduced:
                part, key = [], object()
                parts[key] = part
            introduced = True
        elif introduced and type(key) is object and (match := _OPENED.match(line)):
            # Without latexmk, the first file that a run opens says whose run it is.
            del parts[key]
            key = match[1]
            parts.pop(key, None)
            parts[key] = part
        part.append(line)
    return ["\n".join(part) for part in parts.values()]


def _whole_lines(run: str) -> list[str]:
    """Put together the lines that TeX broke: it breaks at a width, counted in bytes or in characters, and nowhere else."""
    lines = run.split("\n")
    longest = max((len(line) for line in _by_tex(lines)), default=0)
    width = next((width for width in WIDTHS if longest <= width), 0)
    whole: list[str] = []
    broken = False
    for line in lines:
        if broken and len(whole[-1]) < LONGEST and not _begins_anew(line, whole[-1]):
            whole[-1] += line
        else:
            whole.append(line)
        octets = len(line) if line.isascii() else len(line.encode("utf-8", "replace"))
        broken = width > 0 and width in (len(line), octets)
    return whole


def _by_tex(lines: list[str]) -> Iterator[str]:
    """Give the lines between TeX's introduction and its farewell; those of latexmk have no width."""
    speaks = not any(_BANNER.match(line) for line in lines)
    for line in lines:
        introduction = _BANNER.match(line) is not None
        speaks = (speaks or introduction) and not line.startswith(("Latexmk: ", "Transcript written on "))
        if speaks and not introduction:
            yield line


def _begins_anew(line: str, before: str) -> bool:
    """Whether a line is no further part of the one before it, which is as long as TeX's lines can be."""
    if not line or line.startswith("! ") or _WARNING.match(line) or _LINE.match(line):
        return True
    in_a_name = _BEGUN.match(before) and not _PLACED.match(before)
    return not in_a_name and _BEGUN.match(line) is not None


def _continued(words: str, lines: list[str], at: int) -> str:
    """Give a message with its further lines, which a package begins with its name in brackets."""
    found = [words.strip()]
    for line in lines[at : at + LOOKING_AHEAD]:
        match = _MORE.match(line)
        if not match:
            break
        found.append(match[2].strip())
    return " ".join(part for part in found if part)


def _readable(name: str) -> str:
    """Give a name as it is, where TeX wrote its bytes as ^^c3^^a4."""
    return _HATS.sub(lambda found: bytes.fromhex(found[0].replace("^^", "")).decode("utf-8", "replace"), name)
