"""compute/*: images, prices and templates, which come from sites and accounts that this server does not have."""

from __future__ import annotations

from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import js_text
from cocalc_facade.testing.wire.postgres import sql_text
from cocalc_facade.testing.wire.refusals import Refusal

from .servers import server_of

NO_GOOGLE = "The Google Cloud service account for Compute Servers is not configure"
NO_FETCH = "fetch failed"


def _checked(call: Call) -> None:
    call.account_id()
    if call.get("noCache"):
        call.only_admins("only admin are allowed to specify noCache")


def get_images(call: Call) -> Any:
    """Images of compute servers."""
    _checked(call)
    raise Refusal(NO_FETCH)


def get_images_google(call: Call) -> Any:
    """Images of compute servers at Google."""
    _checked(call)
    raise Refusal(NO_GOOGLE)


def google_prices(call: Call) -> Any:
    """Prices of Google."""
    call.account_id()
    raise Refusal(NO_GOOGLE)


def hyperstack_prices(call: Call) -> Any:
    """Prices of Hyperstack."""
    call.account_id()
    raise Refusal("Hyperstack not configured")


def get_template(call: Call) -> Any:
    """A template of compute servers: there are none."""
    raise Refusal(f"no template with id (={js_text(call.get('id'))})")


def get_templates(call: Call) -> Any:
    """Templates of compute servers."""
    raise Refusal(NO_FETCH)


def scripts(call: Call) -> Any:
    """Scripts for a compute server, with a project's key in the body."""
    secret = sql_text(call.get("api_key", ""))
    key = next((row for row in call.world.keys.values() if row.secret == secret and row.project_id), None)
    if key is None:
        raise Refusal("api_key must be a valid project api key")
    row = server_of(call)
    if row is None or row["project_id"] != key.project_id:
        raise Refusal(f"no compute server with id {js_text(call.get('id'))}")
    raise Refusal(NO_FETCH)


def control(call: Call) -> Any:
    """Always refused: nothing stands behind this route on any server."""
    call.account_id()
    raise Refusal("NOT implemented yet")
