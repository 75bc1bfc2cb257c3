"""projects/collaborators/*: who may use a project."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import is_uuid, js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.state import Project

OK = {"status": "ok"}


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
    """Make an account a collaborator; who teaches its course may add themselves."""
    project, account_id = _changeable(call)
    project.users.setdefault(account_id, {"group": "collaborator"})
    return OK


def remove_collaborator(call: Call) -> Any:
    """Take a collaborator off a project; owners stay."""
    project, account_id = _changeable(call)
    if project.users.get(account_id, {}).get("group") == "owner":
        raise Refusal("Cannot remove an owner. Demote to collaborator first.")
    project.users.pop(account_id, None)
    return OK


def change_user_type(call: Call) -> Any:
    """Make a member an owner or a collaborator; only an owner may, and one owner stays."""
    account_id = call.account_id()
    project = _project(call)
    target, group = sql_text(call.get("target_account_id")).lower(), call.get("new_group")
    if group not in ("owner", "collaborator"):
        raise Refusal("New group must be either 'owner' or 'collaborator'")
    if project is None or not project.is_member(account_id):
        raise Refusal("Not a project member")
    if project.users.get(account_id, {}).get("group") != "owner":
        raise Refusal("Only project owners can change user types")
    if target not in project.users:
        raise Refusal("Target user is not a member of this project")
    owners = [key for key, user in project.users.items() if user.get("group") == "owner"]
    if group == "collaborator" and owners == [target]:
        raise Refusal("Cannot change the last owner to collaborator. At least one owner is required.")
    project.users[target]["group"] = group
    return OK


def _changeable(call: Call) -> tuple[Project, str]:
    """The project whose members the caller may change, and the account that is named."""
    caller_id, account_id = call.account_id(), call.get("account_id")
    project, shown = _project(call), sql_text(call.get("project_id"))
    if project is None or not project.is_member(caller_id):
        if account_id != caller_id:
            raise Refusal(f"user {caller_id} does not have write access to project {shown}")
        _teaches(call, project, shown)
    if not is_uuid(account_id):
        raise Refusal(f"all account id's must be valid uuid's, but \"{js_text(account_id)}\" is not")
    if project is None:
        raise Refusal(f'no project with id "{shown}"')
    return project, str(account_id).lower()


def _teaches(call: Call, project: Project | None, shown: str) -> None:
    """Refuse whoever is no member of the project that holds the course of a project."""
    if project is None:
        raise Refusal(f'no project with id "{shown}"')
    course_id = (project.course or {}).get("project_id")
    if not is_uuid(course_id):
        raise Refusal(f'cannot add self to "{shown}" -- must be an admin')
    if not call.is_member_of(str(course_id).lower()):
        raise Refusal(f'cannot add self to "{shown}" -- must be owner or collaborator on course project')


def _project(call: Call) -> Project | None:
    return call.world.projects.get(sql_text(call.get("project_id")).lower())
