"""The second meeting: what had been brought about on the real server, partly by calls that are not in the recording."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cocalc_facade.testing import Clock, Ids, Project, Request, Response, StandIn
from cocalc_facade.testing.world.clock import iso

from .exchanges import DATA, Exchange

HOUR = 1795719000.0  # of the recording
IDS = Ids(admin="aaaaaaaa-0000-4000-8000-000000000001")
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PROJECTS = ("project_id", "src_project_id", "target_project_id", "paid_project_id")
# What is said to those who are no members: then a project that the file does not show is somebody else's or none.
STRANGER = re.compile(r"collaborator|must be an owner|read access|user must be an admin|Not a project member")
ROWS = json.loads((Path(__file__).parent / "data" / "rows.json").read_text("utf-8"))


def met() -> list[Exchange]:
    lines = (DATA / "second-meeting.jsonl").read_text("utf-8").splitlines()
    return [Exchange(**json.loads(line)) for line in lines]


def routes() -> dict[str, list[Exchange]]:
    found: dict[str, list[Exchange]] = {}
    for exchange in met():
        found.setdefault(exchange.request["path"].removeprefix("/api/v2/"), []).append(exchange)
    return dict(sorted(found.items()))


class Scene:
    """One request of the meeting, on a stand-in where all that it needs is there."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.asked: dict[str, Any] = json.loads(exchange.request["body"])
        self.said = exchange.response.get("json")
        self.error = str(self.said.get("error", "")) if isinstance(self.said, dict) else ""
        self.route = exchange.request["path"].removeprefix("/api/v2/")
        self.late = exchange.server.startswith("development")
        self.standin = StandIn(
            "development" if self.late else "production",
            base_path="/base/path" if self.late else "",
            clock=Clock(HOUR),
            ids=IDS,
            homes="/projects",
        )
        self.standin.jupyter_api = True
        self.numbers()
        self.people()
        self.rows()
        self.projects()
        for prepare in (self.keys, self.jobs, self.money, self.cart, self.outputs, self.others):
            prepare()

    # Who is there.

    def numbers(self) -> None:
        """The keys had other numbers: that of the user was the first, that of the administrator the third."""
        standin, world = self.standin, self.standin.world
        order = [IDS.user, IDS.second, IDS.admin]
        named = [key for account in order for key in world.keys.values() if key.account_id == account]
        named.sort(key=lambda key: (key.project_id is not None, key.expire is not None))
        world.keys = {}
        for number, key in enumerate(named, 1):
            key.id = number
            world.keys[number] = key
        assert standin.user.key == world.keys[1].secret

    def people(self) -> None:
        standin = self.standin
        names = [
            (standin.user, "user1@example.com", "Uma2" if self.late else "Uma", "User"),
            (standin.second, "second@example.com", "Sec", "Ond"),
            (standin.admin, "admin@example.com", "Ada", "Min"),
        ]
        for account, address, first, last in names:
            account.email_address, account.first_name, account.last_name = address, first, last
            account.password = "lowTechXyz-8812"
            asks_itself = "accounts" in self.asked.get("query", ())
            account.fields["profile"] = {"color": "rgb(170,170,170)"} if asks_itself else None
        if self.late:
            standin.user.name, standin.user.last_active = "uma-name", HOUR - 100
            standin.world.add_account("other@example.com", "Uma", "User")

    @property
    def caller_id(self) -> str:
        who = self.exchange.request["auth"] or ""
        standin = self.standin
        if "ADMIN" in who:
            return standin.admin.account_id
        if "SECOND" in who:
            return standin.second.account_id
        return standin.project.project_id if "PROJECT" in who else standin.user.account_id

    # What is there.

    def rows(self) -> None:
        standin, world = self.standin, self.standin.world
        world.servers = [{**row} for row in ROWS["servers_later" if self.late else "servers"]]
        if self.said == {}:
            world.servers[0]["detailed_state"] = {}
        world.filesystems = [{**row, "metrics": ROWS["metrics"]} for row in ROWS["filesystems"]]
        world.licenses = [] if '"manager_site_licenses": []' in json.dumps(self.said) else [*ROWS["licenses"]]
        if self.late:  # the hourly price of a license was added when its subscription was renewed
            about = {"info": {"purchased": {**world.licenses[1]["info"]["purchased"], "cost_per_hour": 0.03}}}
            world.licenses = [{**row, **about} for row in world.licenses]
        world.copies = {key: {**row} for key, row in ROWS["copies"].items()}
        world.public_paths = [{**row} for row in ROWS["public_paths"]]
        world.subscriptions = [{**row} for row in ROWS["subscriptions"]]
        world.statements = [{**row} for row in ROWS["statements"]]
        world.purchases = [{**row} for row in ROWS["purchases"] if self.late or row["id"] <= 6]
        world.news = [{**row} for row in ROWS["news"]]
        for path in ("data/results.csv", "notes.txt"):
            world.used.append({"path": path, "project_id": standin.project.project_id, "title": "Renamed"})
        event = {"event": "open", "filename": "notes.txt"}
        world.log.append(
            {
                "id": world.uuid(),
                "project_id": standin.project.project_id,
                "account_id": standin.user.account_id,
                "time": iso(HOUR),
                "event": event,
            }
        )

    def projects(self) -> None:
        world = self.standin.world
        main = self.standin.project
        for project_id in [key for key, item in world.projects.items() if IDS.second in item.users]:
            del world.projects[project_id]
        texts = {
            "notes.txt": b"hello\n",
            "data/results.csv": b"a,b\n",
            "sub dir/gr\u00f6\u00dfe.txt": b"x\n",
            "paper/main.tex": b"\\documentclass{article}\\begin{document}Hello\\end{document}",
            "dd/a b/x": b"x",
            "bp/r.bin": bytes(16_000_000 if "r.bin" in str(self.asked.get("content")) else 1),
        }
        if self.error.startswith("ENOENT"):
            texts = {path: text for path, text in texts.items() if path != self.asked["path"]}
        self.fill(main, texts)
        wanted = self.ids_in(self.asked)
        for project_id in wanted - set(world.projects):
            if project_id == "00000000-0000-4000-8000-000000000000":
                continue
            theirs = bool(STRANGER.search(self.error)) and not self.error.startswith("WARNING")
            owner = self.standin.user.account_id if theirs or self.route == "accounts" else self.caller_id
            made = world.add_project(owner, "Other", project_id=project_id)
            if not self.error.startswith("WARNING"):
                self.fill(made, texts)

    def ids_in(self, value: Any) -> set[str]:
        """The ids of projects that a request names, wherever they stand in it."""
        found: set[str] = set()
        if isinstance(value, dict):
            for name, item in value.items():
                if name in PROJECTS and isinstance(item, str) and re.fullmatch(UUID, item):
                    found.add(item)
                found |= self.ids_in(item)
        elif isinstance(value, list):
            for item in value:
                found |= self.ids_in(item)
        return found

    def fill(self, project: Project, texts: dict[str, bytes]) -> None:
        project.restart(HOUR - 600)
        for path, content in texts.items():
            whole = project.files.resolve(path)
            project.files.make_directory(whole.rpartition("/")[0], HOUR - 500)
            project.files.write(whole, content, HOUR - 500)

    def shown(self) -> Iterator[dict[str, Any]]:
        """The rows that the answer shows."""
        value = self.said
        if isinstance(value, dict):
            value = next((item for item in value.values() if isinstance(item, list)), [])
        yield from (row for row in value if isinstance(row, dict)) if isinstance(value, list) else ()

    def keys(self) -> None:
        """A key that is shown was made before."""
        if self.route != "api-keys" or self.asked.get("action") != "get":
            return
        world = self.standin.world
        for row in self.shown():
            made = world.add_key(
                row["account_id"], row["name"], project_id=self.asked.get("project_id"), expire=None
            )
            del world.keys[made.id]
            if row["id"] in world.keys:
                world.keys[max(world.keys) + 1] = world.keys[row["id"]]
            made.id, made.expire = row["id"], HOUR + 86_400 if row["expire"] else None
            made.last_active = HOUR if row["last_active"] else None
            world.keys[row["id"]] = made

    def jobs(self) -> None:
        """A job that is shown was begun before, and is as far as it is shown to be."""
        if not self.asked.get("async_get") or not isinstance(self.said, dict) or self.error:
            return
        running, failed = self.said["status"] == "running", self.said["status"] == "error"
        line = "sleep 1000" if running else f"exit {self.said['exit_code']}"
        asked = {"project_id": self.asked["project_id"], "command": line, "bash": True, "async_call": True}
        made = self.post("exec", {**asked, "err_on_exit": failed, "timeout": 2000})
        self.asked["async_get"] = made["job_id"]
        self.standin.clock.advance(2)

    def money(self) -> None:
        """Balances are those that refusals name; a limit is reached where the answer says so."""
        world, standin = self.standin.world, self.standin
        if self.error.startswith("too many requests"):
            for _ in range(3):
                self.post(self.route, self.asked, waits=False)
        nothing = self.said == [] or (isinstance(self.said, dict) and self.said.get("purchases") == [])
        if nothing and not self.asked.get("offset"):
            world.purchases, world.subscriptions, world.statements = [], [], []
        balance = re.search(r"Your Balance: (-?)\$([\d,.]+\d)", json.dumps(self.said))
        if balance:
            amount = float(balance[2].replace(",", "")) * (-1 if balance[1] else 1)
            world.purchases = []
            standin.purchase(standin.user, -amount, service="credit")
        if self.error.startswith("Please pay"):
            world.purchases = []
        if self.route == "purchases/is-purchase-allowed" and not balance:
            world.purchases = []
            standin.purchase(standin.user, -4962.96, service="credit")
        status = "canceled" if self.route.endswith("resume-subscription") and not self.error else "active"
        for row in world.subscriptions:
            row["status"] = status
        if self.route == "purchases/get-quotas" and isinstance(self.said, dict) and self.said.get("services"):
            world.quotas = {
                (standin.user.account_id, key): value for key, value in self.said["services"].items()
            }
        if self.route == "purchases/student-pay":
            paid = {"paid": iso(HOUR)} if self.said == {} else {"payInfo": {"cost": 0}}
            standin.project.course = paid
            standin.purchase(standin.second, -100, service="credit")

    def cart(self) -> None:
        """Items that are shown, or that a request changes, were put in before."""
        if not self.route.startswith("shopping/") and "cart" not in self.route:
            return
        world = self.standin.world
        items = list(self.shown()) or (
            [self.said] if isinstance(self.said, dict) and "product" in self.said else []
        )
        number = self.asked.get("id")
        if number is not None and self.said == 1:
            items = [{**ROWS["item"], "id": number}]
        names = set(ROWS["item"])
        world.cart = [{key: value for key, value in row.items() if key in names} for row in reversed(items)]
        if self.error.startswith("field"):
            item = {**ROWS["item"], "id": 1, "purchased": None, "account_id": self.caller_id}
            about = {key: value for key, value in item["description"].items() if key != "cpu"}
            world.cart = [{**item, "description": about}]

    def outputs(self) -> None:
        """Code whose answer has an id was run before, by somebody who may."""
        if self.route == "jupyter/execute" and isinstance(self.said, dict) and "id" in self.said:
            self.post(self.route, self.asked)

    def others(self) -> None:
        standin, world = self.standin, self.standin.world
        shown = self.said if isinstance(self.said, list) else None
        if self.route == "compute/get-servers" and self.caller_id == IDS.user and "id" not in self.asked:
            world.servers += [{**row} for row in ROWS["more_servers"]]
        if "server" in self.route and isinstance(self.asked.get("id"), int) and not self.error:
            known = {row["id"] for row in world.servers}
            world.servers += [{**ROWS["more_servers"][0], "id": self.asked["id"]}] * (
                self.asked["id"] not in known
            )
        if self.route == "compute/get-log":
            if shown == []:
                world.servers += [{**ROWS["more_servers"][0], "id": self.asked["id"]}]
            elif shown:
                self.post("compute/compute-server-action", {"id": 1, "action": "stop"})
        if self.route == "messages/get" or "messages" in json.dumps(self.asked):
            for sender, receiver in ((standin.user, standin.second), (standin.second, standin.user)):
                asked = {"subject": "S", "body": "B", "to_ids": [receiver.account_id]}
                self.post("messages/send", asked, key=sender.key)
        if self.route == "projects/collaborators/list" and len(shown or []) > 1:
            standin.project.users[standin.second.account_id] = {"group": "collaborator"}
        if self.route == "user-query":
            self.tables()
        if "course project" in self.error:
            standin.project.course = {"project_id": standin.project.project_id}
        if self.route.startswith("projects/collaborators/remove"):
            standin.project.users[standin.second.account_id] = {"group": "collaborator"}
        if "projects/restore" in self.route:
            for project in world.projects.values():
                project.deleted = True

    def tables(self) -> None:
        standin, world = self.standin, self.standin.world
        asked, said = json.dumps(self.asked), json.dumps(self.said)
        # A table that is shown to be empty was so; most tables were read before anything was made.
        empty = isinstance(self.said, dict) and self.said.get("query") in (
            {},
            *({name: []} for name in self.names()),
        )
        if empty and "null" in asked:
            for name in (
                "public_paths",
                "purchases",
                "subscriptions",
                "statements",
                "log",
                "messages",
                "licenses",
            ):
                setattr(world, name, [])
            for name in ("servers", "filesystems", "news", "vouchers"):
                setattr(world, name, [])
        if '"a_b"' in said:
            standin.user.fields["other_settings"] = {"a_b": 1}
        if "name='nm'" in said:
            standin.project.name = "nm"
        if "m%" in asked:
            for turn in range(3):
                world.add_project(standin.user.account_id, f"m{turn}")
        if '"run_quota": null' in said:
            self.standin.clock.advance(1)
            made = world.add_project(standin.user.account_id, "never ran")
            if '"deleted": true' in said:
                self.post("projects/delete", {"project_id": made.project_id})
        if '"status"' in asked:
            self.post("projects/stop", {"project_id": standin.project.project_id}, waits=False)
            standin.project.fields["site_license"] = {ROWS["licenses"][0]["id"]: {}}
            standin.project.fields["last_active"] = {standin.user.account_id: iso(HOUR)}

    def names(self) -> list[str]:
        query = self.asked.get("query")
        return list(query) if isinstance(query, dict) else []

    # Asking.

    def post(self, path: str, body: Any, *, key: str = "", waits: bool = True) -> Any:
        headers = (
            ("Authorization", f"Bearer {key or self.standin.user.key}"),
            ("Content-Type", "application/json"),
        )
        target = f"{self.standin.base_path}/api/v2/{path}"
        response = self.standin.handle(Request("POST", target, headers, json.dumps(body).encode()))
        if waits:
            self.standin.clock.advance(response.seconds + 2)
        return json.loads(response.body or b"null")

    def ask(self) -> Response:
        standin, asked = self.standin, self.exchange.request
        secrets = {
            "$COCALC_API_KEY": standin.user.key,
            "$COCALC_ADMIN_KEY": standin.admin.key,
            "$COCALC_SECOND_KEY": standin.second.key,
            "$COCALC_PROJECT_KEY": standin.project_key.secret,
        }
        headers = [("Host", "localhost"), ("Content-Type", asked["content_type"])]
        if asked["auth"]:
            who = asked["auth"].removeprefix("basic: ")
            for name, value in secrets.items():
                who = who.replace(name, value)
            headers.append(("Authorization", "Basic " + base64.b64encode(who.encode()).decode()))
        text = json.dumps(self.asked).replace("$COCALC_PROJECT_KEY", standin.project_key.secret)
        target = standin.base_path + asked["path"]
        return standin.handle(Request(asked["method"], target, tuple(headers), text.encode()))
