"""Rows of what is shared with everybody, and of licenses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.money.licenses import manages

Row = dict[str, Any]


def public_paths(call: Call, wanted: Row) -> Iterable[Row]:
    """What one project shares."""
    return [row for row in call.world.public_paths if row["project_id"] == wanted.get("project_id")]


def public_paths_by_id(call: Call, wanted: Row) -> Iterable[Row]:
    """One shared path."""
    return [row for row in call.world.public_paths if row["id"] == wanted.get("id")]


def all_public_paths(call: Call, wanted: Row) -> Iterable[Row]:
    """What the caller's projects share, whatever is asked for."""
    return [row for row in call.world.public_paths if call.is_member_of(row["project_id"])]


def public_projects(call: Call, wanted: Row) -> Iterable[Row]:
    """A project that shares something."""
    shared = {row["project_id"] for row in call.world.public_paths}
    return [
        {
            "project_id": project.project_id,
            "title": project.title,
            "description": project.description,
            "name": project.name,
        }
        for project in call.world.projects.values()
        if project.project_id in shared and project.project_id == wanted.get("project_id")
    ]


def managed_licenses(call: Call, wanted: Row) -> Iterable[Row]:
    """The licenses that the caller manages, with all that is known of them."""
    blank = dict.fromkeys(("restricted", "apply_limit", "voucher_code", "subscription_id"))
    return [{**blank, **row, "id": row["id"]} for row in call.world.licenses if manages(call, row)]


def license_info(call: Call, wanted: Row) -> Iterable[Row]:
    """What anybody may know of a license."""
    names = ("title", "description", "expires", "activates", "upgrades", "quota", "run_limit", "managers")
    return [
        {
            "id": row["id"],
            **{name: row[name] for name in names if row.get(name) is not None},
            "running": 0,
            "applied": sum(
                row["id"] in (project.fields.get("site_license") or {})
                for project in call.world.projects.values()
            ),
            "is_manager": manages(call, row),
        }
        for row in call.world.licenses
        if row["id"] == wanted.get("id")
    ]
