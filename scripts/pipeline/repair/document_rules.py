"""Repairs of a document around its operations: envelope, paths, what is shared.

Each rule changes the document in place and returns how many faults it found. Its first line is the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cocalc_facade._drift.contract import METHODS
from scripts.pipeline.document.anatomy import PREFIX, Json, media, operations, reachable
from scripts.pipeline.published import Document

_TOP = {"openapi", "info", "servers", "paths", "components"}
_SECTIONS = {"schemas", "requestBodies", "responses", "parameters"}
_URL = re.compile(r"https?://[A-Za-z0-9_.:/-]+")


def unknown_part(document: Document) -> int:
    """The client is made from info, servers, paths and schemas; how to authenticate is the facade's business."""
    faults = [key for key in document if key not in _TOP]
    for key in faults:
        del document[key]
    if not isinstance(document.get("components"), dict):
        document["components"] = {}
    components = document["components"]
    dead = [key for key in components if key not in _SECTIONS or not isinstance(components[key], dict)]
    for key in dead:
        del components[key]
    return len(faults) + len(dead)


def info_summary(document: Document) -> int:
    """`info.summary` came with OpenAPI 3.1; in an older document, or empty, it is an error."""
    info = document.get("info")
    if not isinstance(info, dict) or "summary" not in info:
        return 0
    if info["summary"] and document["openapi"].startswith("3.1"):
        return 0
    del info["summary"]
    return 1


def info_field(document: Document) -> int:
    """A document has a title and a version, as text."""
    given = document.get("info")
    info = given if isinstance(given, dict) else {}
    wanted = {
        key: info[key] for key in ("title", "version", "summary", "description") if _filled(info.get(key))
    }
    wanted = {"title": "CoCalc API", "version": "0", **wanted}
    document["info"] = wanted
    return int(wanted != given)


def _filled(value: Json) -> bool:
    return isinstance(value, str) and bool(value)


def server_variable(document: Document) -> int:
    """A server is an address; variables that its address does not have are dead."""
    if "servers" not in document:
        return 0
    given = document.pop("servers")
    urls = [entry.get("url") for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
    wanted = [
        {"url": url} for url in dict.fromkeys(u for u in urls if isinstance(u, str) and _URL.fullmatch(u))
    ]
    if wanted:
        document["servers"] = wanted
    if wanted == given:
        return 0
    return max(1, sum(entry not in wanted for entry in given)) if isinstance(given, list) else 1


def version(document: Document) -> int:
    """OpenAPI 3.1 is plain JSON Schema: one way to say null, tuples and bounds instead of one for each tool."""
    old = document["openapi"]
    document["openapi"] = "3.1.0"
    return int(old != "3.1.0")


def path_prefix(document: Document) -> int:
    """Routes live at /api/v2/NAME; some servers publish a base path before it, none of it, or a slash too many."""
    paths: dict[str, Json] = {}
    fired = 0
    for path, item in document["paths"].items():
        wanted = route_path(path)
        fired += wanted != path
        paths[wanted] = item
    document["paths"] = paths
    return fired


def route_path(path: str) -> str:
    """The path of a route as all servers have it, whatever base path, or none, one publishes before it."""
    name = path.partition(PREFIX)[2] if PREFIX in path else path
    return (
        PREFIX + re.sub(r"//+", "/", name).strip("/")
        if PREFIX in path or not path.startswith("/api/")
        else path
    )


def path_item(document: Document) -> int:
    """A path holds operations; what it says for all of them belongs into each, the rest says nothing to a client."""
    fired = 0
    for path, item in list(document["paths"].items()):
        if not isinstance(item, dict):
            del document["paths"][path]
            fired += 1
            continue
        shared = item.get("parameters")
        for method in METHODS:
            if isinstance(item.get(method), dict) and isinstance(shared, list):
                own = item[method].get("parameters")
                item[method]["parameters"] = [*(own if isinstance(own, list) else []), *shared]
        for key in [k for k in item if k not in METHODS or not isinstance(item[k], dict)]:
            del item[key]
            fired += 1
        if not item:
            del document["paths"][path]
    return fired


def post_only(document: Document) -> int:
    """The server reads parameters of POST alone and runs the handler for any method, so every operation is a POST."""
    fired = 0
    for item in document["paths"].values():
        for method in METHODS[1:]:
            if method in item:
                operation = item.pop(method)
                item.setdefault("post", operation)
                fired += 1
    return fired


def component_section(document: Document) -> int:
    """Bodies, answers and parameters stand where they are used, so nothing but schemas is left to share."""
    components = document["components"]
    dead = [key for key in components if key != "schemas"]
    for key in dead:
        del components[key]
    return len(dead)


def unused_component(document: Document) -> int:
    """A component that no operation leads to would become a class that nobody can receive."""
    schemas = document["components"].get("schemas", {})
    used: set[str] = set()
    for _, _, operation in operations(document):
        for holder in (operation.get("requestBody"), *operation["responses"].values()):
            for _, entry in media(holder):
                used |= reachable(entry["schema"], schemas)
    dead = [name for name in schemas if name not in used]
    for name in dead:
        del schemas[name]
    return len(dead)


ENVELOPE_RULES: tuple[Callable[[Document], int], ...] = (
    unknown_part,
    info_summary,
    info_field,
    server_variable,
    version,
    path_prefix,
    path_item,
    post_only,
)
