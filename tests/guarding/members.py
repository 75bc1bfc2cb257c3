"""Every way by which a client can be made to ask a server: the members of the client and of what it gives, and all routes.

Whatever a class gets of its own has a row here, or is among those that ask nothing; `test_sequences.py` checks that. A row gives a value, an
iterator, or what is awaited for one, and so holds for the async client too.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

from cocalc_facade import CoCalc
from cocalc_facade._drift.names import MEMBERS

HERE = __file__
NOWHERE = Path(tempfile.gettempdir()) / "cocalc-facade-never-written"
COURSE = "algebra.course"
EXPIRED = 5
"""The id of a key that the stand-in begins with."""
WEEK = "homework/week1"
SOURCE = r"\documentclass{article}\begin{document}Hello\end{document}"

Row = Callable[[Any, str], Any]

CLIENT: dict[str, Row] = {
    "call": lambda c, p: c.call("projects/stop", {"project_id": p}),
    "call unknown": lambda c, p: c.call("projects/of-tomorrow", {"project_id": p}),
    "call unchecked": lambda c, p: c.call("projects/touch", {"project_id": p, "more": None}, check=False),
    "can": lambda c, p: c.can("exec", p),
    "can be created": lambda c, p: c.can("projects/create"),
    "check_schema": lambda c, p: c.check_schema(),
    "compile_latex": lambda c, p: c.compile_latex(path="a.tex", project_id=p),
    "compile_latex of text": lambda c, p: c.compile_latex(SOURCE),
    "compile_latex for long": lambda c, p: c.compile_latex(SOURCE, path="a.tex", project_id=p, timeout=90),
    "email_of": lambda c, p: c.email_of(p),
    "ensure_project": lambda c, p: c.ensure_project(title="Measured project"),
    "ensure_project that is new": lambda c, p: c.ensure_project(title=p),
    "evaluate": lambda c, p: c.evaluate("6 * 7", project_id=p),
    "evaluate in no project": lambda c, p: c.evaluate("6 * 7", history=["1"]),
    "find_account": lambda c, p: c.find_account(email="user@example.com"),
    "find_project": lambda c, p: c.find_project(title="Measured project"),
    "generation": lambda c, p: c.generation,
    "iter_purchases": lambda c, p: c.iter_purchases(project_id=p),
    "kernels": lambda c, p: c.kernels(p),
    "kernels of the site": lambda c, p: c.kernels(),
    "list_accounts": lambda c, p: c.list_accounts(),
    "list_directory": lambda c, p: c.list_directory(p),
    "list_directory known": lambda c, p: c.list_directory(p, live=False),
    "managed_licenses": lambda c, p: c.managed_licenses(),
    "map": lambda c, p: c.map("projects/touch", [p, p]),
    "map a method": lambda c, p: c.map(c.projects.stop, [p]),
    "map a job": lambda c, p: c.map(c.run, [p, p], "ls"),
    "map code": lambda c, p: c.map(c.evaluate, ["1", "2"], project_id=p),
    "map queries": lambda c, p: c.map(c.user_query, [{"query": {"accounts": {"first_name": p}}}]),
    "projects_of": lambda c, p: c.projects_of(),
    "projects_of somebody": lambda c, p: c.projects_of(p),
    "query": lambda c, p: c.query("projects", ["title"], {"project_id": p}),
    "query many": lambda c, p: c.query("projects_all", ["title"], many=True),
    "query what inserts": lambda c, p: c.query("create_message", ["id"], check=False),
    "run": lambda c, p: c.run(p, "ls"),
    "run for long": lambda c, p: c.run(p, ["ls"], timeout=300, stream=str),
    "stop_command": lambda c, p: c.stop_command(p, "job"),
    "update": lambda c, p: c.update("projects", {"project_id": p, "title": "x"}),
    "wait_for_command": lambda c, p: c.wait_for_command(p, "job"),
    "wait_for_project": lambda c, p: c.wait_for_project(p, timeout=5),
    "wait_for_project stopped": lambda c, p: c.wait_for_project(p, "stopped", timeout=5),
    "wait_for_project by looking": lambda c, p: c.wait_for_project(p, request=False, timeout=5),
    "wait_for_projects": lambda c, p: c.wait_for_projects([p], timeout=5),
    "walk_directory": lambda c, p: c.walk_directory(p),
    "whoami": lambda c, p: c.whoami(),
    "with_options": lambda c, p: c.with_options(timeout=5).projects.touch(project_id=p),
    "with_raw_response": lambda c, p: c.with_raw_response.projects.delete(project_id=p),
}
PROJECT: dict[str, Row] = {
    "collaborators": lambda p, _: p.collaborators(),
    "copy_to": lambda p, other: p.copy_to(other, "a"),
    "delete": lambda p, _: p.delete("a", confirm=True),
    "download": lambda p, _: p.download("a", NOWHERE),
    "files": lambda p, _: p.files(),
    "files known": lambda p, _: p.files(live=False),
    "invite": lambda p, _: p.invite("second@example.com"),
    "mkdir": lambda p, _: p.mkdir("a"),
    "move": lambda p, _: p.move("a", "b"),
    "read_bytes": lambda p, _: p.read_bytes("a"),
    "read_bytes of a part": lambda p, _: p.read_bytes("a", offset=5),
    "read_text": lambda p, _: p.read_text("a"),
    "run": lambda p, _: p.run("ls"),
    "start": lambda p, _: p.start(timeout=5),
    "state": lambda p, _: p.state(),
    "stop": lambda p, _: p.stop(timeout=5),
    "stop_command": lambda p, _: p.stop_command("job"),
    "upload": lambda p, _: p.upload(HERE, "a"),
    "upload a folder": lambda p, _: p.upload(Path(HERE).parent, "a", exclude="test_*"),
    "walk": lambda p, _: p.walk(),
    "write_bytes": lambda p, _: p.write_bytes("a", bytes(400_000)),
    "write_text": lambda p, _: p.write_text("a", "b"),
}
CART: dict[str, Row] = {
    "add_license": lambda c, p: c.add_license(user="academic", project_id=p),
    "check": lambda c, p: c.check(1),
    "checkout": lambda c, p: c.checkout(confirm=True),
    "delete": lambda c, p: c.delete(1),
    "items": lambda c, p: c.items(),
    "price": lambda c, p: c.price(),
    "recent": lambda c, p: c.recent(),
    "save_for_later": lambda c, p: c.save_for_later(1),
}
KEYS: dict[str, Row] = {
    "create": lambda k, p: k.create("x", expires=timedelta(days=1)),
    "create of a project": lambda k, p: k.create("x", project_id=p),
    "delete": lambda k, p: k.delete(EXPIRED),
    "get": lambda k, p: k.get(EXPIRED),
    "list": lambda k, p: k.list(),
    "rotate": lambda k, p: k.rotate(EXPIRED),
}
OF_COURSE: dict[str, Row] = {
    "assignments": lambda c, _: c.assignments(),
    "collect": lambda c, _: c.collect(WEEK),
    "collect here": lambda c, _: c.collect(WEEK, to=NOWHERE),
    "grades": lambda c, _: c.grades(),
    "hand_out": lambda c, _: c.hand_out(WEEK, overwrite=True),
    "handouts": lambda c, _: c.handouts(),
    "read": lambda c, _: c.read(),
    "run_for_all": lambda c, _: c.run_for_all("ls"),
    "students": lambda c, _: c.students(),
    "work": lambda c, _: c.work(),
}
PARTS: dict[str, tuple[dict[str, Row], Row]] = {
    "client": (CLIENT, lambda c, p: c),
    "project": (PROJECT, lambda c, p: c.project(p)),
    "cart": (CART, lambda c, p: c.cart),
    "keys": (KEYS, lambda c, p: c.keys),
    "course": (OF_COURSE, lambda c, p: c.course(p, COURSE)),
}
"""The rows of each class, and how a client gives one of it."""

SILENT = {
    "client": {
        "aclose", "cart", "close", "course", "describe", "from_profile", "keys", "mismatches", "planned", "project", "routes",
    }
}  # fmt: skip
"""What asks no server, or is what the rows begin with. How clients are made is a row of its own in the tests."""
ROWS: dict[str, Row] = {
    f"{part}.{name}": (lambda c, p, row=row, given=given: row(given(c, p), p))  # type: ignore[misc]
    for part, (rows, given) in PARTS.items()
    for name, row in rows.items()
}


def without_row(client: Any, project: str) -> set[str]:
    """Give the public members of a client, and of what it gives, that have no row."""
    found = set()
    for part, (rows, given) in PARTS.items():
        kind = type(given(client, project))
        own = {name for name in dir(kind) if not name.startswith("_")}
        known = {name.partition(" ")[0] for name in rows} | SILENT.get(part, set())
        if part == "client":
            own = (own - route_names(kind)) | (MEMBERS & own)
        found |= {f"{part}.{name}" for name in own - known}
        found |= {f"{part}.{name} is gone" for name in known - own - {"aclose", "close"}}
    return found


def route_names(kind: type) -> set[str]:
    """Give the attributes of a client that are routes."""
    root = next(one for one in kind.__mro__ if one.__name__ in ("Root", "AsyncRoot"))
    return {name for name in dir(root) if not name.startswith("_")}


def typed(client: Any, path: str) -> Any:
    """Give the typed method of a route, of a client or of its `with_raw_response`."""
    return reduce(getattr, CoCalc("sk-" + "0" * 24).describe(path).python.split(".")[1:], client)


def pages(client: Any) -> dict[str, Any]:
    """Give the iterators over lists in pages, which routes have."""
    found = {}
    pending = [("", client, name) for name in route_names(type(client))]
    while pending:
        before, owner, name = pending.pop()
        member = getattr(owner, name)
        if name.startswith("iter_"):
            found[f"{before}{name}"] = member
        elif type(member).__module__.startswith("cocalc_v2.resources"):
            pending += [(f"{before}{name}.", member, one) for one in dir(member) if not one.startswith("_")]
    return found


def gone_through(value: Any) -> Any:
    """Give a value of a client, or all of an iterator."""
    return list(value) if isinstance(value, Iterator) else value


async def awaited(value: Any) -> Any:
    """Give what an async client gives, when it came."""
    if hasattr(value, "__await__"):
        value = await value
    return [one async for one in value] if isinstance(value, AsyncIterator) else value
