"""A dry run: reads run, what would change something is listed and answered with a placeholder, by whatever way it is called."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cocalc_facade import (
    AsyncCoCalc,
    CoCalc,
    CoCalcError,
    ConfigurationError,
    ConfirmationRequired,
    PlannedCall,
    ReadOnlyError,
    is_placeholder,
)
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.guarding.placeholders import placeholder
from cocalc_facade._calls.routes import Routes
from cocalc_facade._wire.flow import Answer
from cocalc_facade.testing import StandIn
from tests.rows import every_row

from .conftest import FACTS, Still, arguments_of, changing

BY_BODY = ("api-keys", "user-query")
UNMARKED = ([], 0, False, None)
PROJECT = "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70"
SECRET = "sk-TbZ3qPm8wLxYc04K0000Aq"


@pytest.mark.filterwarnings("ignore")  # of routes that fail, or are deprecated
@every_row("path", sorted(FACTS))
def test_a_route_that_changes_something_is_listed_and_one_that_reads_runs(
    path: str, make: Any, changed: Any, standin: StandIn
) -> None:
    standin.requests.clear()  # of the row before; nothing else can be left of it
    client = make(dry_run=True, strict=True)
    arguments = arguments_of(client, path)
    try:
        answer = client.call(path, arguments, confirm=True)
    except CoCalcError:
        answer = None
    assert not changed()
    if client.planned:
        (planned,) = client.planned
        row = client.describe(path)
        assert (planned.path, planned.changes) == (path, row.changes)
        assert (planned.charges, planned.repeatable) == (row.charges, row.repeatable)
        assert planned.arguments.keys() == arguments.keys()
        assert is_placeholder(answer) or answer in UNMARKED
        assert not standin.requests
    else:
        assert not FACTS[path]["mutates"] or path in BY_BODY


@every_row("path", sorted(FACTS))
def test_a_placeholder_is_a_success_of_its_route_and_has_its_type(path: str) -> None:
    route = Routes()[path]
    query = b'{"query": {"projects": {"project_id": "x", "title": null}}}'
    value = placeholder(route, query, 7)
    answer = Answer(200, {"content-type": "application/json"}, json.dumps(value).encode())
    assert judge(answer, route) == (value, None)
    departures: list[Any] = []
    typed = route.decode(json.loads(json.dumps(value)), departures)
    assert departures == []
    assert is_placeholder(value) or value in (*UNMARKED, {})
    assert is_placeholder(typed) or typed in (*UNMARKED, {})


def test_an_id_is_a_uuid_that_can_be_told(make: Any) -> None:
    client = make(dry_run=True)
    made = client.projects.create(title="x")
    assert UUID(made.project_id).version == 4
    assert is_placeholder(made)
    assert is_placeholder(made.project_id)
    assert is_placeholder(client.call("shopping/cart/add", {"product": "site-license", "description": {}}))
    assert client.projects.create(title="y").project_id != made.project_id


@pytest.mark.parametrize(
    "value",
    [
        "6c28b3c0-8f0e-4e43-9e1f-3f2f4b9a6d70",
        "",
        0,
        8,
        8888888888,
        True,
        None,
        [],
        {},
        {"dry_run": "yes"},
        1.5,
    ],
)
def test_what_a_server_gives_is_no_placeholder(value: Any) -> None:
    assert not is_placeholder(value)


def test_a_read_about_a_placeholder_is_not_sent(make: Any, standin: StandIn) -> None:
    client = make(dry_run=True)
    project_id = client.projects.create(title="x").project_id
    assert client.query("projects", ["title", "project_id"], {"project_id": project_id}) == {
        "title": None,
        "project_id": project_id,
    }
    assert client.projects.collaborators.list(project_id=project_id.upper()) == []
    assert is_placeholder(
        client.call("shopping/cart/get", {"id": client.cart.add_license(user="academic").id})
    )
    assert [call.path for call in client.planned] == ["projects/create", "shopping/cart/add"]
    assert not standin.requests


def test_a_script_runs_to_its_end(make: Any, changed: Any, standin: StandIn) -> None:
    client = make(dry_run=True)
    project = client.project(client.projects.create(title="Course").project_id)
    assert project.start().running
    project.write_text("a.txt", "hello")
    assert project.run("make", timeout=600, check=True).planned
    assert project.read_text("a.txt") == ""
    listing = project.files()
    assert (list(listing), listing.complete) == ([], False)
    project.copy_to(standin.project.project_id, "a.txt")
    assert client.compile_latex(path="a.tex", project_id=project.project_id, check=True).planned
    assert project.stop_command("job") is False
    assert project.stop().stopped
    with project as running:
        running.run("ls")
    key = client.keys.create("mine")
    assert (key.name, key.secret.reveal()) == ("mine", "")
    client.keys.delete(key.id)
    client.cart.check(client.cart.add_license(user="academic").id)
    assert not client.cart.checkout(confirm=True, at_most=5).bought
    client.update("accounts", {"first_name": "x"})
    assert not changed()
    paths = [call.path for call in client.planned]
    assert paths[:3] == ["projects/create", "projects/start", "projects/write-text-file"]
    assert {"exec", "latex", "projects/copy-path", "api-keys", "user-query"} <= set(paths)
    assert "purchases/shopping-cart-checkout" in paths


def test_code_documents_and_found_or_made_projects_are_placeholders(
    make: Any, changed: Any, standin: StandIn, tmp_path: Path
) -> None:
    client = make(dry_run=True)
    project = client.ensure_project(title="Not there yet")
    assert is_placeholder(project.project_id)
    done = client.evaluate("6 * 7", project_id=project.project_id)
    assert is_placeholder(done)
    assert (done.stdout, done.text, done.error, [*done.displays]) == ("", None, None, [])
    assert all(map(is_placeholder, client.map(client.evaluate, ["1", "2"], project_id=PROJECT).values()))
    made = client.compile_latex("text", project_id=project.project_id, path="a.tex", check=True)
    assert made.save(tmp_path / "a.pdf") == tmp_path / "a.pdf"
    assert not (tmp_path / "a.pdf").exists()
    course = standin.add_course(students=2)
    assert [*client.course(course.project.project_id, course.path).students()] == []
    paths = [call.path for call in client.planned]
    assert paths[:2] == ["projects/create", "jupyter/execute"]
    assert "latex" in paths
    assert not changed()


def test_a_wait_for_a_state_ends_as_if_it_had_come(make: Any, changed: Any, standin: StandIn) -> None:
    client = make(dry_run=True)
    waited = client.wait_for_project(standin.project.project_id, "running", request=False)
    assert (waited.running, waited.planned) == (True, True)
    stopped = client.wait_for_project(standin.project.project_id, "stopped")
    assert (stopped.stopped, stopped.planned) == (True, False)
    assert not changed()


def test_files_and_many_projects_are_dry_as_well(
    make: Any, changed: Any, tmp_path: Path, standin: StandIn
) -> None:
    client = make(dry_run=True)
    ids = [standin.project.project_id, client.projects.create(title="x").project_id]
    (tmp_path / "here").write_bytes(bytes(400_000))
    for project in map(client.project, ids):
        assert project.upload(tmp_path / "here", "there").complete
        assert project.download("there", tmp_path / "here").files == ()
        project.mkdir("a")
        project.move("a", "b")
        project.delete("b", confirm=True)
        project.write_bytes("c", b"x")
    assert (tmp_path / "here").stat().st_size == 400_000
    waited = client.wait_for_projects(ids).values()
    assert [(state.running, state.planned) for state in waited] == [(True, True)] * 2
    assert all(done.planned for done in client.map(client.run, ids, "ls").values())
    client.map("projects/stop", ids, journal=tmp_path / "journal")
    assert not (tmp_path / "journal").exists()
    queries = [{"query": {"accounts": {"first_name": "x"}}}]
    before = len(client.planned)
    client.map(client.user_query, queries)
    assert [call.path for call in client.planned[before:]] == ["user-query"]
    assert {"upload", "exec", "projects/start", "projects/stop"} <= {call.path for call in client.planned}
    assert not changed()


def test_raw_async_map_and_iterators_are_dry_as_well(make: Any, standin: StandIn) -> None:
    client = make(dry_run=True)
    mine = standin.project.project_id
    raw = client.with_raw_response.projects.stop(project_id=mine)
    assert (raw.status, raw.tries, is_placeholder(raw.parse())) == (200, 0, True)
    assert [is_placeholder(value) for value in client.map("projects/stop", [mine, mine]).values()] == [
        True,
        True,
    ]
    assert len(list(client.walk_directory(mine))) == 1
    assert [call.path for call in client.planned] == ["projects/stop"] * 3 + ["exec"]

    async def calls() -> tuple[str, ...]:
        other = AsyncCoCalc(
            standin.user.key, "http://localhost", http_client=standin.async_client(), dry_run=True
        )
        await other.projects.stop(project_id=mine)
        await other.map("projects/touch", [mine])
        await other.project(mine).run("ls")
        return tuple(call.path for call in other.planned)

    assert asyncio.run(calls()) == ("projects/stop", "projects/touch", "exec")
    assert not any(changing(seen.path, seen.params) for seen in standin.requests)


def test_what_a_dry_run_mapped_is_still_to_do(make: Any, standin: StandIn) -> None:
    mine = standin.project.project_id
    planned = make(dry_run=True).map("projects/touch", [mine])
    assert planned.failed == ()
    make().map("projects/touch", [mine], resume=planned)
    assert [seen.path for seen in standin.requests] == ["projects/touch"]


def test_secrets_in_arguments_are_masked_and_the_rest_is_not(make: Any) -> None:
    client = make(dry_run=True)
    client.accounts.set_password(current_password="old one", new_password="new one")
    client.exec(project_id=PROJECT, command="x", env={"TOKEN": "t"})
    client.call(
        "made/up",
        {"note": f"the key is {SECRET}", "list": [{"apiKey": "a", "deep": {"secretKey": ["b", 1]}}], "n": 1},
    )
    password, exec_, made_up = client.planned
    assert dict(password.arguments) == {"currentPassword": "***", "newPassword": "***"}
    assert exec_.arguments["env"] == {"TOKEN": "***"}
    assert exec_.arguments["command"] == "x"
    assert dict(made_up.arguments) == {
        "note": "the key is ***",
        "list": [{"apiKey": "***", "deep": {"secretKey": ["***", "***"]}}],
        "n": 1,
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("git clone https://me:hunter2@x.edu/a.git", "git clone https://***@x.edu/a.git"),
        ("curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: Bearer ***' x"),
        ("curl 'https://x.edu/?a=1&token=abcd&b=2'", "curl 'https://x.edu/?a=1&token=***&b=2'"),
        ("mysql --password=hunter2 -u me", "mysql --password=*** -u me"),
        ("tool --api-key hunter2 --verbose", "tool --api-key *** --verbose"),
        (["tool", "--password", "hunter2", "-v"], ["tool", "--password", "***", "-v"]),
        ({"a": ["-token", ["b"], 5]}, {"a": ["-token", ["***"], 5]}),
        ("https://x.edu:8080/a@b", "https://x.edu:8080/a@b"),
        ("token = lexer.next()", "token = lexer.next()"),
        ("the password is told elsewhere", "the password is told elsewhere"),
        ("make --token-file a, basic tests", "make --token-file a, basic tests"),
        (["--password"], ["--password"]),
    ],
)
def test_what_is_secret_by_where_it_stands_is_masked(value: Any, shown: Any, make: Any) -> None:
    client = make(dry_run=True)
    client.call("made/up", {"value": value})
    assert client.planned[0].arguments == {"value": shown}


def test_the_key_itself_is_masked_whatever_it_looks_like(standin: StandIn) -> None:
    key = "unusual_key_of_another_kind_00"
    client = CoCalc(key, "http://localhost", http_client=standin.client(), dry_run=True)
    client.call("projects/write-text-file", {"content": f"export K={key}", key: 1}, check=False)
    assert key not in repr(client.planned) + str(client.planned[0])
    assert client.planned[0].arguments["content"] == "export K=***"


def test_what_it_costs_is_told_where_it_is_known(make: Any) -> None:
    client = make(dry_run=True)
    client.call(
        "purchases/stripe/create-payment-intent",
        {
            "purpose": "x",
            "lineItems": [{"description": "a", "amount": 3.5}, {"description": "b", "amount": 4}],
        },
        confirm=True,
    )
    client.projects.stop(project_id=PROJECT)
    paid, stopped = client.planned
    assert (paid.charges, paid.cost, paid.confirm) == (True, 7.5, "charges a saved payment method")
    assert (stopped.charges, stopped.cost, stopped.repeatable) == (False, None, True)
    assert "charges 7.5 USD" in str(paid)
    assert "\n" not in str(stopped)
    assert "stops a project" in str(stopped)


def test_a_cart_costs_what_the_server_says_unless_the_dry_run_changes_it(make: Any) -> None:
    item = make().cart.add_license(user="academic").id

    def cost(*changes: Any) -> Any:
        client = make(dry_run=True)
        for change in changes:
            change(client.cart)
        client.cart.checkout(confirm=True)
        return client.planned[-1].cost

    assert cost() == make().cart.price().total > 0
    assert cost(lambda cart: cart.items(), lambda cart: cart.price()) == cost()
    assert cost(lambda cart: cart.add_license(user="business")) is None
    assert cost(lambda cart: cart.check(item, False)) is None
    assert cost(lambda cart: cart.delete(item)) is None


@pytest.mark.parametrize("items", [None, 5, [5], [{"amount": "x"}], [{}]])
def test_what_it_costs_is_not_made_up(items: Any, make: Any) -> None:
    client = make(dry_run=True)
    client.call("purchases/stripe/create-payment-intent", {"lineItems": items}, confirm=True, check=False)
    assert client.planned[0].cost is None


def test_a_dry_run_fails_where_the_call_would_not_have_been_sent_either(make: Any, standin: StandIn) -> None:
    client = make(dry_run=True)
    with pytest.raises(ConfirmationRequired):
        client.accounts.delete()
    with pytest.raises(CoCalcError, match="must be a UUID"):
        client.projects.stop(project_id="x")
    nobody = CoCalc(base_url="http://localhost", http_client=standin.client(), dry_run=True)
    with pytest.raises(ConfigurationError, match="no API key"):
        nobody.projects.stop(project_id=PROJECT)
    assert client.planned == nobody.planned == ()


def test_views_share_the_list_and_an_ordinary_client_has_none(make: Any, standin: StandIn) -> None:
    client = make(dry_run=True)
    client.with_options(timeout=5).projects.touch(project_id=standin.project.project_id)
    assert [type(call) for call in client.planned] == [PlannedCall]
    ordinary = make()
    view = ordinary.with_options(dry_run=True)
    view.projects.touch(project_id=standin.project.project_id)
    assert (len(view.planned), ordinary.planned) == (1, ())
    assert not standin.requests


def test_reading_only_comes_before_a_dry_run(make: Any) -> None:
    client = make(dry_run=True, read_only=True)
    with pytest.raises(ReadOnlyError):
        client.projects.create(title="x")
    assert client.planned == ()


def test_nothing_is_learned_of_the_key_from_a_call_that_was_not_made() -> None:
    newer = StandIn(generation="ai")
    key = newer.add_key(newer.user, "project:list", projects=[newer.project])
    client = CoCalc(key.secret, "http://localhost", http_client=newer.client(), dry_run=True, _clock=Still())
    assert client.generation == "ai"
    client.projects.stop(project_id=newer.project.project_id)
    assert client.can("projects/stop", newer.project.project_id).verdict == "unknown"
