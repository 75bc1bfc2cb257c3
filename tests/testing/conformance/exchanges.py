"""The recorded exchanges: what was asked of a real server, and how to ask the stand-in the same."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from cocalc_facade.testing import Clock, Ids, Oddities, Request, Response, StandIn

DATA = Path(__file__).parents[2] / "data" / "exchanges"
# Requests that the stand-in answers otherwise, each with the reason.
DEVIATIONS: dict[str, str] = json.loads(
    (Path(__file__).parent / "data" / "deviations.json").read_text("utf-8")
)
# The recording does not keep these headers; the names tell that they were sent.
HEADERS = {
    "auth-invalid-cookie": (("Cookie", "remember_me=garbage"),),
    "auth-foreign-cookie": (("Cookie", "connect.sid=s%3Aforeign"),),
    "conn-if-none-match": (("If-None-Match", "*"),),
}
SERVERS: dict[str, dict[str, Any]] = {
    "production build": {"ids": Ids()},
    "development build": {
        "build": "development",
        "ids": Ids(
            user="8dc46ba4-3bca-4602-a3ad-b1321cf4e7bf",
            second="549d2ea6-8002-4508-b01c-2a02bd546ea4",
            project="478a0edf-2249-489b-85dc-586f9a057faa",
            first_project="34ae290c-7f61-475b-9fb4-76668572ee8b",
        ),
    },
    "base path /base/path": {
        "base_path": "/base/path",
        "ids": Ids(
            user="0b16a404-1e2f-4e68-aa18-d7418b5e71f3",
            project="44d00f53-93c4-474f-9928-6ba97834ffb5",
            first_project="d6efbe09-f888-45dd-8ec7-34445801cef4",
        ),
    },
}
BODIES = {
    "gz.bin": gzip.compress(b'{"limit":1}', mtime=0),
    "bad8.bin": b'{"nonsense":"\xff\xfe"}',
    "bom.bin": b'\xef\xbb\xbf{"limit":1}',
}


@dataclass(frozen=True)
class Exchange:
    name: str
    server: str
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def words(self) -> list[str]:
        return self.name.rpartition("/")[2].split("-")

    @property
    def group(self) -> str:
        return self.words[0]


def recorded() -> list[Exchange]:
    lines = (DATA / "recorded.jsonl").read_text("utf-8").splitlines()
    return [Exchange(**json.loads(line)) for line in lines]


def groups() -> dict[tuple[str, str], list[Exchange]]:
    found: dict[tuple[str, str], list[Exchange]] = {}
    for exchange in recorded():
        found.setdefault((exchange.server, exchange.group), []).append(exchange)
    for members in found.values():
        members.sort(key=_turn)
    return found


def _turn(exchange: Exchange) -> tuple[bool, list[tuple[int, str]]]:
    """Names are sorted as a story goes: `exec-async` starts the job that `exec-async-get-early` asks for."""
    return exchange.name != "news-list", [
        (_rank(word), word.zfill(8) if word.isdigit() else word) for word in exchange.words
    ]


def _rank(word: str) -> int:
    early, late = ("create", "add", "send", "edit", "early"), ("deleted", "delete", "remove")
    return early.index(word) - len(early) if word in early else late.index(word) + 1 if word in late else 0


@dataclass
class Replay:
    """One group of exchanges against one stand-in."""

    server: str
    group: str
    members: list[Exchange]
    temporary: str = ""
    deleted: float | None = None
    jobs: dict[str, str] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        start = 1795309200.0  # the hour of the recording
        self.standin = StandIn(clock=Clock(start), oddities=Oddities(), **SERVERS[self.server])
        standin = self.standin
        standin.project.ran = True
        if self.group == "banned":
            standin.world.accounts[standin.second.account_id].banned = 0.0
        if self.group == "dbdown":
            standin.oddities.database_down = True
        if self.group == "messages":
            self.post(
                "messages/send", {"subject": "hi", "body": "text", "to_ids": [standin.second.account_id]}
            )
        if self.group == "restart":
            standin.world.add_project(standin.project.project_id, "x")
        if self.group == "life":
            for exchange in self.members:
                for project_id in re.findall(
                    r'"project_id": "([0-9a-f-]{36})"', str(exchange.request["body"])
                ):
                    if project_id not in standin.world.projects:
                        standin.world.add_project(standin.user.account_id, "life", project_id=project_id)

    def post(self, path: str, body: Any) -> Any:
        """A call that is not in the recording but must have been made."""
        headers = (("Authorization", f"Bearer {self.standin.user.key}"), ("Content-Type", "application/json"))
        target = f"{self.standin.base_path}/api/v2/{path}"
        response = self.standin.handle(Request("POST", target, headers, json.dumps(body).encode()))
        self.standin.clock.advance(response.seconds + 2)
        return response.json()

    def prepare(self, exchange: Exchange) -> None:
        """Bring about what the recording says was so before this exchange."""
        name, standin = exchange.name.rpartition("/")[2], self.standin
        standin.jupyter = name != "jupyter-kernels-project"
        standin.oddities.jupyter_hangs = name == "jupyter-execute-history"
        if name == "news-list":
            standin.world.news.clear()
        if "$TEMPKEY" in str(exchange.request) and not self.temporary:
            self.create_key()
        if name == "api-keys-project":
            self.ask_with(standin.project_key.secret)
        if name == "api-keys-deleted-key-at-once":
            self.ask_with(self.temporary)
            self.post("api-keys", {"action": "delete", "id": max(standin.world.keys)})
        if name.startswith("keys-deleted-"):
            self.delete_key(int(exchange.words[-1]))
        if name == "keys-expiring":
            expire = json.loads(exchange.request["body"])["expire"].replace("Z", "+00:00")
            standin.clock.advance(datetime.fromisoformat(expire).timestamp() - 4 - standin.clock.now())
        if name.startswith("keys-expiring-"):
            standin.clock.advance(4 if int(exchange.words[-1]) >= 3 else 0.5)
        if name == "keys-new-works":
            self.create_key()
        if exchange.group == "rate":
            self.fill(exchange)

    def create_key(self) -> None:
        made = self.post("api-keys", {"action": "create", "name": "temp"})
        self.temporary = made["response"][0]["secret"]

    def delete_key(self, turn: int) -> None:
        """The key was used, deleted, and asked with again every three seconds."""
        if self.deleted is None:
            self.ask_with(self.temporary)
            self.deleted = self.standin.clock.now()
            self.post("api-keys", {"action": "delete", "id": max(self.standin.world.keys)})
        self.standin.clock.advance(max(0.0, self.deleted + 3 * turn - self.standin.clock.now()))

    def ask_with(self, key: str) -> None:
        headers = (("Authorization", f"Bearer {key}"), ("Content-Type", "application/json"))
        self.standin.handle(Request("POST", self.standin.base_path + "/api/v2/projects/get", headers, b"{}"))

    def fill(self, exchange: Exchange) -> None:
        """Make the numbered calls between those that were kept."""
        series, _, number = exchange.name.rpartition("-")
        if not number.isdigit():
            return
        while self.asked.get(series, 0) < int(number) - 1:
            self.standin.handle(self.request(exchange))
            self.asked[series] = self.asked.get(series, 0) + 1
            if "minute" in series:
                self.standin.clock.advance(1.1)
        self.asked[series] = int(number)

    def ask(self, exchange: Exchange) -> Response:
        self.prepare(exchange)
        response = self.standin.handle(self.request(exchange))
        if exchange.name.endswith("-follow"):
            response = self.standin.handle(self.request(exchange, response.header("location")))
        self.learn(exchange, response)
        if exchange.group not in ("rate", "keys") and "parallel" not in exchange.words:
            self.standin.clock.advance(response.seconds + (0 if "async" in exchange.words else 2))
        return response

    def learn(self, exchange: Exchange, response: Response) -> None:
        """Remember what later exchanges refer to: a key's secret, a job's id."""
        said = exchange.response.get("json")
        if isinstance(said, dict) and "job_id" in said and response.status == 200:
            self.jobs.setdefault(said["job_id"], response.json().get("job_id", ""))
        if isinstance(said, dict) and "sk-<secret>" in json.dumps(said):
            self.temporary = response.json()["response"][0]["secret"]

    def request(self, exchange: Exchange, target: str | None = None) -> Request:
        asked = exchange.request
        headers = [("Host", "localhost")]
        kind, _, who = asked["auth"].partition(": ")
        if kind == "basic":
            headers.append(
                ("Authorization", "Basic " + base64.b64encode(self.fill_in(who).encode()).decode())
            )
        elif kind == "header":
            headers.append(("Authorization", self.fill_in(who)))
        if asked["content_type"]:
            headers.append(("Content-Type", asked["content_type"]))
        name = exchange.name.rpartition("/")[2]
        headers += next((given for start, given in HEADERS.items() if name.startswith(start)), ())
        path = target or self.fill_in(asked["path"])
        if path.partition("?")[0].startswith("/blobs/"):
            path = self.blob()
        return Request(asked["method"], path, tuple(headers), self.body(asked["body"]))

    def blob(self) -> str:
        source = "\\documentclass{article}\\begin{document}x\\end{document}"
        made = self.post("latex", {"path": "b.tex", "content": source})
        return "/blobs/b.pdf?uuid=" + made["pdf"]["data_uuid"]

    def body(self, body: Any) -> bytes:
        if body is None:
            return b""
        if isinstance(body, list):
            pairs = (self.fill_in(part).partition("=") for part in body)
            return "&".join(f"{key}={quote_plus(value)}" for key, _, value in pairs).encode()
        if body.startswith("@file:"):
            name = body.removeprefix("@file:")
            if (size := re.fullmatch(r"big(\d+)\.json", name)) is not None:
                return b'{"x":"' + b"a" * (int(size[1]) - 8) + b'"}'
            return BODIES[name]
        # In the recording a shell has eaten one of the backslashes and the quotes around the other.
        text = self.fill_in(body).replace("tr \\0 a", "tr '\\\\0' a")
        for old, new in self.jobs.items():
            text = text.replace(old, new)
        return text.encode()

    def fill_in(self, text: str) -> str:
        standin = self.standin
        values = {
            "$COCALC_API_KEY": standin.user.key,
            "$COCALC_ADMIN_KEY": standin.admin.key,
            "$COCALC_KEY2": standin.second.key,
            "$COCALC_LEGACY_KEY": standin.user.legacy_key,
            "$COCALC_PROJECT_KEY": standin.project_key.secret,
            "$COCALC_EXPIRED_KEY": standin.expired_key.secret,
            "$COCALC_PROJECT_ID": standin.project.project_id,
            "$COCALC_PROJECT2_ID": standin.second_project.project_id,
            "$COCALC_ACCOUNT_ID": standin.user.account_id,
            "$COCALC_ACCOUNT2_ID": standin.second.account_id,
            "$COCALC_HOST": "http://localhost",
            "$TEMPKEY": self.temporary,
            "sk-<secret>": "sk-0123456789abcdef000999",
        }
        for name, value in values.items():
            text = text.replace(name, value)
        return text
