"""Accounts and sign-in, as servers of the newer generation answer it."""

from __future__ import annotations

import re
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.data import packaged
from cocalc_facade.testing.routes.people.auth import TOKEN_LENGTH, sign_up_issues
from cocalc_facade.testing.wire.javascript import UNDEFINED, is_uuid, js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso
from cocalc_facade.testing.world.identity import key_in
from cocalc_facade.testing.world.state import Account

from .capabilities import SIGNED_OUT, need

HOME = {"home_bay_id": "bay-0", "home_bay_url": "http://localhost:5000"}


def named(account: Account) -> dict[str, Any]:
    """How an account is called."""
    return {
        "display_name": account.display_name,
        "first_name": account.first_name,
        "last_name": account.last_name,
    }


def get_names(call: Call) -> Any:
    """The names of accounts; unknown ones are left out."""
    call.account_id(SIGNED_OUT)
    need(call, "account:read")
    return {"names": names_of(call, call.get("account_ids"))}


def names_of(call: Call, wanted: object) -> dict[str, Any]:
    """The names of the accounts of a list."""
    if not isinstance(wanted, list):
        raise Refusal("account_ids must be an array")
    for at, item in enumerate(wanted):
        if not is_uuid(item):
            raise Refusal(f"account_ids[{at}] must be a valid uuid")
    known = call.world.accounts
    return {item: named(known[item]) for item in wanted if item in known}


def profile(call: Call) -> Any:
    """The names of an account, for anybody; without an id the caller's own profile."""
    wanted = call.get("account_id")
    if wanted:
        if not is_uuid(wanted):
            raise Refusal(f'invalid input syntax for type uuid: "{sql_text(wanted)}"')
        account = call.world.accounts.get(str(wanted).lower())
        if account is None:
            raise Refusal(f"no account with id {wanted}")
        return {"profile": {"account_id": account.account_id, **named(account)}}
    if call.caller is None or call.caller.account is None:
        return {"profile": {}}
    need(call, "account:read")
    account = call.caller.account
    return {
        "profile": {
            "account_id": account.account_id,
            **named(account),
            "is_admin": account.is_admin,
            "is_partner": "partner" in account.groups,
            "email_address": account.email_address,
        }
    }


def get_email_address(call: Call) -> Any:
    """The address of an account, for administrators; without an id nothing, for anybody."""
    wanted = call.get("account_id")
    if not wanted:
        return {}
    call.account_id(SIGNED_OUT)
    need(call, "account:read")
    call.only_admins("you must be an admin or partner to get the email address of any account_id")
    if not is_uuid(wanted):
        raise Refusal(f'invalid input syntax for type uuid: "{sql_text(wanted)}"')
    account = call.world.accounts.get(str(wanted).lower())
    return {} if account is None else {"email_address": account.email_address}


def api_keys(call: Call) -> Any:
    """Keys are managed in the browser; what was asked for over HTTP is only read there."""
    if key_in(call.request) is not None:
        raise Refusal("API keys cannot manage account API keys")
    account_id = call.account_id(SIGNED_OUT)
    if call.get("action") != "get":
        raise Refusal("legacy HTTP API key mutations are disabled")
    mine = [key for key in call.world.keys.values() if key.account_id == account_id]
    return {"response": [{"id": key.id, "name": key.name, "trunc": key.trunc} for key in mine]}


def file_access(call: Call) -> Any:
    """Files that somebody used of late, for browsers."""
    if key_in(call.request) is not None:
        raise Refusal("API keys are not allowed to access browser file activity")
    return {"files": []}


def sign_in(call: Call) -> Any:
    """Sign in; what was wrong is not told."""
    raise Refusal("Invalid email address or password.")


def sign_in_method(call: Call) -> Any:
    """How an address signs in."""
    return {"email": sql_text(call.get("email", "")), "password_allowed": True, "sso_required": False}


def sign_up(call: Call) -> Any:
    """Make an account, which no key may, and which needs a token here."""
    if issues := sign_up_issues(call, call.get("email", "")):
        return {"issues": issues}
    if key_in(call.request) is not None:
        return {"issues": {"api": "API keys cannot create accounts through sign-up."}}
    words = "Issue with registration token -- no registration token provided"
    return {"issues": {"registrationToken": words}}


def redeem_verify_email(call: Call) -> Any:
    """Confirm an address with a mailed token; none was ever mailed."""
    address = call.get("email_address")
    if not isinstance(address, str) or "@" not in address:
        raise Refusal("email_address is not valid")
    if len(js_text(call.get("token"))) < TOKEN_LENGTH:
        raise Refusal("token is too short")
    raise Refusal("invalid token or email address")


def second_factor(call: Call) -> Any:
    """Go on with a sign-in that waits for a second factor: none does."""
    return {"error": _challenge(call), **HOME}


def passkey(call: Call) -> Any:
    """Begin to sign in with a passkey: no sign-in waits for it."""
    raise Refusal(_challenge(call))


def _challenge(call: Call) -> str:
    wanted = sql_text(call.get("challenge_id", ""))
    return (
        "sign-in challenge not found"
        if is_uuid(wanted)
        else f'invalid input syntax for type uuid: "{wanted}"'
    )


def challenge_status(call: Call) -> Any:
    """How far the sign-in of a command line is: there is none."""
    known = is_uuid(call.get("challenge_id"))
    raise Refusal("unknown cli auth challenge" if known else "invalid challenge id")


def challenge_info(call: Call) -> Any:
    """What the sign-in of a command line is about, for browsers."""
    if key_in(call.request) is not None:
        raise Refusal("API keys are not allowed to use CLI auth challenge context")
    return challenge_status(call)


def start_login(call: Call) -> Any:
    """Begin the sign-in of a command line, for anybody."""
    number = call.world.uuid()
    return {
        "challenge_id": number,
        "poll_token": call.world.uuid().replace("-", ""),
        "approval_url": f"{HOME['home_bay_url']}/auth/cli-login/{number}",
        "expires_at": iso(call.world.now() + 600),
        **HOME,
    }


def redeem_code(call: Call) -> Any:
    """Sign in with a mailed code: none was mailed."""
    if not re.fullmatch(r"\d{6}", sql_text(call.get("code", ""))):
        return {"error": "Enter the six-digit code.", "code": "invalid"}
    return {"error": "Challenge not found.", "code": "not_found"}


def bootstrap(call: Call) -> Any:
    """What a browser asks for first."""
    if key_in(call.request) is not None:
        raise Refusal("API keys are not allowed to use browser bootstrap")
    capabilities = {
        "protocol_version": 1,
        "app_base_path": call.site.base_path,
        "browser_challenge_login": 1,
        "project_window": 1,
        "project_host_routing": 1,
        "chat_sync": 2,
        "agent_session_index": 1,
        "acp": 1,
    }
    return {"signed_in": call.caller is not None, **HOME, "client_capabilities": capabilities}


def customize(call: Call) -> Any:
    """How the site is set up, or the wanted fields of it; one may be given as a text."""
    settings, fields = packaged("customize_newer.json"), call.get("fields")
    if fields in (UNDEFINED, None):
        return settings
    wanted = fields if isinstance(fields, list) else [fields]
    return {name: settings[name] for name in wanted if isinstance(name, str) and name in settings}
