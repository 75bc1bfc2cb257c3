"""What the server answers outside the API: pages, the document, health, blobs, the bridge to its message bus."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from .calls import ROUTES, Call
from .clock import iso
from .identity import caller_by_key, key_in
from .routes.accounts import short
from .wire import BadBody, Refusal, Request, Response, answer, dumps, etag, parsed_body, reply

if TYPE_CHECKING:
    from .standin import StandIn
    from .state import Caller

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


@cache
def published_text() -> str:
    """The OpenAPI document as a server publishes it today."""
    return (files("cocalc_facade.testing") / "data" / "published.json").read_text("utf-8")


def document(standin: StandIn, request: Request) -> Response:
    """The OpenAPI document."""
    body = standin.document_text.encode()
    response = reply(200, body, "application/json; charset=utf-8")
    response.headers += [("ETag", etag(body)), ("Cache-Control", "public, max-age=0")]
    return response


def docs_page(standin: StandIn, request: Request) -> Response:
    """The page about the API, whose only hint at the document is in a script; two designs, one form of the hint."""
    host = request.header("host") or "localhost"
    source = f"//{host}{standin.base_path}/openapi.json"
    if standin.docs_design == "swagger":
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


def root(standin: StandIn, request: Request) -> Response:
    """The site's front page."""
    return page("Collaborative Calculation", "Open CoCalc")


def alive(standin: StandIn, request: Request) -> Response:
    """Whether the server process lives."""
    return reply(200, "alive: YES", TEXT)


def healthcheck(standin: StandIn, request: Request) -> Response:
    """Health as the server sees it: it goes on saying OK while its database is away."""
    minutes, seconds = divmod(int(standin.world.now() - standin.born), 60)
    lines = [
        "healthchecks:",
        "concurrent 0 < 300 – OK",  # noqa: RUF001 - the server's own dash
        f"uptime {minutes}m{seconds}s – no self-termination – OK",  # noqa: RUF001 - the server's own dash
        "no DB connection problems – OK",  # noqa: RUF001 - the server's own dash
    ]
    return reply(200, "\n".join(lines), TEXT)


def stats(standin: StandIn, request: Request) -> Response:
    """Numbers about the site, which this kind of server leaves at zero."""
    periods = dict.fromkeys(("1d", "1h", "7d", "30d"), 0)
    opened: dict[str, Any] = {key: {} for key in ("1d", "1h", "7d", "30d")}
    value = {
        "id": standin.world.uuid(),
        "time": iso(standin.world.now()),
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


def customize(standin: StandIn, request: Request) -> Response:
    """The settings for the browser: another endpoint than the API's `customize`, and printed in lines."""
    value = {"configuration": {"site_name": "Open CoCalc", "dns": "", "kucalc": "no"}, "registration": False}
    return reply(200, json.dumps(value, indent=1), "application/json; charset=utf-8")


def blob(standin: StandIn, request: Request) -> Response:
    """A file by its uuid; no key is asked for."""
    path, _, query = request.target.partition("?")
    wanted = parse_qs(query).get("uuid", [""])[0]
    found = standin.world.blobs.get(wanted)
    if found is None or found.expire <= standin.world.now():
        return reply(404, f"blob {wanted} not found", HTML)
    name = path.rpartition("/")[2] or found.filename
    response = reply(200, found.content, mimetypes.guess_type(name)[0] or "application/octet-stream")
    response.headers.append(("Content-Disposition", f'attachment; filename="{quote(name)}"'))
    return response


def hub(standin: StandIn, request: Request) -> Response:
    """The bridge to the hub's own calls, for keys of accounts only."""
    asked = _bridged(standin, request)
    if isinstance(asked, Response):
        return asked
    _, body = asked
    name, args = body.get("name"), body.get("args") or []
    if name == "system.ping":
        return answer({"now": int(standin.world.now() * 1000)})
    if name == "system.getNames" and args and isinstance(args[0], list):
        known = [standin.world.accounts[key] for key in args[0] if key in standin.world.accounts]
        return answer({account.account_id: short(account) for account in known})
    return answer({"error": f"unknown function '{name}'"})


def project_hub(standin: StandIn, request: Request) -> Response:
    """The bridge to a project's own calls; unlike the API's routes it does not start the project."""
    asked = _bridged(standin, request)
    if isinstance(asked, Response):
        return asked
    caller, body = asked
    project = standin.world.projects.get(str(body.get("project_id", caller.account_id)).lower())
    if project is None or not project.is_member(caller.account_id):
        return answer({"error": "user must be a collaborator on the project"})
    if project.state(standin.world.now()) != "running":
        return answer({"error": f"no subscribers matching 'project.{project.project_id}'"})
    name, args = body.get("name"), body.get("args") or []
    if name == "system.ping":
        return answer({"now": int(standin.world.now() * 1000)})
    if name != "system.exec" or not isinstance(args, list) or not args or not isinstance(args[0], dict):
        return answer({"error": f"unknown function '{name}'"})
    call = Call(standin, "exec", {**args[0], "project_id": project.project_id}, caller, request)
    try:
        response = answer(ROUTES["exec"](call))
    except Refusal as refusal:
        response = answer({"error": str(refusal)})
    response.seconds += call.seconds
    return response


def _bridged(standin: StandIn, request: Request) -> Response | tuple[Caller, dict[str, Any]]:
    """Who asks a bridge for what, or why not; cookies do not count here."""
    try:
        body = parsed_body(request)
    except BadBody as fault:
        return reply(fault.status, str(fault), None, reason=str(fault))
    key = key_in(request)
    caller = None if key is None else caller_by_key(standin.world, key, standin.oddities.key_cache_seconds)
    if caller is None:
        return answer({"error": "You must provide authentication via an API key."})
    return caller, body if isinstance(body, dict) else {}


# Those of the web application set cookies; the hub's own, listed as bare, do not.
Page = Callable[["StandIn", Request], Response]
PAGES: dict[str, Page] = {"/": root, "/api/v2": docs_page, "/openapi.json": document}
API_PAGES: dict[str, Page] = {"/api/conat/hub": hub, "/api/conat/project": project_hub}
BARE: dict[str, Page] = {"/stats": stats, "/customize": customize}
WITHOUT_BASE: dict[str, Page] = {"/alive": alive, "/healthcheck": healthcheck}
