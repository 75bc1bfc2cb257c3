"""A server of the newer generation: who was there, which keys they had, and how the stand-in is asked the same."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote

from cocalc_facade.testing import Clock, Ids, Request, Response, StandIn
from cocalc_facade.testing.world.state import CAPABILITIES

from .exchanges import DATA, Exchange

HOUR = 1795723400.0  # of the recording
FIRST, SECOND, THIRD = (f"99999999-0000-4000-8000-00000000000{turn}" for turn in (1, 2, 3))
IDS = Ids(
    user="11111111-1111-4111-8111-111111111111",
    second="22222222-2222-4222-8222-222222222222",
    admin="33333333-3333-4333-8333-333333333333",
    project=FIRST,
    second_project=SECOND,
)


def said() -> list[Exchange]:
    lines = (DATA / "newer-generation.jsonl").read_text("utf-8").splitlines()
    return [Exchange(**json.loads(line)) for line in lines]


def routes() -> dict[str, list[Exchange]]:
    found: dict[str, list[Exchange]] = {}
    for exchange in said():
        found.setdefault(exchange.request["path"], []).append(exchange)
    return dict(sorted(found.items()))


class Scene:
    """One request to that server, on a stand-in where what it needs is there."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.asked = json.loads(exchange.request["body"] or "{}") if self.parses() else {}
        self.answer = exchange.response.get("json")
        self.standin = StandIn(generation="ai", clock=Clock(HOUR), ids=IDS)
        self.standin.hosts = False
        self.people()
        self.projects()
        self.secrets = self.keys()
        self.job()

    def parses(self) -> bool:
        try:
            json.loads(self.exchange.request["body"] or "{}")
        except ValueError:
            return False
        return True

    def people(self) -> None:
        for account, first, address in (
            (self.standin.user, "User", "user@example.com"),
            (self.standin.second, "Second", "second@example.com"),
            (self.standin.admin, "Admin", "admin@example.com"),
        ):
            account.first_name, account.last_name, account.email_address = first, "Person", address

    def projects(self) -> None:
        world = self.standin.world
        for project_id in set(world.projects) - {FIRST, SECOND}:
            del world.projects[project_id]
        first = self.standin.project
        first.users[IDS.second] = {"group": "collaborator"}
        first.title, first.description = "Measured project", ""
        # It had a machine of its own, but ran on none of the hosts; so its state was never running.
        first.ran = True
        world.clock.advance(1)
        world.add_project(IDS.user, "Not allowed project", project_id=THIRD)

    def keys(self) -> dict[str, str]:
        standin, world = self.standin, self.standin.world
        found = {
            "$COCALC_API_KEY": world.add_newer_key(IDS.user, "all", CAPABILITIES, (FIRST, SECOND)).secret,
            "$COCALC_ADMIN_KEY": world.add_newer_key(IDS.admin, "all", CAPABILITIES, (FIRST,)).secret,
            "$COCALC_SECOND_KEY": world.add_newer_key(IDS.second, "all", CAPABILITIES, (SECOND,)).secret,
            "$COCALC_WRONG_KEY": "sk-cc-v2.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$COCALC_EXPIRED_KEY": world.add_newer_key(
                IDS.user, "expired", CAPABILITIES, (FIRST,), expire=HOUR - 1
            ).secret,
        }
        for word in CAPABILITIES:
            name = "$KEY_" + re.sub(r"\W", "_", word.upper())
            found[name] = world.add_newer_key(IDS.user, word, (word,), (FIRST,)).secret
        world.sessions["a$b$c$d"] = standin.user.account_id
        return found

    def job(self) -> None:
        """A job that is shown was begun before, and is as far as it is shown to be."""
        if (
            not self.asked.get("async_get")
            or not isinstance(self.answer, dict)
            or "status" not in self.answer
        ):
            return
        status = self.answer["status"]
        more: dict[str, Any] = {"err_on_exit": status == "error", "timeout": 2000}
        waits = self.asked.get("async_await")
        line = (
            "sleep 5"
            if waits
            else "sleep 1000"
            if status == "running"
            else f"exit {self.answer['exit_code']}"
        )
        body = {"project_id": FIRST, "command": line, "bash": True, "async_call": True, **more}
        made = self.handle("exec", json.dumps(body), self.secrets["$COCALC_API_KEY"]).json()
        self.standin.clock.advance(5)
        if status == "killed":
            cancel = json.dumps({"project_id": FIRST, "async_cancel": made["job_id"]})
            self.handle("exec", cancel, self.secrets["$COCALC_API_KEY"])
        self.asked["async_get"] = made["job_id"]

    def handle(self, path: str, body: str, key: str) -> Response:
        headers = (("Authorization", f"Bearer {key}"), ("Content-Type", "application/json"))
        return self.standin.handle(Request("POST", f"/api/v2/{path}", headers, body.encode()))

    def ask(self) -> Response:
        asked = self.exchange.request
        headers = [("Host", "localhost"), *self.authorization(asked["auth"] or "")]
        if asked["content_type"]:
            headers.append(("Content-Type", asked["content_type"]))
        if asked["path"] == "/api/conat/project" and "not running" not in self.exchange.name:
            self.standin.restart(self.standin.project)
        body = asked["body"] or ""
        if self.asked.get("async_get"):
            body = json.dumps(self.asked)
        return self.standin.handle(Request(asked["method"], asked["path"], tuple(headers), body.encode()))

    def authorization(self, told: str) -> list[tuple[str, str]]:
        """The headers that a description of how one signed in stands for."""
        filled = told
        for name, secret in self.secrets.items():
            filled = filled.replace(name, secret)
        headers: list[tuple[str, str]] = []
        if "$COOKIE" in filled:
            headers.append(("Cookie", f"remember_me={quote('a$b$c$d', safe='')}"))
            filled = filled.partition(" and cookie")[0]
        kind, _, who = filled.partition(": ")
        if kind == "basic":
            headers.append(("Authorization", "Basic " + base64.b64encode(who.encode()).decode()))
        elif kind == "bearer":
            secret = self.secrets["$COCALC_API_KEY"].replace("sk-cc-v2", "sk-cocalc-v2")
            headers.append(("Authorization", f"Bearer {secret}"))
        elif kind == "lowercase bearer":
            headers.append(("Authorization", f"bearer {who}"))
        elif kind == "Token":
            headers.append(("Authorization", f"Token {who}"))
        elif told.startswith("cookie api_key="):
            headers.append(("Cookie", filled.removeprefix("cookie ")))
        return headers
