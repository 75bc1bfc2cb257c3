"""One call, from arguments to value or error: what is sent, when it is repeated, and what is said about it."""

from __future__ import annotations

import base64
import json
import logging
import warnings
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from cocalc_facade import (
    AuthenticationError,
    CoCalcError,
    CoCalcWarning,
    ConfigurationError,
    ConfirmationRequired,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    Request,
    Response,
    SchemaMismatch,
    ServerError,
    TimedOut,
    Timeout,
    UnexpectedResponse,
)
from cocalc_facade._calls.engine import call, typed
from tests.rows import every_row
from tests.wire.wires import KEY, PROJECT, FakeClock, Late, Script, connected


@pytest.fixture(params=["sync", "async", "sync httpx2", "async httpx2"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each test with it runs for both clients, on both libraries."""
    kind: str = request.param
    return kind


OK = {"status": "ok"}
NEW = {"project_id": PROJECT}
SENT = {"status": "success", "id": 5}
JSON = {"content-type": "application/json; charset=utf-8"}
RATE = {
    "error": "too many requests to messages/send; try again in 9 seconds (rule: at most 3 requests per second)"
}


def test_a_call_is_a_post_with_a_json_body_and_the_key_as_user_name(kind: str) -> None:
    script = Script(OK)
    with connected(kind, script) as both:
        assert both.call("projects/stop", {"project_id": PROJECT}) == OK
    request = script.requests[0]
    assert request.method == "POST"
    assert str(request.url) == "http://localhost:5000/api/v2/projects/stop"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("cocalc-facade/")
    assert "cookie" not in request.headers
    assert script.bodies == [{"project_id": PROJECT}]


def test_the_key_is_sent_as_bearer_on_request(kind: str) -> None:
    script = Script(OK)
    with connected(kind, script, auth="bearer") as both:
        both.call("projects/stop", {"project_id": PROJECT})
    assert script.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_typed_method_gives_a_typed_result(kind: str) -> None:
    script = Script({"status": "ok", "more": 1})
    with connected(kind, script) as both:
        result = both.do(lambda client: client.projects.stop(project_id=UUID(PROJECT)))
    assert result.status == "ok"
    assert result.to_dict() == {"status": "ok", "more": 1}
    assert script.bodies == [{"project_id": PROJECT}]


def test_an_omitted_argument_is_not_sent_and_none_is_null(kind: str) -> None:
    script = Script({})
    with connected(kind, script) as both:
        both.do(lambda client: client.api_keys(action="edit", id=5))
        both.do(lambda client: client.api_keys(action="edit", id=5, expire=None))
    assert script.bodies == [{"action": "edit", "id": 5}, {"action": "edit", "id": 5, "expire": None}]


def test_the_base_path_of_the_server_is_kept(kind: str) -> None:
    script = Script(OK)
    with connected(kind, script, "http://127.0.0.1:5000/base/path/api/v2/") as both:
        both.call("/api/v2/projects/stop/", {"project_id": PROJECT})
    assert str(script.requests[0].url) == "http://127.0.0.1:5000/base/path/api/v2/projects/stop"


@pytest.mark.parametrize(
    "value", [0, False, "", [], {}, None, 1.5, "text", [1], {"error": ""}, {"error": None}]
)
def test_any_json_is_an_answer_of_a_route_that_is_not_known(kind: str, value: Any) -> None:
    with connected(kind, Script(httpx.Response(200, headers=JSON, content=json.dumps(value)))) as both:
        assert both.call("appeared/yesterday", {"anything": 1}) == value


def test_an_empty_body_is_none(kind: str) -> None:
    empty = httpx.Response(200, headers={"content-type": "application/json; charset=utf-8"})
    with connected(kind, Script(empty)) as both:
        assert both.do(lambda client: client.call("compute/get-detailed-state", {"id": 1})) is None


def test_a_wrong_shape_of_the_whole_answer_is_an_error_and_not_a_late_attribute_error(kind: str) -> None:
    with connected(kind, Script(5)) as both:
        with pytest.raises(UnexpectedResponse) as caught:
            both.do(lambda client: client.projects.stop(project_id=PROJECT))
        assert caught.value.body == "5"
        assert (caught.value.expected, caught.value.got) == ("object", "integer")
        assert both.call("projects/stop", {"project_id": PROJECT}, check=False) == 5


def test_a_departure_is_recorded_told_and_logged_without_the_value(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Any] = []
    script = Script([{"project_id": PROJECT, "title": {"secret": "value"}}])
    with (
        connected(kind, script, on_mismatch=told.append) as both,
        caplog.at_level("WARNING", "cocalc_facade.schema"),
    ):
        for _ in range(2):
            result = both.do(lambda client: client.projects.get())
        assert result[0].title == {"secret": "value"}
        (mismatch,) = both.client.mismatches
        assert (mismatch.path, mismatch.where, mismatch.times) == ("projects/get", ("*", "title"), 2)
        assert len(told) == 2
        assert len(caplog.records) == 1
        assert "secret" not in repr(both.client.mismatches) + caplog.text


def test_strict_makes_a_departure_an_error(kind: str) -> None:
    with connected(kind, Script([{"project_id": PROJECT, "title": 5}])) as both:
        with pytest.raises(SchemaMismatch) as caught:
            both.viewed(strict=True).do(lambda client: client.projects.get())
        assert caught.value.where == (0, "title")
        assert caught.value.got == "integer"
        assert both.do(lambda client: client.projects.get())[0].title == 5


def test_a_rate_refusal_is_waited_for_as_told_whatever_the_call(kind: str) -> None:
    clock, script = FakeClock(), Script(RATE, SENT)
    with connected(kind, script, _clock=clock) as both:
        assert both.call("messages/send") == SENT
    assert clock.slept == [pytest.approx(9.0, abs=0.2)]


@pytest.mark.parametrize("rows", [0, 3000], ids=["small", "large"])
@pytest.mark.parametrize(
    "refused",
    [
        lambda: httpx.Response(503, text="busy"),
        lambda: httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        lambda: httpx.Response(429, headers={"retry-after": "2"}, json={"error": "slow down"}),
        lambda: httpx.ConnectError("refused"),
    ],
    ids=["503", "502", "429", "unreached"],
)
def test_nothing_of_an_earlier_try_is_left_when_a_later_one_succeeds(
    kind: str, refused: Callable[[], Any], rows: int
) -> None:
    answer = {"purchases": [{"service": "license"}] * rows, "balance": 1}
    script = Script(refused(), refused(), answer)
    with connected(kind, script, _clock=FakeClock(), max_retries=3) as both:
        result = both.do(lambda client: client.purchases.get_purchases())
        assert result.to_dict() == answer
        assert not list(both.client.mismatches)


def test_a_rate_refusal_that_asks_for_too_long_a_wait_is_an_error_with_the_wait_and_the_rule(
    kind: str,
) -> None:
    clock, script = FakeClock(), Script(RATE)
    with (
        connected(kind, script, _clock=clock, max_rate_wait=5) as both,
        pytest.raises(RateLimitError) as caught,
    ):
        both.call("messages/send")
    assert caught.value.retry_after == 9.0
    assert caught.value.rule == "at most 3 requests per second"
    assert clock.slept == []


def test_what_one_call_was_told_about_the_rate_holds_for_the_next_one(kind: str) -> None:
    clock, script = FakeClock(), Script(RATE, SENT)
    with connected(kind, script, _clock=clock, max_retries=0) as both:
        with pytest.raises(RateLimitError):
            both.call("messages/send")
        assert both.call("messages/send") == SENT
    assert clock.slept == []
    clock, script = FakeClock(), Script(RATE, SENT)
    with connected(kind, script, _clock=clock) as both:
        session = both.client._session
        session.resume_at["messages/send"] = clock.now() + 3
        both.viewed(max_retries=0).do(
            lambda client: client._run_flow(call(client._session, "messages/send", wait_for_rate=True))
        )
    assert clock.slept[0] == 3


def test_the_total_time_counts_the_waits(kind: str) -> None:
    clock = FakeClock()
    with (
        connected(kind, Script(RATE), _clock=clock, timeout=12) as both,
        pytest.raises(RateLimitError) as caught,
    ):
        both.call("messages/send")
    assert len(caught.value.attempts) == 2
    assert clock.now() < 1012


def test_a_wait_that_a_header_asks_for_is_waited(kind: str) -> None:
    clock = FakeClock()
    script = Script(httpx.Response(429, headers={"retry-after": "4"}), NEW)
    with connected(kind, script, _clock=clock) as both:
        assert both.call("projects/create") == NEW
    assert clock.slept == [pytest.approx(4.0, abs=0.2)]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("exec", "Error executing command 'sh' with args 'pay.sh' -- command 'sh' exited with nonzero code 1 -- stderr='try again in 1 second'"),
        ("exec", f"Error executing command 'x' with args '' -- {RATE['error']}"),
        ("projects/call", RATE["error"]),
        ("projects/create", "project was created, but starting it failed: rate limited; try again in 0.1 seconds"),
        ("projects/stop", "too many requests to projects/stop; try again in 1 second (rule: at most 3 requests per second)"),
        ("messages/send", f"sent; then: {RATE['error']}"),
        ("messages/send", f"{RATE['error']} for the mail"),
        ("llm/evaluate", "There is a problem calling x. Please try another model, a different prompt, or try again later. try again in 1 second"),
        ("purchases/stripe/create-payment-intent", "rate limit exceeded, try again in 1 second"),
        ("auth/sign-in", "Wait a minute, then try to login again"),
    ],
)  # fmt: skip
def test_no_words_but_the_throttles_own_let_a_call_be_repeated(kind: str, path: str, words: str) -> None:
    clock, script = FakeClock(), Script({"error": words}, OK)
    with connected(kind, script, _clock=clock) as both, pytest.raises(CoCalcError):
        both.do(lambda client: client._run_flow(call(client._session, path, confirm=True, check=False)))
    assert len(script.requests) == 1
    assert clock.slept == []


def test_the_key_comes_from_a_callable_for_each_call(kind: str) -> None:
    keys = iter(["sk-AAAAAAAAAAAAAAAA000001", "sk-BBBBBBBBBBBBBBBB000002"])
    script = Script(OK)
    with connected(kind, script, api_key=lambda: next(keys), auth="bearer") as both:
        both.call("projects/stop", {"project_id": PROJECT})
        both.call("projects/stop", {"project_id": PROJECT})
    assert [r.headers["authorization"][7:10] for r in script.requests] == ["sk-", "sk-"]
    assert script.requests[0].headers["authorization"] != script.requests[1].headers["authorization"]


def test_without_a_key_only_what_needs_none_is_sent(kind: str) -> None:
    script = Script(False)
    with connected(kind, script, api_key=None) as both:
        assert both.call("auth/requires-token") is False
        assert "authorization" not in script.requests[0].headers
        with pytest.raises(ConfigurationError, match="COCALC_API_KEY"):
            both.call("projects/stop", {"project_id": PROJECT})
    assert len(script.requests) == 1


def test_what_cannot_be_undone_needs_confirm(kind: str) -> None:
    script = Script({"status": "success"})
    with connected(kind, script) as both:
        with pytest.raises(ConfirmationRequired, match="confirm=True"):
            both.call("accounts/delete")
        with pytest.raises(ConfirmationRequired):
            both.do(lambda client: client.accounts.delete())
        with pytest.raises(ConfirmationRequired):
            both.do(lambda client: client.with_raw_response.accounts.delete())
        assert script.requests == []
        both.call("accounts/delete", confirm=True)
    assert len(script.requests) == 1


def test_a_route_that_always_fails_warns_at_the_line_that_calls_it() -> None:
    from cocalc_v2.operations import OPERATIONS

    failing = [
        path for path, row in OPERATIONS.items() if row.fails and not row.confirm and not row.deprecated
    ]
    assert failing
    with connected("sync", Script({})) as both, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        both.client.call(failing[0], check=False)
    assert [w.category for w in caught] == [CoCalcWarning]
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "path",
    ["", "/", "../x", "projects/../x", "projects//stop", "a b", "a?b=1", "a#b", "http://x/y", "projects/%2e"],
)
def test_a_path_that_could_mean_another_place_is_refused(kind: str, path: str) -> None:
    script = Script(OK)
    with connected(kind, script) as both, pytest.raises(InvalidRequestError):
        both.call(path)
    assert script.requests == []


@pytest.mark.parametrize(
    "path", [b"projects/stop", bytearray(b"x"), ["projects/stop"], {}, None, 5, float("nan"), object()]
)
def test_a_path_that_is_no_text_is_refused(kind: str, path: Any) -> None:
    server = Script(OK)
    with connected(kind, server) as both:
        for act in (both.call, both.client.describe):
            with pytest.raises(InvalidRequestError, match=f"not {type(path).__name__}"):
                act(path)
    assert server.requests == []


def test_a_missing_route_says_whether_the_server_or_the_path_is_to_blame(kind: str) -> None:
    page = httpx.Response(404, html="<!DOCTYPE html><html>")
    with connected(kind, Script(page)) as both:
        with pytest.raises(NotFoundError, match="this server lacks the route"):
            both.call("projects/stop", {"project_id": PROJECT})
        with pytest.raises(NotFoundError, match="did you mean 'projects/start'"):
            both.call("projects/strat")


@pytest.mark.parametrize("seconds", [59.5, 60.1, 75.0])
def test_the_sixty_second_cut_says_that_the_command_goes_on(kind: str, seconds: float) -> None:
    clock = FakeClock()
    script = Script(Late(seconds, {"error": "undefined"}, clock))
    with (
        connected(kind, script, _clock=clock) as both,
        pytest.raises(TimedOut, match="async_call") as caught,
    ):
        both.call("exec", {"project_id": PROJECT, "command": "sleep 70"})
    assert caught.value.maybe_executed is True
    assert len(script.requests) == 1


@every_row("seconds", [0.0, 1.2, 20.0, 45.0])
@every_row(
    ("path", "answer"),
    [
        ("exec", {"error": "undefined"}),
        ("jupyter/execute", {"error": "undefined"}),
        ("projects/call", {}),
        ("projects/copy-path", {"error": "undefined"}),
        ("projects/start", {}),
        ("projects/write-text-file", {}),
        ("latex", {}),
        ("latex", {"error": "undefined"}),
    ],
)
def test_an_answer_of_nothing_long_before_the_cut_says_that_the_project_did_not_start(
    kind: str, path: str, answer: dict[str, Any], seconds: float
) -> None:
    clock = FakeClock()
    script = Script(Late(seconds, answer, clock))
    with connected(kind, script, _clock=clock) as both:
        for act in (
            lambda client: client.call(path, {}, check=False),
            lambda client: client._run_flow(typed(client._session, path, {}, True)),
        ):
            with pytest.raises(ServerError, match="could not be started, so nothing ran") as caught:
                both.do(act)
            assert caught.value.maybe_executed is False
            assert "60" not in str(caught.value)
    assert len(script.requests) == 2


def test_the_time_of_the_very_try_decides_and_not_that_of_the_whole_call(kind: str) -> None:
    clock = FakeClock()
    script = Script(Late(55.0, httpx.Response(502), clock), Late(1.0, {}, clock))
    with (
        connected(kind, script, _clock=clock) as both,
        pytest.raises(ServerError, match="could not be started") as caught,
    ):
        both.call("projects/start", {"project_id": PROJECT})
    assert len(caught.value.attempts) == 2


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("projects/touch", {}),
        ("api-keys", {}),
        ("new/route", {}),
        ("projects/start", {"status": "ok"}),
        ("latex", {"compile": {}}),
    ],
)
def test_an_empty_answer_where_a_success_can_be_empty_is_a_value(
    kind: str, path: str, answer: dict[str, Any]
) -> None:
    with connected(kind, Script(answer)) as both:
        assert both.call(path, {}, check=False) == answer


@pytest.mark.parametrize(
    ("path", "answer", "words"),
    [
        ("bookmarks/set", {"status": "error", "error": "cannot handle type 'x'"}, "cannot handle"),
        ("projects/call", {"event": "error", "id": "1", "error": "no such thing"}, "no such thing"),
        ("projects/copy-url", {"response": {"event": "error", "error": "disk full"}}, "disk full"),
        ("auth/sign-up", {"issues": {"email": "taken"}}, "taken"),
    ],
)
@pytest.mark.filterwarnings("ignore:bookmarks:DeprecationWarning")
def test_a_failure_inside_a_success_is_an_error(kind: str, path: str, answer: Any, words: str) -> None:
    with connected(kind, Script(answer)) as both, pytest.raises(CoCalcError, match=words):
        both.call(path, check=False)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (405, {"error": "method_not_allowed"}, InvalidRequestError),
        (500, {"error": "api_v2_error"}, ServerError),
        (200, {"error": "no", "code": "fresh_auth_required"}, CoCalcError),
        (401, {"error": "x"}, AuthenticationError),
        (400, {"error": "must be signed in"}, AuthenticationError),
    ],
)
def test_newer_servers_are_understood(kind: str, status: int, body: Any, error: type[CoCalcError]) -> None:
    with connected(kind, Script(httpx.Response(status, json=body))) as both:
        with pytest.raises(error) as caught:
            both.call("projects/stop", {"project_id": PROJECT})
        if "code" in body:
            assert getattr(caught.value, "code", None) == body["code"]


def test_attempts_are_kept_in_the_error(kind: str) -> None:
    clock = FakeClock()
    with (
        connected(kind, Script(httpx.ConnectError("refused")), _clock=clock, max_retries=3) as both,
        pytest.raises(ConnectionFailed) as caught,
    ):
        both.call("projects/create")
    attempts = caught.value.attempts
    assert [attempt.number for attempt in attempts] == [1, 2, 3, 4]
    assert [attempt.waited for attempt in attempts] == [*clock.slept, None]


def test_debug_shows_method_path_status_seconds_and_tries_but_bodies_only_on_request(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        connected(kind, Script({"answer": "private"}), _clock=FakeClock()) as both,
        caplog.at_level(logging.DEBUG, "cocalc_facade"),
    ):
        both.call("new/route", {"title": "private"})
        assert "POST new/route: 200 in 0.000 s" in caplog.text
        assert "try 1" in caplog.text
        assert "private" not in caplog.text
        both.viewed(log_bodies=True).call("new/route", {"title": "private"})
        assert "private" in caplog.text


def test_hooks_see_the_exchange_with_the_key_masked(kind: str) -> None:
    seen: list[Request | Response] = []
    with connected(
        kind,
        Script(httpx.ConnectError("refused"), OK),
        on_request=seen.append,
        on_response=seen.append,
        _clock=FakeClock(),
    ) as both:
        both.call("projects/stop", {"project_id": PROJECT})
    assert [type(x).__name__ for x in seen] == ["Request", "Response", "Request", "Response"]
    first, failed, second, answered = seen
    assert isinstance(first, Request)
    assert first.headers["authorization"] == "***"
    assert isinstance(failed, Response)
    assert (failed.status, "refused" in str(failed.fault)) == (None, True)
    assert isinstance(answered, Response)
    assert (answered.status, json.loads(answered.body or b""), answered.request) == (200, OK, second)


def test_raw_answers_keep_what_came_and_parse_on_demand(kind: str) -> None:
    with connected(kind, Script({"error": "must be signed in"}, OK)) as both:
        raw = both.do(lambda client: client.with_raw_response.projects.stop(project_id=PROJECT))
        assert (raw.status, json.loads(raw.content)) == (200, {"error": "must be signed in"})
        with pytest.raises(AuthenticationError):
            raw.parse()
        raw = both.do(lambda client: client.with_raw_response.projects.stop(project_id=PROJECT))
        assert raw.headers["content-type"] == "application/json"
        assert raw.parse().status == "ok"


def test_a_slow_operation_gets_more_time_unless_told_otherwise(kind: str) -> None:
    script = Script({"type": "blocking", "stdout": "", "stderr": "", "exit_code": 0})
    with connected(kind, script) as both:
        both.call("exec", {"project_id": PROJECT, "command": "make"})
        both.call("new/route")
        both.call("exec", {"project_id": PROJECT, "command": "make"}, timeout=Timeout(9, read=3))
    reads = [request.extensions["timeout"]["read"] for request in script.requests]
    assert reads[0] >= 70
    assert reads[1] == 70
    assert reads[2] == 3
    assert all(None not in request.extensions["timeout"].values() for request in script.requests)
