"""Routes about the site itself, and those that only keep old clients quiet."""

from __future__ import annotations

import re
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
    if call.caller is None:
        return {"files": []}
    interval = call.get("interval")
    if interval not in (UNDEFINED, None, "") and not re.fullmatch(
        r"\s*\d+(\.\d+)?\s*(second|minute|hour|day|week|month|year)s?(\s+ago)?\s*", sql_text(interval)
    ):
        raise Refusal(f'invalid input syntax for type interval: "{sql_text(interval)}"')
    return {"files": [row for row in call.world.used if call.is_member_of(row["project_id"])]}


def guesslang(call: Call) -> Any:
    """The languages that a piece of code may be in; too little of it tells nothing."""
    code = call.get("code")
    if not isinstance(code, str) or len(code) < 20:
        return {"result": []}
    python = re.search(r"^\s*(def|import|from|class) ", code, re.MULTILINE)
    return {"result": ["py", "hs", "yaml", "ini", "sql"] if python else ["js", "ts", "c", "cpp", "java"]}


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
