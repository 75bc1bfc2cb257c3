"""auth/*: passwords, sign-in, sign-up."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.http import answer
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.refusals import Crash, Refusal
from cocalc_facade.testing.world.state import Account

# Mailed tokens are at least so long.
TOKEN_LENGTH = 16


def has_password(call: Call) -> Any:
    """Whether the caller has a password."""
    call.account_id()
    return {"hasPassword": bool(call.caller and call.caller.account and call.caller.account.password)}


def password_strength(call: Call) -> Any:
    """A score from 0 to 4; a missing, short or long password is a real 400."""
    password = call.get("password")
    if not password:
        return answer({"error": "Password is required"}, 400)
    text = js_text(password)
    if len(text) < 8:
        return answer({"error": "Password must be at least 8 characters long"}, 400)
    if len(text) > 64:
        return answer({"error": "Password must be at most 64 characters long"}, 400)
    score = password_score(text)
    help_text = "Add another word or two. Uncommon words are better."
    return {"score": score, **({"help": help_text} if score <= 2 else {})}


def password_score(text: str) -> int:
    """How hard a password is to guess: by its length and the kinds of its characters."""
    kinds = sum(re.search(kind, text) is not None for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"))
    bits = len(set(text)) * (1 + kinds)
    return sum(bits >= bound for bound in (12, 18, 26, 34))


def sign_in(call: Call) -> Any:
    """Sign in: sets the cookies that from then on go before any key."""
    email = call.get("email")
    if not isinstance(email, str):
        raise Crash
    address = email.lower().strip()
    account = next((row for row in call.world.accounts.values() if row.email_address == address), None)
    trouble = "Problem signing into account -- "
    if account is None or account.deleted:
        raise Refusal(f"{trouble}no account with email address '{address}'.")
    if account.banned is not None:
        raise Refusal(f"{trouble}'{address}' is banned")
    if call.get("password") != account.password:
        raise Refusal(f"{trouble}password for '{address}' is incorrect.")
    remember(call, account)
    account.last_active = call.world.now()
    return {"account_id": account.account_id}


def remember(call: Call, account: Account) -> None:
    """Set the session cookies of an account."""
    value = f"sha512${call.world.uuid()}$1${call.world.uuid()}"
    call.world.sessions[value] = account.account_id
    prefix = quote(call.site.base_path, safe="")
    path = call.site.base_path or "/"
    call.headers.append(("Set-Cookie", f"{prefix}remember_me={quote(value, safe='')}; path={path}; httponly"))
    call.headers.append(("Set-Cookie", f"{prefix}account_id={account.account_id}; path={path}"))


def sign_up_issues(call: Call, email: object) -> dict[str, str]:
    """What is wrong with what somebody signs up with."""
    issues: dict[str, str] = {}
    password = call.get("password")
    if not call.get("terms"):
        issues["terms"] = "You must agree to the terms of usage."
    if not isinstance(email, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        issues["email"] = f"You must provide a valid email address -- '{js_text(email)}' is not valid."
    if not isinstance(password, str) or len(password) < 8 or password_score(password) <= 2:
        issues["password"] = "Your password must not be very easy to guess."  # noqa: S105 - a sentence
    return issues


def sign_up(call: Call) -> Any:
    """Make an account. With a key only admins may; without one the caller is signed in as well."""
    email, password = call.get("email"), call.get("password")
    if not email:
        return {"issues": {"email": "Anonymous account creation is disabled."}}
    if issues := sign_up_issues(call, email):
        return {"issues": issues}
    known = next((row for row in call.world.accounts.values() if row.email_address == email.lower()), None)
    # Whoever knows the password of an account is told its id; only then is it asked who may make one.
    if (known is None or known.password != password) and call.caller is not None and not call.is_admin():
        return {"issues": {"api": "Error: Only users in the group 'admin' are allowed to create new users."}}
    if known is not None and known.password == password:
        if call.caller is None:
            remember(call, known)
        return {"account_id": known.account_id}
    if known is not None:
        return {"issues": {"email": f'Email address "{email.lower()}" already in use.'}}
    names = [
        js_text(call.get(name) or other) for name, other in (("firstName", "Anonymous"), ("lastName", "User"))
    ]
    account = call.world.add_account(email.lower(), names[0], names[1], password=password)
    if call.caller is None:
        remember(call, account)
    return {"account_id": account.account_id}


def requires_token(call: Call) -> Any:
    """Whether signing up needs a token: no."""
    return False


def sso_strategies(call: Call) -> Any:
    """Other ways to sign in: none."""
    return []


def password_reset(call: Call) -> Any:
    """Ask for a mail with a link; says openly whether the account exists."""
    email = js_text(call.get("email"))
    if not any(row.email_address == email.lower() for row in call.world.accounts.values()):
        raise Refusal(f'There is no account with email "{email}".')
    return {"success": "Password reset email sent."}


def token_action(call: Call) -> Any:
    """Do what a mailed token stands for; there are none."""
    raise Refusal(f"invalid token: '{js_text(call.get('token'))}'")


def ephemeral(call: Call) -> Any:
    """A short-lived account needs a token, and there are none."""
    token = call.get("registrationToken")
    raise Refusal(
        "Registration token required."
        if token in (UNDEFINED, None, "")
        else "This registration token is not configured for ephemeral accounts."
    )


def unlink_strategy(call: Call) -> Any:
    """Forget another way to sign in, whether there was one or not."""
    call.account_id()
    return {"status": "ok"}


def redeem_verify_email(call: Call) -> Any:
    """Confirm an address with a mailed token; none was ever mailed."""
    token = call.get("token")
    if token in (UNDEFINED, None):
        raise Refusal(f"Cannot read properties of {js_text(token)} (reading 'length')")
    if len(js_text(token)) < TOKEN_LENGTH:
        raise Refusal("token is too short")
    raise Refusal("invalid token or email address")


def redeem_password_reset(call: Call) -> Any:
    """Set a password with a mailed id; none was ever mailed."""
    password = call.get("password")
    if password in (UNDEFINED, None):
        raise Refusal(f"Cannot read properties of {js_text(password)} (reading 'length')")
    raise Refusal("Password reset no longer valid.")
