"""Who a request speaks for, as the server finds out: cookie before header, key kinds, caches."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote, unquote

from cocalc_facade.testing.wire.http import Request
from cocalc_facade.testing.wire.refusals import Crash

from .site import Site
from .state import NEWER_KEY, Account, Caller, Key, World


def caller_of(site: Site, request: Request) -> Caller | None:
    """The caller, or None for nobody: a wrong key is nobody, not an error.

    Raises:
        Crash: the `remember_me` cookie is malformed.
    """
    world, key = site.world, key_in(request)
    if site.generation == "ai" and key is not None:
        return caller_by_key(site, key)
    cookie = session_cookie(request, site.base_path)
    if cookie is not None:
        if len(cookie.split("$")) != 4:
            raise Crash
        account = world.accounts.get(world.sessions.get(cookie, ""))
        return Caller(account.account_id, account) if account else None
    return None if key is None else caller_by_key(site, key)


def session_cookie(request: Request, base_path: str) -> str | None:
    """The value of the `remember_me` cookie, whose name carries the base path."""
    name = quote(base_path, safe="") + "remember_me"
    for header, value in request.headers:
        if header.lower() == "cookie":
            for part in value.split(";"):
                key, _, content = part.strip().partition("=")
                if key == name:
                    return unquote(content)
    return None


def key_in(request: Request) -> str | None:
    """The key in the Authorization header; the scheme is case-sensitive."""
    scheme, _, rest = (request.header("authorization") or "").partition(" ")
    if scheme == "Bearer":
        return rest
    if scheme != "Basic":
        return None
    try:
        text = base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text.partition(":")[0]


def caller_by_key(site: Site, secret: str) -> Caller | None:
    """The caller that a key stands for; a deleted key goes on working as long as its lookup is cached."""
    world, cache_seconds = site.world, site.oddities.key_cache_seconds
    now = world.now()
    if site.generation == "ai" and not secret.startswith(NEWER_KEY):
        return None
    for account in world.accounts.values():
        if secret and account.legacy_key == secret:
            return _allowed(account, now)
    row = next((key for key in world.keys.values() if key.secret == secret), None)
    if row is None or not _valid(world, row, now, cache_seconds):
        return None
    if row.looked_up is None or now - row.looked_up > cache_seconds:
        row.looked_up = now
    row.last_active = now
    if row.project_id is not None:
        return Caller(row.project_id, None)
    owner = world.accounts.get(row.account_id)
    caller = _allowed(owner, now) if owner else None
    if caller is not None and row.capabilities:
        caller.key = row
    return caller


def _valid(world: World, row: Key, now: float, cache_seconds: float) -> bool:
    if row.expire is not None and now >= row.expire:
        del world.keys[row.id]
        return False
    if row.deleted is not None:
        return row.looked_up is not None and now - row.looked_up < cache_seconds
    if row.project_id is not None:
        project = world.projects.get(row.project_id)
        return project is not None and project.is_member(row.account_id)
    return True


def _allowed(account: Account, now: float) -> Caller | None:
    if account.deleted or (account.banned is not None and now >= account.banned):
        return None
    account.last_call = now
    return Caller(account.account_id, account)


def masked(request: Request) -> str:
    """The key of a request as it may be shown: its ends only."""
    key = key_in(request)
    if key is None:
        return ""
    return f"{key[:3]}...{key[-6:]}" if len(key) >= 20 else "..."
