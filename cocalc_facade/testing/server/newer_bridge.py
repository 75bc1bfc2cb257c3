"""The bridges to the message bus of a server of the newer generation: the little of it that keys may call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.newer import capabilities, exec_, people, projects
from cocalc_facade.testing.routes.projects.projects import ensure_running
from cocalc_facade.testing.wire.http import Request, Response, answer
from cocalc_facade.testing.wire.javascript import js_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.identity import caller_by_key, key_in
from cocalc_facade.testing.world.site import Site
from cocalc_facade.testing.world.state import Project

NO_KEY = "must be signed in and MUST provide an api key (cookies are not allowed)"
VERSION = 1786551348
WAIT_SECONDS = 15.0
STATES = (
    "projects.getProjectState",
    "projects.getProjectAddress",
    "projects.getProjectCreated",
    "projects.getProjectRunQuota",
)


def hub(site: Site, request: Request, body: Any) -> Response:
    """The hub's own calls."""
    return _answered(site, request, body, _hub)


def project(site: Site, request: Request, body: Any) -> Response:
    """A project's own calls; one that does not run is waited for."""
    return _answered(site, request, body, _project)


def _answered(
    site: Site, request: Request, body: Any, handle: Callable[[Call, str, list[Any]], Any]
) -> Response:
    params = body if request.method == "POST" and isinstance(body, dict) else {}
    key = key_in(request)
    call = Call(site, "conat", params, None if key is None else caller_by_key(site, key), request)
    name, args = js_text(call.get("name")), call.get("args")
    try:
        call.account_id(NO_KEY)
        result = handle(call, name, args if isinstance(args, list) else [])
    except Refusal as refusal:
        result = {"error": str(refusal)}
    response = answer(result)
    response.seconds += call.seconds
    return response


def _hub(call: Call, name: str, args: list[Any]) -> Any:
    if name == "system.ping":
        return {"now": int(call.world.now() * 1000)}
    if name == "system.getNames":
        capabilities.need(call, "account:read")
        return people.names_of(call, args[0] if args else None)
    if name == "projects.createProject":
        capabilities.need(call, "project:create")
        given = args[0] if args and isinstance(args[0], dict) else {}
        try:
            return projects.make(call, call.account_id(), given).project_id
        except Refusal as refusal:
            raise Refusal(_called(call, name, str(refusal))) from None
    if name in STATES:
        return _state(call, name, _named(call, name, args, "project:read"))
    if name == "projects.exec":
        found = _named(call, name, args, "project:exec")
        options = args[0].get("execOpts")
        ensure_running(call, found)
        return _ran(call, found, options if isinstance(options, dict) else {})
    raise Refusal(f"API keys are not allowed to call hub RPC '{name}'")


def _named(call: Call, name: str, args: list[Any], capability: str) -> Project:
    """The project that the first argument of a call names."""
    wanted = args[0].get("project_id") if args and isinstance(args[0], dict) else None
    if not isinstance(wanted, str):
        raise Refusal("API key project capability check requires project_id")
    if not capabilities.may(call, capability, wanted):
        raise Refusal(f"API key lacks required capability '{capability}' for project {wanted}")
    found = call.world.projects.get(wanted)
    if found is None or not call.is_member_of(wanted):
        raise Refusal(_called(call, name, capabilities.STRANGER))
    return found


def _called(call: Call, name: str, text: str) -> str:
    subject = f"hub.account.{call.account_id()}.api"
    return f"{text} - callHub: subject='{subject}', name='{name}', code='unknown'"


def _state(call: Call, name: str, found: Project) -> Any:
    if name == "projects.getProjectState":
        return {"state": found.state(call.world.now())}
    if name == "projects.getProjectCreated":
        return {"created": iso(found.created)}
    if name == "projects.getProjectRunQuota":
        return {"run_quota": found.fields.get("run_quota")}
    if call.site.hosts:
        return {"host": "127.0.0.1", "port": 6002, "secret_token": "standin"}
    host = "77777777-0000-4000-8000-000000000001"
    words = f"calling remote function 'address': project is assigned to host {host} but it is unavailable"
    raise Refusal(_called(call, name, words))


def _project(call: Call, name: str, args: list[Any]) -> Any:
    if not call.get("project_id"):
        raise Refusal("must specify project_id")
    found = capabilities.own_project(call, "project:exec", "user must be a collaborator on the project")
    if found.state(call.world.now()) != "running":
        subject = f"project.{found.project_id}.api.-"
        call.seconds += WAIT_SECONDS
        words = f"timeout - Error: operation has timed out subject:{subject}"
        raise Refusal(f"{words} - callHub: subject='{subject}', name='{name}', code='408' ")
    if name == "system.ping":
        return {"now": int(call.world.now() * 1000)}
    if name == "system.version":
        return VERSION
    if name == "system.exec" and args and isinstance(args[0], dict):
        return _ran(call, found, args[0])
    raise Refusal(f"unknown function '{name}'")


def _ran(call: Call, found: Project, options: dict[str, Any]) -> Any:
    inner = Call(call.site, "exec", options, call.caller, call.request)
    try:
        return exec_.run_in(inner, found)
    finally:
        call.seconds += inner.seconds


BRIDGES: dict[str, Callable[[Site, Request, Any], Response]] = {
    "/api/conat/hub": hub,
    "/api/conat/project": project,
}
