"""licenses/*: the caller's licenses and the projects that use them."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED
from cocalc_facade.testing.wire.postgres import sql_count, sql_text
from cocalc_facade.testing.wire.refusals import Refusal


def get_managed(call: Call) -> Any:
    """The licenses that the caller manages; for nobody none, without an error."""
    if call.caller is None:
        return []
    account_id = call.caller.account_id
    rows = [
        {**row, "is_manager": True} for row in call.world.licenses if account_id in (row["managers"] or [])
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
    """One license; more of it for its managers."""
    license_id = call.get("license_id")
    if not license_id and not call.get("subscription_id"):
        raise Refusal("license_id or subscription_id must be specified")
    row = next((row for row in call.world.licenses if row["id"] == license_id), None)
    if row is None:
        raise Refusal(f"no license with id {sql_text(license_id)}")
    if call.caller is not None and call.caller.account_id in (row["managers"] or []):
        return {**row, "is_manager": True, "number_running": 0}
    names = ("title", "expires", "activates", "upgrades", "quota", "run_limit")
    return {**{name: row[name] for name in names}, "is_manager": False}


def get_projects_with_license(call: Call) -> Any:
    """The projects that use a license, for its managers."""
    account_id = call.account_id("must be signed in as a manager of the license")
    row = next((row for row in call.world.licenses if row["id"] == call.get("license_id")), None)
    if row is None or account_id not in (row["managers"] or []):
        raise Refusal("must be signed in as a manager of the license")
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
    if not call.get("name"):
        raise Refusal("name must be specified")
    return {"available": True}
