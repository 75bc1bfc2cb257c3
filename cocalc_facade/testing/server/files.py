"""The two routes for files of a project, outside the API: to one by a form, from one by its path."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from cocalc_facade.testing.wire.http import UPLOAD_LIMIT, Request, Response, answer, reply
from cocalc_facade.testing.wire.javascript import is_uuid
from cocalc_facade.testing.world.identity import caller_by_key, key_in
from cocalc_facade.testing.world.site import Site
from cocalc_facade.testing.world.state import Caller, Project

UPLOAD, FILES = "upload", "files"
TEXT = "text/html; charset=utf-8"
HANGS = 3600.0
"""Seconds that the server waits for a project that does not run."""
QUERY = ("project_id", "path", "compute_server_id")


def route_of(request: Request, path: str) -> str | None:
    """Which of the two a request is for, if any."""
    if path == "/upload" and request.method == "POST":
        return UPLOAD
    first, _, rest = path[1:].partition("/")
    return FILES if rest.startswith("files/") and is_uuid(first) else None


def upload(site: Site, request: Request) -> tuple[Response, Any]:
    """Take a file; all but a missing key is answered by the same words."""
    query = {name: values[0] for name, values in parse_qs(request.target.partition("?")[2]).items()}
    key = key_in(request)
    caller = None if key is None else caller_by_key(site, key)
    if caller is None:
        return reply(401, "user must be signed in to upload files", TEXT), query
    project = site.world.projects.get(query.get("project_id", ""))
    name, content = _parts(request)
    if (
        any(field not in query for field in QUERY)
        or not content
        or not name
        or len(request.body) > UPLOAD_LIMIT
    ):
        return reply(500, "upload failed", TEXT), query
    now = site.world.now()
    if not _may(project, caller) or project is None or project.state(now) != "running":
        return reply(500, "upload failed", TEXT), query
    files = project.files
    target = files.resolve(posixpath.join(query["path"], name))
    folder = posixpath.dirname(target)
    missing = [folder]
    while not files.is_directory(missing[-1]):
        missing.append(posixpath.dirname(missing[-1]))
    files.make_directory(files.follow(folder), now)
    files.modes |= dict.fromkeys(missing[:-1], 0o700)
    if files.unwritable(target, len(content)) is not None:
        return reply(500, "upload failed", TEXT), query
    response = answer({"status": "ok"})
    response.seconds = 0.05 + len(content) / 10e6
    project.arriving.append((now + site.oddities.upload_seconds, target, content))
    project.arrive(now)
    return response, query


def _parts(request: Request) -> tuple[str, bytes]:
    """The name and the bytes of the form's file; a field `fullPath` names it otherwise."""
    kind = re.fullmatch(
        r"multipart/form-data; *boundary=\"?([^\";]+)\"?", request.header("content-type") or ""
    )
    name, content, full = "", b"", ""
    if kind is None:
        return name, content
    mark = b"\r\n--" + kind[1].encode()
    for part in (b"\r\n" + request.body).split(mark)[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace")
        field = re.search(r'[; ]name="([^"]*)"', lines)
        file = re.search(r'filename="([^"]*)"', lines)
        if file and field and field[1] == "file":
            name, content = file[1], data
        elif field and field[1] == "fullPath":
            full = data.decode("utf-8", "replace")
    return full or name, content


def fetch(site: Site, request: Request, path: str) -> tuple[Response, Any]:
    """Give a file, always the whole of it. Only the cookie is looked at; a project that does not run is waited for."""
    project_id, _, rest = path[1:].partition("/")
    name = unquote(rest.removeprefix("files/"))
    params = {"project_id": project_id, "path": name}
    caller = caller_by_key(site, _cookie(site, request) or "")
    if caller is None:
        return reply(500, "<html><body>Please log in to see this file.</body></html>", TEXT), params
    project = site.world.projects.get(project_id)
    if not _may(project, caller) or project is None:
        return reply(500, "user does not have read access", TEXT), params
    now = site.world.now()
    if project.state(now) != "running":
        response = reply(500, "Error reading file.", TEXT)
        response.seconds = HANGS
        return response, params
    project.arrive(now)
    content = project.files.read(project.files.resolve(name))
    if content is None:
        return reply(500, "Error reading file.", TEXT), params
    response = reply(200, content, mimetypes.guess_type(name)[0] or "false")
    response.in_chunks = True
    response.seconds = 0.05 + len(content) / 10e6
    if "download" in request.target.partition("?")[2]:
        response.headers.append(
            ("Content-Disposition", f'attachment; filename="{quote(posixpath.basename(name))}"')
        )
    return response, params


def _cookie(site: Site, request: Request) -> str | None:
    name = quote(site.base_path, safe="") + "api_key"
    for part in (request.header("cookie") or "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return None


def _may(project: Project | None, caller: Caller) -> bool:
    return project is not None and not project.deleted and project.is_member(caller.account_id)
