"""compute/*: compute servers, what they are and what becomes of them."""

from __future__ import annotations

import re
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, js_text
from cocalc_facade.testing.wire.postgres import sql_integer
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

Row = dict[str, Any]
OK = {"status": "ok"}
DENIED = "permission denied"
NO_MEMBER = "user must be collaborator on project"
NOT_TO_DELETE = "you must be the owner of the compute server to delete it"
NO_SUCH = "no such compute server"
# The states that an action leads through, the last of them to stay in.
ACTIONS: dict[str, tuple[str, ...]] = {
    "start": ("starting", "running"),
    "stop": ("stopping", "off"),
    "reboot": ("stopping", "starting", "running"),
    "suspend": ("suspending", "suspended"),
    "resume": ("starting", "running"),
    "deprovision": ("stopping", "deprovisioned"),
}
GIVEN = (
    "title",
    "color",
    "idle_timeout",
    "autorestart",
    "cloud",
    "configuration",
    "notes",
    "course_project_id",
    "course_server_id",
)


def server_of(call: Call) -> Row | None:
    """The compute server that `id` names, if any."""
    number = call.get("id")
    if number in (UNDEFINED, None):
        return None
    wanted = sql_integer(number, "integer")
    return next((row for row in call.world.servers if row["id"] == wanted), None)


def owned_server(call: Call, refusal: str, missing: str | None = None) -> Row:
    """The compute server that `id` names, which must be the caller's own; `missing` is said where there is none."""
    account_id = call.account_id()
    row = server_of(call)
    if row is None or row["account_id"] != account_id:
        raise Refusal(missing if row is None and missing else refusal)
    return row


def controlled_server(call: Call) -> Row:
    """The compute server that `id` names, which the caller may start and stop; without an id the only one that they have."""
    account_id = call.account_id()
    row = server_of(call)
    if call.get("id") in (UNDEFINED, None):
        mine = [row for row in call.world.servers if row["account_id"] == account_id]
        row = mine[0] if len(mine) == 1 else None
    if row is None:
        raise Refusal(_missing(call))
    if row["account_id"] != account_id:
        if not configuration_of(row).get("allowCollaboratorControl"):
            raise Refusal(DENIED)
        if not call.is_member_of(row["project_id"]):
            raise Refusal(NO_MEMBER)
    return row


def _missing(call: Call) -> str:
    return f"no server with id={js_text(call.get('id'))}"


def shared_server(call: Call, refusal: str) -> Row:
    """The compute server that `id` names, in a project of which the caller must be a member."""
    row = server_of(call)
    if row is None or not call.is_member_of(row["project_id"]):
        raise Refusal(refusal)
    return row


def configuration_of(row: Row) -> dict[str, Any]:
    """The configuration of a server, whose column takes any JSON."""
    value = row.get("configuration")
    return value if isinstance(value, dict) else {}


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def create_server(call: Call) -> Any:
    """Make a compute server, which is only a record until it is started; gives its id."""
    account_id = call.account_id()
    project_id = call.uuid("project_id")
    if not call.is_member_of(project_id):
        raise Refusal("user must be a collaborator on project")
    number = max((row["id"] for row in call.world.servers), default=0) + 1
    now = iso(call.world.now())
    siblings = [row for row in call.world.servers if row["project_id"] == project_id]
    call.world.servers.append(
        {
            "id": number,
            "account_id": account_id,
            "created": now,
            "project_id": project_id,
            "state": "deprovisioned",
            "last_edited": now,
            "position": number,
            "vpn_ip": f"10.11.{number // 250}.{number % 250 + 2}",
            "project_specific_id": len(siblings) + 1,
            **{name: call.get(name) for name in GIVEN if call.get(name) not in (UNDEFINED, None)},
        }
    )
    return number


def get_servers(call: Call) -> Any:
    """The caller's compute servers, or those of a project, the newest first."""
    account_id = call.account_id()
    call.throttle()
    project_id = call.get("project_id")
    if project_id:
        if not call.collaborates(project_id):
            raise Refusal(NO_MEMBER)
        project_id = project_id.lower()
        rows = [row for row in call.world.servers if row["project_id"] == project_id]
    else:
        rows = [row for row in call.world.servers if row["account_id"] == account_id]
    if call.get("id"):
        row = server_of(call)
        return [_shown(row)] if row in rows and row is not None else []
    return [_shown(row) for row in reversed(rows) if not row.get("deleted")]


def get_servers_by_id(call: Call) -> Any:
    """Compute servers by their ids, all of which must be in projects of the caller."""
    call.account_id()
    call.throttle()
    ids = call.get("ids")
    if not isinstance(ids, list):
        raise Refusal("ids is not iterable")
    wanted = [sql_integer(number, "integer") for number in ids]
    rows = [row for row in call.world.servers if row["id"] in wanted]
    if not all(call.is_member_of(row["project_id"]) for row in rows):
        raise Refusal("user must be a collaborator on ALL projects containing the compute servers")
    return [_shown(row) for row in rows]


def act(call: Call) -> Any:
    """Start, stop or otherwise change the state of the caller's server; the answer does not wait for it."""
    row = controlled_server(call)
    action = call.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        raise Refusal(f"action '{js_text(action)}' not implemented")
    for state in ACTIONS[action]:
        event = {"event": "compute-server", "state": state, "action": "state", "server_id": row["id"]}
        call.world.log.append(
            {
                "id": call.world.uuid(),
                "project_id": row["project_id"],
                "time": iso(call.world.now()),
                "account_id": row["account_id"],
                "event": event,
            }
        )
        row["state"], row["state_changed"] = state, iso(call.world.now())
    return OK


def get_state(call: Call) -> Any:
    """The state of the caller's server, as a text."""
    return controlled_server(call)["state"]


def get_title(call: Call) -> Any:
    """How a server is called and coloured; number 0 is the project itself."""
    account_id = call.account_id()
    if call.get("id") in (0, "0"):
        return {"title": "The Project", "color": "#666", "project_specific_id": 0}
    row = server_of(call)
    if row is None:
        raise Refusal(_missing(call))
    if row["account_id"] != account_id and not call.is_member_of(row["project_id"]):
        raise Refusal(NO_MEMBER)
    return {
        "title": row.get("title") or "",
        "color": row.get("color") or "",
        "project_specific_id": row.get("project_specific_id"),
    }


def delete_server(call: Call) -> Any:
    """Flag the caller's server as deleted."""
    owned_server(call, NOT_TO_DELETE, NO_SUCH)["deleted"] = True
    return OK


def undelete_server(call: Call) -> Any:
    """Take the flag of a deleted server away."""
    owned_server(call, NOT_TO_DELETE, NO_SUCH)["deleted"] = False
    return OK


def get_api_key(call: Call) -> Any:
    """A new key for the caller's server, as a text; the one before stops working."""
    row = controlled_server(call)
    delete_api_key(call)
    key = call.world.add_key(row["account_id"], f"compute server {row['id']}", project_id=row["project_id"])
    row["api_key_id"] = key.id
    return key.secret


def delete_api_key(call: Call) -> Any:
    """Delete the key of the caller's server."""
    key = call.world.keys.get(controlled_server(call).pop("api_key_id", 0))
    if key is not None:
        key.deleted = call.world.now()
    return OK


def get_log(call: Call) -> Any:
    """What happened to a server, the newest first."""
    call.account_id()
    row = shared_server(call, "user must be collaborator on project to see compute server log")
    return [
        entry
        for entry in reversed(call.world.log)
        if (entry.get("event") or {}).get("server_id") == row["id"]
    ]


def get_network_usage(call: Call) -> Any:
    """The traffic of the caller's server: none."""
    controlled_server(call)
    return {"amount": 0, "cost": 0}


def get_serial_port_output(call: Call) -> Any:
    """What a server writes while it starts: clouds have it, and there is none."""
    call.account_id("user must be signed in")
    row = shared_server(call, "must be a collaborator on project with compute server")
    raise Refusal(f"serial port output not implemented on cloud '{row.get('cloud')}'")


def is_dns_available(call: Call) -> Any:
    """Whether a name is one, and free."""
    call.account_id()
    call.throttle()
    name = call.get("dns")
    valid = isinstance(name, str) and re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) is not None
    taken = any(configuration_of(row).get("dns") == name for row in call.world.servers)
    return {"isAvailable": valid and not taken}


def set_detailed_state(call: Call) -> Any:
    """Say how far a part of a server is."""
    row = _of_project(call)
    name = call.get("name")
    if row is not None and name:
        row.setdefault("detailed_state", {})[js_text(name)] = {
            "name": js_text(name),
            "time": int(call.world.now() * 1000),
            **{
                key: call.get(key) for key in ("state", "extra", "progress") if call.get(key) is not UNDEFINED
            },
        }
    return OK


def get_detailed_state(call: Call) -> Any:
    """How far a server or a part of it is; undefined, thus an empty body, for one that is not there."""
    call.account_id("invalid auth")
    if call.get("project_id") and not call.collaborates(call.get("project_id")):
        raise Refusal("must be a collaborator on project with compute server")
    row = _of_project(call)
    if row is None:
        return UNDEFINED
    states = row.get("detailed_state") or {}
    name = call.get("name")
    return states.get(js_text(name), UNDEFINED) if name else states


def _of_project(call: Call) -> Row | None:
    """The server that `id` names in the project that `project_id` names."""
    call.account_id("invalid auth")
    row = server_of(call)
    project_id = call.caller.account_id if call.caller and not call.caller.account else call.get("project_id")
    held = row is not None and row["project_id"] == project_id and call.is_member_of(row["project_id"])
    return row if held else None


def check_in(call: Call) -> Any:
    """What a server asks for while it runs, with its project's key; its image is described on another site."""
    call.account_id("invalid auth")
    row = server_of(call)
    if row is None or call.caller is None or row["project_id"] != call.caller.account_id:
        raise Refusal("invalid api_key, project_id or compute server id")
    raise Refusal("fetch failed")
