"""compute/cloud-filesystem/*: cloud file systems; without a cloud none can be made."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, dumps, js_text
from cocalc_facade.testing.wire.postgres import sql_integer
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

from .clouds import NO_GOOGLE
from .servers import OK, Row

# What can be changed at any time, and what only while nothing is mounted.
CHANGEABLE = ("title", "color", "notes", "lock", "mount", "trash_days", "bucket_storage_class", "position")
UNMOUNTED = ("mountpoint", "mount_options", "keydb_options", "project_id")
DEFAULT_LOCK = "DELETE"


def _named(call: Call, name: str = "id") -> Row | None:
    number = call.get(name)
    if number in (UNDEFINED, None):
        return None
    wanted = sql_integer(number, "integer")
    return next((row for row in call.world.filesystems if row["id"] == wanted), None)


def _owned(call: Call, what: str) -> Row:
    """The one that `id` names, which must be the caller's; the refusal names the caller where it means the owner."""
    account_id = call.account_id()
    row = _named(call)
    if row is None:
        raise Refusal(f"no cloud file system with id {js_text(call.get('id'))}")
    if row["account_id"] != account_id:
        account = call.world.accounts.get(account_id)
        if account is None:
            raise Refusal(f"no account with id {account_id}")
        who = f"{account.first_name} {account.last_name} - {account.email_address}"
        raise Refusal(f"only the owner of the cloud file system {what} it -- this volume is owned by {who}")
    return row


def create(call: Call) -> Any:
    """Make one: the bucket would lie at Google."""
    call.account_id()
    if not call.collaborates(call.get("project_id")):
        raise Refusal("you must be a collaborator on the project")
    raise Refusal(NO_GOOGLE)


def get(call: Call) -> Any:
    """Those of a project, or of the caller; empty fields are there."""
    account_id = call.account_id()
    project_id, rows = call.get("project_id"), call.world.filesystems
    if project_id:
        if not call.collaborates(project_id):
            raise Refusal("you must be a collaborator on the project")
        project_id = project_id.lower()
        rows = [row for row in rows if row["project_id"] == project_id]
    else:
        rows = [row for row in rows if row["account_id"] == account_id]
    if call.get("id") not in (UNDEFINED, None):
        row = _named(call)
        rows = [row] if row in rows and row is not None else []
    return [{name: value for name, value in row.items() if name != "metrics"} for row in rows]


def edit(call: Call) -> Any:
    """Change one of the caller's."""
    row = _owned(call, "can edit")
    changes = {
        name: value
        for name, value in call.params.items()
        if name in row and name not in ("id", "account_id") and value not in (None, row[name])
    }
    for name in changes:
        if name not in CHANGEABLE + UNMOUNTED:
            raise Refusal(f"cannot change field '{name}' of cloud file system after it is created'")
        if row["mount"] and name in UNMOUNTED:
            raise Refusal(
                f"can only change '{name}' when cloud file system is not mounted - {dumps(changes)}"
            )
    if "project_id" in changes and not call.collaborates(changes["project_id"]):
        raise Refusal("can only move cloud file system to a project that user is a collaborator on")
    row |= {**changes, "last_edited": iso(call.world.now())}
    return {}


def delete(call: Call) -> Any:
    """Delete one of the caller's, who must know its lock."""
    row = _owned(call, "volume can delete")
    lock = DEFAULT_LOCK if row["lock"] is None else row["lock"]
    if call.get("lock") != lock:
        raise Refusal(f"you must provide the lock string '{lock}'")
    if row["mount"]:
        raise Refusal("unmount the cloud file system first")
    call.world.filesystems.remove(row)
    return OK


def get_metrics(call: Call) -> Any:
    """What was measured of one."""
    call.account_id("invalid auth")
    row = _named(call, "cloud_filesystem_id")
    if row is None:
        raise Refusal("Cannot read properties of undefined (reading 'project_id')")
    if not call.is_member_of(row["project_id"]):
        raise Refusal("user must be collaborator on the project that contains the cloud file system")
    return row.get("metrics", [])


def set_metrics(call: Call) -> Any:
    """What a project measured of one that it has mounted."""
    account_id = call.account_id("invalid auth")
    row = _named(call, "cloud_filesystem_id")
    if row is None or not row["mount"] or row["project_id"] != account_id:
        raise Refusal("cloud file system must be mounted on the given project")
    row.setdefault("metrics", []).append(
        {
            "timestamp": call.world.now() * 1000,
            **{key: value for key, value in call.params.items() if key != "cloud_filesystem_id"},
        }
    )
    return OK
