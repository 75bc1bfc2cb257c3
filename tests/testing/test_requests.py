"""Methods, paths and bodies: what the production build takes, and what the development build refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade.testing import Request, StandIn
from cocalc_facade.testing.routes.table import KNOWN, ROUTES

from .conftest import Post, asker

JSON = "application/json"


@pytest.fixture
def dev() -> Post:
    return asker(StandIn("development"))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_in_production_every_method_runs_the_handler_without_parameters(post: Post, method: str) -> None:
    answer = post("projects/get", {"limit": 1}, method=method)
    assert answer.status == 200
    assert answer.body == b"" if method == "HEAD" else len(answer.json()) == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_in_development_published_routes_take_only_post(dev: Post, method: str) -> None:
    answer = dev("projects/get", method=method)
    assert (answer.status, answer.header("allow")) == (405, "POST")
    assert dev("projects/create", method="GET").status == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", None, "application/octet-stream", "application/vnd.api+json", "json"]
)
def test_a_body_of_another_type_means_no_parameters(post: Post, content_type: str | None) -> None:
    assert len(post("projects/get", b'{"limit":1}', content_type=content_type).json()) == 2


@pytest.mark.parametrize("content_type", [JSON, "application/ld+json", "application/json; charset=utf-8"])
def test_json_is_read_from_these_types(post: Post, content_type: str) -> None:
    assert len(post("projects/get", b'\xef\xbb\xbf{"limit":1}', content_type=content_type).json()) == 1


@pytest.mark.parametrize("body", [b'{"a":', b"{limit:1}", b'{"limit":NaN}', b"{'limit':1}", b"\x1f\x8b\x08"])
def test_malformed_json_is_a_plain_400_for_anybody(post: Post, body: bytes) -> None:
    for key in ("", None):
        answer = post("projects/get", body, key=key)
        assert (answer.status, answer.reason, answer.body) == (400, "Invalid JSON", b"Invalid JSON")
        assert answer.header("content-type") is None
    assert post("nope", body).status == 404


def test_a_form_repeats_a_name_for_a_list(standin: StandIn, post: Post) -> None:
    form = "application/x-www-form-urlencoded"
    one = f"account_ids={standin.user.account_id}".encode()
    assert (
        post("accounts/get-names", one, content_type=form)
        .json()["error"]
        .startswith("malformed array literal")
    )
    two = one + f"&account_ids={standin.second.account_id}".encode()
    assert len(post("accounts/get-names", two, content_type=form).json()["names"]) == 2
    assert post("accounts/get-names", b"account_ids[]=" + one, content_type=form).json() == {
        "error": "account_ids is not iterable"
    }
    said = post("user-query", b'query={"accounts":{"first_name":null}}', content_type=form).json()
    assert said == {"error": "FATAL: must specify exactly one key in the query"}


@pytest.mark.parametrize(
    "path", ["/api/v1/query", "/api/v2/projects", "/API/V2/projects/get", "/api/v2/projects%2Fget", "/x"]
)
def test_an_unknown_path_is_a_page(post: Post, path: str) -> None:
    answer = post(path, {})
    assert answer.status == 404
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert b"404 Page Not Found" in answer.body


@pytest.mark.parametrize("path", ["/api/v2/projects/get/", "/api/v2//projects/get", "//api/v2/projects/get"])
def test_slashes_too_many_are_a_relative_redirect(post: Post, path: str) -> None:
    answer = post(path, {})
    assert (answer.status, answer.header("location")) == (308, "/api/v2/projects/get")
    assert answer.header("refresh") == "0;url=/api/v2/projects/get"
    assert answer.header("content-type") is None


def test_a_redirect_keeps_the_query_and_mends_one_thing_at_a_time(post: Post) -> None:
    answer = post("projects/get/?limit=1")
    assert answer.header("location") == "/api/v2/projects/get?limit=1"
    assert post("/api/v2/projects//get/").header("location") == "/api/v2/projects/get/"


def test_only_deletion_of_an_account_minds_the_method(standin: StandIn, post: Post) -> None:
    answer = post("accounts/delete", method="GET")
    assert (answer.status, list(answer.json())) == (404, ["message"])
    assert not standin.user.deleted


def test_bookmarks_read_the_body_of_any_method(standin: StandIn, post: Post) -> None:
    asked = {"type": "starred-files", "project_id": standin.project.project_id}
    assert post("bookmarks/get", asked, method="GET").json()["status"] == "success"


def test_the_bridge_to_a_project_runs_commands_but_does_not_start_it(standin: StandIn, post: Post) -> None:
    command = {"command": "echo", "args": ["hi"]}
    asked = {"project_id": standin.project.project_id, "name": "system.exec", "args": [command]}
    assert "no subscribers" in post("/api/conat/project", asked).json()["error"]
    post("projects/start", {"project_id": standin.project.project_id})
    for key in (standin.user.key, standin.project_key.secret):
        assert post("/api/conat/project", asked, key=key).json()["stdout"] == "hi\n"
    assert "collaborator" in post("/api/conat/project", asked, key=standin.second.key).json()["error"]
    assert "API key" in post("/api/conat/project", asked, key=None).json()["error"]
    failing = {**asked, "args": [{"command": "false"}]}
    assert "nonzero code 1" in post("/api/conat/project", failing).json()["error"]
    assert "unknown function" in post("/api/conat/project", {**asked, "name": "x"}).json()["error"]


def test_a_known_tag_gives_304_to_a_post_too(post: Post) -> None:
    tag = post("news/list", {}).header("etag")
    for wanted in (tag, "*"):
        answer = post("news/list", {}, headers=(("If-None-Match", str(wanted)),))
        assert (answer.status, answer.body) == (304, b"")


def test_the_document_is_served_with_a_tag(post: Post) -> None:
    document = post("/openapi.json", method="GET")
    assert len(document.json()["paths"]) == 57
    again = post("/openapi.json", method="GET", headers=(("If-None-Match", str(document.header("etag"))),))
    assert again.status == 304


@pytest.mark.parametrize("design", ["redoc", "swagger"])
def test_the_page_about_the_api_names_the_document_by_the_host_that_was_asked(design: Any) -> None:
    standin = StandIn(base_path="/6a8b/port/5000", docs_design=design)
    page = asker(standin)("/6a8b/port/5000/api/v2", method="GET", headers=(("Host", "example.org:81"),))
    assert b"fetch('//example.org:81/6a8b/port/5000/openapi.json')" in page.body


def test_another_document_can_be_published() -> None:
    document = {"openapi": "3.0.1", "info": {"title": "x", "version": "1"}, "paths": {}}
    assert asker(StandIn(document=document))("/openapi.json", method="GET").json() == document


def test_routes_without_behaviour_answer_with_a_marked_example(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ROUTES, "compute/get-log")
    answer = post("compute/get-log", {"id": 1})
    assert answer.header("x-standin") == "example"
    assert isinstance(answer.json(), list)
    assert post("compute/get-log", {"id": 1}, key=None).json() == {"error": "must be signed in"}
    assert post("projects/get").header("x-standin") is None


def test_an_undefined_answer_is_an_empty_body_of_json_type(post: Post) -> None:
    answer = post("compute/get-detailed-state", {"id": 1})
    assert (answer.status, answer.header("content-type"), answer.body) == (
        200,
        "application/json; charset=utf-8",
        b"",
    )


def test_development_hands_on_only_what_the_schema_names(dev: Post, post: Post) -> None:
    query = {"query": {"accounts": {"account_id": None, "first_name": None, "email_address": None}}}
    assert "first_name" in post("user-query", query).json()["query"]["accounts"]
    assert "first_name" not in dev("user-query", query).json()["query"]["accounts"]
    query = {"query": {"accounts": {"account_id": None, "first_name": None}}}
    assert "first_name" in dev("user-query", query).json()["query"]["accounts"]


@pytest.mark.parametrize(
    ("path", "body", "issue"),
    [
        (
            "projects/get",
            {"limit": "1"},
            {
                "code": "invalid_type",
                "expected": "number",
                "received": "string",
                "path": ["limit"],
                "message": "Expected number, received string",
            },
        ),
        (
            "projects/stop",
            {"project_id": "nope"},
            {
                "validation": "uuid",
                "code": "invalid_string",
                "message": "Invalid uuid",
                "path": ["project_id"],
            },
        ),
        (
            "latex",
            {"path": "a.tex", "timeout": 1},
            {
                "code": "too_small",
                "minimum": 5,
                "type": "number",
                "inclusive": True,
                "exact": False,
                "message": "Number must be greater than or equal to 5",
                "path": ["timeout"],
            },
        ),
        (
            "projects/collaborators/change-user-type",
            {
                "project_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
                "target_account_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
                "new_group": "boss",
            },
            {
                "received": "boss",
                "code": "invalid_enum_value",
                "options": ["owner", "collaborator"],
                "path": ["new_group"],
                "message": "Invalid enum value. Expected 'owner' | 'collaborator', received 'boss'",
            },
        ),
    ],
)
def test_development_refuses_in_the_words_of_zod(dev: Post, path: str, body: Any, issue: Any) -> None:
    answer = dev(path, body)
    assert answer.status == 400
    assert answer.json() == {"message": "Invalid request body.", "errors": [issue]}


def test_development_takes_no_form_and_no_missing_type(dev: Post) -> None:
    for content_type in ("application/x-www-form-urlencoded", None):
        answer = dev("projects/get", b"limit=1", content_type=content_type)
        assert (answer.status, answer.json()) == (
            415,
            {"message": "Invalid media type. Expected application/json."},
        )


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"5"])
def test_development_wants_an_object_where_production_sees_no_parameters(
    dev: Post, post: Post, body: bytes
) -> None:
    assert dev("projects/get", body).status == 400
    assert len(post("projects/get", body).json()) == 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
STANDIN = StandIn()
PATHS = sorted(KNOWN)
DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi" / "client.json").read_text("utf-8"))


def parameters(path: str) -> list[str]:
    """The names that the parameters of a route have."""
    operation = DOCUMENT["paths"].get(f"/api/v2/{path}", {}).get("post", {})
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return [*schema.get("properties", {}), "nonsense"]


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    path = draw(st.sampled_from([path for path in PATHS if path != "accounts/delete"]))
    return path, draw(st.dictionaries(st.sampled_from(parameters(path)), VALUES, max_size=5))


@given(calls(), st.sampled_from(["production", "development"]), st.booleans())
def test_any_parameters_of_any_route_get_an_answer(
    call: tuple[str, dict[str, Any]], build: Any, own: bool
) -> None:
    path, body = call
    standin = StandIn(build)
    answer = asker(standin)(path, {**body, "project_id": standin.project.project_id} if own else body)
    assert answer.status in (200, 400, 500)
    if answer.body and answer.status == 200:
        answer.json()


WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    "",
    "x",
    "1",
    [],
    [None],
    ["x"],
    {},
    {"x": None},
    {"x": [1]},
]


def test_every_parameter_of_every_route_may_be_of_any_kind(standin: StandIn, post: Post) -> None:
    standin.oddities.rate_limits = False
    keys = (standin.user.key, standin.project_key.secret)
    own = {"project_id": standin.project.project_id, "account_id": standin.user.account_id}
    for turn, path in enumerate(path for path in PATHS if path not in ("accounts/delete", "accounts/ban")):
        names = parameters(path)
        kept = {name: own[name] for name in names if name in own}
        for name in names:
            for value in WRONG:
                answer = post(path, {**kept, name: value}, key=keys[turn % 7 == 0])
                assert answer.status in (200, 400, 500), (path, name, value)


@given(
    st.sampled_from(["GET", "POST", "HEAD", "BREW"]),
    st.text(alphabet="/abc%2.?=&;:@v", max_size=20).map(lambda text: "/" + text),
    st.lists(
        st.tuples(
            st.sampled_from(["Content-Type", "Authorization", "Cookie", "If-None-Match"]),
            st.text(max_size=20),
        ),
        max_size=3,
    ),
    st.binary(max_size=40),
)
def test_any_request_gets_an_answer(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    for path in (target, "/api/v2/projects/get" + target[1:]):
        answer = STANDIN.handle(Request(method, path, tuple(headers), body))
        assert 200 <= answer.status < 600
