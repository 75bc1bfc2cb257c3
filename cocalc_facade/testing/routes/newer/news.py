"""News, and what a site tells of itself, as servers of the newer generation answer it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.routes.money import services
from cocalc_facade.testing.routes.people import messages
from cocalc_facade.testing.wire.http import answer, reply
from cocalc_facade.testing.wire.javascript import UNDEFINED
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.identity import key_in


def listing(call: Call) -> Any:
    """The visible news, newest first."""
    return messages.news(call)


def events(call: Call) -> Any:
    """Events to come and past ones: none."""
    call.headers.append(("Cache-Control", "public, max-age=3600"))
    return {"upcoming": [], "past": []}


def get(call: Call) -> Any:
    """One news item, whose id is read from the query string."""
    _, _, query = call.request.target.partition("?")
    wanted = parse_qs(query).get("id", [""])[0]
    if not wanted.isascii() or not wanted.isdigit():
        raise Refusal("invalid news id")
    row = next((row for row in call.world.news if str(row["id"]) == wanted), None)
    return {"news": row}


def startup(call: Call) -> Any:
    """What a browser tells of its start: nothing is said to that."""
    if key_in(call.request) is not None:
        raise Refusal("API keys are not allowed to record browser startup")
    return reply(204, "", None)


def activate(call: Call) -> Any:
    """Activate the software at a site that cannot be reached."""
    return answer({"error": "fetch failed" if call.get("token") else "missing token"}, 400)


def create_ticket(call: Call) -> Any:
    """A support ticket, which no key may write."""
    if key_in(call.request) is not None:
        raise Refusal("API keys are not allowed to create support tickets")
    options = call.get("options")
    address = options.get("email") if isinstance(options, dict) else None
    if not isinstance(address, str) or "@" not in address:
        raise Refusal("support ticket email must be valid")
    raise Refusal("Support not available -- admin must configure the Zendesk token")


def service_cost(call: Call) -> Any:
    """What a service costs; of a missing one it is said that nothing is known."""
    if call.get("service") in (UNDEFINED, None):
        raise Refusal("undefined not fully implemented")
    if call.get("service") == "membership":
        raise Refusal("No cost for these services")
    if call.get("service") in ("license", "edit-license", "compute-server"):
        raise Refusal(f"{call.get('service')} not fully implemented")
    return services.get_service_cost(call)
