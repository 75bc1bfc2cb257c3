"""What a key of the newer generation may, and who may do without one."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call, Handler
from cocalc_facade.testing.wire.javascript import js_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.identity import key_in
from cocalc_facade.testing.world.state import Project

SIGNED_OUT = "must be signed in"
BROWSER = "browser sign-in is required"
STRANGER = "user must be a collaborator on project"


def may(call: Call, capability: str, project_id: object = None) -> bool:
    """Whether the key of a call has a capability, for a project only when that is on its list; a browser session may all."""
    key = call.caller.key if call.caller else None
    if key is None:
        return call.caller is not None
    return capability in key.capabilities and (project_id is None or project_id in key.allowed_project_ids)


def need(call: Call, capability: str) -> None:
    """Refuse a key that lacks a capability of the account."""
    if not may(call, capability):
        raise Refusal(f"API key lacks required capability '{capability}'")


def need_for(call: Call, capability: str, name: str = "project_id") -> None:
    """Refuse a key that lacks a capability for the project that a parameter names."""
    project_id = call.get(name)
    shown = js_text(project_id)
    if not may(call, capability, project_id if isinstance(project_id, str) else shown):
        raise Refusal(f"API key lacks required capability '{capability}' for project {shown}")


def own_project(call: Call, capability: str, refusal: str = STRANGER, name: str = "project_id") -> Project:
    """The project that a parameter names, for which the key has a capability and of which its account is a member."""
    need_for(call, capability, name)
    project = call.world.projects.get(str(call.get(name)))
    if project is None or not call.is_member_of(project.project_id):
        raise Refusal(refusal)
    return project


def no_key(words: str, nobody: str = SIGNED_OUT, *, session: Any = None) -> Handler:
    """A route that no key may use, which is said to any key, a wrong one too.

    Args:
        words: what keys are not allowed to do.
        nobody: what is said without a key.
        session: what is answered to a browser.
    """

    def refuse(call: Call) -> Any:
        if key_in(call.request) is not None:
            raise Refusal(f"API keys are not allowed to {words}")
        call.account_id(nobody)
        return {} if session is None else session

    return refuse


def browser_only(call: Call) -> Any:
    """A route for browsers, which tells a good key from a wrong one."""
    call.account_id(SIGNED_OUT)
    raise Refusal(BROWSER)


def admins_only(words: str) -> Handler:
    """A route for administrators in a browser."""

    def refuse(call: Call) -> Any:
        call.account_id(SIGNED_OUT)
        call.only_admins(words)
        raise Refusal(BROWSER)

    return refuse


def always(refusal: str, **more: Any) -> Handler:
    """A route that says the same no to everybody."""

    def refuse(call: Call) -> Any:
        return {"error": refusal, **more}

    return refuse


def fixed(value: Any) -> Handler:
    """A route that says the same to everybody."""

    def say(call: Call) -> Any:
        return value

    return say
