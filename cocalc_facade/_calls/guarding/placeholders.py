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
        key = {"id": WHOLE_START + number, "account_id": identifier(number), "trunc": ""}
        return {MARK: True, "response": [key]}
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
    if not _fits(route, made):
        made = {}  # a map, whose fields all are data
    kind = type(route.decode({}, []))
    fields = {name: wire for name, wire, _ in getattr(kind, "_fields", ())}
    always = [fields[name] for name in getattr(kind, "_always", ())]
    for name in dict.fromkeys([*always, *operation.some, *operation.present, *filter(_IDS, fields)]):
        for value in _values(name, number):
            if _fits(route, {name: value}):
                made[name] = value
                break
    return made


def _fits(route: Route, answer: dict[str, Any]) -> bool:
    """Tell whether what is in an answer is as the schema says. Decoding uses it up, so it has a copy."""
    departures: list[Any] = []
    route.decode(json.loads(json.dumps(answer)), departures)
    return all(got == "nothing" for _, _, got in departures)


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
