"""api-keys: list, create, edit and delete keys of an account or a project."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.postgres import sql_integer, sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.state import Key


def manage(call: Call) -> Any:
    """Do what `action` says; an unknown one does nothing and gives nothing."""
    account_id = call.account_id()
    if account_id not in call.world.accounts:
        raise Refusal("account_id is not a valid account")
    project_id = _project(call)
    action = call.get("action")
    number = _number(call) if action in ("get", "edit", "delete") else None
    rows = [
        key
        for key in call.world.keys.values()
        if key.deleted is None
        and (
            key.project_id == project_id
            if project_id
            # Asked for by id, the account's own keys include those that it made for projects.
            else key.account_id == account_id and (number is not None or key.project_id is None)
        )
    ]
    if action == "get":
        return {"response": _shown(number, rows[::-1])}
    if action == "create":
        expire = _moment(call.get("expire"))
        name = None if call.get("name") in (UNDEFINED, None) else sql_text(call.get("name"))
        key = call.world.add_key(account_id, name, project_id=project_id, expire=expire)
        return {"response": [{**_row(key), "secret": key.secret}]}
    if action == "edit":
        return _edit(call, number, rows)
    if action == "delete" and number is not None:
        for key in rows:
            if key.id == number:
                key.deleted = call.world.now()
    return {}


def _project(call: Call) -> str | None:
    value = call.get("project_id")
    if value in (UNDEFINED, None):
        return None
    if not call.collaborates(value):
        raise Refusal("user must be collaborator on project to manage project_id api keys")
    return str(value).lower()


def _number(call: Call) -> int | None:
    value = call.get("id")
    return None if value in (UNDEFINED, None) else sql_integer(value, "integer")


def _shown(number: int | None, rows: list[Key]) -> list[Any]:
    if number is None:
        return [_row(key) for key in rows]
    return [_row(key) for key in rows if key.id == number] or [None]


def _row(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "account_id": key.account_id,
        "expire": None if key.expire is None else iso(key.expire),
        "created": iso(key.created),
        "name": key.name,
        "trunc": key.trunc,
        "last_active": None if key.last_active is None else iso(key.last_active),
    }


def _edit(call: Call, number: int | None, rows: list[Key]) -> Any:
    row = next((key for key in rows if number is not None and key.id == number), None)
    if row is None:
        raise Refusal(f"no api key with id {js_text(call.get('id'))}")
    if call.get("name") is not UNDEFINED:
        row.name = None if call.get("name") is None else sql_text(call.get("name"))
    if call.get("expire") is not UNDEFINED:
        row.expire = _moment(call.get("expire"))
    return {}


def _moment(value: Any) -> float | None:
    """A time as PostgreSQL reads it: ISO text only."""
    if value in (UNDEFINED, None):
        return None
    text = sql_text(value)
    if re.fullmatch(r"\d{7,}(\.\d+)?", text):
        raise Refusal(f'date/time field value out of range: "{text}"')
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(f'invalid input syntax for type timestamp: "{text}"') from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
