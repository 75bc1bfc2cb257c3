"""What is shown, without the key.

A key comes back as it was sent or otherwise: alone or inside a longer text in base64, that once more in base64, in hexadecimal, in any case, with its
characters escaped as URLs, JSON, HTML, Python or mails do, whole or cut. So what is looked for are all runs of eight characters of all these texts.
One pass over the words of four bytes finds where such a run may be, however long the text is and however many the runs are.
"""

from __future__ import annotations

import re
from array import array
from binascii import b2a_base64
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

Spans = list[tuple[int, int]]

MASK = "***"
RUN = 8
"""How many characters of a key in a row are never shown."""
LIKELY = 12
"""How many characters more than its beginning make a text look like a key, in data where other things may begin so."""
ROUNDS = 3
"""How often what is unescaped is unescaped again; each round takes all levels of one way to escape."""

_FOLD = bytes.maketrans((ascii_uppercase + "-_").encode(), (ascii_lowercase + "+/").encode())
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_HEXADECIMAL = rb"(?P<hex%d>[2-7][0-9a-f]|00)"
# The first backslash of a row, and those that follow it.
_BACKSLASHES = rb"\\(?<!\\\\)\\*+"
# Each way begins with a character that stands for itself, so that re skips all others at once.
_ESCAPE = (
    rb"%(?:25)*(?:u00)?" + _HEXADECIMAL % 1,
    rb"=(?:3d)*" + _HEXADECIMAL % 2,
    _BACKSLASHES + rb"(?:(?:x|u00|u000000|u\{0{0,8})" + _HEXADECIMAL % 3 + rb"\}?|(?P<octal>[01][0-7]{2}))",
    rb"&(?:amp;)*\#(?:x0{0,8}" + _HEXADECIMAL % 4 + rb"|0{0,8}(?P<decimal>\d{2,3}));?",
    rb"&(?:amp;)*(?P<name>[a-z]{2,9});",
    rb"\x00(?P<nothing>\x00*)",
)
_USUAL = re.compile(b"|".join((*_ESCAPE, _BACKSLASHES + rb"(?P<itself>[+/.~=%&#;])")))
_STRANGE = re.compile(
    b"|".join((*_ESCAPE, _BACKSLASHES + rb"(?P<itself>[!-/:-@\[-`{-~])", rb"\\(?P<backslash>\\+)"))
)
"""For keys with characters that hardly any key has, and that are escaped in texts for many reasons."""


class Look(NamedTuple):
    """How to look for a key, without its text: the words of its runs, its size, and what is unescaped."""

    words: frozenset[int]
    size: int
    escape: re.Pattern[bytes]


def look_for(key: bytes, public: int) -> Look:
    """Prepare to look for a key, of which the first `public` characters are no secret."""
    words: set[int] = set()
    for form, _ in _forms(key, public):
        for shift in range(4):
            words.update(_words(form[shift : len(form) - (len(form) - shift) % 4]))
    usual = re.fullmatch(rb"[\w.~+=-]*", key, re.ASCII)
    return Look(frozenset(words), len(key), _USUAL if usual else _STRANGE)


def redacted(shown: bytes, look: Look, key: Callable[[], tuple[bytes, int]]) -> bytes:
    """Give `shown` with a mask in place of the key; the very same object when there is none in it."""
    spans = _merged(_spans(shown.translate(_FOLD), look, key, ROUNDS))
    if not spans:
        return shown
    parts: list[bytes] = []
    end = 0
    for start, stop in spans:
        parts += shown[end:start], MASK.encode()
        end = stop
    return b"".join((*parts, shown[end:]))


def _forms(key: bytes, public: int) -> Iterator[tuple[bytes, int]]:
    """Give the texts as which a key comes back, folded, each with how many of its first characters are no secret."""
    bare = _Unescaped(key.translate(_FOLD), _STRANGE).text
    for text in {key.translate(_FOLD), bare}:
        yield text, public
    yield key.hex().encode(), 2 * public
    header = b2a_base64(key + b":", newline=False), 8 * public // 6
    for encoded, known in (header, *_in_base64(key, public)):
        yield encoded.translate(_FOLD), known
        for alphabet in {encoded, encoded.translate(_URL_SAFE)}:
            for again, known_again in _in_base64(alphabet, known):
                yield again.translate(_FOLD), known_again


def _in_base64(text: bytes, public: int) -> Iterator[tuple[bytes, int]]:
    """Give what base64 makes of `text` wherever it stands in a longer text: the characters that depend on nothing else."""
    for shift in range(3):
        first = -(-8 * shift // 6)
        encoded = b2a_base64(bytes(shift) + text, newline=False)[first : 8 * (shift + len(text)) // 6]
        yield encoded, max(0, 8 * (shift + public) // 6 - first)


def _words(text: bytes) -> Iterable[int]:
    """Give the bytes, of which there are a multiple of four, as numbers of four bytes each."""
    return memoryview(text).cast("I") if text else ()


def _spans(folded: bytes, look: Look, key: Callable[[], tuple[bytes, int]], rounds: int) -> Spans:
    """Give the places of the key in a folded text, also where it is escaped."""
    found = _runs(folded, look, key)
    if rounds and look.escape.search(folded):
        plain = _Unescaped(folded, look.escape)
        found += (plain.source(*span) for span in _spans(plain.text, look, key, rounds - 1))
    return found


def _runs(folded: bytes, look: Look, key: Callable[[], tuple[bytes, int]]) -> Spans:
    words = look.words
    there = _words(folded + bytes(-len(folded) % 4))
    spots = (
        [] if words.isdisjoint(there) else [index for index, word in enumerate(there) if word in words]
    )  # hardly any text has one, and that is told without Python
    found: Spans = []
    if look.size < RUN:
        whole = rb"(?<![a-z0-9])" + re.escape(key()[0].translate(_FOLD)) + rb"(?![a-z0-9])"
        found += (match.span() for match in re.finditer(whole, folded))
    if not spots:
        return found
    runs = {
        form[start : start + RUN]
        for form, public in _forms(*key())
        for start in range(max(0, public - RUN + 1), len(form) - RUN + 1)
    }
    for spot in spots:
        # A run of eight holds a whole word in one of its first four places.
        for start in range(max(0, 4 * spot - 3), 4 * spot + 1):
            if folded[start : start + RUN] in runs:
                found.append((start, start + RUN))
    return found


def _merged(spans: Spans) -> Spans:
    merged: Spans = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


class _Unescaped:
    """A folded text with its escapes resolved, and where each of its characters came from."""

    def __init__(self, folded: bytes, escape: re.Pattern[bytes]) -> None:
        self._places = array("Q")
        self._sizes = array("B")
        self._starts = array("Q")
        self._stops = array("Q")
        parts: list[bytes] = []
        end = size = 0
        for match in escape.finditer(folded):
            char = _character(match)
            if char is None:
                continue
            start, stop = match.span()
            parts += folded[end:start], char
            size += start - end
            self._places.append(size)
            self._sizes.append(len(char))
            self._starts.append(start)
            self._stops.append(stop)
            size += len(char)
            end = stop
        self.text = b"".join((*parts, folded[end:]))

    def source(self, start: int, stop: int) -> tuple[int, int]:
        """Give the place in the escaped text of a place in the plain one."""
        return self._place(start)[0], self._place(stop - 1)[1]

    def _place(self, place: int) -> tuple[int, int]:
        index = bisect_right(self._places, place) - 1
        if index < 0:
            return place, place + 1
        beyond = place - self._places[index] - self._sizes[index]
        if beyond < 0:
            return self._starts[index], self._stops[index]
        return self._stops[index] + beyond, self._stops[index] + beyond + 1


def _character(match: re.Match[bytes]) -> bytes | None:
    """Give what an escape stands for, folded; None when that is nothing that a key could have in it."""
    kind, text = match.lastgroup, match[match.lastgroup or 0]
    if kind == "nothing":
        return b""
    if kind == "backslash":
        return b"\\"
    if kind == "itself":
        return text
    if kind == "name":
        return _names().get(text.decode())
    code = int(text, 8 if kind == "octal" else 10 if kind == "decimal" else 16)
    if code == 0:  # of a text in UTF-16
        return b""
    return bytes((code,)).translate(_FOLD) if 0x20 < code < 0x7F else None


@cache
def _names() -> dict[str, bytes]:
    """HTML's names of the characters that a key could have, folded."""
    from html.entities import html5

    return {
        name.removesuffix(";").lower(): char.encode().translate(_FOLD)
        for name, char in html5.items()
        if len(char) == 1 and "!" <= char <= "~"
    }


def mask_likely(text: str, least: int) -> str:
    """Give the text without what looks like a key, whoever's it is: how one begins, and at least so many characters more."""
    return _likely(least).sub(MASK, text)


@cache
def _likely(least: int) -> re.Pattern[str]:
    return re.compile(rf"\bsk[-_][A-Za-z0-9._-]{{{least},}}")
