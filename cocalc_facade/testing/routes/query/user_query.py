"""user-query: tables, fields, operators, and who may read or write what."""

from __future__ import annotations

import operator
import re
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.people.messages import send_message
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.throttle import CREATE_MESSAGE

from .rows import ROWS, WHOLE, WHOLE_ROWS
from .tables import TABLES, Table
from .writers import WRITERS


def user_query(call: Call) -> Any:
    """Read or write one table, or run several queries in a row."""
    query = call.get("query")
    if query is UNDEFINED or query is None:
        raise Refusal(f"Cannot read properties of {js_text(query)} (reading 'undefined')")
    if isinstance(query, list):
        return {"query": [_one(call, item) for item in query]}
    return {"query": _one(call, query)}


def _one(call: Call, query: Any) -> dict[str, Any]:
    # A text has its characters for keys, a number has none.
    tables: dict[str, Any] = {}
    if isinstance(query, (dict, str)):
        tables = query if isinstance(query, dict) else {str(at): item for at, item in enumerate(query)}
    if len(tables) > 1:
        raise Refusal("FATAL: must specify exactly one key in the query")
    name, wanted = next(iter(tables.items()), ("undefined", None))
    many = isinstance(wanted, list)
    if isinstance(wanted, list):
        if len(wanted) > 1:
            raise Refusal("FATAL: array of length > 1 not yet implemented")
        wanted = wanted[0] if wanted else None
    if not isinstance(wanted, dict):
        raise Refusal(f"FATAL: invalid user_query of '{name}' -- query must be an object")
    if has_null(wanted):
        return _read(call, name, wanted, many=many)
    return _write(call, name, wanted)


def has_null(value: Any) -> bool:
    """Whether any leaf is null, which makes a query a read."""
    if isinstance(value, dict):
        return any(has_null(item) for item in value.values())
    if isinstance(value, list):
        return any(has_null(item) for item in value)
    return value is None


def _read(call: Call, name: str, wanted: dict[str, Any], *, many: bool) -> dict[str, Any]:
    if name == "create_message":
        return _create_message(call, wanted)
    table = TABLES.get(name)
    if table is None or not table.get:
        raise Refusal(f"FATAL: get queries not allowed for table '{name}'")
    if call.caller is None and not table.anonymous:
        raise Refusal(f"FATAL: anonymous get queries not allowed for table '{name}'")
    for field in wanted:
        if field not in table.get:
            raise Refusal(f"FATAL: user get query not allowed for {name}.{field}")
    if table.admin and not call.is_admin():
        raise Refusal("FATAL: user must be an admin")
    _check_project(call, table, wanted)
    rows = ROWS[name](call, wanted) if name in ROWS else []
    if name in WHOLE:
        return {name: list(rows)}
    if name in WHOLE_ROWS:
        kept = [row for row in rows if wanted.get("id") in (None, row.get("id"))]
        hidden = "id" if name == "site_license_public_info" else ""
        shown = [{key: value for key, value in row.items() if key != hidden} for row in kept]
        return {name: shown if many else shown[0]} if many or shown else {}
    found = [row for row in rows if all(_holds(row.get(key), test, call) for key, test in wanted.items())]
    if many:
        shown = [
            {key: row.get(key) for key in wanted if row.get(key) is not None} for row in found[: table.limit]
        ]
        return {name: shown}
    return {name: {key: found[0].get(key) for key in wanted}} if found else {}


def _check_project(call: Call, table: Table, wanted: dict[str, Any]) -> None:
    project_id = wanted.get("project_id")
    if not table.members or not isinstance(project_id, str):
        return
    account_id = call.account_id()
    project = call.world.projects.get(project_id.lower())
    # A project's own key is no member here, as its caller is no account.
    if call.is_admin() or (project and account_id in project.users):
        return
    raise Refusal(
        f"FATAL: you do not have read access to this project -- account_id={account_id}, project_id_=undefined"
    )


ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
OPERATORS = (
    "==",
    "=",
    "!=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "IS",
    "IS NOT",
    "LIKE",
    "ILIKE",
    "NOT LIKE",
    "NOT ILIKE",
)


def _holds(value: Any, test: Any, call: Call) -> bool:
    if test is None:
        return True
    if isinstance(test, dict):
        if set(test) == {"relative_time", "unit"}:
            return bool(value == _relative(test, call))
        if len(test) == 1:
            ((word, operand),) = test.items()
            if word.upper() in (*OPERATORS, "ANY", "MINLEN", "MAXLEN"):
                return _compare(value, word.upper(), operand, call)
    return bool(value == test)


def _relative(test: dict[str, Any], call: Call) -> str:
    units = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000}
    seconds = float(test["relative_time"]) * units.get(str(test["unit"]).rstrip("s"), 1)
    return iso(call.world.now() + seconds)


def _compare(value: Any, word: str, given: Any, call: Call) -> bool:
    relative = isinstance(given, dict) and set(given) == {"relative_time", "unit"}
    operand: Any = _relative(given, call) if relative else given
    if word in ("IS", "IS NOT"):
        return (value is None) == (word == "IS")
    if word in ("MINLEN", "MAXLEN"):
        if isinstance(value, str):
            raise Refusal("postgresql error: function array_length(text, integer) does not exist")
        size = len(value) if isinstance(value, (list, dict)) else 0
        return bool(size >= operand if word == "MINLEN" else size <= operand)
    if word == "ANY":
        if isinstance(value, str):
            raise Refusal("postgresql error: op ANY/ALL (array) requires array on right side")
        return operand in value if isinstance(value, list) else False
    if value is None:
        return False
    if "LIKE" in word:
        pattern = re.escape(str(operand)).replace("%", ".*").replace("_", ".")
        flags = re.DOTALL | (re.IGNORECASE if "ILIKE" in word else 0)
        return (re.fullmatch(pattern, str(value), flags) is not None) != word.startswith("NOT")
    if word in ("=", "=="):
        return bool(value == operand)
    if word in ("!=", "<>"):
        return bool(value != operand)
    try:
        return bool(ORDERS[word](value, operand))
    except TypeError:
        raise Refusal(f"operator does not exist: {type(value).__name__} {word} {js_text(operand)}") from None


def _write(call: Call, name: str, values: dict[str, Any]) -> dict[str, Any]:
    table = TABLES.get(name)
    if call.caller is None:
        raise Refusal("FATAL: no anonymous set queries")
    if table is None:
        raise Refusal(f"FATAL: table '{name}' does not exist")
    if not table.set:
        raise Refusal(f"FATAL: user set queries not allowed for table '{name}'")
    for field in values:
        if field not in table.set and field not in table.key:
            raise Refusal(f"FATAL: changing {name}.{field} not allowed")
    if table.admin and not call.is_admin():
        raise Refusal("FATAL: user must be an admin")
    if name in WRITERS:
        WRITERS[name](call, name, values)
    return {}


def _create_message(call: Call, wanted: dict[str, Any]) -> dict[str, Any]:
    account_id = call.account_id("FATAL: anonymous get queries not allowed for table 'create_message'")
    if call.site.oddities.rate_limits:
        call.world.throttle.check(CREATE_MESSAGE, account_id, call.world.now())
    number = send_message(call, account_id, wanted)
    row = next(row for row in call.world.messages if row["id"] == number)
    return {"create_message": {key: row.get(key) for key in wanted}}
