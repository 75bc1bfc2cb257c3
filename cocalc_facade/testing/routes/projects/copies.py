"""projects/copy-*: copies between projects and from elsewhere."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal


def copy_path(call: Call) -> Any:
    """Copy a file or directory between projects or within one."""
    if not call.get("path"):
        raise Refusal("path must be specified")
    if not call.get("public_id"):
        call.uuid("src_project_id")
    call.uuid("target_project_id")
    call.account_id()
    target = call.own_project("must be a collaborator on target project", "target_project_id")
    source = call.own_project("must be a collaborator on source project", "src_project_id")
    path = source.files.resolve(sql_text(call.get("path")))
    goal = target.files.resolve(sql_text(call.get("target_path") or call.get("path")))
    # A project that never ran has no directory yet, and rsync makes none above what it copies.
    if not target.has_home:
        raise Refusal(_no_directory(call, path, goal))
    newer_stay = call.site.oddities.copies_skip_newer and not call.get("overwrite_newer")
    how = {"newer_stay": newer_stay, "backup": bool(call.get("backup", None))}
    if not source.files.copy(path, target.files, goal, call.world.now(), **how):
        raise Refusal(f"ENOENT: no such file or directory, stat '{path}'")
    if call.get("delete_missing", None) and source.files.is_directory(path):
        target.files.remove_others(goal, {name[len(path) :] for name in source.files.below(path)})
    return {"copy_id": ""}


def copy_path_status(call: Call) -> Any:
    """The progress of an asynchronous copy, of which this kind of server makes none; tests put them into `world.copies`."""
    copy_id = call.uuid("copy_id")
    call.account_id()
    row = call.world.copies.get(copy_id)
    if row is None:
        raise Refusal("copy_id not found")
    if not call.is_member_of(row["target_project_id"]):
        raise Refusal("must be a collaborator on the target project")
    return {name: row.get(name) for name in ("started", "finished", "copy_error")}


def copy_url(call: Call) -> Any:
    """Fetch a file from GitHub, which a stand-in without network cannot."""
    url = call.get("url")
    if not url:
        raise Refusal("url must be specified")
    call.own_project("must be a collaborator on the project")
    if not sql_text(url).startswith(("github/", "gist/")):
        raise Refusal(f'unsupported proxy url schema -- "{sql_text(url)}" -- url must be hosted on GitHub')
    raise Refusal("fetch failed")


def _no_directory(call: Call, path: str, goal: str) -> str:
    options = "" if call.get("overwrite_newer") else " --update"
    timeout = call.get("timeout")
    options += f" --timeout={js_text(timeout)}" if timeout else ""
    return (
        "WARNING: copy exited with an error -- undefined -- "
        f'"rsync -zaxs --omit-link-times{options} {path} {goal}"'
    )
