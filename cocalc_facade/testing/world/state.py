"""What the stand-in holds: accounts, keys, projects, messages, news, carts, purchases, blobs."""

from __future__ import annotations

import itertools
import random
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cocalc_facade.testing.wire.javascript import base36

from .clock import Clock, iso
from .files import Files
from .process import Process
from .throttle import Throttle

START_SECONDS = 2.5
NEWER_KEY = "sk-cc-v2."
CAPABILITIES = (
    "account:read",
    "project:create",
    "project:list",
    "project:read",
    "project:write",
    "file:read",
    "file:write",
    "project:exec",
    "codex:run",
)
STOP_SECONDS = 8.0


@dataclass(slots=True)
class Account:
    """A person with an account. `key` is a working API key of theirs; `legacy_key` the one of the old kind, if any."""

    account_id: str
    email_address: str
    first_name: str
    last_name: str
    password: str
    created: float
    key: str = ""
    legacy_key: str = ""
    name: str | None = None
    groups: list[str] = field(default_factory=list)
    banned: float | None = None
    deleted: bool = False
    last_active: float | None = None
    last_call: float | None = None
    min_balance: float = 0
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def display_name(self) -> str:
        """The name as newer servers show it."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_admin(self) -> bool:
        """Whether the account is in the group of admins."""
        return "admin" in self.groups

    def __repr__(self) -> str:
        return f"Account({self.first_name} {self.last_name} <{self.email_address}>, {self.account_id})"


@dataclass(slots=True)
class Key:
    """An API key of an account, or of a project when `project_id` is set."""

    id: int
    secret: str
    account_id: str
    name: str | None
    created: float
    project_id: str | None = None
    expire: float | None = None
    last_active: float | None = None
    looked_up: float | None = None
    deleted: float | None = None
    capabilities: frozenset[str] = frozenset()
    allowed_project_ids: frozenset[str] = frozenset()

    @property
    def trunc(self) -> str:
        """The form in which the server shows a key later."""
        if self.secret.startswith(NEWER_KEY):
            return f"{self.secret[:5]}...{self.secret[-8:]}"
        return f"{self.secret[:3]}...{self.secret[-6:]}"

    def __repr__(self) -> str:
        return f"Key({self.trunc}, {self.name!r})"


@dataclass(slots=True)
class Job:
    """A command that runs in the background of a project."""

    job_id: str
    process: Process
    pid: int
    failed: bool
    max_output: float
    checked: bool = False
    cancelled: bool = False
    names: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """A project, with states that take time to change."""

    project_id: str
    title: str
    description: str
    users: dict[str, dict[str, Any]]
    created: float
    last_edited: float
    files: Files
    name: str | None = None
    deleted: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    listings: dict[str, float] = field(default_factory=dict)
    course: dict[str, Any] | None = None
    # The state from which it came, the one to which it goes, and when that is reached.
    phase: str = "opened"
    begun: float = 0.0
    until: float = 0.0
    waiting_starts: int = 0
    restarted: bool = False
    ran: bool = False
    # Uploaded files that are renamed into their places a moment after the answer: when, where, what.
    arriving: list[tuple[float, str, bytes]] = field(default_factory=list)

    def arrive(self, now: float) -> None:
        """Let the uploaded files be there whose moment has come."""
        waiting, self.arriving = self.arriving, []
        for since, path, content in waiting:
            if since <= now:
                self.files.write(path, content, since)
                self.files.files[self.files.follow(path)].mode = 0o644
            else:
                self.arriving.append((since, path, content))

    def state(self, now: float) -> str:
        """`opened` (not running), `starting`, `running` or `stopping`."""
        if self.phase == "starting":
            return "starting" if now < self.until else "running"
        if self.phase == "stopping":
            return "stopping" if now < self.until else "opened"
        return self.phase

    def changed(self, now: float) -> float:
        """When the state of now was entered."""
        return self.until if self.phase in ("starting", "stopping") and now >= self.until else self.begun

    def start(self, now: float, seconds: float = START_SECONDS) -> float:
        """Begin to start; gives the seconds until it runs."""
        self.restarted = self.begun > self.created and self.phase == "stopping"
        self.phase, self.begun, self.until, self.waiting_starts = "starting", now, now + seconds, 0
        self.ran = True
        return seconds

    def stop(self, now: float, seconds: float = STOP_SECONDS) -> float:
        """Begin to stop; gives the seconds until it is stopped."""
        self.phase, self.begun, self.until = "stopping", now, now + seconds
        self.jobs.clear()
        return seconds

    def restart(self, now: float) -> None:
        """Run again, from scratch: jobs are lost."""
        self.jobs.clear()
        self.phase, self.begun, self.until, self.ran = "running", now, now, True

    @property
    def has_home(self) -> bool:
        """Whether its directory is there, which its first start makes."""
        return self.ran or bool(self.files.files)

    def kill(self, pid: int, now: float, signal: int) -> bool:
        """Signal a job that still runs, its shell alone, or with the negative of its pid its whole group; says whether there was one."""
        for job in self.jobs.values():
            if job.pid == abs(pid) and now < job.process.started + job.process.elapsed:
                if signal:
                    job.process.end(now - job.process.started, signal, group=pid < 0)
                return True
        return False

    def is_member(self, account_id: str) -> bool:
        """Whether an account is owner or collaborator; a project key's caller is the project itself."""
        group = self.users.get(account_id, {}).get("group")
        return account_id == self.project_id or group in ("owner", "collaborator")

    def __repr__(self) -> str:
        return f"Project({self.title!r}, {self.project_id})"


@dataclass(slots=True)
class Blob:
    """A file to be fetched by its uuid, without a key."""

    content: bytes
    filename: str
    expire: float
    since: float = 0.0


@dataclass(slots=True)
class Caller:
    """Who a request speaks for: an account, or with a project key the project as if it were one."""

    account_id: str
    account: Account | None
    key: Key | None = None


def cost_of(row: dict[str, Any], now: float) -> float | None:
    """What a purchase costs: while it runs what it has cost so far, or its price for each hour; None when nothing is known."""
    if row["cost"] is not None:
        return float(row["cost"])
    if row["cost_so_far"] is not None:
        return float(row["cost_so_far"])
    if row["cost_per_hour"] is None or row["period_start"] is None:
        return None
    begin = datetime.fromisoformat(row["period_start"]).timestamp()
    end = datetime.fromisoformat(row["period_end"]).timestamp() if row["period_end"] else now
    return float(row["cost_per_hour"]) * max(0.0, end - begin) / 3600


@dataclass(slots=True)
class World:
    """All state. Times are seconds since the epoch on `clock`."""

    clock: Clock
    random: random.Random
    accounts: dict[str, Account] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    news: list[dict[str, Any]] = field(default_factory=list)
    cart: list[dict[str, Any]] = field(default_factory=list)
    purchases: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    licenses: list[dict[str, Any]] = field(default_factory=list)
    quotas: dict[tuple[str, str], float] = field(default_factory=dict)
    servers: list[dict[str, Any]] = field(default_factory=list)
    filesystems: list[dict[str, Any]] = field(default_factory=list)
    public_paths: list[dict[str, Any]] = field(default_factory=list)
    stars: set[tuple[str, str]] = field(default_factory=set)
    copies: dict[str, dict[str, Any]] = field(default_factory=dict)
    vouchers: list[dict[str, Any]] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: list[dict[str, Any]] = field(default_factory=list)
    blobs: dict[str, Blob] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    throttle: Throttle = field(default_factory=Throttle)
    homes: str = "/home"
    serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def now(self) -> float:
        """The time on the clock."""
        return self.clock.now()

    def uuid(self) -> str:
        """A fresh id, the same in every run."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def add_account(self, email_address: str, first_name: str, last_name: str, **more: Any) -> Account:
        """Add an account with a password; it has no key yet."""
        more.setdefault("account_id", self.uuid())
        more.setdefault("password", f"{last_name}-pass-1234-zq")
        account = Account(
            email_address=email_address,
            first_name=first_name,
            last_name=last_name,
            created=self.now(),
            **more,
        )
        self.accounts[account.account_id] = account
        return account

    def add_key(self, account_id: str, name: str | None = None, **more: Any) -> Key:
        """Add a key in the server's form: `sk-`, 16 random characters, the row's id in base 62."""
        number = max(self.keys, default=0) + 1
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        middle = "".join(self.random.choice(letters) for _ in range(16))
        secret = f"sk-{middle}{base36(number).zfill(6)}"
        key = Key(number, secret, account_id, name, self.now(), **more)
        self.keys[number] = key
        return key

    def add_newer_key(
        self,
        account_id: str,
        name: str | None,
        capabilities: Iterable[str],
        projects: Iterable[str],
        **more: Any,
    ) -> Key:
        """Add a key in the form of newer servers: an id and a secret, with capabilities and a list of projects."""
        key = self.add_key(account_id, name, **more)
        parts = [self.random.getrandbits(8 * size).to_bytes(size, "big") for size in (12, 32)]
        key.secret = NEWER_KEY + ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        key.capabilities, key.allowed_project_ids = frozenset(capabilities), frozenset(projects)
        return key

    def add_project(self, owner: str, title: str = "No Title", description: str = "", **more: Any) -> Project:
        """Add a project that is not running."""
        more.setdefault("project_id", self.uuid())
        now = self.now()
        project = Project(
            title=title,
            description=description,
            users={owner: {"group": "owner"}},
            created=now,
            last_edited=now,
            files=Files(f"{self.homes}/{more['project_id']}"),
            begun=now,
            **more,
        )
        self.projects[project.project_id] = project
        return project

    def projects_of(self, account_id: str, *, hidden: bool = False) -> list[Project]:
        """The projects of an account that are not deleted, newest edited first."""
        mine = [
            project
            for project in self.projects.values()
            if account_id in project.users
            and not project.deleted
            and (hidden or not project.users[account_id].get("hide"))
        ]
        # Of those edited at the same moment the newest comes first, hence the order of equals is turned round too.
        return sorted(mine, key=lambda project: project.last_edited)[::-1]

    def balance(self, account_id: str) -> float:
        """What an account has, in US dollars: the negated sum of its purchases."""
        rows = [row for row in self.purchases if row["account_id"] == account_id]
        return -sum(cost_of(row, self.now()) or 0 for row in rows) or 0

    def add_purchase(
        self, account: Account, cost: float | None, *, service: str = "license", **more: Any
    ) -> dict[str, Any]:
        """Add a purchase of an account (a negative cost is a credit, None one that still runs); gives the row."""
        row = {
            "id": len(self.purchases) + 1,
            "time": iso(self.now()),
            "account_id": account.account_id,
            "cost": cost,
            "cost_per_hour": None,
            "cost_so_far": None,
            "period_start": None,
            "period_end": None,
            "pending": False,
            "service": service,
            "invoice_id": None,
            "description": {"type": service},
            "project_id": None,
            "tag": None,
            "notes": None,
            **more,
        }
        self.purchases.append(row)
        return row
