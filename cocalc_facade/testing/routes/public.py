"""public-paths/*: what projects share with everybody."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

Row = dict[str, Any]


def _path(call: Call, invalid: str) -> Row | None:
    """The shared path that `id` names, which is a hash of 40 characters; else it is refused as `invalid`."""
    wanted = call.get("id")
    if not wanted:
        raise Refusal("must specify id of public path")
    if not isinstance(wanted, str) or len(wanted) != 40:
        raise Refusal(invalid.format(js_text(wanted)))
    return next((row for row in call.world.public_paths if row["id"] == wanted), None)


def _starred(call: Call) -> Row:
    row = _path(call, "invalid public path id {}")
    if row is None:
        raise Refusal(f"no public path with id {sql_text(call.get('id'))}")
    return row


def save(call: Call) -> Any:
    """Bring what is shared up to date."""
    call.account_id("must be signed in to save public path (have to be collab on project)")
    row = _path(call, "id must be a 40 character sha1 hash")
    if row is None:
        raise Refusal(f"no public path with id={sql_text(call.get('id'))}")
    if not call.is_member_of(row["project_id"]):
        raise Refusal("user must be signed in as collaborator on the project containing the public path")
    row["last_saved"] = iso(call.world.now())
    return {}


def star(call: Call) -> Any:
    """Mark as liked; twice is once too often."""
    account_id = call.account_id("must be signed in to star")
    row = _starred(call)
    if (account_id, row["id"]) in call.world.stars:
        raise Refusal('duplicate key value violates unique constraint "public_path_stars_pkey"')
    call.world.stars.add((account_id, row["id"]))
    return {}


def unstar(call: Call) -> Any:
    """Take the mark away, whether it was there or not."""
    account_id = call.account_id("must be signed in to unstar")
    call.world.stars.discard((account_id, _starred(call)["id"]))
    return {}


def public_path_license(call: Call) -> Any:
    """The license that users of a shared path get: none."""
    call.uuid("project_id")
    return {}


def listing_cached(call: Call) -> Any:
    """Shared paths: null, as the share server is off."""
    return None
