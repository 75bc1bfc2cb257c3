"""projects/*: made, found, started, stopped, shared."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED
from cocalc_facade.testing.wire.postgres import sql_integer, sql_text
from cocalc_facade.testing.wire.refusals import Refusal, Unanswered
from cocalc_facade.testing.world.state import Project

ADMIN_FIELD = "The `account_id` field may only be specified by account administrators."
OK = {"status": "ok"}
NO_TEACHER = (
    "you must be a collaborator on the the project the contains the course "
    "(i.e., only TA's and instructors can set the course field)"
)
STRANGER = "callProject -- authenticated user must be a collaborator on the project"
NAME = "Error: name must contain only a-z,A-Z,0-9, . or -, and not start with hyphen or have spaces."
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
    project = call.own_project("must be a collaborator to stop project")
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
    name_project(call, project, changes.get("name", UNDEFINED))
    for name, value in changes.items():
        setattr(project, name, sql_text(value))
    project.last_edited = call.world.now()
    return OK


def name_project(call: Call, project: Project, name: object) -> None:
    """Refuse a name that is none, or that another project of the owner has."""
    if name in (UNDEFINED, None, ""):
        return
    text = sql_text(name)
    if not re.fullmatch(r"[a-zA-Z0-9.][a-zA-Z0-9.-]*", text):
        raise Refusal(NAME)
    owners = {key for key, user in project.users.items() if user.get("group") == "owner"}
    for other in call.world.projects.values():
        if other is not project and (other.name or "").lower() == text.lower() and owners & set(other.users):
            raise Refusal(
                f"There is already a project with the same owner as this project and name='{text}'.   "
                "Names are not case sensitive."
            )


def set_admin_quotas(call: Call) -> Any:
    """Change a project's quotas, for admins."""
    call.account_id()
    call.only_admins("only admins can set project quotas")
    project = call.world.projects.get(sql_text(call.get("project_id")).lower())
    if project is not None:
        project.fields["settings"] = {**(project.fields.get("settings") or {}), **_quotas(call)}
    return {"status": "success"}


def _quotas(call: Call) -> dict[str, Any]:
    return {name: value for name, value in call.params.items() if name != "project_id"}


def delete(call: Call) -> Any:
    """Stop a project and flag it as deleted."""
    call.account_id()
    project = call.own_project("must be an owner to delete a project", admins=True)
    stop_now = project.state(call.world.now()) in ("starting", "running")
    if stop_now:
        call.seconds += project.stop(call.world.now(), call.site.stop_seconds)
    project.deleted = True
    project.fields["site_license"] = {}
    return OK


def restore(call: Call) -> Any:
    """Take the flag of a deleted project away."""
    project = call.own_project("must be an owner to restore a project", admins=True)
    project.deleted = False
    return OK


def write_text_file(call: Call) -> Any:
    """Write a text file, with the directories above it."""
    call.account_id("must be authenticated")
    project = call.own_project(STRANGER)
    for name in ("path", "content"):
        if call.get(name) in (UNDEFINED, None) or (name == "path" and not call.get(name)):
            raise Refusal(f"must specify a '{name}'")
    ensure_running(call, project)
    path = project.files.resolve(sql_text(call.get("path")))
    if path.startswith("/proc/"):
        # Seen to hang: nobody can make a directory there.
        call.seconds = call.site.oddities.cut_seconds or call.seconds
        raise Unanswered
    project.files.make_directory(posixpath.dirname(path), call.world.now())
    project.files.write(path, sql_text(call.get("content")).encode("utf-8", "replace"), call.world.now())
    return OK


def set_course_info(call: Call) -> Any:
    """Say to which course a student's project belongs."""
    call.account_id()
    if not call.collaborates(call.get("project_id")):
        raise Refusal("you must be a collaborator on the the project to set the course info")
    project = call.world.projects[str(call.get("project_id")).lower()]
    course, before = call.get("course"), project.course or {}
    if course is not None and not isinstance(course, (dict, list)):
        raise Refusal("course must be an object of type CourseInfo")
    holder = before.get("project_id")
    if holder is not None and not call.collaborates(holder):
        raise Refusal(NO_TEACHER)
    if isinstance(course, dict) and before.get("paid") and not course.get("paid"):
        course = {**course, "paid": before["paid"]}
    project.course = course if isinstance(course, dict) else None
    return {"course": course}


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
