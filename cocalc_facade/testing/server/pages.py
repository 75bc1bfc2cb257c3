"""What the server answers outside the API: pages, the document, health, blobs."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote

from cocalc_facade.testing.wire.http import Request, Response, etag, reply
from cocalc_facade.testing.wire.javascript import dumps
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.site import Site

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HEAD = (
    '<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8" data-next-head=""/>'
    '<meta name="viewport" content="width=device-width" data-next-head=""/>'
)


def page(title: str, text: str, status: int = 200, *, head: str = "") -> Response:
    """A page as the web application renders it."""
    shown = head or f'<title data-next-head="">{title}</title>'
    html = (
        f'{HEAD}{shown}<meta name="generator" content="cocalc_facade.testing"/></head>'
        f'<body><div id="__next"><h1>{text}</h1></div></body></html>'
    )
    return reply(status, html, HTML)


def not_found() -> Response:
    """The page that stands for every unknown path."""
    return page("404 Page Not Found", "404 Page Not Found", 404)


def document(site: Site, request: Request) -> Response:
    """The OpenAPI document."""
    body = site.document_text.encode()
    response = reply(200, body, "application/json; charset=utf-8")
    response.headers += [("ETag", etag(body)), ("Cache-Control", "public, max-age=0")]
    return response


def docs_page(site: Site, request: Request) -> Response:
    """The page about the API, whose only hint at the document is in a script; two designs, one form of the hint."""
    host = request.header("host") or "localhost"
    source = f"//{host}{site.base_path}/openapi.json"
    if site.docs_design == "swagger":
        shell = '<div id="swagger-ui"></div>'
        script = f"fetch('{source}').then((r)=>r.json()).then((spec)=>SwaggerUIBundle({{spec,dom_id:'#swagger-ui'}}));"
    else:
        shell = '<div id="redoc"></div>'
        script = (
            f"fetch('{source}').then((response)=>response.json())"
            ".then((spec)=>Redoc.init(spec,{},document.getElementById('redoc')));"
        )
    html = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"/><title>CoCalc API</title></head>'
        f"<body>{shell}<script>{script}</script></body></html>"
    )
    return reply(200, html, HTML)


def root(site: Site, request: Request) -> Response:
    """The site's front page."""
    return page("Collaborative Calculation", "Open CoCalc")


def alive(site: Site, request: Request) -> Response:
    """Whether the server process lives."""
    return reply(200, "alive: YES", TEXT)


def healthcheck(site: Site, request: Request) -> Response:
    """Health as the server sees it: it goes on saying OK while its database is away."""
    minutes, seconds = divmod(int(site.world.now() - site.born), 60)
    lines = [
        "healthchecks:",
        "concurrent 0 < 300 – OK",  # noqa: RUF001 - the server's own dash
        f"uptime {minutes}m{seconds}s – no self-termination – OK",  # noqa: RUF001 - the server's own dash
        "no DB connection problems – OK",  # noqa: RUF001 - the server's own dash
    ]
    return reply(200, "\n".join(lines), TEXT)


def stats(site: Site, request: Request) -> Response:
    """Numbers about the site, which this kind of server leaves at zero."""
    periods = dict.fromkeys(("1d", "1h", "7d", "30d"), 0)
    opened: dict[str, Any] = {key: {} for key in ("1d", "1h", "7d", "30d")}
    value = {
        "id": site.world.uuid(),
        "time": iso(site.world.now()),
        "accounts": 0,
        "accounts_created": periods,
        "accounts_active": {**periods, "5min": 0},
        "files_opened": {"total": opened, "distinct": opened},
        "projects": 0,
        "projects_created": periods,
        "projects_edited": {**periods, "5min": 0},
        "hub_servers": [],
        "running_projects": {"free": 0, "member": 0},
    }
    return reply(200, dumps(value), "application/json; charset=utf-8")


def customize(site: Site, request: Request) -> Response:
    """The settings for the browser: another endpoint than the API's `customize`, and printed in lines."""
    value = {"configuration": {"site_name": "Open CoCalc", "dns": "", "kucalc": "no"}, "registration": False}
    return reply(200, json.dumps(value, indent=1), "application/json; charset=utf-8")


def blob(site: Site, request: Request) -> Response:
    """A file by its uuid; no key is asked for."""
    path, _, query = request.target.partition("?")
    wanted = parse_qs(query).get("uuid", [""])[0]
    found = site.world.blobs.get(wanted)
    if found is None or not found.since <= site.world.now() < found.expire:
        return reply(404, f"blob {wanted} not found", HTML)
    name = path.rpartition("/")[2] or found.filename
    response = reply(200, found.content, mimetypes.guess_type(name)[0] or "application/octet-stream")
    response.headers.append(("Content-Disposition", f'attachment; filename="{quote(name)}"'))
    return response


# Those of the web application set cookies; the hub's own, listed as bare, do not.
Page = Callable[[Site, Request], Response]
PAGES: dict[str, Page] = {"/": root, "/api/v2": docs_page, "/openapi.json": document}
BARE: dict[str, Page] = {"/stats": stats, "/customize": customize}
WITHOUT_BASE: dict[str, Page] = {"/alive": alive, "/healthcheck": healthcheck}
