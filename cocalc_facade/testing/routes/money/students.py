"""purchases/student-pay*: courses that students pay for, and a project's own quota."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.state import Project

OK = {"status": "ok"}
NO_COURSE = "not a course project"


def _project(call: Call, name: str = "project_id") -> Project | None:
    return call.world.projects.get(sql_text(call.get(name)).lower())


def student_pay(call: Call) -> Any:
    """Pay the fee of the course to which a project belongs; what is paid already is told."""
    account_id = call.account_id()
    project = _project(call)
    if project is None:
        raise Refusal("no such project")
    course = project.course
    if not course:
        raise Refusal("course fee not configured for this project")
    if course.get("paid"):
        return {"purchase_id": course["purchase_id"]} if course.get("purchase_id") else {}
    cost = float((course.get("payInfo") or {}).get("cost") or 0)
    account = call.world.accounts.get(account_id)
    if account is None or call.world.balance(account_id) - cost < account.min_balance:
        raise Refusal(f"Please pay ${cost:,.2f}.")
    bought = call.world.add_purchase(account, cost, service="license", project_id=call.get("project_id"))
    course |= {"paid": bought["time"], "purchase_id": bought["id"]}
    return {"purchase_id": bought["id"]}


def student_pay_link(call: Call) -> Any:
    """A link with which somebody else can pay."""
    call.account_id()
    return {"url": f"{call.site.site_url}/token/{call.world.uuid().replace('-', '')[:20]}"}


def student_pay_transfer(call: Call) -> Any:
    """Let what was paid for one project count for another."""
    call.account_id()
    for name in ("project_id", "paid_project_id"):
        if not call.collaborates(call.get(name)):
            raise Refusal("user must be collaborator on project")
    project, paid = _project(call), _project(call, "paid_project_id")
    if project is None or paid is None or not project.course or not paid.course:
        raise Refusal(NO_COURSE)
    if not paid.course.get("paid"):
        raise Refusal("paid project not paid")
    project.course |= {name: paid.course.pop(name) for name in ("paid", "purchase_id") if name in paid.course}
    return {}


def set_project_quota(call: Call) -> Any:
    """Set the quota that is paid as one goes."""
    call.account_id()
    if not call.collaborates(call.get("project_id")):
        raise Refusal("user must be a collaborator on the project")
    return OK
