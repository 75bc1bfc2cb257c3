"""compute/set-*: what the owner of a compute server changes of it."""

from __future__ import annotations

import json
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

from .servers import OK, Row, configuration_of, controlled_server, owned_server

ANOTHER_NAME = "Please change 'DNS: Custom Subdomain' and select a different subdomain."
NOT_OWNER = "invalid id or attempt to change compute server by a non-owner, which is not allowed."


def _changed(call: Call, **values: Any) -> Any:
    row = owned_server(call, NOT_OWNER)
    row |= {**values, "last_edited": iso(call.world.now())}
    return OK


def set_title(call: Call) -> Any:
    """Change the title."""
    return _changed(call, title=sql_text(call.get("title")))


def set_color(call: Call) -> Any:
    """Change the colour."""
    return _changed(call, color=sql_text(call.get("color")))


def set_cloud(call: Call) -> Any:
    """Change the cloud."""
    return _changed(call, cloud=sql_text(call.get("cloud")))


def set_configuration(call: Call) -> Any:
    """Change the configuration, which can be done only as long as nothing of the server exists."""
    row: Row = owned_server(call, NOT_OWNER)
    given, now = call.get("configuration"), configuration_of(row)
    if given in (UNDEFINED, None):
        raise Refusal(f"Cannot read properties of {js_text(given)} (reading 'dns')")
    name = str(given.get("dns") or "").lower() if isinstance(given, dict) else ""
    if (
        name
        and name != now.get("dns")
        and any(configuration_of(other).get("dns") == name for other in call.world.servers)
    ):
        raise Refusal(f"Subdomain '{name}' is not available.    {ANOTHER_NAME}")
    changes = (
        {key: value for key, value in given.items() if now.get(key) != value}
        if isinstance(given, dict)
        else {}
    )
    if changes and row["state"] != "deprovisioned":
        shown = json.dumps(list(changes), separators=(",", ":"))
        raise Refusal(
            f"makeConfigurationChange not implemented for cloud '{row.get('cloud')}' changing value of {shown}"
        )
    return _changed(call, configuration={**now, **changes})


def set_owner(call: Call) -> Any:
    """Give the server to another account."""
    row = owned_server(call, NOT_OWNER)
    if row["state"] != "deprovisioned":
        raise Refusal("currently compute server must be deprovisioned before changing ownership")
    return _changed(call, account_id=call.uuid("new_account_id"))


def set_template(call: Call) -> Any:
    """Make a server of one's own a template, for admins."""
    call.account_id()
    call.only_admins("only admin are allowed to set compute server configuration templates")
    number = js_text(call.get("id"))
    owned_server(
        call,
        f"invalid id (={number}) or attempt to change compute server by a non-owner, which is not allowed.",
    )
    return OK


def set_image_tested(call: Call) -> Any:
    """Say that the image of a server was tried, for admins."""
    call.account_id()
    call.only_admins("only admin are allowed to image tested status")
    controlled_server(call)
    return OK
