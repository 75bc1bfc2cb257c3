"""The stand-in answers as the real server did, exchange by exchange."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from cocalc_facade.testing import Request, StandIn

from .agreement import differences
from .exchanges import DATA, Replay, groups, recorded

GROUPS = groups()
DEVIATIONS = json.loads((Path(__file__).parent / "data" / "deviations.json").read_text("utf-8"))


def replayed(server: str, group: str) -> dict[str, list[str]]:
    members = GROUPS[server, group]
    replay = Replay(server, group, members)
    return {
        exchange.name: differences(exchange.response, replay.ask(exchange), exchange.request["method"])
        for exchange in members
    }


@pytest.mark.parametrize(("server", "group"), GROUPS)
def test_a_group_of_recorded_requests_is_answered_as_recorded(server: str, group: str) -> None:
    found = {name: said for name, said in replayed(server, group).items() if said and name not in DEVIATIONS}
    assert not found, "\n".join(f"{name}: {line}" for name, lines in found.items() for line in lines)


def test_deviations_are_recorded_exchanges_that_really_deviate() -> None:
    by_name = {exchange.name: exchange for exchange in recorded()}
    for name in DEVIATIONS:
        exchange = by_name[name]
        assert replayed(exchange.server, exchange.group)[name], f"{name} agrees; take it off the list"


def routes_without_key() -> list[dict[str, object]]:
    return [
        json.loads(line) for line in (DATA / "every-route-without-key.jsonl").read_text("utf-8").splitlines()
    ]


@pytest.mark.parametrize("row", routes_without_key(), ids=lambda row: str(row["path"]))
def test_every_route_answers_without_a_key_as_recorded(row: dict[str, object]) -> None:
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
    assert differences(recorded, standin.handle(request), "POST") == []


def table() -> str:
    """How many recorded requests are answered as recorded, by server and group."""
    total: Counter[str] = Counter()
    lines = [f"{'server':24}{'group':16}{'asked':>6}{'agree':>6}"]
    for server, group in GROUPS:
        said = replayed(server, group)
        agree = sum(not lines for lines in said.values())
        total["asked"] += len(said)
        total["agree"] += agree
        lines.append(f"{server:24}{group:16}{len(said):6}{agree:6}")
    lines.append(f"{'all':40}{total['asked']:6}{total['agree']:6}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
