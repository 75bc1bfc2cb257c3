"""Where the rows are that user-query reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.data import packaged
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.state import Account, Project

from . import shares

Row = dict[str, Any]
SIX_WEEKS = 6 * 7 * 86_400
RUN_QUOTA: dict[str, Any] = {
    "gpu": False,
    "network": False,
    "cpu_limit": 1,
    "disk_quota": 3000,
    "privileged": False,
    "cpu_request": 0.05,
    "member_host": True,
    "dedicated_vm": False,
    "idle_timeout": 1800,
    "memory_limit": 2000,
    "always_running": False,
    "memory_request": 300,
    "dedicated_disks": [],
}


def _account_row(call: Call, account: Account) -> Row:
    return {
        "account_id": account.account_id,
        "email_address": account.email_address,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "name": account.name,
        "groups": account.groups,
        "created": iso(account.created),
        "last_active": None if account.last_active is None else iso(account.last_active),
        "balance": call.world.balance(account.account_id),
        "min_balance": account.min_balance or None,
        "unread_message_count": sum(
            account.account_id in row["to_ids"] and not row["read"] for row in call.world.messages
        )
        or None,
        **_with_defaults("accounts", account.fields),
    }


def _with_defaults(table: str, fields: Row) -> Row:
    """Fields of a row with the server's defaults for what was never set; settings are filled up one by one."""
    found = dict(packaged("defaults.json")[table])
    for name, value in fields.items():
        default = found.get(name)
        if isinstance(default, dict) and isinstance(value, dict):
            found[name] = {**value, **{key: default[key] for key in default if key not in value}}
        else:
            found[name] = value
    return found


def _accounts(call: Call, wanted: Row) -> Iterable[Row]:
    account = call.caller.account if call.caller else None
    return [] if account is None else [_account_row(call, account)]


def _all_accounts(call: Call, wanted: Row) -> Iterable[Row]:
    return [
        {
            **_account_row(call, account),
            "banned": bool(account.banned) or None,
            "deleted": account.deleted or None,
        }
        for account in call.world.accounts.values()
    ]


def _project_row(call: Call, project: Project) -> Row:
    now = call.world.now()
    state = {"ip": "127.0.0.1", "time": iso(project.changed(now)), "state": project.state(now)}
    # Seen on the real server: a project that was started again has no address in its state.
    # Nor has one that never ran, nor one while it stops.
    if not project.ran or state["state"] == "stopping" or (project.restarted and state["state"] == "running"):
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
        "run_quota": RUN_QUOTA if project.ran else None,
        "status": _status(project) if project.ran else None,
        **_with_defaults("projects", project.fields),
    }


def _status(project: Project) -> Row:
    return {
        "start_ts": int(project.begun * 1000),
        "session_id": project.project_id,
        "project.pid": 100,
        "hub-server.port": 40_001,
        "browser-server.port": 40_002,
    }


def _projects(call: Call, wanted: Row, *, since: float = 0.0) -> Iterable[Row]:
    project_id = wanted.get("project_id")
    account_id = call.account_id()
    if isinstance(project_id, str):
        project = call.world.projects.get(project_id.lower())
        return [] if project is None else [{**_project_row(call, project), "project_id": project_id}]
    mine = [project for project in call.world.projects.values() if account_id in project.users]
    mine = [project for project in mine if project.last_edited >= since]
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
    # Who has no name is said to have an empty one here.
    rows = [
        {
            "account_id": account.account_id,
            "first_name": account.first_name,
            "last_name": account.last_name,
            "name": account.name or "",
            "last_active": None if account.last_active is None else iso(account.last_active),
            "profile": account.fields.get("profile"),
        }
        for key, account in call.world.accounts.items()
        if key in people
    ]
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


def _of_project(name: str) -> Callable[[Call, Row], Iterable[Row]]:
    def rows(call: Call, wanted: Row) -> Iterable[Row]:
        table: list[Row] = getattr(call.world, name)
        return [row for row in table if row["project_id"] == wanted.get("project_id")]

    return rows


def _quotas(call: Call, wanted: Row) -> Iterable[Row]:
    account_id = call.account_id()
    mine = [(service, value) for (owner, service), value in call.world.quotas.items() if owner == account_id]
    return [
        {"id": number, "account_id": account_id, "service": service, "value": value}
        for number, (service, value) in enumerate(mine, 1)
    ]


def _vouchers(call: Call, wanted: Row) -> Iterable[Row]:
    account_id = call.account_id()
    return [row for row in reversed(call.world.vouchers) if row["created_by"] == account_id]


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


def _avatars(call: Call, wanted: Row) -> Iterable[Row]:
    project = _named_project(call, wanted)
    return [] if project is None else [{"project_id": wanted["project_id"], **project.fields}]


def _datastore(call: Call, wanted: Row) -> Iterable[Row]:
    project = _named_project(call, wanted)
    return [] if project is None else [{"addons": project.fields.get("addons") or {}}]


def _named_project(call: Call, wanted: Row) -> Project | None:
    return call.world.projects.get(str(wanted.get("project_id")).lower())


ROWS: dict[str, Callable[[Call, Row], Iterable[Row]]] = {
    "accounts": _accounts,
    "account_profiles": _profiles,
    "all_public_paths": shares.all_public_paths,
    "cloud_filesystems": _of_project("filesystems"),
    "collaborators": _collaborators,
    "collaborators_one_project": _collaborators,
    "compute_servers": _of_project("servers"),
    "crm_accounts": _all_accounts,
    "listings": _listings,
    "manager_site_licenses": shares.managed_licenses,
    "messages": _messages,
    "news": _news,
    "project_avatar_images": _avatars,
    "project_datastore": _datastore,
    "project_log": _log,
    "project_log_all": _log,
    "projects": _recent_projects,
    "projects_all": _projects,
    "public_paths": shares.public_paths,
    "public_paths_by_id": shares.public_paths_by_id,
    "public_projects": shares.public_projects,
    "purchase_quotas": _quotas,
    "purchases": _mine("purchases"),
    "sent_messages": _sent_messages,
    "site_license_public_info": shares.license_info,
    "statements": _mine("statements"),
    "subscriptions": _mine("subscriptions"),
    "vouchers": _vouchers,
}

# These give a list whatever was asked for; and these give whole rows, whichever fields were asked for.
WHOLE = frozenset({"all_public_paths"})
WHOLE_ROWS = frozenset({"manager_site_licenses", "project_datastore", "site_license_public_info"})
