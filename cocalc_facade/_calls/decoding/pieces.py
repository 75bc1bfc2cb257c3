"""Large answers: the objects of their lists are made piece by piece, from the bytes of some hundred at a time.

So the dicts between are few, and the memory of one piece is still warm when it serves the next. Where a piece ends is guessed, and seen to be
right by reading it: what is whole JSON from the begin of an object on ends with one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from json import JSONDecoder
from typing import Any, NamedTuple

from cocalc_v2 import types
from cocalc_v2.types import Found, Reader, Rows, within

from cocalc_facade._calls.answers import lacks
from cocalc_facade._calls.meaning.payloads import Reals, is_json, scanner
from cocalc_facade._calls.routes import Route
from cocalc_facade._wire.flow import Answer

from .rows import Reading

HEAD = 64 * 1024
"""Bytes that there may be before a list, and between two."""
LARGEST = 1024 * 1024
"""Bytes that an object may take; where the first of a list takes more, the list is read at once."""
CUTS = 4
"""Places that are tried for the end of a piece: an object may hold what looks like its end."""

_LIST = re.compile(rb"[ \t\n\r]*\[[ \t\n\r]*(?=\{)")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*(?=\{)")
_SPACE = b" \t\n\r"
_first = JSONDecoder().raw_decode


class Part(NamedTuple):
    """A list in an answer: the name of its field on the wire and in Python, none for the whole answer, and what reads it."""

    wire: str
    name: str
    rows: Rows


def typed(answer: Answer, route: Route) -> tuple[Any, Found] | None:
    """Give the typed result of an answer with lists of objects, and where it departs from the schema.

    `None` when it has to be read the ordinary way: it is another one, a failure of the server, or no JSON.
    """
    if route.failure or not is_json(answer):
        return None
    parts = _parts(route.reader)
    if not parts:
        return None
    found: Found = []
    try:
        if parts[0].name:
            result = _object(answer.body, parts, route, found)
        else:
            result = _list(answer.body, parts[0].rows, route, found)
    except (ValueError, StopIteration, RecursionError):
        return None
    return None if result is None else (result, found)


@cache
def _parts(reader: Reader) -> tuple[Part, ...]:
    """Give the lists of objects in what is read so."""
    if isinstance(reader, Rows):
        return (Part("", "", reader),)
    model = getattr(reader, "__self__", None)
    if not isinstance(model, type) or not issubclass(model, types.Answer):
        return ()
    fields = zip(model._fields, model._readers(), strict=True)
    return tuple(Part(wire, name, rows) for (name, wire, _), rows in fields if isinstance(rows, Rows))


def _list(body: bytes, rows: Rows, route: Route, found: Found) -> Any:
    begin = _LIST.match(body)
    if begin is None:
        return None
    made, end = _objects(body, begin.end(), rows, found)
    return None if body[end:].strip(_SPACE) or not _fits(made, route) else made


def _object(body: bytes, parts: tuple[Part, ...], route: Route, found: Found) -> Any:
    """Read an answer whose lists are left out first, and then put into their places."""
    made: list[tuple[Part, list[Any]]] = []
    around = []
    departures: dict[str, Found] = {}
    end = 0
    left = [*parts]
    while (place := _next(body, left, end)) is not None:
        part, opening, start = place
        left.remove(part)
        around.append(body[end:opening])
        objects, end = _objects(body, start, part.rows, departures.setdefault(part.wire, []))
        made.append((part, objects))
    if not made:
        return None
    lists = iter([objects for _, objects in made])
    value = _with(b"NaN".join([*around, body[end:]]).decode(), lists)
    if type(value) is not dict or "error" in value or not _fits(value, route):
        return None
    for part, objects in made:
        if value.get(part.wire) is not objects:
            return None  # it was within something else, or came twice
    for part, _ in made:
        value[part.wire] = []
    result = route.decode(value, found)
    if not isinstance(result, types.Answer):
        return None
    for part, objects in made:
        setattr(result, part.name, objects)
        within(part.wire, departures[part.wire], 0)
        found += departures[part.wire]
    order = [wire for _, wire, _ in result._fields]
    found.sort(key=lambda departure: order.index(str(departure[0][0])))
    return result


def _fits(value: Any, route: Route) -> bool:
    """Tell whether a value is what every success of the route is."""
    return (route.types is None or type(value) in route.types) and not lacks(value, route)


def _next(body: bytes, parts: list[Part], start: int) -> tuple[Part, int, int] | None:
    """Give the list that begins next after a place, and where it and its first object do."""
    place, next_list = start + HEAD, None
    for part in parts:
        found = _begin(part.wire).search(body, start, place)
        if found is not None:
            place = found.end()
            next_list = part, found.start(1), place
    return next_list


@cache
def _begin(wire: str) -> re.Pattern[bytes]:
    return re.compile(rb'"%s"[ \t\n\r]*:[ \t\n\r]*(\[)[ \t\n\r]*(?=\{)' % re.escape(wire.encode()))


def _with(text: str, lists: Iterator[list[Any]]) -> Any:
    """Give the value of an answer in which NaN, which JSON does not know, stands for these lists."""
    value, end = scanner(lambda _: next(lists))(text, 0)
    return None if text[end:].strip() else value


def _objects(body: bytes, start: int, rows: Rows, found: Found) -> tuple[list[Any], int]:
    """Give the objects of a list of which the first is at `start`, and where the list ends."""
    scan, reals = scanner(), Reals()
    sharing = scanner(real=reals.__getitem__)

    def plain(piece: bytes) -> Any:
        text = piece.decode()
        # Where numbers hardly repeat, to look for them is in vain.
        value, end = (sharing if len(reals) < Reals.MOST else scan)(text, 0)
        if end != len(text):
            raise ValueError
        return value

    read = Reading(rows, plain)
    between, distance = _between(body, start)
    view = memoryview(body)
    objects: list[Any] = []
    last, end = False, start
    while not last:
        mark, before = len(found), len(objects)
        cut = start + read.size
        for _ in range(CUTS):
            cut = body.find(between, cut) + 1 if between else 0
            last = not cut
            try:
                if last:
                    cut, distance = body.rindex(b"]", start), 1
                objects += read(b"".join((b"[", view[start:cut], b"]")), found)
            except (ValueError, StopIteration):
                if last:
                    break
            else:
                end = cut + distance
                break
        if end == start:
            last = True
            rest = f"[{body[start:].decode()}"
            value, length = scan(rest, 0)
            objects += rows(value, found)
            end += (length if rest.isascii() else len(rest[:length].encode())) - 1
        for index in range(mark, len(found)):
            (place, *where), expected, got = found[index]
            found[index] = ((int(place) + before, *where), expected, got)
        start = end
    return objects, end


def _between(body: bytes, start: int) -> tuple[bytes, int]:
    """Give what is between the objects of a list, and what of it is before the next of them; nothing when there is but one.

    Objects that one program wrote begin with the same field; those within them hardly do.
    """
    text = body[start : start + LARGEST].decode(errors="ignore")
    try:
        _, end = _first(text)
    except ValueError:
        return b"", 0
    comma = _COMMA.match(text, end)
    if comma is None:
        return b"", 0
    return f"}}{comma[0]}{text[: text.index(':') + 1]}".encode(), len(comma[0])
