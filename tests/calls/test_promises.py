"""Nothing is not something: an answer without what every success of its route has is an error, on every way to it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cocalc_v2.operations import OPERATIONS, Operation
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade import CoCalcError, ServerError, UnexpectedResponse
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.decoding.pieces import typed as typed_at_once
from cocalc_facade._calls.engine import decoded
from cocalc_facade._wire.flow import Answer
from tests.wire.wires import PROJECT, Both, Script, connected

from .exchanges import ROUTES, Recorded, recorded, route_of

JSON = {"content-type": "application/json"}
# Status, headers and body.
Told = tuple[int, dict[str, str], bytes]
NOTHINGS: dict[str, Told] = {
    "204": (204, {}, b""),
    "204 that says JSON": (204, JSON, b""),
    "empty": (200, JSON, b""),
    "null": (200, JSON, b"null"),
    "null with a space": (200, JSON, b" null\n"),
}

# A method of each kind of promise: a list, an object with a field, a number, a truth, a text, a field that may be null.
METHODS: dict[str, Callable[[Any], Any]] = {
    "projects/get": lambda routes: routes.projects.get(limit=1),
    "projects/create": lambda routes: routes.projects.create(title="x"),
    "projects/start": lambda routes: routes.projects.start(project_id=PROJECT),
    "projects/touch": lambda routes: routes.projects.touch(project_id=PROJECT),
    "purchases/get-balance": lambda routes: routes.purchases.get_balance(),
    "purchases/get-purchases": lambda routes: routes.purchases.get_purchases(),
    "purchases/get-current-checkout-session": lambda routes: routes.purchases.get_current_checkout_session(),
    "messages/get": lambda routes: routes.messages.get(),
    "latex": lambda routes: routes.latex(path="a.tex"),
    "exec": lambda routes: routes.exec(project_id=PROJECT, command="ls"),
    "user-query": lambda routes: routes.user_query(query={"accounts": {"account_id": None}}),
    "auth/requires-token": lambda routes: routes.auth.requires_token(),
    "compute/get-server-state": lambda routes: routes.compute.get_server_state(id=1),
    "shopping/cart/add": lambda routes: routes.shopping.cart.add(product="x", description={}),
}
WITHOUT: dict[str, list[str]] = {
    "projects/get": ["{}", "0", '"up"', '{"status": "up"}'],
    "projects/create": ["{}", "[]", '{"status": "up"}', '{"success": true}', '{"project_id": null}'],
    "projects/start": ["{}", "[]", "true", '{"state": "running"}', '{"status": null}'],
    "projects/touch": ["[]", "0", '"ok"', "false"],
    "purchases/get-balance": ["{}", "[]", "true", '""', '"much"', '"NaN"'],
    "purchases/get-purchases": ["{}", "[]", '{"status": "up"}', '{"purchases": null, "balance": null}'],
    "purchases/get-current-checkout-session": ["{}", "[]", '{"status": "up"}'],
    "messages/get": ["{}", '{"status": "up"}', '{"status": "success"}', '{"messages": null}'],
    "latex": ["{}", '{"status": "ok"}', "[]", '{"pdf": null}'],
    "exec": ["{}", '{"status": "up"}', '"ok"', '{"type": "blocking"}'],
    "user-query": ["{}", '{"status": "up"}', '{"query": null}', "[]"],
    "auth/requires-token": ["{}", "0", "[]", '"true"'],
    "compute/get-server-state": ["{}", "1", "[]"],
    "shopping/cart/add": ["{}", '{"status": "ok"}', "true", "[]"],
}
# What the real server answers on good days.
VALUES: dict[str, list[str]] = {
    "projects/get": ["[]", '[{"project_id": "x"}]'],
    "projects/touch": ["{}"],
    "purchases/get-balance": ["0", "-1.5", '"3.10"', "1e400"],
    "purchases/get-purchases": ['{"purchases": [], "balance": 0}', '{"purchases": []}'],
    "purchases/get-current-checkout-session": ['{"session": null}'],
    "messages/get": ['{"messages": [], "status": "success"}'],
    "latex": ['{"compile": {"event": "error"}}'],
    "user-query": ['{"query": {}}', '{"query": []}'],
    "shopping/cart/add": ["0", "1"],
}


def ways(both: Both, path: str, body: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """The ways to the answer of a route."""
    method = METHODS[path]

    def raw() -> Any:
        return both.do(lambda client: method(client.with_raw_response)).parse()

    def raw_json() -> Any:
        return both.do(lambda client: method(client.with_raw_response)).json()

    return {
        "typed": lambda: both.do(method),
        "raw": raw,
        "raw json": raw_json,
        "plain": lambda: both.call(path, body, check=True),
        "strict": lambda: both.viewed(strict=True).do(method),
    }


def body_of(path: str) -> dict[str, Any]:
    script = Script({})
    with connected("sync", script) as both:
        both.do(lambda client: METHODS[path](client.with_raw_response))
    body: dict[str, Any] = script.bodies[0]
    return body


@pytest.mark.parametrize("path", METHODS)
def test_nothing_is_not_something_on_any_way(kind: str, path: str) -> None:
    answers = {**NOTHINGS, **{text: _json(text) for text in WITHOUT[path]}}
    body = body_of(path)
    for name, answer in answers.items():
        _check_refused(kind, path, body, answer, name)


def _check_refused(kind: str, path: str, body: dict[str, Any], answer: Told, name: str) -> None:
    with connected(kind, server(answer)) as both:
        for way, ask in ways(both, path, body).items():
            with pytest.raises((UnexpectedResponse, ServerError)) as caught:
                pytest.fail(f"{path} answered {name} by {way}: {ask()!r}")
            if isinstance(caught.value, ServerError):  # said at once: the project could not be started
                assert caught.value.maybe_executed is False
                continue
            assert caught.value.maybe_executed
            assert caught.value.expected is not None
            assert (caught.value.path, caught.value.status) == (path, answer[0])
        assert both.client.mismatches or path in ("latex", "projects/start")


@pytest.mark.parametrize("path", VALUES)
def test_what_the_server_answers_is_a_value(kind: str, path: str) -> None:
    body = body_of(path)
    for text in VALUES[path]:
        with connected(kind, server(_json(text))) as both:
            for way, ask in ways(both, path, body).items():
                if way != "strict":
                    ask()


@pytest.mark.parametrize("answer", NOTHINGS.values(), ids=NOTHINGS)
def test_nothing_is_a_value_where_the_server_says_so(kind: str, answer: Told) -> None:
    with connected(kind, server(answer)) as both:
        assert both.do(lambda client: client.compute.get_detailed_state(id=1)) is None
        assert both.do(lambda client: client.public_paths.listing_cached()) is None
        assert both.call("appeared/yesterday") is None


def test_who_wants_any_json_says_so(kind: str) -> None:
    with connected(kind, server(_json("{}"))) as both:
        with pytest.raises(UnexpectedResponse, match=r"lacks project_id .*could not do it"):
            both.call("projects/create", {"title": "x"})
        assert both.call("projects/create", {"title": "x"}, check=False) == {}
    with connected(kind, server(_json("[1]"))) as both:
        with pytest.raises(UnexpectedResponse, match=r"expected object, got array .*check=False"):
            both.call("projects/create", {"title": "x"})
        assert both.call("projects/create", {"title": "x"}, check=False) == [1]


@pytest.mark.parametrize("source", ["recorded", "second-meeting", "newer-generation"])
def test_no_success_that_a_real_server_gave_is_taken_for_nothing(source: str) -> None:
    cut = {"latex-user-18", "projects-write-text-file-user-6"}  # `{}` after 60 seconds: the server gave up
    refused = {exchange.name for exchange in recorded(source) if _refused(exchange)}
    assert refused == cut & {exchange.name for exchange in recorded(source)}


def _refused(exchange: Recorded) -> bool:
    _, error = judge(Answer(exchange.status, exchange.headers, exchange.body), route_of(exchange))
    return isinstance(error, UnexpectedResponse) and error.expected is not None


def test_every_route_that_answers_an_object_with_fields_promises_some() -> None:
    """But for those of which a real server was seen to answer `{}`, and the few of which nobody knows."""
    without = {
        path
        for path, row in OPERATIONS.items()
        if row.answer == ("object",) and not row.some and not row.present and _has_fields(row)
    }
    assert without == {
        "accounts/get-email-address", "api-keys", "billing/get-customer", "billing/get-invoice", "billing/get-invoice-url",
        "billing/get-invoices-and-receipts", "compute/check-in", "compute/google-cloud/get-pricing-data", "customize",
        "purchases/get-stripe-publishable-key", "purchases/renew-subscription", "purchases/setup-automatic-billing",
        "purchases/stripe/get-customer", "purchases/stripe/get-customer-session", "purchases/stripe/get-payment-method",
        "purchases/student-pay",
    }  # fmt: skip


def _has_fields(row: Operation) -> bool:
    model = getattr(ROUTES[row.path].reader, "__self__", None)
    return bool(getattr(model, "_fields", ()))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(
    [
        "application/json", "Application/JSON; Charset=UTF-8", "application/json;charset=utf-16", "text/plain", "text/html", "",
        'application/vnd.api+json; charset="latin1"', "application/json; charset=no-such", ";", "a/b;charset", "application/json;;=",
    ]
)  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda value: json.dumps(value).encode(), ANY_JSON),
    st.builds(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass"), ANY_JSON
    ),
    st.sampled_from(
        [
            b"1e400",
            b"[-1E+400]",
            b"9" * 5000,
            b'{"a": ' * 2000,
            b'"\\ud800"',
            b"\xef\xbb\xbf{}",
            b'{"query": 1e999}',
        ]
    ),
)


@settings(deadline=None)
@given(
    path=st.sampled_from(sorted(OPERATIONS)),
    status=st.sampled_from([200, 201, 204, 206]),
    kind=KINDS,
    body=BODIES,
)
def test_any_answer_to_any_route_is_a_value_or_an_error_of_ours(
    path: str, status: int, kind: str, body: bytes
) -> None:
    route, answer = ROUTES[path], Answer(status, {"content-type": kind} if kind else {}, body)
    value, error = judge(answer, route)
    at_once = typed_at_once(answer, route)
    with connected("sync", None) as both:
        if error is not None:
            assert isinstance(error, CoCalcError)
            assert at_once is None
        else:
            result = decoded(both.client._session, route, value)
            assert at_once is None or at_once[0] == result
            if value is None:
                assert path in (
                    "compute/get-detailed-state",
                    "public-paths/listing-cached",
                    "purchases/get-max-project-quotas",
                )


@pytest.mark.parametrize("without", ["msgspec", "msgspec.json"])
def test_the_same_holds_without_the_extra(without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = importlib.import_module("cocalc_facade._calls.meaning.payloads")
    payloads._fast.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, without, None)
    try:
        for path, texts in WITHOUT.items():
            for text in texts:
                _, error = judge(Answer(200, JSON, text.encode()), ROUTES[path])
                assert isinstance(error, UnexpectedResponse), (path, text)
        for path, texts in VALUES.items():
            for text in texts:
                assert judge(Answer(200, JSON, text.encode()), ROUTES[path])[1] is None, (path, text)
    finally:
        payloads._fast.cache_clear()


def _json(text: str) -> Told:
    return 200, JSON, text.encode()


def server(told: Told) -> Callable[[httpx.Request], httpx.Response]:
    status, headers, content = told
    return lambda request: httpx.Response(status, headers=headers, content=content)
