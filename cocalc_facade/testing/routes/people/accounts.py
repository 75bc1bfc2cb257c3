"""accounts/*: names, profiles, search, bans, the caller's own data."""

from __future__ import annotations

import re
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.projects.projects import ADMIN_FIELD
from cocalc_facade.testing.wire.http import answer
from cocalc_facade.testing.wire.javascript import UNDEFINED
from cocalc_facade.testing.wire.postgres import sql_text, sql_uuid, sql_uuids
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.state import Account

from .auth import password_score

SUCCESS = {"status": "success"}


def get_names(call: Call) -> Any:
    """The names of accounts; an unknown one is called Deleted User."""
    call.account_id()
    value = call.get("account_ids")
    if value is UNDEFINED or value is None or isinstance(value, (bool, int, float, dict)):
        raise Refusal("account_ids is not iterable")
    names: dict[str, Any] = {}
    for account_id in sql_uuids(value):
        account = call.world.accounts.get(account_id)
        names[account_id] = (
            {"first_name": "Deleted", "last_name": "User"} if account is None else short(account)
        )
    found = [key for key in sorted(names) if key in call.world.accounts]
    return {"names": {key: names[key] for key in [*found, *(key for key in names if key not in found)]}}


def short(account: Account) -> dict[str, Any]:
    """Name and picture of an account."""
    return {
        "first_name": account.first_name,
        "last_name": account.last_name,
        "profile": account.fields.get("profile"),
    }


def profile(call: Call) -> Any:
    """The public profile of an account, or without an id the caller's own private one."""
    wanted = call.get("account_id")
    if wanted:
        account = call.world.accounts.get(sql_uuid(wanted))
        if account is None:
            raise Refusal(f"no account with id {wanted}")
        picture = account.fields.get("profile") or {}
        names = {
            "account_id": account.account_id,
            "first_name": account.first_name,
            "last_name": account.last_name,
            "name": account.name,
        }
        return {"profile": {**names, **{key: picture[key] for key in ("image", "color") if key in picture}}}
    account = call.caller.account if call.caller else None
    if account is None:
        return {"profile": {}}
    return {
        "profile": {
            "account_id": account.account_id,
            "first_name": account.first_name,
            "last_name": account.last_name,
            "name": account.name,
            "is_admin": account.is_admin,
            "is_partner": "partner" in account.groups,
            "is_anonymous": False,
            "email_address": account.email_address,
        }
    }


def search(call: Call) -> Any:
    """Accounts by address, id, name or @name; for anybody."""
    found: list[dict[str, Any]] = []
    query = call.get("query")
    if not isinstance(query, str):
        return found
    for word in re.split(r"[\s,;]+", query.lower()):
        for account in call.world.accounts.values() if word else ():
            by_address = word == account.email_address
            names = [account.first_name.lower(), account.last_name.lower()]
            tagged = account.name is not None and word == f"@{account.name.lower()}"
            if (
                by_address
                or tagged
                or word == account.account_id
                or any(name.startswith(word) for name in names)
            ):
                row = _found(account, shows_address=by_address)
                if row not in found:
                    found.append(row)
    return found[:20]


def _found(account: Account, *, shows_address: bool) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "name": account.name,
        "email_address": account.email_address if shows_address else UNDEFINED,
        "last_active": None if account.last_active is None else int(account.last_active * 1000),
        "created": int(account.created * 1000),
        "email_address_verified": None,
    }


def get_email_address(call: Call) -> Any:
    """The address of an account, for admins and partners; without an id nothing, for anybody."""
    wanted = call.get("account_id")
    if not wanted:
        return {}
    account = call.caller.account if call.caller else None
    if call.caller is None:
        raise Refusal("must be signed in")
    if account is None or not set(account.groups) & {"admin", "partner"}:
        raise Refusal("you must be an admin or partner to get the email address of any account_id")
    found = call.world.accounts.get(sql_uuid(wanted))
    if found is None:
        return {}
    return {"email_address": None if found.deleted else found.email_address}


def set_name(call: Call) -> Any:
    """Change the names of the caller, or for admins of anybody."""
    call.account_id("Must be signed in to edit account name.")
    account = call.caller.account if call.caller else None
    if call.get("account_id"):
        if not call.is_admin():
            raise Refusal(ADMIN_FIELD)
        account = call.world.accounts.get(sql_text(call.get("account_id")).lower())
    if account is None:
        raise Refusal("FATAL: account_id is not a valid account")
    for wire, name in (("username", "name"), ("first_name", "first_name"), ("last_name", "last_name")):
        if call.get(wire) not in (UNDEFINED, None, ""):
            text = sql_text(call.get(wire))
            if name == "name" and not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9-]*", text):
                raise Refusal("Error: name must contain only a-z,A-Z,0-9, or -, and not start with hyphen.")
            setattr(account, name, text[:254])
    return SUCCESS


def set_email_address(call: Call) -> Any:
    """Change the caller's address, with the password."""
    call.account_id()
    address, password = call.get("email_address"), call.get("password")
    if not isinstance(address, str) or not re.fullmatch(r"\S+@\S+\.\S+", address):
        raise Refusal("email address is not valid")
    if not isinstance(password, str) or len(password) < 6:
        raise Refusal("password must be at least 6 characters")
    account = _own_account(call, "no such account")
    if call.get("password") != account.password:
        raise Refusal("password is incorrect")
    if any(other.email_address == address.lower() for other in call.world.accounts.values()):
        raise Refusal(f'email address "{address.lower()}" is already in use by another account')
    account.email_address = address.lower()
    return SUCCESS


def set_password(call: Call) -> Any:
    """Change the caller's password, with the old one."""
    account = _own_account(call, "No such account")
    if call.get("currentPassword") != account.password:
        raise Refusal("Current password is incorrect.")
    new = sql_text(call.get("newPassword"))
    if password_score(new) <= 2:
        raise Refusal(_weakness(new))
    account.password = new
    return SUCCESS


def _weakness(password: str) -> str:
    """Why a password is refused."""
    advice = "Add more words that are less common."
    found = re.search(r"abc|123|qwe|xyz", password.lower())
    if not found:
        return f"Password is too weak. {advice}"
    return (
        f'Password is too weak. Common character sequences like "{found[0]}" are easy to guess.\n'
        f" {advice}\n Avoid common character sequences."
    )


def _own_account(call: Call, refusal: str = "account_id is not a valid account") -> Account:
    call.account_id()
    account = call.caller.account if call.caller else None
    if account is None:
        raise Refusal(refusal)
    return account


def send_verification_email(call: Call) -> Any:
    """Nothing is sent: no mail server stands behind this one."""
    _own_account(call)
    return SUCCESS


def sign_out(call: Call) -> Any:
    """End the caller's sessions; success for anybody."""
    if call.caller is not None:
        gone = [
            key for key, account_id in call.world.sessions.items() if account_id == call.caller.account_id
        ]
        for key in gone:
            del call.world.sessions[key]
    return SUCCESS


def delete(call: Call) -> Any:
    """Delete the caller's account: no parameter, no question. The only route that minds the method."""
    if call.request.method != "POST":
        return answer({"message": "must use a POST request"}, 404)
    _own_account(call).deleted = True
    return SUCCESS


def ban(call: Call) -> Any:
    """Ban an account; takes a minute when one of its keys is in use."""
    account = _target(call)
    if account is not None:
        last = account.last_call
        account.banned = call.world.now() if last is None else max(call.world.now(), last + 60)
    return SUCCESS


def remove_ban(call: Call) -> Any:
    """Lift a ban."""
    account = _target(call)
    if account is not None:
        account.banned = None
    return SUCCESS


def _target(call: Call) -> Account | None:
    """The account to ban; of one that is not there nothing is said."""
    call.account_id()
    call.only_admins("only admins can ban users")
    wanted = call.get("account_id")
    if wanted in (UNDEFINED, None):
        return None
    return call.world.accounts.get(sql_uuid(wanted))
