"""Routes about the site itself, and those that only keep old clients quiet."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.data import packaged
from cocalc_facade.testing.wire.javascript import UNDEFINED, is_uuid, js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal


def customize(call: Call) -> Any:
    """How the site is set up, or the wanted fields of it."""
    settings = packaged("customize.json") | {"siteURL": call.site.site_url}
    fields = call.get("fields")
    if not fields:
        return settings
    if not isinstance(fields, (list, str)):
        raise Refusal("w is not iterable")
    return {name: settings.get(name, UNDEFINED) for name in fields if isinstance(name, str)}


def file_access(call: Call) -> Any:
    """Files that the caller used of late; for nobody none, without an error."""
    return {"files": []}


def guesslang(call: Call) -> Any:
    """The language of a piece of code: the server has no guesser."""
    return {"result": []}


def public_paths(call: Call) -> Any:
    """Shared paths: null, as the share server is off."""
    return None


def _bookmarks(call: Call) -> dict[str, Any]:
    kind, project_id = call.get("type"), call.get("project_id")
    if kind != "starred-files":
        return {"status": "error", "error": f"cannot handle type '{js_text(kind)}'"}
    if not is_uuid(project_id):
        return {"status": "error", "error": "project_id must be a valid uuid"}
    return {"status": "success", "project_id": project_id, "type": kind}


def bookmarks(call: Call) -> Any:
    """Nothing, with success: kept for old clients."""
    return _bookmarks(call)


def get_bookmarks(call: Call) -> Any:
    """An empty list: kept for old clients."""
    done = _bookmarks(call)
    if done["status"] == "error":
        return {**done, "type": call.get("type"), "project_id": call.get("project_id")}
    return {"type": done["type"], "project_id": done["project_id"], "stars": [], "status": "success"}


NO_SUPPORT = "Support not available -- admin must configure the Zendesk token"


def tickets(call: Call) -> Any:
    """Support tickets: no support system stands behind this server."""
    call.account_id("you must be signed in to get support tickets")
    raise Refusal(NO_SUPPORT)


def create_ticket(call: Call) -> Any:
    """A new ticket: no support system stands behind this server."""
    raise Refusal(NO_SUPPORT)


def evaluate(call: Call) -> Any:
    """Ask a language model: none is configured."""
    where = "There is a problem calling ollama-0. Please try another model, a different prompt, or try again later. "
    raise Refusal(
        where
        + ("Error: Google GenAI is not enabled." if call.caller else "Error: You must create an account.")
    )


def get_servers(call: Call) -> Any:
    """Compute servers: there are none."""
    call.account_id()
    call.throttle()
    return []


def control(call: Call) -> Any:
    """Always refused: nothing stands behind this route on any server."""
    call.account_id()
    raise Refusal("not implemented")


def get_detailed_state(call: Call) -> Any:
    """The state of a compute server; undefined, thus an empty body, for one that is not there."""
    call.account_id("invalid auth")
    return UNDEFINED


def get_template(call: Call) -> Any:
    """A template of compute servers: there are none."""
    raise Refusal(f"no template with id (={js_text(call.get('id'))})")


def get_templates(call: Call) -> Any:
    """Templates of compute servers come from another site, which this server cannot reach."""
    raise Refusal("fetch failed")


def scripts(call: Call) -> Any:
    """Scripts for a compute server, with a project's key in the body."""
    key = sql_text(call.get("api_key", ""))
    if not any(row.secret == key and row.project_id for row in call.world.keys.values()):
        raise Refusal("api_key must be a valid project api key")
    raise Refusal(f"no compute server with id {js_text(call.get('id'))}")
