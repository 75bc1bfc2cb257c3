"""What docstrings of the client say, in the words of the command line.

Arguments are called as they are typed; sentences that speak of Python only (of attributes, exceptions, types, arguments that are not
offered) are left out.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

NOT_TYPED = frozenset({"progress", "on_done", "stream", "stream_stderr", "resume", "confirm", "self"})
"""Arguments that a command line has other ways for, or none."""

_HEAD = re.compile(r"^(Args|Raises|Warns|Returns):", re.MULTILINE)
_NAMED = re.compile(r"^ {4}\*{0,2}(\w+): ", re.MULTILINE)
_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z`-])")
_CLAUSES = re.compile(r"(?<=[;:]) ")
PYTHON = re.compile(
    r"`\.\w|\w\(.*?\)`|\bclient\.|\bProject\.|\boutcome\.|\b(?:None|True|False)\b|\b[A-Z]\w+Error\b|\b(?:aware )?datetimes?\b|"
    r"\btimedelta\b|\bDecimal\b|\bdictionary\b|\bsubprocess\b|\bkeyword\b|\bIterat|`Transfer`|`\w+=|"
    + "|".join(f"`{name}`" for name in sorted(NOT_TYPED))
)
"""What only a program in Python has to do with."""
_RULES = tuple(
    (re.compile(python), typed)
    for python, typed in (
        (r"`client\.run`", "`run`"),
        (r"`Project\.download`", "`cp`"),
        (r"`hand_out`", "`hand-out`"),
        (r"`kernels\(\)`", "`kernels`"),
        (r"`\"(\w+)\"`", r"\1"),
        (r"\"([a-z]+/[a-z-]+)\"", r"\1"),
        (r"\bIterate over\b", "Give"),
        (r"\bAn aware datetime\b", "A time such as 2026-01-31"),
        (r"\ban aware datetime\b", "a time such as 2026-01-31T12:00"),
        (r"\ba timedelta from now\b", "a span from now such as 90d"),
        (r"\ba timedelta \(how long ago: `timedelta\(days=(\d+)\)`\)", r"a span (how long ago: \1d)"),
        (r"Money as `Decimal`, in place of `float`", "Amounts of money exact to the last digit"),
        (r", like `subprocess\.run`,", ","),
        (r", if `confirm` is True; otherwise buy nothing and give what would be bought", ""),
        (r", and with `confirm=True` `", ", and then `"),
        (r"\bor None for an account that has none\b", "if it has one"),
        (r"\bso None is refused\b", "so null is refused"),
        (r"(?<=; )None is\b", "without it"),
        (r"\bNone is\b", "Without it"),
        (r"\braises the first\b", "fails with the first"),
        (r"\band the error raised\b", "and the error told"),
        (r"`journal` or `resume`", "`journal`"),
        (r"is in `\.refused` with the reason", "is told with the reason"),
        (r", and the value is (?:its path|the `Transfer`)", ""),
        (r", when they come as a list\b", ""),
        (r"\bAs `wait_for_project`, but the states\b", "The states"),
        (r", its id, or its row\b", ", or its id"),
        (r"\bthese: rows, ids,", "these: ids,"),
        (r"\bline, or a list of words\b", "line"),
    )
)
"""What is said otherwise here; what is left of Python after it goes with its sentence."""


class Told(NamedTuple):
    """What a docstring says: its first line, what follows, and of each argument."""

    line: str
    text: str
    arguments: Mapping[str, str]


def told(method: Any) -> Told:
    """Read a docstring: what is said of errors and the examples in Python are not for the command line."""
    doc = inspect.getdoc(method) or ""
    parts = _HEAD.split(doc.partition("\n>>>")[0])
    line, _, text = parts[0].strip().partition("\n")
    sections = dict(zip(parts[1::2], parts[2::2], strict=False))
    pieces = _NAMED.split(sections.get("Args", ""))
    names = _as_typed(method)
    return Told(
        typed(line, names),
        "\n\n".join(filter(None, (typed(part, names) for part in text.strip().split("\n\n")))),
        {name: typed(words, names, name) for name, words in zip(pieces[1::2], pieces[2::2], strict=False)},
    )


def help_of(method: Any, more: str = "", *, line: str = "", all_of_it: bool = True) -> str:
    """Give the help for a command that does what a method does.

    Args:
        method: Where it is written.
        more: What the command line adds.
        line: The first line, where that of the method says something else than the command does.
        all_of_it: Whether the rest of its docstring is true here as well.
    """
    words = told(method)
    return "\n\n".join(part for part in (line or words.line, more, words.text if all_of_it else "") if part)


def is_positional(one: inspect.Parameter) -> bool:
    """Tell whether an argument is given without its name."""
    return one.kind is one.POSITIONAL_OR_KEYWORD and (
        one.default is one.empty or isinstance(one.default, str)
    )


def flag_of(name: str) -> str:
    """Give the option for an argument."""
    return f"--{name.replace('_', '-')}"


def metavar_of(name: str) -> str:
    """Give what stands in the help for an argument without a name."""
    return "PROJECT" if name == "project_id" else name.upper()


def typed(words: str, names: Mapping[str, str], argument: str = "") -> str:
    """Give a paragraph in the words of the command line. True and False are those of `argument`, if it speaks of one."""
    text = " ".join(words.replace("``", "`").split())
    if flag := names.get(argument, ""):
        text = re.sub(r"\bTrue (?=\w+s\b)", f"{flag} ", text)
        text = re.sub(r"\bFalse (?=sends|only|gives)", f"{flag.replace('--', '--no-')} ", text)
    for pattern, other in _RULES:
        text = pattern.sub(other, text)
    text = re.sub(r"`(\w+)`", lambda found: names.get(found[1], found[0]), text)
    return " ".join(filter(None, map(_without_python, _SENTENCES.split(text))))


def _without_python(sentence: str) -> str:
    """Give what a sentence says before it comes to speak of Python."""
    kept: list[str] = []
    for clause in _CLAUSES.split(sentence):
        if PYTHON.search(clause):
            return f"{' '.join(kept).rstrip(';:')}." if kept else ""
        kept.append(clause)
    return sentence


def _as_typed(method: Any) -> dict[str, str]:
    """Give how the arguments of a method are typed."""
    return {
        name: metavar_of(name) if is_positional(one) else flag_of(name)
        for name, one in inspect.signature(inspect.unwrap(method)).parameters.items()
        if name not in NOT_TYPED
    }
