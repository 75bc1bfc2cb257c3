"""projects/call: messages that the hub hands to a project."""

from __future__ import annotations

import posixpath
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import js_text
from cocalc_facade.testing.wire.postgres import sql_text

from .exec_ import run_in_project
from .projects import STRANGER, ensure_running


def call_project(call: Call) -> Any:
    """Hand a message to the project."""
    call.account_id("callProject -- user must be authenticated (no account_id specified)")
    project = call.own_project(STRANGER)
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
    if event == "project_exec":
        return {"event": "project_exec_output", "id": tag, **run_in_project(call, project, mesg)}
    words = f"Project {project.project_id} does not implement handling mesg with event='{js_text(event)}'"
    return {"event": "error", "id": tag, "error": words}
