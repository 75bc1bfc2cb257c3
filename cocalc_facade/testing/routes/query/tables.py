"""The tables that user-query reads and writes: who may, which fields, how many rows, and where the rows are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.data import packaged
from cocalc_facade.testing.wire.javascript import is_uuid
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.state import Account, Project

Row = dict[str, Any]
SIX_WEEKS = 6 * 7 * 86_400


@dataclass(frozen=True, slots=True)
class Table:
    """What user-query allows on a table."""

    name: str
    get: frozenset[str]
    set: frozenset[str] = frozenset()
    key: frozenset[str] = frozenset()
    limit: int = 100_000
    members: bool = False
    anonymous: bool = False
    admin: bool = False

    def write(self, call: Call, values: Row) -> None:
        """Store values; a table whose rows the stand-in does not keep takes and forgets them."""
        if self.name in WRITERS:
            WRITERS[self.name](call, values)


def _tables() -> dict[str, Table]:
    keys = ("get", "set", "key")
    return {
        name: _table(name, {key: frozenset(value) if key in keys else value for key, value in row.items()})
        for name, row in packaged("tables.json").items()
    }


def _table(name: str, row: dict[str, Any]) -> Table:
    return Table(name, **row)


TABLES = _tables()


def _account_row(call: Call, account: Account) -> Row:
    return {
        "account_id": account.account_id,
        "email_address": account.email_address,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "name": account.name,
        "groups": account.groups or None,
        "created": iso(account.created),
        "last_active": None if account.last_active is None else iso(account.last_active),
        "balance": call.world.balance(account.account_id),
        "min_balance": account.min_balance,
        "unread_message_count": sum(
            account.account_id in row["to_ids"] and not row["read"] for row in call.world.messages
        ),
        "autosave": 45,
        "font_size": 14,
        "evaluate_key": "Shift-Enter",
        "unlisted": False,
        **account.fields,
    }


def _accounts(call: Call, wanted: Row) -> Iterable[Row]:
    account = call.caller.account if call.caller else None
    return [] if account is None else [_account_row(call, account)]


def _project_row(call: Call, project: Project) -> Row:
    now = call.world.now()
    state = {"ip": "127.0.0.1", "time": iso(project.changed(now)), "state": project.state(now)}
    # Seen on the real server: a project that was started again has no address in its state.
    if project.restarted and state["state"] == "running":
        del state["ip"]
    return {
        "project_id": project.project_id,
        "title": project.title,
        "description": project.description,
        "name": project.name,
        "users": project.users,
        "deleted": project.deleted or None,
        "state": state,
        "created": iso(project.created),
        "last_edited": iso(project.last_edited),
        "course": project.course,
        **project.fields,
    }


def _projects(call: Call, wanted: Row, *, since: float = 0.0) -> Iterable[Row]:
    project_id = wanted.get("project_id")
    account_id = call.account_id()
    if isinstance(project_id, str):
        project = call.world.projects.get(project_id.lower())
        return [] if project is None else [{**_project_row(call, project), "project_id": project_id}]
    mine = [project for project in call.world.projects.values() if account_id in project.users]
    mine = [project for project in mine if project.last_edited >= since and not project.deleted]
    newest = sorted(mine, key=lambda project: project.last_edited)[::-1]
    return [_project_row(call, project) for project in newest]


def _recent_projects(call: Call, wanted: Row) -> Iterable[Row]:
    return _projects(call, wanted, since=call.world.now() - SIX_WEEKS)


def _listings(call: Call, wanted: Row) -> Iterable[Row]:
    account_id = call.account_id()
    rows = []
    for project in call.world.projects.values():
        if not project.is_member(account_id):
            continue
        for path, seen in sorted(project.listings.items(), key=lambda item: -item[1]):
            whole = project.files.resolve(path)
            row: Row = {
                "project_id": project.project_id,
                "compute_server_id": 0,
                "path": path,
                "time": iso(seen),
                "interest": iso(seen),
            }
            if project.files.is_directory(whole):
                row["listing"] = project.files.listing(whole)[:200]
            else:
                row["error"] = f"Error: ENOENT: no such file or directory, scandir '{whole}'"
            rows.append(row)
    return rows


def _collaborators(call: Call, wanted: Row) -> Iterable[Row]:
    account_id = call.account_id()
    shared = [project for project in call.world.projects.values() if account_id in project.users]
    if isinstance(wanted.get("project_id"), str):
        shared = [project for project in shared if project.project_id == wanted["project_id"]]
    people = {key for project in shared for key in project.users}
    rows = [_account_row(call, account) for key, account in call.world.accounts.items() if key in people]
    return [{**row, "project_id": wanted.get("project_id")} for row in rows]


def _profiles(call: Call, wanted: Row) -> Iterable[Row]:
    return [
        {"account_id": account.account_id, "profile": account.fields.get("profile")}
        for account in call.world.accounts.values()
    ]


def _mine(name: str) -> Callable[[Call, Row], Iterable[Row]]:
    def rows(call: Call, wanted: Row) -> Iterable[Row]:
        account_id = call.account_id()
        table: list[Row] = getattr(call.world, name)
        return [row for row in reversed(table) if row["account_id"] == account_id]

    return rows


def _messages(call: Call, wanted: Row) -> Iterable[Row]:
    account_id = call.account_id()
    return [_bits(row) for row in reversed(call.world.messages) if account_id in row["to_ids"]]


def _sent_messages(call: Call, wanted: Row) -> Iterable[Row]:
    account_id = call.account_id()
    return [_bits(row) for row in reversed(call.world.messages) if row["from_id"] == account_id]


def _bits(row: Row) -> Row:
    flags = ("read", "saved", "starred", "liked", "deleted", "expire")
    return {**row, **{name: "1" if row.get(name) else None for name in flags}}


def _news(call: Call, wanted: Row) -> Iterable[Row]:
    return [{**row, "date": iso(row["date"])} for row in reversed(call.world.news)]


def _log(call: Call, wanted: Row) -> Iterable[Row]:
    account_id = call.account_id()
    projects = {key for key, project in call.world.projects.items() if project.is_member(account_id)}
    return [row for row in reversed(call.world.log) if row["project_id"] in projects]


ROWS: dict[str, Callable[[Call, Row], Iterable[Row]]] = {
    "accounts": _accounts,
    "account_profiles": _profiles,
    "collaborators": _collaborators,
    "collaborators_one_project": _collaborators,
    "listings": _listings,
    "messages": _messages,
    "news": _news,
    "project_log": _log,
    "project_log_all": _log,
    "projects": _recent_projects,
    "projects_all": _projects,
    "purchases": _mine("purchases"),
    "sent_messages": _sent_messages,
    "statements": _mine("statements"),
    "subscriptions": _mine("subscriptions"),
}


def _write_account(call: Call, values: Row) -> None:
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


def _member_project(call: Call, values: Row) -> Project:
    project_id = values.get("project_id")
    if not is_uuid(project_id):
        raise Refusal("FATAL: must specify project_id")
    project = call.world.projects.get(str(project_id).lower())
    if project is None or not (project.is_member(call.account_id()) or call.is_admin()):
        raise Refusal("FATAL: user must be an admin")
    return project


def _write_project(call: Call, values: Row) -> None:
    project = _member_project(call, values)
    for name, value in values.items():
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


def _write_log(call: Call, values: Row) -> None:
    _member_project(call, values)
    row = {"id": call.world.uuid(), "time": iso(call.world.now()), "account_id": call.account_id(), **values}
    call.world.log.append(row)


def _write_message(call: Call, values: Row) -> None:
    for row in call.world.messages:
        if row["id"] == values.get("id"):
            row.update(
                {
                    key: bool(int(str(value) or "0"))
                    for key, value in values.items()
                    if key in row and key != "id"
                }
            )


WRITERS: dict[str, Callable[[Call, Row], None]] = {
    "accounts": _write_account,
    "messages": _write_message,
    "project_log": _write_log,
    "projects": _write_project,
    "projects_all": _write_project,
    "sent_messages": _write_message,
}
