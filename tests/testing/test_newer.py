"""The stand-in as a server of the newer generation: keys with capabilities, what is gone, what is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cocalc_facade.testing import Request, Response, StandIn
from cocalc_facade.testing.world.state import CAPABILITIES

from .conftest import Post, asker


@pytest.fixture
def standin() -> StandIn:
    return StandIn(generation="ai")


@pytest.fixture
def post(standin: StandIn) -> Post:
    return asker(standin)


def lacking(capability: str, project_id: str = "") -> dict[str, str]:
    more = f" for project {project_id}" if project_id else ""
    return {"error": f"API key lacks required capability '{capability}'{more}"}


def test_keys_have_the_newer_form_and_those_of_the_old_kind_are_nobody(standin: StandIn, post: Post) -> None:
    kind, number, secret = standin.user.key.split(".")
    assert (kind, len(number), len(secret)) == ("sk-cc-v2", 16, 43)
    assert len(post("projects/get").json()) == 2
    for old in (standin.project_key.secret, standin.user.legacy_key, standin.user.key[:-1]):
        assert post("projects/get", key=old).json() == {"error": "Must be signed in."}


@pytest.mark.parametrize(
    ("path", "capability", "body"),
    [
        ("projects/get", "project:list", {}),
        ("projects/get-one", "project:list", {}),
        ("projects/create", "project:create", {"title": "x"}),
        ("projects/start", "project:exec", {"project_id": "$P"}),
        ("projects/stop", "project:exec", {"project_id": "$P"}),
        ("projects/touch", "project:exec", {"project_id": "$P"}),
        ("exec", "project:exec", {"project_id": "$P", "command": "true"}),
        ("projects/update", "project:write", {"project_id": "$P", "title": "x"}),
        ("projects/collaborators/list", "project:read", {"project_id": "$P"}),
        ("projects/copy-url", "file:write", {"project_id": "$P", "url": "github/x"}),
        ("accounts/get-names", "account:read", {"account_ids": []}),
        ("accounts/profile", "account:read", {}),
        ("accounts/get-email-address", "account:read", {"account_id": "$P"}),
    ],
)
def test_a_route_wants_its_capability_and_no_other(
    standin: StandIn, post: Post, path: str, capability: str, body: dict[str, Any]
) -> None:
    asked = {name: standin.project.project_id if value == "$P" else value for name, value in body.items()}
    others = [word for word in CAPABILITIES if word != capability]
    refused = lacking(capability, asked.get("project_id", ""))
    weak = standin.add_key(standin.user, *others, projects=[standin.project]).secret
    assert post(path, asked, key=weak).json() == refused
    strong = standin.add_key(standin.user, capability, projects=[standin.project]).secret
    assert post(path, asked, key=strong).json() != refused


def test_a_copy_wants_to_read_its_source_and_to_write_its_target(standin: StandIn, post: Post) -> None:
    source, target = standin.project, standin.world.add_project(standin.user.account_id, "target")
    source.files.write(source.files.resolve("a.txt"), b"x", 0.0)
    asked = {"src_project_id": source.project_id, "target_project_id": target.project_id, "path": "a.txt"}
    both = [source, target]
    read = standin.add_key(standin.user, "file:read", projects=both).secret
    assert post("projects/copy-path", asked, key=read).json() == lacking("file:write", target.project_id)
    write = standin.add_key(standin.user, "file:write", projects=both).secret
    assert post("projects/copy-path", asked, key=write).json() == lacking("file:read", source.project_id)
    able = standin.add_key(standin.user, "file:read", "file:write", projects=both).secret
    assert post("projects/copy-path", asked, key=able).json() == {"status": "ok"}
    assert target.files.read(target.files.resolve("a.txt")) == b"x"


def test_a_project_that_is_not_on_the_list_is_listed_and_not_opened(standin: StandIn, post: Post) -> None:
    made = post("projects/create", {"title": "new"}).json()["project_id"]
    assert made in [row["project_id"] for row in post("projects/get").json()]
    assert post("projects/start", {"project_id": made}).json() == lacking("project:exec", made)


def test_a_project_on_the_list_still_wants_its_member(standin: StandIn, post: Post) -> None:
    strange = standin.second_project
    key = standin.add_key(standin.user, "project:exec", projects=[strange]).secret
    refusal = {"error": "user must be a collaborator on project"}
    assert post("projects/stop", {"project_id": strange.project_id}, key=key).json() == refusal


@pytest.mark.parametrize("path", ["latex", "jupyter/execute", "projects/write-text-file", "nope", ""])
def test_a_route_that_is_gone_is_a_page(post: Post, path: str) -> None:
    gone = post(path)
    assert (gone.status, gone.header("content-type")) == (404, "text/html; charset=utf-8")
    assert f"Cannot POST /api/v2/{path}" in gone.body.decode()


@pytest.mark.parametrize("path", ["/openapi.json", "/api/v2", "/api/conat", "/nope"])
def test_nothing_is_published(post: Post, path: str) -> None:
    assert post(path, method="GET").status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_most_routes_want_a_post(standin: StandIn, method: str) -> None:
    headers = (("Authorization", f"Bearer {standin.user.key}"),)
    for path, status in (("projects/get", 405), ("auth/sign-up", 405), ("projects/copy-path", 200)):
        response: Response = standin.handle(Request(method, f"/api/v2/{path}", headers))
        assert response.status == status
        if status == 405:
            assert response.header("allow") == "POST"
    assert standin.handle(Request("OPTIONS", "/api/v2/projects/get")).status == 204


def test_broken_json_is_a_page_and_ten_megabytes_are_the_limit(post: Post) -> None:
    assert (post("projects/get", b"{").status, post("projects/get", b"{").header("content-type")) == (
        400,
        "text/html; charset=utf-8",
    )
    fill = b'{"x":"' + b"a" * 5_000_000 + b'"}'
    assert post("projects/get", fill).status == 200
    assert post("projects/get", fill + b" " * 6_000_000).status == 413


def test_no_cookie_is_set(post: Post) -> None:
    assert post("projects/get").header("set-cookie") is None


@pytest.mark.parametrize(
    ("path", "key", "words"),
    [
        ("user-query", "good", "API keys are not allowed to use user-query"),
        ("user-query", "wrong", "API keys are not allowed to use user-query"),
        ("user-query", None, "must be signed in"),
        ("api-keys", "wrong", "API keys cannot manage account API keys"),
        ("purchases/resume-subscription", "good", "browser sign-in is required"),
        ("purchases/resume-subscription", "wrong", "must be signed in"),
        ("auth/cli/elevate/start", "good", "interactive CLI sign-in is required"),
        ("accounts/ban", "good", "only admins can ban users"),
    ],
)
def test_what_no_key_may_is_told_apart_from_what_nobody_may(
    standin: StandIn, post: Post, path: str, key: str | None, words: str
) -> None:
    secret = {"good": standin.user.key, "wrong": "sk-cc-v2.a.b", None: None}[key]
    assert post(path, {}, key=secret).json() == {"error": words}


def test_a_command_is_cut_at_15_seconds_unless_a_timeout_says_more(standin: StandIn, post: Post) -> None:
    post("projects/start", {"project_id": standin.project.project_id})
    asked = {"project_id": standin.project.project_id, "command": "sleep 20; echo done", "bash": True}
    cut = post("exec", asked)
    assert (cut.json(), round(cut.seconds)) == ({"error": "timeout"}, 15)
    assert post("exec", {**asked, "timeout": 30}).json()["stdout"] == "done\n"
    killed = post("exec", {**asked, "timeout": 5, "err_on_exit": False}).json()["error"]
    assert killed.startswith("killed command 'bash ")


def test_jobs_have_names_and_can_be_cancelled(standin: StandIn, post: Post) -> None:
    base = {"project_id": standin.project.project_id}
    asked = {**base, "command": "echo a; sleep 50", "bash": True, "async_call": True, "job_key": "k"}
    first = post("exec", asked).json()
    assert (first["status"], first["exit_code"], first["job_key"]) == ("running", 0, "k")
    assert post("exec", asked).json()["job_id"] == first["job_id"]
    standin.clock.advance(2)
    ended = post("exec", {**base, "async_cancel": first["job_id"]}).json()
    assert (ended["status"], ended["exit_code"], ended["stdout"]) == ("killed", 1, "a\n")
    assert "elapsed_s" in ended
    missing = post("exec", {**base, "async_get": "x"}).json()
    assert missing == {"error": "Async operation 'x' does not exist."}


def test_the_bridge_tells_states_and_runs_commands(standin: StandIn, post: Post) -> None:
    project_id = standin.project.project_id
    about = [{"project_id": project_id}]

    def hub(name: str, args: Any = None, **more: Any) -> Any:
        return post("/api/conat/hub", {"name": name, "args": args or []}, **more).json()

    assert set(hub("system.ping")) == {"now"}
    assert hub("projects.getProjectState", about) == {"state": "opened"}
    options = [{"project_id": project_id, "execOpts": {"command": "echo", "args": ["x"]}}]
    assert hub("projects.exec", options)["stdout"] == "x\n"
    assert hub("projects.getProjectState", about) == {"state": "running"}
    assert hub("db.userQuery", about) == {"error": "API keys are not allowed to call hub RPC 'db.userQuery'"}
    weak = standin.add_key(standin.user, "codex:run").secret
    assert hub("projects.getProjectState", about, key=weak) == lacking("project:read", project_id)
    assert "MUST provide an api key" in hub("system.ping", key=None)["error"]


def test_the_bridge_to_a_project_waits_for_one_that_does_not_run(standin: StandIn, post: Post) -> None:
    asked = {"project_id": standin.project.project_id, "name": "system.ping"}
    waited = post("/api/conat/project", asked)
    assert (waited.json()["error"][:7], waited.seconds > 15) == ("timeout", True)
    standin.restart(standin.project)
    assert set(post("/api/conat/project", asked).json()) == {"now"}


def test_capabilities_are_checked_when_a_key_is_made(standin: StandIn) -> None:
    with pytest.raises(ValueError, match="capabilities: one or more of account:read"):
        standin.add_key(standin.user, "project:everything")
    with pytest.raises(ValueError, match="generation 'ai' only"):
        StandIn().add_key(standin.user, "project:list")
    with pytest.raises(ValueError, match="generation: cocalc or ai"):
        StandIn(generation="older")  # type: ignore[arg-type]


def test_faults_come_on_routes_of_this_generation_only(standin: StandIn, post: Post) -> None:
    standin.fail("auth/sign-in-method", kind="status", status=502)
    assert post("auth/sign-in-method").status == 502
    with pytest.raises(ValueError, match="path: a route of the server"):
        standin.fail("projects/write-text-file", kind="status")


def test_without_a_host_no_project_is_made_or_run(standin: StandIn, post: Post) -> None:
    standin.hosts = False
    assert post("projects/create", {}).json()["error"].startswith("failed to assign workspace to a host")
    assert post("projects/start", {"project_id": standin.project.project_id}).json() == {"status": "ok"}
    refused = post("exec", {"project_id": standin.project.project_id, "command": "true"}).json()
    assert refused == {"error": f"project {standin.project.project_id} has no assigned host"}


def test_later_versions_list_projects_in_pages(standin: StandIn, post: Post) -> None:
    standin.pages = True
    for turn in range(3):
        standin.world.add_project(standin.user.account_id, f"page {turn}")
    first = post("projects/get", {"limit": 2, "search": "PAGE"})
    assert (len(first.json()), first.header("x-cocalc-next-offset")) == (2, "2")
    last = post("projects/get", {"limit": 2, "search": "PAGE", "offset": 2})
    assert (len(last.json()), last.header("x-cocalc-next-offset")) == (1, None)
    standin.fail("projects/get", kind="rate_limit", seconds=7)
    refused = post("projects/get")
    assert (refused.status, refused.header("retry-after")) == (429, "7")


def test_any_parameter_of_any_route_may_be_of_any_kind(standin: StandIn, post: Post) -> None:
    from cocalc_facade.testing.routes.newer.table import ROUTES

    names = (
        "project_id",
        "account_id",
        "account_ids",
        "limit",
        "fields",
        "command",
        "path",
        "email",
        "course",
    )
    for path in ROUTES:
        for value in (None, True, 1e308, "x", [], [None], {}, {"a": [1]}, "\ud800"):
            body = json.dumps(dict.fromkeys(names, value)).encode()
            assert post(path, body, waits=False).status in (200, 204, 400), path
