"""messages/* and news/*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cocalc_facade.testing.call import Call
from cocalc_facade.testing.wire.javascript import UNDEFINED, is_uuid, js_number, js_text
from cocalc_facade.testing.wire.postgres import sql_count, sql_text
from cocalc_facade.testing.wire.refusals import Refusal
from cocalc_facade.testing.world.clock import iso

MOST = 500


def send_message(call: Call, account_id: str, values: dict[str, Any]) -> int | None:
    """Store a message; its id, or None when it has no recipient."""
    to_ids = values.get("to_ids")
    recipients = [account_id] if to_ids in (UNDEFINED, None) else to_ids
    for recipient in recipients if isinstance(recipients, list) else [recipients]:
        if not is_uuid(recipient):
            raise Refusal(f'invalid input syntax for type uuid: "{js_text(recipient)}"')
        if recipient != account_id and recipient.lower() not in call.world.accounts:
            raise Refusal(f"invalid account_id -- {js_text(recipient)}")
    for name in ("subject", "body"):
        if values.get(name, UNDEFINED) in (UNDEFINED, None):
            raise Refusal(
                f'null value in column "{name}" of relation "messages" violates not-null constraint'
            )
    if not recipients:
        return None
    number = len(call.world.messages) + 1
    reply = values.get("reply_id") or values.get("thread_id")
    call.world.messages.append(
        {
            "id": number,
            "subject": sql_text(values["subject"]),
            "body": sql_text(values["body"]),
            "from_id": account_id,
            "to_ids": [str(item).lower() for item in recipients],
            "sent": iso(call.world.now()),
            "thread_id": reply if isinstance(reply, int) else None,
            "read": False,
            "saved": False,
            "deleted": False,
        }
    )
    return number


def send(call: Call) -> Any:
    """Send a message, by default to oneself."""
    account_id = call.account_id("Must be signed in to send messages")
    call.throttle()
    number = send_message(call, account_id, call.params)
    return {"status": "success", "id": UNDEFINED if number is None else number}


def get(call: Call) -> Any:
    """Messages to the caller or from them, newest first."""
    account_id = call.account_id("Must be signed in to get messages")
    call.throttle()
    kind = call.get("type", "received") or "received"
    asked = call.get("limit", 100)
    if js_number(asked) > MOST:
        raise Refusal(f"limit must be at most {MOST}")
    limit = len(call.world.messages) if asked is None else sql_count(asked, "LIMIT")
    offset = sql_count(call.get("offset") or 0, "OFFSET")
    tests: dict[str, Callable[[dict[str, Any]], bool]] = {
        "received": lambda row: account_id in row["to_ids"],
        "sent": lambda row: row["from_id"] == account_id,
        "new": lambda row: account_id in row["to_ids"] and not row["read"],
        "starred": lambda row: account_id in row["to_ids"] and bool(row.get("starred")),
    }
    if not isinstance(kind, str) or kind not in tests:
        raise Refusal('syntax error at or near "LIMIT"')
    cutoff = call.get("cutoff")
    rows = [row for row in reversed(call.world.messages) if tests[kind](row)]
    if isinstance(cutoff, str):
        rows = [row for row in rows if row["sent"] > cutoff]
    hidden = ("read", "saved", "deleted", "starred") if kind in ("new", "starred") else ("starred",)
    shown = [{key: value for key, value in row.items() if key not in hidden} for row in rows]
    return {"status": "success", "messages": shown[offset : offset + limit]}


def news(call: Call) -> Any:
    """The visible news, newest first; times are in seconds."""
    call.headers.append(("Cache-Control", "public, max-age=3600"))
    now = call.world.now()
    names = ("id", "channel", "title", "text", "url", "date", "until")
    rows = [row for row in reversed(call.world.news) if not row["hide"] and row["date"] <= now]
    return [{name: row[name] for name in names} for row in rows if row["channel"] != "event"][:100]


def edit_news(call: Call) -> Any:
    """Write or change a news item, for admins."""
    call.account_id("must be signed in to create/edit news")
    if not call.is_admin():
        raise Refusal("only admins can create/edit news items")
    for name in ("title", "text"):
        if not call.get(name):
            raise Refusal(f"must provide {name}")
    number = call.get("id")
    values = {name: call.get(name, None) for name in ("title", "text", "channel", "url", "tags", "until")}
    date = call.get("date")
    values["date"] = int(date) if isinstance(date, (int, float)) else int(call.world.now())
    values["hide"] = bool(call.get("hide")) if isinstance(number, int) else False
    row = next((row for row in call.world.news if row["id"] == number), None)
    if row is None:
        row = {"id": len(call.world.news) + 1}
        call.world.news.append(row)
    row.update(values)
    return {"id": row["id"], "success": True}
