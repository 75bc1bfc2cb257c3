"""What user-query writes; a table whose rows the stand-in does not keep takes and forgets them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.projects.projects import name_project
from cocalc_facade.testing.wire.javascript import is_uuid
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.state import Project

Row = dict[str, Any]


def _write_account(call: Call, table: str, values: Row) -> None:
    account = call.caller.account if call.caller else None
    if account is None:
        raise Refusal("FATAL: account_id is not a valid account")
    for name, value in values.items():
        if name in ("first_name", "last_name", "name"):
            setattr(account, name, sql_text(value))
        elif name != "account_id":
            before = account.fields.get(name)
            merged = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
            account.fields[name] = merged


def _member_project(call: Call, table: str, values: Row) -> Project:
    project_id = values.get("project_id")
    if project_id is None:
        raise Refusal(f"FATAL: must specify {table}.project_id")
    if not is_uuid(project_id):
        raise Refusal(f'postgresql error: invalid input syntax for type uuid: "{sql_text(project_id)}"')
    project = call.world.projects.get(str(project_id).lower())
    if project is None:
        raise Refusal(f"FATAL: unknown project_id '{project_id}'")
    if not (project.is_member(call.account_id()) or call.is_admin()):
        raise Refusal("FATAL: user must be an admin")
    return project


def _write_project(call: Call, table: str, values: Row) -> None:
    project = _member_project(call, table, values)
    for name, value in values.items():
        if name == "name":
            name_project(call, project, value)
        if name in ("title", "description", "name"):
            setattr(project, name, sql_text(value))
        elif name == "deleted":
            project.deleted = bool(value)
        elif name == "users" and isinstance(value, dict):
            for account_id, entry in value.items():
                if account_id in project.users and isinstance(entry, dict):
                    kept = {key: item for key, item in entry.items() if key != "group"}
                    project.users[account_id] |= kept
        elif name == "action_request" and isinstance(value, dict):
            _act(call, project, value)
        elif name != "project_id":
            project.fields[name] = value
    project.last_edited = call.world.now()


def _act(call: Call, project: Project, request: Row) -> None:
    now = call.world.now()
    state = project.state(now)
    if request.get("action") in ("stop", "restart") and state in ("running", "starting"):
        project.stop(now, call.site.stop_seconds)
    if request.get("action") == "start" and state == "opened":
        project.start(now, call.site.start_seconds)


def _write_log(call: Call, table: str, values: Row) -> None:
    _member_project(call, table, values)
    row = {"id": call.world.uuid(), "time": iso(call.world.now()), "account_id": call.account_id(), **values}
    call.world.log.append(row)


def _write_message(call: Call, table: str, values: Row) -> None:
    for row in call.world.messages:
        if row["id"] == values.get("id"):
            row.update(
                {
                    key: bool(int(str(value) or "0"))
                    for key, value in values.items()
                    if key in row and key != "id"
                }
            )


def _write_public_path(call: Call, table: str, values: Row) -> None:
    project = _member_project(call, table, values)
    path = sql_text(values.get("path"))
    number = hashlib.sha1(f"{project.project_id}{path}".encode(), usedforsecurity=False).hexdigest()
    row = next((row for row in call.world.public_paths if row["id"] == number), None)
    now = iso(call.world.now())
    if row is None:
        row = {"id": number, "project_id": project.project_id, "path": path, "created": now}
        call.world.public_paths.append(row)
    row |= {**values, "last_edited": now}


def _write_datastore(call: Call, table: str, values: Row) -> None:
    project = _member_project(call, table, values)
    addons = values.get("addons")
    if isinstance(addons, dict):
        project.fields["addons"] = {**(project.fields.get("addons") or {}), **addons}


WRITERS: dict[str, Callable[[Call, str, Row], None]] = {
    "accounts": _write_account,
    "messages": _write_message,
    "project_datastore": _write_datastore,
    "project_log": _write_log,
    "projects": _write_project,
    "projects_all": _write_project,
    "public_paths": _write_public_path,
    "sent_messages": _write_message,
}
