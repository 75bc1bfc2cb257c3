"""A `.course` file, taken apart: its records by table, and every line that is none, so that nothing is lost without a word.

The form of the file is that of CoCalc's sources of July 2026: a record of JSON a line, in no order; `null` is never stored. A record is known by its
table and its id. What occurs twice counts once, the first as the app takes it; `settings` are merged field by field.
"""

from __future__ import annotations

import json
from typing import Any

import attrs

from cocalc_facade._json.records import Record

IDS = {"students": "student_id", "assignments": "assignment_id", "handouts": "handout_id"}
SHOWN = 200


@attrs.frozen
class CourseProblem(Record):
    """A line of the file that did not count, or not as it stands: its number, why, and its beginning."""

    line: int
    why: str
    text: str


@attrs.frozen
class Document:
    """The records of a file by table, each as it stands there, without what is null; `others` are of tables that nobody knows."""

    settings: dict[str, Any]
    students: tuple[dict[str, Any], ...]
    assignments: tuple[dict[str, Any], ...]
    handouts: tuple[dict[str, Any], ...]
    others: tuple[dict[str, Any], ...]
    problems: tuple[CourseProblem, ...]
    torn: bool
    """Whether the last line is cut, as while the file is being saved."""


def parse(data: bytes) -> Document:
    """Take a file apart; nothing in it makes this fail."""
    settings: dict[str, Any] = {}
    tables: dict[str, dict[str, dict[str, Any]]] = {table: {} for table in IDS}
    first: dict[tuple[str, str], int] = {}
    others: list[dict[str, Any]] = []
    problems: list[CourseProblem] = []
    torn = False
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        text, why = _text(raw)
        if why:
            problems.append(_problem(number, why, text))
        record, why = _record(text)
        if record is None:
            problems.append(_problem(number, why, text))
            torn = number == len(lines)
            continue
        table = record.get("table")
        if table == "settings":
            if settings:
                problems.append(
                    _problem(number, "settings occur again; they are merged field by field", text)
                )
            settings.update(record)
        elif isinstance(table, str) and table in IDS:
            identity = record.get(IDS[table])
            if not isinstance(identity, str) or not identity:
                problems.append(_problem(number, f"a record of {table} without {IDS[table]}", text))
            elif identity in tables[table]:
                before = first[table, identity]
                problems.append(
                    _problem(number, f"{IDS[table]} is that of line {before}, which counts", text)
                )
            else:
                first[table, identity] = number
                tables[table][identity] = record
        else:
            others.append(record)
    settings.pop("table", None)
    return Document(
        settings,
        tuple(tables["students"].values()),
        tuple(tables["assignments"].values()),
        tuple(tables["handouts"].values()),
        tuple(others),
        tuple(problems),
        torn,
    )


def _text(raw: bytes) -> tuple[str, str]:
    try:
        return raw.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        return raw.decode("utf-8", "replace"), f"not UTF-8 at byte {error.start}, which is read as �"


def _record(text: str) -> tuple[dict[str, Any] | None, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        words = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read"
        return None, f"not JSON: {words}"
    if not isinstance(found, dict):
        return None, f"a {type(found).__name__}, and no record"
    return {name: value for name, value in found.items() if value is not None}, ""


def _problem(line: int, why: str, text: str) -> CourseProblem:
    shown = text.strip().encode("utf-8", "backslashreplace").decode()
    return CourseProblem(line, why, shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…")
