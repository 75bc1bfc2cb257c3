"""The stand-in answers as the real server did, exchange by exchange."""

from __future__ import annotations

import json

from cocalc_facade.testing import Request, Response, StandIn
from tests.rows import every_row

from .agreement import differences, disagreements
from .exchanges import DATA, DEVIATIONS, Replay, groups, recorded
from .meeting import Scene as MeetingScene
from .meeting import met
from .newer import Scene as NewerScene
from .newer import said

GROUPS = groups()


def replayed(server: str, group: str) -> dict[str, list[str]]:
    members = GROUPS[server, group]
    replay = Replay(server, group, members)
    return {
        exchange.name: differences(exchange.response, replay.ask(exchange), exchange.request["method"])
        for exchange in members
    }


@every_row(("server", "group"), GROUPS)
def test_a_group_of_recorded_requests_is_answered_as_recorded(server: str, group: str) -> None:
    found = {name: said for name, said in replayed(server, group).items() if said and name not in DEVIATIONS}
    assert not found, "\n".join(f"{name}: {line}" for name, lines in found.items() for line in lines)


def test_deviations_are_recorded_exchanges_that_really_deviate() -> None:
    first = {exchange.name: exchange for exchange in recorded()}
    later = {exchange.name: MeetingScene(exchange) for exchange in met() if exchange.name in DEVIATIONS}
    newer = {exchange.name: NewerScene(exchange) for exchange in said() if exchange.name in DEVIATIONS}
    for name in DEVIATIONS:
        if name in first:
            deviates = replayed(first[name].server, first[name].group)[name]
        else:
            deviates = disagreements(later[name] if name in later else newer[name])
        assert deviates, f"{name} agrees; take it off the list"


def routes_without_key() -> list[dict[str, object]]:
    return [
        json.loads(line) for line in (DATA / "every-route-without-key.jsonl").read_text("utf-8").splitlines()
    ]


def asked_without_key(row: dict[str, object]) -> tuple[dict[str, object], Response]:
    standin = StandIn()
    standin.world.news.append(
        {
            "id": 1,
            "channel": "announcement",
            "title": "Hello",
            "text": "text",
            "url": None,
            "date": 1,
            "until": None,
            "hide": False,
        }
    )
    request = Request("POST", f"/api/v2/{row['path']}", (("Content-Type", "application/json"),), b"{}")
    recorded = {"sets_cookies": True, **row}
    if row["path"] == "customize":
        recorded["text"] = str(row["text"]) + "…"
    return recorded, standin.handle(request)


@every_row("row", routes_without_key(), ids=lambda row: str(row["path"]))
def test_every_route_answers_without_a_key_as_recorded(row: dict[str, object]) -> None:
    recorded, response = asked_without_key(row)
    assert differences(recorded, response, "POST") == []
