"""vouchers/*: made and given away; redeeming them is switched off in this version of the server."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.postgres import sql_integer, sql_text
from cocalc_facade.testing.wire.refusals import Refusal


def recent_vouchers(call: Call) -> Any:
    """Those that the caller made of late."""
    account_id = call.account_id("must be signed in to get shopping cart information")
    return [row for row in reversed(call.world.vouchers) if row["created_by"] == account_id]


def get_voucher_codes(call: Call) -> Any:
    """The codes of one's own voucher."""
    account_id = call.account_id()
    number = call.get("id")
    wanted = None if number in (UNDEFINED, None) else sql_integer(number, "integer")
    row = next((row for row in call.world.vouchers if row["id"] == wanted), None)
    if row is None:
        raise Refusal(f"no voucher with id {js_text(number)}")
    if row["created_by"] != account_id and not call.is_admin():
        raise Refusal("user must be the creator of the voucher or an admin")
    return {"codes": row.get("codes", []), "success": True}


def set_voucher_code_notes(call: Call) -> Any:
    """Write a note beside one's own code."""
    account_id = call.account_id()
    code = sql_text(call.get("code"))
    mine = (row for row in call.world.vouchers if row["created_by"] == account_id)
    found = next((item for row in mine for item in row.get("codes", []) if item["code"] == code), None)
    if found is None:
        raise Refusal(f"no voucher code {code}")
    found["notes"] = sql_text(call.get("notes"))
    return {"success": True}


def charge(call: Call) -> Any:
    """Ask for the money for vouchers that are to be paid later, for admins."""
    call.account_id("must be signed in to charge for unpaid vouchers")
    call.only_admins("only admins can initiate the charge for unpaid vouchers")
    return {"success": True}


def redeem(call: Call) -> Any:
    """Redeem a voucher, which this version of the server never does."""
    code = call.get("code")
    if not isinstance(code, str) or len(code) < 8:
        raise Refusal("code must be at least 8 characters long")
    call.account_id("must be signed in to redeem a voucher")
    raise Refusal("voucher redemption is disabled")
