"""Servers of the newer generation: what their answers mean, what is learned from them, and how the generation is told."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

import cocalc_facade
from cocalc_facade import CoCalcError, NotFoundError, PermissionDeniedError, UnexpectedResponse
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.engine import typed
from cocalc_facade._calls.generations.asking import generation, is_newer
from cocalc_facade._calls.generations.bridge import ask_hub
from cocalc_facade._calls.meaning.words.wording import NO_KEY_MAY
from cocalc_facade._calls.routes import Route, clean_path
from cocalc_facade._errors import InvalidRequestError
from cocalc_facade._wire.flow import Answer
from cocalc_facade._wire.keys import Key
from tests.wire.wires import Both, FakeClock, Script, connected

from .exchanges import Recorded, recorded, route_of

TABLE = Path(__file__).parent / "expected" / "newer-generation.txt"
EXCHANGES = recorded("newer-generation")
SCOPED = "sk-cc-v2.AAAAAAAAAAAAAAAA." + "A" * 43
OLDER = {"siteName": "x", "shareServer": False, "version": {"min_project": 0}}
NEWER = {"siteName": "x", "policy_pages": "none", "version": {"min_browser": 0}}
PAGE = '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot {}</pre>\n'
NEXT_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title data-next-head="">404 Page Not Found</title></head></html>'
)
PROJECT = "826cd844-c73b-47a4-bbf1-cc75a50cf5ee"


def row(exchange: Recorded, error: CoCalcError) -> str:
    """A line of the table: what was asked, the class of the refusal, and what it tells of the key or the route."""
    told = getattr(error, "capability", None) or ""
    if (error.hint or "").startswith(NO_KEY_MAY):
        told = "no key may"
    elif "lack this route" in (error.hint or ""):
        told = "gone"
    return "\t".join([exchange.name, type(error).__name__, told]).rstrip()


def written() -> dict[str, str]:
    """Reviewed by hand; an exchange that is not in the table gives a value."""
    lines = TABLE.read_text("utf-8").splitlines()
    return {line.partition("\t")[0]: line for line in lines}


ROWS = written()


def judged(exchange: Recorded) -> tuple[Any, CoCalcError | None]:
    return judge(Answer(exchange.status, exchange.headers, exchange.body), route_of(exchange))


def test_the_table_is_of_the_621_exchanges() -> None:
    assert len(EXCHANGES) == 621
    assert len({exchange.name for exchange in EXCHANGES}) == 621
    assert {exchange.name for exchange in EXCHANGES} >= ROWS.keys()


def test_every_recorded_answer_is_judged_right() -> None:
    for exchange in EXCHANGES:
        value, error = judged(exchange)
        if exchange.name in ROWS:
            assert error is not None, exchange.name
            assert row(exchange, error) == ROWS[exchange.name]
            assert type(error) is getattr(cocalc_facade, type(error).__name__)
            assert error.status == exchange.status
        else:
            assert error is None, exchange.name
            assert value == (json.loads(exchange.body) if exchange.body else None)


def test_both_clients_raise_the_same(kind: str) -> None:
    exchanges = []
    for exchange in EXCHANGES:
        try:
            clean_path(exchange.path)
        except InvalidRequestError:
            continue
        exchanges.append(exchange)
    assert len(exchanges) > 600
    answers = [httpx.Response(x.status, headers=x.headers, content=x.body) for x in exchanges]
    with warnings.catch_warnings(), connected(kind, Script(*answers, None), max_retries=0) as both:
        warnings.simplefilter("ignore")  # some routes warn that they are deprecated
        for exchange in exchanges:
            flow = typed(both.client._session, exchange.path, {}, True)
            try:
                both.do(lambda client, flow=flow: client._run_flow(flow))
            except CoCalcError as error:
                raised = row(exchange, error)
            else:
                raised = None
            assert raised == ROWS.get(exchange.name)


def run(both: Both, flow: Any) -> Any:
    return both.do(lambda client: client._run_flow(flow))


def page(method_and_path: str, status: int = 404) -> httpx.Response:
    return httpx.Response(status, html=PAGE.format(method_and_path))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (OLDER, "cocalc"),
        (NEWER, "ai"),
        ({"anonymousSignup": True}, "cocalc"),
        ({"signupEmailDomainPolicy": {}}, "ai"),
        ({"version": {"min_project": 3}}, "cocalc"),
        ({"version": {"min_browser": 3}}, "ai"),
    ],
)
def test_the_settings_tell_the_generation_which_is_asked_once(kind: str, settings: Any, told: str) -> None:
    script = Script(settings)
    with connected(kind, script) as both:
        assert run(both, generation(both.client._session)) == told
        assert run(both, generation(both.viewed(max_retries=0).client._session)) == told
    assert len(script.requests) == 1
    assert script.requests[0].url.path == "/api/v2/customize"


@pytest.mark.parametrize("settings", [{}, [], 5, {"version": 5}])
def test_settings_that_do_not_tell_are_no_answer(kind: str, settings: Any) -> None:
    with connected(kind, Script(settings, NEWER)) as both:
        with pytest.raises(UnexpectedResponse, match="customize"):
            run(both, generation(both.client._session))
        assert run(both, generation(both.client._session)) == "ai"


def test_nothing_is_asked_while_nothing_speaks_for_the_newer_generation(kind: str) -> None:
    script = Script({"error": "must be a collaborator"}, httpx.Response(404, html=NEXT_PAGE))
    with connected(kind, script) as both:
        assert not run(both, is_newer(both.client._session))
        for path in ("projects/stop", "latex"):
            with pytest.raises(CoCalcError):
                both.call(path, {"project_id": PROJECT})
        assert not run(both, is_newer(both.client._session))
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"error": f"API key lacks required capability 'project:exec' for project {PROJECT}"},
        {"error": "API keys are not allowed to use user-query"},
        {"error": "browser sign-in is required"},
        "POST /api/v2/latex",
    ],
    ids=["capability", "no key", "browser", "page"],
)
@pytest.mark.parametrize(("settings", "newer"), [(NEWER, True), (OLDER, False)], ids=["newer", "older"])
def test_words_of_the_newer_generation_make_the_client_ask(
    kind: str, answer: Any, settings: Any, newer: bool
) -> None:
    script = Script(page(answer) if isinstance(answer, str) else answer, settings)
    with connected(kind, script) as both:
        with pytest.raises(CoCalcError):
            both.call("user-query", {})
        assert run(both, is_newer(both.client._session)) is newer
        assert run(both, is_newer(both.client._session)) is newer
    assert [request.url.path for request in script.requests] == ["/api/v2/user-query", "/api/v2/customize"]


@pytest.mark.parametrize("prefix", ["sk-cc-v2.", "sk-cocalc-v2."])
def test_a_key_of_the_newer_form_makes_the_client_ask(kind: str, prefix: str) -> None:
    script = Script(NEWER)
    with connected(kind, script, api_key=prefix + SCOPED.removeprefix("sk-cc-v2.")) as both:
        assert run(both, is_newer(both.client._session))
    assert len(script.requests) == 1
    assert Key(SCOPED).kind == "scoped"


def test_a_server_that_does_not_tell_is_taken_for_what_speaks_for_it(kind: str) -> None:
    with connected(kind, Script({"error": "busy"}), api_key=SCOPED, max_retries=0) as both:
        assert run(both, is_newer(both.client._session))


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("latex", "cocalc-ai.* lack this route.*latexmk by client.run"),
        ("projects/write-text-file", r"lack this route.*write_text"),
        ("vouchers/recent-vouchers", "lack this route; over HTTP there is nothing instead"),
        ("token-action", "lack this route"),
        ("projects/start", "looks like a server of the newer generation"),
        ("auth/2fa/statu", "did you mean 'auth/2fa/status'"),
    ],
)
def test_a_route_that_is_gone_says_so_by_name(kind: str, path: str, hint: str) -> None:
    words = f"(?s)^{path}: .*{hint}"
    script = Script(page(f"POST /api/v2/{path}"))
    with connected(kind, script) as both, pytest.raises(NotFoundError, match=words):
        both.call(path, {}, check=False, confirm=True)


def test_a_route_that_only_the_newer_generation_has_is_named_where_it_is_missing(kind: str) -> None:
    with (
        connected(kind, Script(httpx.Response(404, html=NEXT_PAGE))) as both,
        pytest.raises(NotFoundError, match=r"only servers of the newer generation .* as of \d{4}-\d\d-\d\d"),
    ):
        both.call("auth/2fa/status")


def test_a_refusal_to_every_key_names_what_there_is_instead(kind: str) -> None:
    script = Script({"error": "API keys are not allowed to use user-query"})
    words = r"no API key may .*instead there is .*state\(\)"
    with connected(kind, script) as both, pytest.raises(PermissionDeniedError, match=words) as caught:
        both.call("user-query", {"query": {}})
    assert caught.value.capability is None


def test_the_bridge_is_a_post_beside_the_api(kind: str) -> None:
    script = Script({"state": "opened"})
    seen: list[Any] = []
    with connected(kind, script, on_request=seen.append) as both:
        flow = ask_hub(both.client._session, "projects.getProjectState", [{"project_id": PROJECT}])
        assert run(both, flow) == {"state": "opened"}
    [request] = script.requests
    assert (request.method, request.url.path) == ("POST", "/api/conat/hub")
    assert script.bodies == [{"name": "projects.getProjectState", "args": [{"project_id": PROJECT}]}]
    assert request.headers["authorization"].startswith("Basic ")
    assert seen[0].url.endswith("/api/conat/hub")
    assert "/api/v2" not in seen[0].url


@pytest.mark.parametrize("path", ["/api/conat/hub", "api/conat/hub", "/api/conat/project"])
def test_no_call_reaches_the_bridge_by_its_path(kind: str, path: str) -> None:
    script = Script(page("POST"))
    with connected(kind, script) as both, pytest.raises(CoCalcError):
        both.call(path, {})
    assert all(request.url.path.startswith("/api/v2/") for request in script.requests)


def rows(start: int, count: int) -> list[dict[str, Any]]:
    return [{"project_id": str(number), "title": "x"} for number in range(start, start + count)]


def paged(start: int, count: int, following: Any) -> httpx.Response:
    headers = {} if following is None else {"X-CoCalc-Next-Offset": str(following)}
    return httpx.Response(200, json=rows(start, count), headers=headers)


def listed(both: Both, how: str, **arguments: Any) -> list[str]:
    if how == "typed":
        found = both.do(lambda client: client.projects.get(**arguments))
        return [project.project_id for project in found]
    return [project["project_id"] for project in both.call("projects/get", arguments)]


@pytest.mark.parametrize("how", ["typed", "plain"])
def test_pages_are_followed_as_far_as_the_limit_goes(kind: str, how: str) -> None:
    script = Script(paged(0, 500, 500), paged(500, 500, 1000), paged(1000, 200, 1200))
    with connected(kind, script) as both:
        assert listed(both, how, limit=1200) == [str(number) for number in range(1200)]
    assert script.bodies == [{"limit": 1200}, {"limit": 700, "offset": 500}, {"limit": 200, "offset": 1000}]


def test_a_last_page_ends_the_list_before_the_limit(kind: str) -> None:
    with connected(kind, Script(paged(0, 500, 500), paged(500, 3, None))) as both:
        assert len(listed(both, "typed", limit=9000)) == 503


@pytest.mark.parametrize("following", ["0", "-1", "x", "", "1.5", "\u0663", "9" * 4000])
def test_a_page_that_leads_nowhere_new_ends_the_list(kind: str, following: str) -> None:
    answers = [httpx.Response(200, json=rows(0, 2), headers=[(b"x-cocalc-next-offset", following.encode())])]
    if following.startswith("99"):
        answers.append(paged(2, 0, following))
    with connected(kind, Script(*answers)) as both:
        assert len(listed(both, "typed", limit=9)) == 2


@pytest.mark.parametrize("arguments", [{}, {"limit": 2}])
def test_no_more_is_asked_for_than_the_caller_wants(kind: str, arguments: dict[str, Any]) -> None:
    script = Script(paged(0, 2, 2))
    with connected(kind, script) as both:
        assert len(listed(both, "typed", **arguments)) == 2
    assert len(script.requests) == 1


def test_a_page_that_is_refused_fails_the_whole_call(kind: str) -> None:
    refused = {"error": "API key lacks required capability 'project:list'"}
    script = Script(paged(0, 500, 500), refused)
    with connected(kind, script) as both, pytest.raises(PermissionDeniedError) as caught:
        listed(both, "typed", limit=501)
    assert caught.value.capability == "project:list"


def test_a_page_that_is_no_list_is_no_answer(kind: str) -> None:
    with connected(kind, Script(paged(0, 500, 500), {"x": 1})) as both, pytest.raises(UnexpectedResponse):
        listed(both, "typed", limit=501)


def test_a_search_that_is_throttled_is_waited_for(kind: str) -> None:
    body = {"error": "too many searches", "code": "api_search_rate_limited"}
    throttled = httpx.Response(429, json=body, headers={"Retry-After": "7"})
    clock = FakeClock()
    script = Script(paged(0, 500, 500), throttled, paged(500, 1, None))
    with connected(kind, script, _clock=clock) as both:
        assert len(listed(both, "typed", limit=501)) == 501
    assert sum(clock.slept) >= 7


def test_only_what_the_table_says_is_paged() -> None:
    from cocalc_v2.operations import OPERATIONS

    assert [path for path in OPERATIONS if Route(path, OPERATIONS[path]).next_page] == ["projects/get"]
