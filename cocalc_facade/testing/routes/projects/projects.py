"""projects/*: made, found, started, stopped, shared."""

from __future__ import annotations

import posixpath
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, is_uuid, js_text
from cocalc_facade.testing.wire.postgres import sql_integer, sql_text
from cocalc_facade.testing.wire.refusals import Refusal, Unanswered
from cocalc_facade.testing.world.state import Project

ADMIN_FIELD = "The `account_id` field may only be specified by account administrators."
OK = {"status": "ok"}
# After so long the hub gives up a project that cannot be started.
FAILED_SECONDS = 1.2


def summary(project: Project) -> dict[str, Any]:
    """A project as the lists of projects show it."""
    return {
        "project_id": project.project_id,
        "title": project.title,
        "description": project.description,
        "name": project.name,
    }


def get(call: Call) -> Any:
    """The projects of the caller, or for admins of any account."""
    account_id = call.account_id("Must be signed in.")
    if call.get("account_id"):
        if not call.is_admin():
            raise Refusal(ADMIN_FIELD)
        account_id = sql_text(call.get("account_id")).lower()
    limit = call.get("limit", 50)
    count = 0 if _nothing(limit) else sql_integer(limit)
    return [summary(project) for project in call.world.projects_of(account_id)[:count]]


def _nothing(limit: object) -> bool:
    """Whether JavaScript holds that a limit is at most zero, as it does of null and of an empty text."""
    try:
        return limit is None or float(sql_text(limit) or 0) <= 0
    except ValueError:
        return limit is False


def get_one(call: Call) -> Any:
    """The most recent project; one is made when there is none."""
    account_id = call.account_id("getOneProject -- user must be authenticated")
    mine = call.world.projects_of(account_id)
    if mine:
        return summary(mine[0])
    project = call.world.add_project(account_id)
    return {"project_id": project.project_id, "title": project.title}


def create(call: Call) -> Any:
    """Make a project; without parameters too, hence also by GET."""
    account_id = call.account_id("user must be signed in")
    texts = {name: call.get(name) for name in ("title", "description")}
    given = {name: sql_text(value) for name, value in texts.items() if value not in (UNDEFINED, None, "")}
    project = call.world.add_project(account_id, **given)
    if call.get("image"):
        project.fields["compute_image"] = call.get("image")
    return {"project_id": project.project_id}


def start(call: Call) -> Any:
    """Start a project and wait until it runs, unless it is starting or stopping already."""
    project = call.own_project("must be a collaborator to start project")
    now = call.world.now()
    state = project.state(now)
    if state == "opened" and call.site.oddities.start_fails:
        call.seconds += call.site.start_seconds
        raise Unanswered
    if state == "opened":
        call.seconds += project.start(now, call.site.start_seconds)
    elif state == "starting" and call.site.oddities.start_races:
        project.waiting_starts += 1
        if project.waiting_starts > 1:
            raise Refusal(f"EEXIST: file already exists, mkdir '{project.files.home}/.smc'")
        call.seconds += 0.08
    elif state == "starting":
        call.seconds += project.until - now
    elif state == "stopping" and not call.site.oddities.start_races:
        project.start(now, project.until - now + call.site.start_seconds)
        call.seconds += project.until - now
    project.last_edited = max(project.last_edited, now)
    return OK


def stop(call: Call) -> Any:
    """Stop a project and wait until it has stopped, unless it is stopping already."""
    project = call.own_project("must be a collaborator to stop project")
    now = call.world.now()
    if project.state(now) in ("starting", "running"):
        call.seconds += project.stop(now, call.site.stop_seconds)
    return OK


def ensure_running(call: Call, project: Project) -> None:
    """Start a project as commands and touches do. While it stops it still answers."""
    now = call.world.now()
    state = project.state(now)
    if state == "opened" and call.site.oddities.start_fails:
        call.seconds += FAILED_SECONDS
        raise Unanswered
    if state == "opened":
        call.seconds += project.start(now, call.site.start_seconds + 0.5)
    elif state == "starting":
        call.seconds += project.until - now
    project.last_edited = now


def touch(call: Call) -> Any:
    """Mark a project as active, which starts it."""
    project = call.own_project("must be a collaborator on project")
    ensure_running(call, project)
    return {}


def update(call: Call) -> Any:
    """Change title, description and name."""
    account_id = call.account_id("Must be signed in to update project.")
    if call.get("account_id"):
        if not call.is_admin():
            raise Refusal(ADMIN_FIELD)
        account_id = sql_text(call.get("account_id")).lower()
    changes = {name: call.get(name) for name in ("title", "description", "name")}
    changes = {name: value for name, value in changes.items() if value not in (UNDEFINED, None, "")}
    if not changes:
        return OK  # without looking whose project it is
    project = call.world.projects.get(sql_text(call.get("project_id")).lower())
    if project is None or not (project.is_member(account_id) or call.is_admin()):
        raise Refusal("FATAL: user must be an admin")
    for name, value in changes.items():
        setattr(project, name, sql_text(value))
    project.last_edited = call.world.now()
    return OK


def delete(call: Call) -> Any:
    """Stop a project and flag it as deleted."""
    call.account_id()
    project = call.own_project("must be an owner or collaborator of the project to delete it", admins=True)
    stop_now = project.state(call.world.now()) in ("starting", "running")
    if stop_now:
        call.seconds += project.stop(call.world.now(), call.site.stop_seconds)
    project.deleted = True
    return OK


def restore(call: Call) -> Any:
    """Take the flag of a deleted project away."""
    project = call.own_project("must be an owner or collaborator of the project to restore it", admins=True)
    project.deleted = False
    return OK


def collaborators(call: Call) -> Any:
    """The members of a project; nobody, for those who are none of them."""
    account_id = call.account_id()
    wanted = call.get("project_id", None)
    if not is_uuid(wanted) and wanted is not None:
        raise Refusal(f'invalid input syntax for type uuid: "{sql_text(wanted)}"')
    project = call.world.projects.get(str(wanted).lower())
    if project is None or not (project.is_member(account_id) or call.is_admin()):
        return []
    people = [call.world.accounts.get(account_id) for account_id in project.users]
    return [
        {"account_id": person.account_id, "first_name": person.first_name, "last_name": person.last_name}
        for person in people
        if person is not None
    ]


def add_collaborator(call: Call) -> Any:
    """Make an account a collaborator."""
    call.account_id()
    project = call.own_project("user must be a collaborator on the project")
    account_id = call.uuid("account_id")
    project.users.setdefault(account_id, {"group": "collaborator"})
    return OK


def remove_collaborator(call: Call) -> Any:
    """Take a collaborator off a project; owners stay."""
    call.account_id()
    project = call.own_project("user must be a collaborator on the project")
    account_id = call.uuid("account_id")
    if project.users.get(account_id, {}).get("group") == "owner":
        raise Refusal("cannot remove project owner")
    project.users.pop(account_id, None)
    return OK


def change_user_type(call: Call) -> Any:
    """Make a member an owner or a collaborator; only an owner may, and one owner stays."""
    account_id = call.account_id()
    project = call.own_project("user must be a collaborator on the project")
    target, group = call.uuid("target_account_id"), call.get("new_group")
    if project.users.get(account_id, {}).get("group") != "owner":
        raise Refusal("only project owners can change user types")
    if target not in project.users:
        raise Refusal("target user is not a member of the project")
    if group not in ("owner", "collaborator"):
        raise Refusal(f"invalid group '{js_text(group)}'")
    owners = [key for key, user in project.users.items() if user.get("group") == "owner"]
    if group == "collaborator" and owners == [target]:
        raise Refusal("cannot demote the last owner")
    project.users[target]["group"] = group
    return OK


def write_text_file(call: Call) -> Any:
    """Write a text file, with the directories above it."""
    call.account_id("must be authenticated")
    project = call.own_project("must be a collaborator on the project")
    for name in ("path", "content"):
        if call.get(name) in (UNDEFINED, None) or (name == "path" and not call.get(name)):
            raise Refusal(f"must specify a '{name}'")
    ensure_running(call, project)
    path = project.files.resolve(sql_text(call.get("path")))
    project.files.make_directory(posixpath.dirname(path), call.world.now())
    project.files.write(path, sql_text(call.get("content")).encode("utf-8", "replace"), call.world.now())
    return OK


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
    newer_stay = call.site.oddities.copies_skip_newer and not call.get("overwrite_newer")
    if not source.files.copy(path, target.files, goal, call.world.now(), newer_stay=newer_stay):
        raise Refusal(f"ENOENT: no such file or directory, stat '{path}'")
    return {"copy_id": ""}


def copy_path_status(call: Call) -> Any:
    """The progress of an asynchronous copy, of which this kind of server makes none."""
    copy_id = call.uuid("copy_id")
    call.account_id()
    raise Refusal(f"no copy with id {copy_id}")


def copy_url(call: Call) -> Any:
    """Fetch a file from GitHub, which a stand-in without network cannot."""
    url = call.get("url")
    if not url:
        raise Refusal("url must be specified")
    call.own_project("must be a collaborator on the project")
    if not sql_text(url).startswith(("github/", "gist/")):
        raise Refusal(f'unsupported proxy url schema -- "{sql_text(url)}" -- url must be hosted on GitHub')
    raise Refusal("fetch failed")


def set_course_info(call: Call) -> Any:
    """Say to which course a student's project belongs."""
    call.account_id()
    project = call.own_project("user must be a collaborator on the project")
    course = call.get("course")
    project.course = course if isinstance(course, dict) else None
    return {"course": project.course or {}}


def filename_search(call: Call) -> Any:
    """Files that the caller opened, as the projects' logs tell, and whose path contains a text."""
    account_id = call.account_id()
    wanted = sql_text(call.get("search", "")).lower()
    found: dict[str, dict[str, Any]] = {}
    for row in reversed(call.world.log):
        filename = (row.get("event") or {}).get("filename")
        if row["account_id"] == account_id and isinstance(filename, str) and wanted in filename.lower():
            found.setdefault(
                filename, {"project_id": row["project_id"], "filename": filename, "time": row["time"]}
            )
    return list(found.values())[:100]


def call_project(call: Call) -> Any:
    """Hand a message to the project."""
    call.account_id("callProject -- user must be authenticated (no account_id specified)")
    project = call.own_project("callProject -- user must be a collaborator on the project")
    mesg = call.get("mesg")
    event = mesg.get("event") if isinstance(mesg, dict) else None
    ensure_running(call, project)
    tag = call.world.uuid()
    if event == "ping":
        return {"event": "pong", "id": tag}
    if event == "read_text_file_from_project":
        path = project.files.resolve(sql_text(mesg.get("path", "")))
        content = project.files.read(path)
        if content is None:
            return {
                "event": "error",
                "id": tag,
                "error": f"Error: ENOENT: no such file or directory, open '{path}'",
            }
        text = content.decode("utf-8", "replace")
        return {"event": "text_file_read_from_project", "id": tag, "content": text}
    if event == "write_text_file_to_project":
        path = project.files.resolve(sql_text(mesg.get("path", "")))
        project.files.make_directory(posixpath.dirname(path), call.world.now())
        project.files.write(path, sql_text(mesg.get("content", "")).encode(), call.world.now())
        return {"event": "file_written_to_project", "id": tag}
    return {"event": "error", "id": tag, "error": f"Unknown message type {js_text(event)}"}
