"""Jobs on a server of the newer generation go the ways that are left there, and the others say what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_facade import (
    AuthenticationError,
    CoCalcError,
    CommandError,
    NotAvailableError,
    NotFoundError,
    PermissionDeniedError,
    TimedOut,
)
from cocalc_facade.testing import Oddities, StandIn
from cocalc_facade.testing.world.state import CAPABILITIES

WRONG = "sk-cc-v2.AAAAAAAAAAAAAAAA." + "A" * 43
BRIDGE = "/api/conat/hub"


@pytest.fixture
def standin() -> StandIn:
    return StandIn(generation="ai", oddities=Oddities(rate_limits=False))


@pytest.fixture
def older(bench: Any, runner: Any) -> Any:
    return type(bench)(bench.kind, StandIn(oddities=Oddities(rate_limits=False)), runner)


def key_with(bench: Any, *capabilities: str, also: tuple[str, ...] = ()) -> str:
    world = bench.standin.world
    user = bench.standin.user.account_id
    key = world.add_newer_key(user, "x", capabilities, (bench.project_id, *also))
    return str(key.secret)


def paths(bench: Any) -> list[str]:
    return [request.path for request in bench.standin.requests]


# Who and what.


def test_the_generation_is_asked_once_and_told(bench: Any, client: Any) -> None:
    assert client.generation == "ai"
    assert client.generation == "ai"
    assert paths(bench) == ["customize"]


def test_an_older_server_is_told_as_well(older: Any) -> None:
    assert older.client().generation == "cocalc"


def test_whoami_gives_the_account(bench: Any, client: Any) -> None:
    found = client.whoami()
    assert (found.kind, found.account_id) == ("account", bench.standin.user.account_id)
    assert found.email_address == "user@example.com"
    assert "user-query" not in paths(bench)


def test_whoami_refuses_a_wrong_key_and_names_what_a_good_one_lacks(bench: Any) -> None:
    with pytest.raises(AuthenticationError):
        bench.client(WRONG).whoami()
    with pytest.raises(PermissionDeniedError) as caught:
        bench.client(key_with(bench, "project:exec")).whoami()
    assert caught.value.capability == "account:read"


def test_a_key_of_an_older_form_is_nobody_there(bench: Any) -> None:
    client = bench.client(bench.standin.user.legacy_key)
    with pytest.raises(AuthenticationError):
        client.whoami()
    with pytest.raises(AuthenticationError):
        client.project(bench.project_id).state()


def test_an_address_is_told_to_administrators_and_to_oneself(bench: Any, client: Any) -> None:
    own, other = bench.standin.user.account_id, bench.standin.second.account_id
    assert bench.client(bench.standin.admin).email_of(other) == "second@example.com"
    assert client.email_of(own) == "user@example.com"
    with pytest.raises(PermissionDeniedError):
        client.email_of(other)
    with pytest.raises(NotFoundError):
        bench.client(bench.standin.admin).email_of("12345678-0000-4000-8000-000000000000")


# Projects.


def test_a_state_is_asked_of_the_hub(bench: Any, client: Any) -> None:
    assert client.project(bench.project_id).state().state == "opened"
    assert paths(bench) == ["customize", BRIDGE]


def test_a_state_needs_a_capability_and_membership(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        bench.client(key_with(bench, "project:exec")).project(bench.project_id).state()
    assert caught.value.capability == "project:read"
    other = bench.standin.second_project.project_id
    stranger = bench.client(key_with(bench, "project:read", also=(other,)))
    with pytest.raises(PermissionDeniedError, match="collaborator"):
        stranger.project(other).state()


def test_a_project_is_brought_to_a_state_and_waited_for(bench: Any, client: Any) -> None:
    assert client.wait_for_project(bench.project_id, "running").running
    assert client.wait_for_project(bench.project_id, "stopped").stopped
    assert "user-query" not in paths(bench)


def test_a_project_that_no_host_runs_is_not_called_started(bench: Any, client: Any) -> None:
    bench.standin.hosts = False
    with pytest.raises(TimedOut, match="opened"):
        client.wait_for_project(bench.project_id, "running", timeout=60)


def test_a_project_is_handled_in_a_block(bench: Any, client: Any) -> None:
    with client.project(bench.project_id) as project:
        assert project.state().running
    assert client.project(bench.project_id).state().stopped


def test_projects_are_listed_page_by_page_where_the_server_pages(bench: Any, client: Any) -> None:
    bench.standin.pages = True
    for number in range(700):
        bench.standin.world.add_project(bench.standin.user.account_id, f"p{number}")
    assert len(client.call("projects/get", {"limit": 1000})) == 702
    some = client.call("projects/get", {"limit": 600})
    assert len({project["project_id"] for project in some}) == 600
    assert len(client.call("projects/get")) == 50


@pytest.mark.parametrize("limit", [-1, 0])
def test_a_limit_of_nothing_lists_nothing_where_the_server_does_not_page(client: Any, limit: Any) -> None:
    assert client.call("projects/get", {"limit": limit}) == []


def test_many_are_started_at_once(bench: Any, client: Any) -> None:
    outcomes = client.map("projects/start", [bench.project_id, bench.standin.second_project.project_id])
    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert outcomes.failed[0].error.capability == "project:exec"


# Commands and files.


def test_a_command_runs_longer_than_the_default_of_the_server(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, "sleep 20; echo done; exit 3")
    assert (done.returncode, done.stdout) == (3, "done\n")
    assert bench.seen("exec")[-1]["timeout"] == 30.0


def test_a_command_past_its_timeout_is_an_error_in_one_call_and_as_a_job(bench: Any, client: Any) -> None:
    for seconds in (5, 300):
        with pytest.raises(CommandError, match=f"killed after its timeout of {seconds} s"):
            client.run(bench.project_id, "sleep 1000", timeout=seconds)


def test_a_long_command_is_a_job_whose_exit_code_is_that_of_its_end(bench: Any, client: Any) -> None:
    done = client.run(bench.project_id, "echo a; sleep 90; exit 7", timeout=300)
    assert (done.returncode, done.stdout) == (7, "a\n")


def test_the_exec_of_the_server_itself_is_cut_after_fifteen_seconds(bench: Any, client: Any) -> None:
    with pytest.raises(TimedOut, match="15 seconds"):
        client.exec(project_id=bench.project_id, command="sleep 20", bash=True)


def test_a_compute_server_is_not_left_out_without_a_word(bench: Any, client: Any) -> None:
    with pytest.raises(NotAvailableError, match="no compute servers"):
        client.run(bench.project_id, "true", compute_server_id=3)
    assert not bench.seen("exec")


def test_a_directory_is_listed_as_it_is_now(bench: Any, client: Any) -> None:
    client.run(bench.project_id, "mkdir d; echo x > d/a.txt", check=True)
    listing = client.list_directory(bench.project_id, "d", live=True)
    assert (listing.names(), listing.live) == (["a.txt"], True)


@pytest.mark.parametrize(
    "content", ["", "hello\n", "ü\u2028'\"$`\\", "x" * 800_000], ids=["empty", "line", "odd", "long"]
)
def test_a_text_is_written_by_commands(bench: Any, client: Any, content: str) -> None:
    project = client.project(bench.project_id)
    project.write_text("it's a file.txt", content)
    name = f"{bench.standin.project.files.home}/it's a file.txt"
    assert bench.standin.project.files.read(name) == content.encode()
    assert "projects/write-text-file" not in paths(bench)


def test_a_text_makes_the_folders_above_it_as_on_an_older_server(bench: Any, client: Any, older: Any) -> None:
    for one in (client.project(bench.project_id), older.client().project(older.project_id)):
        one.write_text("new/folder/a.txt", "x")
        assert one.read_text("new/folder/a.txt") == "x"


def test_a_text_that_cannot_be_written_says_so_and_harms_nothing(bench: Any, client: Any) -> None:
    project = client.project(bench.project_id)
    project.write_text("a.txt", "kept")
    with pytest.raises(CoCalcError, match=r"a\.txt"):
        project.write_text("a.txt/b.txt", "x")
    assert project.read_text("a.txt") == "kept"


def test_a_file_is_copied_and_there_when_the_call_returns(bench: Any, client: Any) -> None:
    target = bench.standin.world.add_project(bench.standin.user.account_id, "target").project_id
    both = bench.client(key_with(bench, "file:read", "file:write", "project:exec", also=(target,)))
    both.project(bench.project_id).write_text("a.txt", "hello")
    both.project(bench.project_id).copy_to(target, "a.txt")
    assert both.project(target).read_text("a.txt") == "hello"
    assert "projects/copy-path-status" not in paths(bench)


def test_a_copy_without_a_capability_names_it(bench: Any) -> None:
    client = bench.client(key_with(bench, "file:read"))
    with pytest.raises(PermissionDeniedError) as caught:
        client.project(bench.project_id).copy_to(bench.project_id, "a.txt", "b.txt")
    assert caught.value.capability == "file:write"


# What is missing there.


def test_what_is_gone_says_what_there_is_instead(bench: Any, client: Any) -> None:
    with pytest.raises(NotFoundError, match=r"latexmk by client\.run"):
        client.compile_latex(r"\documentclass{article}", project_id=bench.project_id)
    with pytest.raises(PermissionDeniedError, match="no API key may"):
        client.query("projects", ["title"])
    with pytest.raises(NotFoundError, match="publish no document"):
        client.check_schema()


# What the key may.


def test_a_permission_is_unknown_until_a_call_taught_it(bench: Any, client: Any) -> None:
    before = client.can("projects/start")
    assert (before.verdict, before.capability, bool(before)) == ("unknown", ("project:exec",), False)
    client.call("projects/start", {"project_id": bench.project_id})
    after = client.can("projects/stop", bench.project_id)
    assert (after.verdict, bool(after)) == ("yes", True)
    assert client.can("projects/stop").verdict == "yes"
    other = bench.standin.second_project.project_id
    assert client.can("projects/stop", other).verdict == "unknown"
    with pytest.raises(PermissionDeniedError):
        client.call("projects/stop", {"project_id": other})
    refused = client.can("projects/stop", other)
    assert refused.verdict == "no"
    assert "project:exec" in refused.reason


@pytest.mark.parametrize(
    ("route", "verdict", "reason"),
    [
        ("customize", "yes", "no key"),
        ("news/events", "yes", "no key"),
        ("accounts/profile", "yes", "account:read"),
        ("latex", "no", "latexmk"),
        ("vouchers/redeem", "no", "nothing instead"),
        ("purchases/get-balance", "no", "no API key"),
        ("auth/2fa/status", "no", "no API key"),
        ("accounts/get-email-address", "unknown", "administrator"),
        ("projects/copy-path", "unknown", "file:read and file:write"),
        ("tomorrow/route", "unknown", "does not have this route"),
    ],
)
def test_what_the_table_tells_of_a_route(client: Any, route: str, verdict: str, reason: str) -> None:
    found = client.can(route)
    assert (found.route, found.verdict) == (route, verdict)
    assert reason in found.reason


def test_a_key_that_the_server_does_not_take_may_nothing(bench: Any) -> None:
    assert bench.client(WRONG).can("projects/start").verdict == "no"
    assert bench.client(WRONG).can("customize").verdict == "yes"
    older = bench.client(bench.standin.user.legacy_key).can("projects/start")
    assert (older.verdict, "sk-cc-v2." in older.reason) == ("no", True)


def test_each_capability_is_learned_from_its_refusal(bench: Any) -> None:
    client = bench.client(key_with(bench, "codex:run"))
    calls = {
        "account:read": ("accounts/get-names", {"account_ids": []}),
        "project:list": ("projects/get", {}),
        "project:create": ("projects/create", {"title": "x"}),
        "project:read": ("projects/collaborators/list", {"project_id": bench.project_id}),
        "project:write": ("projects/update", {"project_id": bench.project_id, "title": "x"}),
        "project:exec": ("projects/touch", {"project_id": bench.project_id}),
        "file:write": ("projects/copy-url", {"project_id": bench.project_id, "url": "github/x"}),
    }
    assert calls.keys() < set(CAPABILITIES)
    for capability, (route, body) in calls.items():
        assert client.can(route, bench.project_id).verdict == "unknown"
        with pytest.raises(PermissionDeniedError) as caught:
            client.call(route, body, check=False)
        assert caught.value.capability == capability
        assert client.can(route, bench.project_id).verdict == "no"


@pytest.mark.parametrize(
    ("route", "account", "project"),
    [
        ("projects/start", "yes", "yes"),
        ("projects/get", "yes", "no"),
        ("customize", "yes", "yes"),
        ("compute/check-in", "no", "yes"),
        ("accounts/ban", "unknown", "no"),
        ("vouchers/redeem", "no", "no"),
        ("news/events", "no", "no"),
        ("tomorrow/route", "unknown", "unknown"),
    ],
)
def test_on_an_older_server_the_kind_of_the_key_decides(
    older: Any, route: str, account: str, project: str
) -> None:
    assert older.client().can(route).verdict == account
    assert older.client(older.standin.project_key.secret).can(route).verdict == project


def test_on_an_older_server_a_key_is_asked_for_once(older: Any) -> None:
    bench = older
    client = bench.client()
    for route in ("projects/start", "projects/stop", "accounts/ban"):
        client.can(route)
    assert paths(bench) == ["customize", "user-query"]
    assert bench.client("sk-wrong").can("projects/start").verdict == "no"
    assert bench.client(WRONG).can("projects/start").verdict == "no"


def test_ordinary_jobs_on_an_older_server_cost_no_question(older: Any) -> None:
    bench = older
    client = bench.client()
    client.whoami()
    client.project(bench.project_id).state()
    client.project(bench.project_id).write_text("a.txt", "x")
    assert "customize" not in paths(bench)
    assert BRIDGE not in paths(bench)
