"""licenses/*: the caller's licenses and the projects that use them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.postgres import sql_count, sql_integer, sql_text, sql_uuid
from cocalc_facade.testing.wire.refusals import Refusal

Row = dict[str, Any]
PUBLIC = ("title", "expires", "activates", "upgrades", "quota", "run_limit")
MANAGED = (
    "id",
    "title",
    "description",
    "expires",
    "activates",
    "last_used",
    "created",
    "managers",
    "upgrades",
    "quota",
    "run_limit",
    "info",
)
TIMES = ("expires", "activates", "last_used", "created")


def _milliseconds(row: Row, names: tuple[str, ...]) -> Row:
    """Fields of a license as these routes give them: times in milliseconds."""
    found = {name: row.get(name) for name in names}
    for name in set(TIMES) & set(found):
        moment = found[name]
        if isinstance(moment, str):
            found[name] = int(datetime.fromisoformat(moment).timestamp() * 1000)
    return found


def license_of(call: Call, license_id: object) -> Row | None:
    """The license with an id."""
    return next((row for row in call.world.licenses if row["id"] == license_id), None)


def manages(call: Call, row: Row) -> bool:
    """Whether the caller manages a license."""
    return call.caller is not None and call.caller.account_id in (row.get("managers") or [])


def get_managed(call: Call) -> Any:
    """The licenses that the caller manages; for nobody none, without an error."""
    rows = [
        {**_milliseconds(row, MANAGED), "is_manager": True}
        for row in call.world.licenses
        if manages(call, row)
    ]
    skip = sql_count(call.get("skip") or 0, "OFFSET")
    limit = call.get("limit")
    return rows[skip:] if limit in (UNDEFINED, None) else rows[skip : skip + sql_count(limit, "LIMIT")]


def get_projects(call: Call) -> Any:
    """The caller's projects that have a license; for nobody none, without an error."""
    if call.caller is None:
        return []
    now = call.world.now()
    return [
        {
            "project_id": project.project_id,
            "title": project.title,
            "site_license": project.fields["site_license"],
            "hidden": False,
            "state": project.state(now),
            "last_edited": int(project.last_edited * 1000),
        }
        for project in call.world.projects_of(call.caller.account_id)
        if project.fields.get("site_license")
    ]


def get_license(call: Call) -> Any:
    """One license, by its id or by that of its subscription; more of it for its managers."""
    license_id, number = call.get("license_id"), call.get("subscription_id")
    if not license_id and not number:
        raise Refusal("license_id or subscription_id must be specified")
    if license_id:
        row = license_of(call, sql_uuid(license_id))
    else:
        wanted = sql_integer(number, "integer")
        mine = (row for row in call.world.licenses if manages(call, row))
        row = next((row for row in mine if row.get("subscription_id") == wanted), None)
        if row is None:
            raise Refusal(f"You are not the manager of any license with subscription id={js_text(number)}")
    if row is None:
        raise Refusal(f"no license with id {sql_text(license_id)}")
    if manages(call, row):
        shown = tuple(name for name in MANAGED if name != "created")
        return {**_milliseconds(row, (*shown, "subscription_id")), "is_manager": True, "number_running": 0}
    return {**_milliseconds(row, PUBLIC), "is_manager": False}


def get_projects_with_license(call: Call) -> Any:
    """The projects that use a license, for its managers."""
    call.account_id("must be signed in as a manager of the license")
    wanted = call.get("license_id")
    row = None if wanted in (UNDEFINED, None) else license_of(call, sql_uuid(wanted))
    if row is None or not manages(call, row):
        raise Refusal("signed in user must be a manager of the license")
    now = call.world.now()
    return [
        {
            "project_id": project.project_id,
            "title": project.title,
            "quota": row["quota"],
            "collaborators": list(project.users),
            "state": project.state(now),
            "last_edited": int(project.last_edited * 1000),
        }
        for project in call.world.projects.values()
        if row["id"] in (project.fields.get("site_license") or {})
    ]


def check_disk_name(call: Call) -> Any:
    """Whether the name of a disk is free."""
    call.account_id("user not logged in")
    if not isinstance(call.get("name"), str):
        raise Refusal("name must be a string")
    return {"available": True}


def edit(call: Call) -> Any:
    """Change a license that the caller bought; what changes nothing in its price costs nothing."""
    account_id = call.account_id()
    wanted = call.get("license_id")
    row = None if wanted in (UNDEFINED, None) else license_of(call, sql_uuid(wanted))
    if row is None:
        raise Refusal(f"no license with id {js_text(wanted)}")
    owner_id = ((row.get("info") or {}).get("purchased") or {}).get("account_id")
    if owner_id is None:
        raise Refusal("this license does not support editing")
    if owner_id != account_id:
        owner = call.world.accounts.get(owner_id)
        name = f"{owner.first_name} {owner.last_name}" if owner else "undefined"
        words = "Only the user who purchased a license is allowed to edit it. This license was purchased by"
        raise Refusal(f"{words} {name}.")
    changes = call.get("changes")
    if isinstance(changes, dict):
        row |= {name: changes[name] for name in ("title", "description", "run_limit") if name in changes}
        row["quota"] = {
            **(row.get("quota") or {}),
            **{name: changes[name] for name in ("cpu", "ram", "disk", "member", "user") if name in changes},
        }
    return {"cost": 0}


def edit_owner(call: Call) -> Any:
    """Give a license to another account, for admins."""
    call.account_id()
    call.only_admins("only admins can edit the owner of a license")
    row, owner_id = license_of(call, call.uuid("license_id")), call.uuid("new_account_id")
    if row is None:
        raise Refusal("no such license")
    about = row.get("info") or {}
    row["info"] = {**about, "purchased": {**(about.get("purchased") or {}), "account_id": owner_id}}
    return {"success": True}
