"""projects/*, as servers of the newer generation answer it."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.projects.projects import ensure_running
from cocalc_facade.testing.wire.javascript import UNDEFINED
from cocalc_facade.testing.wire.postgres import sql_count, sql_integer, sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.identity import session_cookie
from cocalc_facade.testing.world.state import Project

from .capabilities import SIGNED_OUT, may, need, need_for, own_project

OK = {"status": "ok"}
# A page has at most so many projects.
MOST = 500
NO_HOST = "failed to assign workspace to a host: Error: no running project-host available in bay bay-0 for region wnam"


def _summary(project: Project) -> dict[str, Any]:
    return {
        "project_id": project.project_id,
        "title": project.title,
        "description": project.description,
        **({"name": project.name} if project.name else {}),
    }


def get(call: Call) -> Any:
    """All projects of the caller, those that are not on the key's list as well."""
    account_id = call.account_id("Must be signed in.")
    if not may(call, "project:list") and session_cookie(call.request, call.site.base_path):
        raise Refusal("must be signed in with a valid account API key")
    need(call, "project:list")
    if call.get("account_id") not in (UNDEFINED, None, "", account_id):
        raise Refusal("API keys may only list projects for their own account")
    mine = call.world.projects_of(account_id)
    if call.site.pages:
        return _page(call, mine)
    limit = call.get("limit", 50)
    try:
        none = limit is None or float(sql_text(limit)) <= 0
    except ValueError:
        none = False
    count = 0 if none else sql_integer(limit)
    return [_summary(project) for project in mine[:count]]


def _page(call: Call, mine: list[Project]) -> Any:
    """One page of those whose title is searched for; a header tells where the next begins."""
    wanted = sql_text(call.get("search") or "").lower()
    found = [project for project in mine if wanted in project.title.lower()]
    start = sql_count(call.get("offset") or 0, "OFFSET")
    size = min(MOST, sql_count(call.get("limit") or 50, "LIMIT"))
    if start + size < len(found):
        call.headers.append(("X-CoCalc-Next-Offset", str(start + size)))
    return [_summary(project) for project in found[start : start + size]]


def get_one(call: Call) -> Any:
    """The most recent project; one is made when there is none, by who may."""
    account_id = call.account_id("getOneProject -- user must be authenticated")
    need(call, "project:list")
    mine = call.world.projects_of(account_id)
    if mine:
        return _summary(mine[0])
    need(call, "project:create")
    return {"project_id": _made(call, account_id, {}).project_id, "title": "Untitled Project"}


def create(call: Call) -> Any:
    """Make a project, which is not on the key's list."""
    account_id = call.account_id("user must be signed in")
    need(call, "project:create")
    return {"project_id": _made(call, account_id, call.params).project_id}


def make(call: Call, account_id: str, given: dict[str, Any]) -> Project:
    """A new project of an account."""
    return _made(call, account_id, given)


def _made(call: Call, account_id: str, given: dict[str, Any]) -> Project:
    if not call.site.hosts:
        raise Refusal(NO_HOST)
    texts = {name: sql_text(given[name]) for name in ("title", "description") if given.get(name)}
    return call.world.add_project(account_id, **texts)


def start(call: Call) -> Any:
    """Start a project; ok as well when no host can run it."""
    call.account_id(SIGNED_OUT)
    project = own_project(call, "project:exec")
    if call.site.hosts and project.state(call.world.now()) == "opened":
        call.seconds += project.start(call.world.now(), call.site.start_seconds)
    return OK


def stop(call: Call) -> Any:
    """Stop a project."""
    call.account_id(SIGNED_OUT)
    project = own_project(call, "project:exec")
    if project.state(call.world.now()) in ("starting", "running"):
        call.seconds += project.stop(call.world.now(), call.site.stop_seconds)
    return OK


def touch(call: Call) -> Any:
    """Mark a project as active, which starts it."""
    call.account_id(SIGNED_OUT)
    project = own_project(call, "project:exec")
    if call.site.hosts:
        ensure_running(call, project)
    return {}


def update(call: Call) -> Any:
    """Change title and description; other fields are taken and forgotten."""
    call.account_id("Must be signed in to update project.")
    if call.get("account_id") not in (UNDEFINED, None):
        raise Refusal("The `account_id` field cannot be specified by API keys.")
    if call.is_admin() and not may(call, "project:write", call.get("project_id")):
        need_for(call, "project:write")
    need_for(call, "project:write")
    project = call.world.projects.get(str(call.get("project_id")))
    changes = {name: call.get(name) for name in ("title", "description", "name")}
    changes = {name: value for name, value in changes.items() if value not in (UNDEFINED, None, "")}
    if not changes:
        return OK
    if project is None or not (call.is_member_of(project.project_id) or call.is_admin()):
        raise Refusal("user must be a collaborator on project")
    for name, value in changes.items():
        setattr(project, name, sql_text(value))
    project.last_edited = call.world.now()
    return OK


def collaborators(call: Call) -> Any:
    """The members of a project; nobody, for those who are none of them."""
    call.account_id(SIGNED_OUT)
    need_for(call, "project:read")
    project = call.world.projects.get(str(call.get("project_id")))
    if project is None or not call.is_member_of(project.project_id):
        return []
    people = [call.world.accounts.get(account_id) for account_id in project.users]
    return [
        {
            "account_id": person.account_id,
            "display_name": person.display_name,
            "first_name": "",
            "last_name": "",
        }
        for person in people
        if person is not None
    ]


def set_course_info(call: Call) -> Any:
    """Say to which course a student's project belongs, of which one must be a member too."""
    call.account_id(SIGNED_OUT)
    project = own_project(call, "project:write")
    course = call.get("course")
    if isinstance(course, dict) and not call.is_member_of(course.get("project_id")):
        raise Refusal("user must be a collaborator on project")
    project.course = course if isinstance(course, dict) else None
    return {"course": project.course or {}}


def copy_path(call: Call) -> Any:
    """Copy a file or directory between projects or within one."""
    if not call.get("path"):
        raise Refusal("path must be specified")
    call.uuid("src_project_id")
    call.uuid("target_project_id")
    call.account_id(SIGNED_OUT)
    need_for(call, "file:read", "src_project_id")
    need_for(call, "file:write", "target_project_id")
    source = own_project(call, "file:read", "must be a collaborator on source project", "src_project_id")
    target = own_project(call, "file:write", "must be a collaborator on target project", "target_project_id")
    if not call.site.hosts:
        call.seconds += 30
        raise Refusal("no file server available")
    path = source.files.resolve(sql_text(call.get("path")))
    goal = target.files.resolve(sql_text(call.get("target_path") or call.get("path")))
    newer_stay = call.site.oddities.copies_skip_newer and not call.get("overwrite_newer")
    if not source.files.copy(path, target.files, goal, call.world.now(), newer_stay=newer_stay):
        raise Refusal(f"ENOENT: no such file or directory, stat '{path}'")
    return OK


def copy_url(call: Call) -> Any:
    """Fetch a file from GitHub, which a stand-in without network cannot."""
    url = call.get("url")
    if not url:
        raise Refusal("url must be specified")
    call.account_id(SIGNED_OUT)
    own_project(call, "file:write")
    if not sql_text(url).startswith(("github/", "gist/")):
        raise Refusal(f'unsupported proxy url schema -- "{sql_text(url)}" -- url must be hosted on GitHub')
    raise Refusal("fetch failed")
