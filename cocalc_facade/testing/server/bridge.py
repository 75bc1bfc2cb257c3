"""The bridges to the server's message bus, for keys of accounts and of projects."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.people.accounts import short
from cocalc_facade.testing.routes.table import ROUTES
from cocalc_facade.testing.wire.bodies import BadBody, parsed_body
from cocalc_facade.testing.wire.http import Request, Response, answer, reply
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.identity import caller_by_key, key_in
from cocalc_facade.testing.world.site import Site
from cocalc_facade.testing.world.state import Caller

from .pages import Page


def hub(site: Site, request: Request) -> Response:
    """The bridge to the hub's own calls, for keys of accounts only."""
    asked = _bridged(site, request)
    if isinstance(asked, Response):
        return asked
    _, body = asked
    name, args = body.get("name"), body.get("args") or []
    if name == "system.ping":
        return answer({"now": int(site.world.now() * 1000)})
    if name == "system.getNames" and args and isinstance(args[0], list):
        known = [site.world.accounts[key] for key in args[0] if key in site.world.accounts]
        return answer({account.account_id: short(account) for account in known})
    return answer({"error": f"unknown function '{name}'"})


def project_hub(site: Site, request: Request) -> Response:
    """The bridge to a project's own calls; unlike the API's routes it does not start the project."""
    asked = _bridged(site, request)
    if isinstance(asked, Response):
        return asked
    caller, body = asked
    project = site.world.projects.get(str(body.get("project_id", caller.account_id)).lower())
    if project is None or not project.is_member(caller.account_id):
        return answer({"error": "user must be a collaborator on the project"})
    if project.state(site.world.now()) != "running":
        return answer({"error": f"no subscribers matching 'project.{project.project_id}'"})
    name, args = body.get("name"), body.get("args") or []
    if name == "system.ping":
        return answer({"now": int(site.world.now() * 1000)})
    if name != "system.exec" or not isinstance(args, list) or not args or not isinstance(args[0], dict):
        return answer({"error": f"unknown function '{name}'"})
    call = Call(site, "exec", {**args[0], "project_id": project.project_id}, caller, request)
    try:
        response = answer(ROUTES["exec"](call))
    except Refusal as refusal:
        response = answer({"error": str(refusal)})
    response.seconds += call.seconds
    return response


def _bridged(site: Site, request: Request) -> Response | tuple[Caller, dict[str, Any]]:
    """Who asks a bridge for what, or why not; cookies do not count here."""
    try:
        body = parsed_body(request)
    except BadBody as fault:
        return reply(fault.status, str(fault), None, reason=str(fault))
    key = key_in(request)
    caller = None if key is None else caller_by_key(site, key)
    if caller is None:
        return answer({"error": "You must provide authentication via an API key."})
    return caller, body if isinstance(body, dict) else {}


BRIDGES: dict[str, Page] = {"/api/conat/hub": hub, "/api/conat/project": project_hub}
