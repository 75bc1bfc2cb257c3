"""What a dry run answers for a call that it does not make: a value of the right type that says what it is.

A placeholder can be told from everything that a server gives, also inside of other values and texts, so that a later call that is about it is not made
either. An object has the field `dry_run`; ids are UUIDs that begin like no other, or numbers beyond all that servers give. A bare list is
empty, a bare amount 0, and these two alone cannot be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cocalc_facade._calls.routes import Route

MARK = "dry_run"
NOTHING = "nothing"
UUID_START = "dddddddd-d4a4-4000-8000-"
WHOLE_START = 8_888_888_888_000_000
_WHOLE = str(WHOLE_START)[:10]
_IDS = re.compile(r"(?:^|_)(?:id|uuid)$|(?:Id|UUID)$").search
_START = "1970-01-01T00:00:00.000Z"


def identifier(number: int) -> str:
    """Give the marked UUID of that number."""
    return f"{UUID_START}{number:012d}"


def is_about_one(body: bytes) -> bool:
    """Tell whether a request speaks of a placeholder."""
    return UUID_START.encode() in body.lower() or _WHOLE.encode() in body


def is_placeholder(value: object) -> bool:
    """Whether a value is what a dry run answered in place of the server: an id, an answer, or a typed result."""
    if isinstance(value, str):
        return value.lower().startswith(UUID_START)
    if isinstance(value, int):
        return str(value).startswith(_WHOLE) and len(str(value)) == len(str(WHOLE_START))
    marks = value if isinstance(value, Mapping) else getattr(value, "additional_properties", None)
    if isinstance(marks, Mapping) and marks.get(MARK) is True:
        return True
    return getattr(value, "planned", None) is True


def placeholder(route: Route, body: bytes, number: int) -> Any:
    """Give plain JSON of the form that a success of the route has."""
    if route.path == "user-query":
        return _rows(json.loads(body).get("query"))
    if route.path == "api-keys":
        return _filled(route, {MARK: True, "response": [{"id": WHOLE_START + number}]}, number)
    types = route.operation.answer if route.operation is not None else ()
    if not types or "object" in types:
        return _object(route, number)
    simple = {
        "array": [],
        "string": identifier(number),
        "integer": WHOLE_START + number,
        "number": 0,
        "boolean": False,
    }
    return next((simple[name] for name in types if name in simple), None)


def _object(route: Route, number: int) -> dict[str, Any]:
    """Give an object with the fields that every success has, and with every id that it can have."""
    made: dict[str, Any] = {MARK: True}
    operation = route.operation
    if operation is None:
        return made
    if _departures(route, made, (MARK,)) or _departures(route, made, ("*",)):
        made = {}  # a map, whose fields all are data
    fields = [field[0] for field in getattr(type(route.decode({}, [])), "_fields", ())]
    for name in dict.fromkeys([*operation.some, *operation.present, *filter(_IDS, fields)]):
        made = _with(route, made, (name,), number)
    return _filled(route, made, number)


def _filled(route: Route, answer: dict[str, Any], number: int) -> dict[str, Any]:
    """Give an answer with whatever else the schema says that every one has, at any depth."""
    tried: set[tuple[Any, ...]] = set()
    while True:
        gaps = [where for where, got in _departures(route, answer) if got == NOTHING and where not in tried]
        if not gaps:
            return answer
        tried.add(gaps[0])
        answer = _with(route, answer, gaps[0], number)


def _with(route: Route, answer: dict[str, Any], where: tuple[Any, ...], number: int) -> dict[str, Any]:
    """Give an answer that has at a place what fits there; the answer as it is when nothing does."""
    for value in _values(str(where[-1]), number):
        changed = json.loads(json.dumps(answer))
        inner = changed
        try:
            for step in where[:-1]:
                inner = inner[step]
            inner[where[-1]] = value
        except (KeyError, IndexError, TypeError):  # the key of a map, which is data
            return answer
        if all(got == NOTHING and there != where for there, got in _departures(route, changed, where)):
            return changed  # type: ignore[no-any-return]
    return answer


def _departures(
    route: Route, answer: dict[str, Any], below: tuple[Any, ...] = ()
) -> list[tuple[tuple[Any, ...], str]]:
    """Give where an answer is not as the schema says, at a place and below it. Decoding uses it up, so it has a copy."""
    found: list[Any] = []
    route.decode(json.loads(json.dumps(answer)), found)
    return [(where, got) for where, _, got in found if where[: len(below)] == below]


def _values(name: str, number: int) -> Iterator[Any]:
    """Give what a field may hold, by its name, the likeliest first; which one does is told by decoding it."""
    if _IDS(name):
        yield from (identifier(number), WHOLE_START + number)
    elif name == "status":
        yield from ("ok", "success")
    yield from ("", True, 0, {}, [], _START, None)


def _rows(query: Any) -> dict[str, Any]:
    """Give what user-query answers: nothing for a write, for a read the row that was asked for, as far as the query itself tells it."""
    found: dict[str, Any] = {}
    for one in query if isinstance(query, list) else [query]:
        for table, asked in one.items() if isinstance(one, dict) else ():
            if _has_null(asked):
                found[str(table)] = asked
    return {"query": found, MARK: True}


def _has_null(asked: Any) -> bool:
    row = asked[0] if isinstance(asked, list) and asked else asked
    return isinstance(row, dict) and None in row.values()
