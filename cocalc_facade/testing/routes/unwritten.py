"""Routes without behaviour of their own: refusals as recorded, and examples made from the schemas."""

from __future__ import annotations

import copy
import re
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.data import packaged
from cocalc_facade.testing.wire.javascript import UNDEFINED
from cocalc_facade.testing.wire.refusals import Crash, Refusal

MARK = ("X-StandIn", "example")


def unwritten(call: Call) -> Any:
    """Refuse as the server does, or answer with an example, marked as one in a header."""
    said = packaged("anonymous.json").get(call.path)
    row = packaged("examples.json").get(call.path, {})
    refusal = said.get("error") if isinstance(said, dict) else None
    about_caller = refusal is None or re.search(r"sign|auth|logged", refusal) is not None
    missing = [name for name in row.get("required", ()) if call.get(name) in (UNDEFINED, None)]
    if said is None and call.caller is None:
        raise Crash
    if not about_caller and (missing or not row.get("required")):
        raise Refusal(str(refusal))
    if call.caller is None and row.get("auth") not in ("none", "optional"):
        raise Refusal(str(refusal) if about_caller and refusal else "must be signed in")
    if call.caller is None and refusal is None:
        return said
    if row.get("auth") == "admin" and not call.is_admin():
        raise Refusal(f"only admins can use the {call.path.rpartition('/')[2]} endpoint")
    if call.caller is None and about_caller and refusal:
        raise Refusal(refusal)
    call.headers.append(MARK)
    return copy.deepcopy(row["example"])
