"""A client that only reads: what changes something is refused before it is sent, by whatever way it is called."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cocalc_v2.operations import OPERATIONS

from cocalc_facade import (
    TABLES,
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    ConfigurationError,
    NotAvailableError,
    ReadOnlyError,
    is_placeholder,
)
from cocalc_facade.testing import StandIn
from tests.rows import every_row

from .conftest import FACTS, Still, arguments_of, changing

ROOM = Path(__file__).parents[2] / "cocalc_facade"
PROJECT = "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70"
WRITING = ({"accounts": {"first_name": "x"}}, [{"projects": {"project_id": PROJECT, "title": "x"}}])
JOBS: dict[str, Callable[[Any, str], Any]] = {
    "start": lambda c, p: c.project(p).start(),
    "stop": lambda c, p: c.project(p).stop(),
    "enter": lambda c, p: c.project(p).__enter__(),
    "run": lambda c, p: c.run(p, "ls"),
    "long run": lambda c, p: c.run(p, "ls", timeout=600),
    "wait for a command": lambda c, p: c.wait_for_command(p, "job"),
    "stop a command": lambda c, p: c.stop_command(p, "job"),
    "list live": lambda c, p: c.list_directory(p),
    "walk": lambda c, p: list(c.walk_directory(p)),
    "write": lambda c, p: c.project(p).write_text("a", "b"),
    "read": lambda c, p: c.project(p).read_text("a"),
    "write bytes": lambda c, p: c.project(p).write_bytes("a", b"x"),
    "upload": lambda c, p: c.project(p).upload(__file__, "a"),
    "download": lambda c, p: c.project(p).download("a", "not-made"),
    "make a folder": lambda c, p: c.project(p).mkdir("a"),
    "delete": lambda c, p: c.project(p).delete("a", confirm=True),
    "move": lambda c, p: c.project(p).move("a", "b"),
    "start many": lambda c, p: c.wait_for_projects([p]).values(),
    "map a job": lambda c, p: c.map(c.run, [p], "ls").values(),
    "copy": lambda c, p: c.project(p).copy_to(p, "a"),
    "latex": lambda c, p: c.compile_latex(path="a.tex", project_id=p),
    "add to the cart": lambda c, p: c.cart.add_license(user="academic"),
    "tick": lambda c, p: c.cart.check(1),
    "take out": lambda c, p: c.cart.save_for_later(1),
    "delete from the cart": lambda c, p: c.cart.delete(1),
    "make a key": lambda c, p: c.keys.create("x"),
    "update": lambda c, p: c.update("accounts", {"first_name": "x"}),
}


@pytest.mark.filterwarnings("ignore")  # of routes that fail, or are deprecated
@every_row("path", sorted(FACTS))
def test_a_route_that_changes_something_is_refused_and_one_that_reads_is_not(
    path: str, make: Any, changed: Any, standin: StandIn
) -> None:
    standin.requests.clear()  # of the row before; nothing else can be left of it
    client = make(read_only=True)
    arguments = arguments_of(client, path)
    refused = None
    try:
        client.call(path, arguments, confirm=True)
    except ReadOnlyError as error:
        refused = error
    except CoCalcError:
        pass
    if refused is None:
        assert not FACTS[path]["mutates"]
    else:
        assert (refused.path, refused.changes) == (path, client.describe(path).changes)
        assert not refused.maybe_executed
        assert "make another client" in str(refused)
        assert not standin.requests
    assert not changed()


@pytest.mark.parametrize("path", ["projects/new-thing", "projects/get-later", "conat"])
def test_a_route_that_the_table_does_not_have_counts_as_changing(
    path: str, make: Any, standin: StandIn
) -> None:
    with pytest.raises(ReadOnlyError, match="the table does not have"):
        make(read_only=True).call(path)
    assert not standin.requests


@pytest.mark.parametrize("path", ["accounts/delete", "purchases/shopping-cart-checkout"])
def test_a_confirmation_is_not_asked_for_what_is_refused_anyway(path: str, make: Any) -> None:
    with pytest.raises(ReadOnlyError):
        make(read_only=True).call(path)


def test_no_key_is_asked_for_what_is_refused(standin: StandIn) -> None:
    def key() -> str:
        raise AssertionError("asked")

    client = CoCalc(key, "http://localhost", http_client=standin.client(), read_only=True)
    with pytest.raises(ReadOnlyError):
        client.projects.stop(project_id=PROJECT)


@pytest.mark.parametrize("query", WRITING)
def test_a_query_that_writes_is_refused(query: Any, make: Any, standin: StandIn) -> None:
    with pytest.raises(ReadOnlyError, match="writes rows"):
        make(read_only=True).user_query(query=query)
    assert not standin.requests


@pytest.mark.parametrize(
    "query",
    [
        {"create_message": {"id": None, "subject": "x"}},
        {"made_up": {"id": None}},
        [{"accounts": {"account_id": None}}, {"accounts": {"first_name": "x"}}],
        {"accounts": {"account_id": None}, "projects": {"title": "x"}},
        {"accounts": {}},
        {},
        [],
        "accounts",
        None,
    ],
)
def test_a_query_that_only_looks_like_a_read_is_refused(query: Any, make: Any, standin: StandIn) -> None:
    with pytest.raises(ReadOnlyError):
        make(read_only=True).call("user-query", {"query": query}, check=False)
    assert not standin.requests


@pytest.mark.parametrize("table", [*TABLES, "crm_accounts"])
def test_every_table_that_is_documented_or_that_a_job_reads_is_read(
    table: str, make: Any, standin: StandIn
) -> None:
    with suppress(CoCalcError):  # what the server says of the one field is its own affair
        make(read_only=True).call("user-query", {"query": {table: [{"id": None}]}}, check=False)
    assert len(standin.requests) == 1


def test_all_accounts_are_listed(make: Any, standin: StandIn) -> None:
    standin.user.groups = ["admin"]
    found = make(read_only=True).list_accounts()
    assert "Uma" in {account.first_name for account in found}


def test_what_reads_by_its_arguments_runs(make: Any, changed: Any, standin: StandIn) -> None:
    client = make(read_only=True)
    assert client.query("accounts", ["first_name"]) == {"first_name": "Uma"}
    assert len(client.query("projects", ["title"], many=True)) > 0
    assert len(client.keys.list()) > 0
    assert client.whoami().kind == "account"
    assert client.can("projects/start").verdict == "yes"
    assert client.cart.items() is not None
    assert client.cart.price().bought is False
    assert client.project(standin.project.project_id).state().state == "opened"
    assert not client.check_schema()
    assert list(client.iter_purchases()) == []
    assert not changed()
    with pytest.raises(NotAvailableError):  # it was asked
        client.jupyter.kernels()
    with pytest.raises(ReadOnlyError, match="starts the project"):
        client.jupyter.kernels(project_id=standin.project.project_id)


@pytest.mark.parametrize("name", JOBS)
def test_a_job_that_changes_something_is_refused(
    name: str, make: Any, changed: Any, standin: StandIn
) -> None:
    project = standin.project
    if name == "stop":
        project.start(standin.clock.now())
        standin.clock.advance(60)
    with pytest.raises(ReadOnlyError):
        JOBS[name](make(read_only=True), project.project_id)
    assert not changed()


def test_a_map_refuses_each_item(make: Any, standin: StandIn) -> None:
    outcomes = make(read_only=True).map("projects/stop", [PROJECT, PROJECT])
    assert [type(outcome.error) for outcome in outcomes] == [ReadOnlyError, ReadOnlyError]
    assert not standin.requests


def test_a_raw_call_is_refused(make: Any, standin: StandIn) -> None:
    with pytest.raises(ReadOnlyError):
        make(read_only=True).with_raw_response.projects.stop(project_id=PROJECT)
    assert not standin.requests


def test_the_async_client_refuses_as_well(standin: StandIn) -> None:
    async def calls() -> None:
        client = AsyncCoCalc(
            standin.user.key, "http://localhost", http_client=standin.async_client(), read_only=True
        )
        with pytest.raises(ReadOnlyError):
            await client.projects.stop(project_id=PROJECT)
        with pytest.raises(ReadOnlyError):
            await client.run(PROJECT, "ls")
        assert (await client.whoami()).kind == "account"

    asyncio.run(calls())
    assert not any(changing(seen.path, seen.params) for seen in standin.requests)


@pytest.mark.parametrize("option", ["read_only", "dry_run"])
def test_a_view_can_add_the_option_and_not_take_it_back(option: str, make: Any, standin: StandIn) -> None:
    client = make()
    view = client.with_options(**{option: True})
    for safe in (view, view.with_options(timeout=5), make(**{option: True})):
        with pytest.raises(ConfigurationError, match=f"{option}: a view"):
            safe.with_options(**{option: False})
        if option == "read_only":
            with pytest.raises(ReadOnlyError):
                safe.projects.touch(project_id=PROJECT)
        else:
            assert is_placeholder(safe.projects.touch(project_id=PROJECT))
    assert not standin.requests


@pytest.mark.parametrize("value", [1, "yes", "no", None])
def test_the_option_is_true_or_false(value: Any, make: Any) -> None:
    with pytest.raises(ConfigurationError, match="read_only must be True or False"):
        make().with_options(read_only=value)


@pytest.mark.parametrize(
    ("word", "safe"), [("1", True), ("true", True), ("YES", True), ("0", False), ("off", False), ("", False)]
)
def test_the_environment_sets_it(
    word: str, safe: bool, make: Any, monkeypatch: Any, standin: StandIn
) -> None:
    monkeypatch.setenv("COCALC_READ_ONLY", word)
    if safe:
        with pytest.raises(ReadOnlyError):
            make().projects.stop(project_id=standin.project.project_id)
    else:
        assert make().projects.stop(project_id=standin.project.project_id)
    assert make(read_only=False).projects.stop(project_id=standin.project.project_id)


def test_a_word_that_is_neither_yes_nor_no_is_refused(make: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("COCALC_READ_ONLY", "perhaps")
    with pytest.raises(ConfigurationError, match="COCALC_READ_ONLY must be 1 or 0"):
        make()


def test_the_bridge_reads_by_name_only(standin: StandIn) -> None:
    from cocalc_facade._calls.generations.bridge import ask_hub

    newer = StandIn(generation="ai")
    client = CoCalc(
        newer.user.key, "http://localhost", http_client=newer.client(), read_only=True, _clock=Still()
    )
    assert client.project(newer.project.project_id).state().state
    before = len(newer.requests)
    with pytest.raises(ReadOnlyError):
        client._run_flow(ask_hub(client._session, "projects.createProject", [{}]))
    assert len(newer.requests) == before


def test_a_file_is_not_uploaded_by_the_route_outside_of_the_api_either(make: Any, standin: StandIn) -> None:
    from cocalc_facade._calls.transfers.routes import put

    client = make(read_only=True)
    with pytest.raises(ReadOnlyError, match="writes a file"):
        client._run_flow(put(client._session, PROJECT, "folder", "name", b"bytes"))
    client = make(dry_run=True)
    client._run_flow(put(client._session, PROJECT, "folder", "name", b"bytes"))
    assert [(call.path, call.arguments["bytes"]) for call in client.planned] == [("upload", 5)]
    assert not standin.requests


def test_whatever_makes_a_request_that_can_change_something_asks_first() -> None:
    texts = {
        path.relative_to(ROOM).as_posix(): path.read_text(encoding="utf-8")
        for path in ROOM.rglob("*.py")
        if "testing" not in path.parts
    }
    places = {name for name, text in texts.items() if re.search(r"(?<!class )\b(Send|Upload)\(", text)}
    assert places == {"_calls/engine.py", "_calls/transfers/routes.py"}
    assert all("guarding.holding import hold" in texts[name] for name in places)
    steps = re.findall(
        r"^class (\w+):\n    \"\"\"(?:Post|Put|Send|Get|Give)", texts["_wire/flow.py"], re.MULTILINE
    )
    assert set(steps) <= {"Send", "Upload", "Fetch", "Receive"}


def test_the_table_knows_what_every_changing_route_changes() -> None:
    untold = [path for path, row in OPERATIONS.items() if row.mutates and not row.changes]
    assert untold == []
