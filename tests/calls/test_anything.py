"""Whatever comes in, from the server or from the caller, ends as a value or as an error of ours."""

from __future__ import annotations

import contextlib
import json
import warnings
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cocalc_v2.operations import OPERATIONS
from hypothesis import given
from hypothesis import strategies as st

from cocalc_facade import CoCalc, CoCalcError, ConfigurationError, InvalidRequestError, UnexpectedResponse
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.engine import call, decoded
from cocalc_facade._calls.routes import Route, Routes
from cocalc_facade._wire.flow import Answer
from tests.wire.wires import KEY, FakeClock, Script, connected

ROUTES = Routes()
SESSION = CoCalc(KEY)._session
NAMES = st.sampled_from(
    ["error", "status", "event", "message", "issues", "response", "query", "code", "errors", "url"]
) | st.text(max_size=5)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
WORDS = st.text(max_size=60) | st.sampled_from(
    [
        "undefined",
        "must be signed in",
        "too many requests; try again in x seconds",
        "try again in . seconds",
        "'" * 50,
    ]
)
PYTHON = st.recursive(
    JSON
    | st.binary(max_size=5)
    | st.floats()
    | st.uuids()
    | st.decimals()
    | st.datetimes()
    | st.just(object())
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=2)
    ),
    max_leaves=6,
)
KINDS = st.sampled_from(
    ["application/json", "application/json; charset=utf-8", "text/plain", "text/html", "", "image/png"]
)


@given(
    path=st.sampled_from(sorted(OPERATIONS)),
    value=JSON,
    status=st.sampled_from([200, 200, 200, 204, 304, 400, 404, 405, 429, 500, 503]),
)
def test_any_json_to_any_operation_gives_a_value_or_an_error_of_ours(
    path: str, value: Any, status: int
) -> None:
    route = ROUTES[path]
    answer = Answer(status, {"content-type": "application/json"}, json.dumps(value).encode())
    plain, error = judge(answer, route)
    if error is not None:
        assert "\n" not in str(error)
        return
    assert plain == (value if status != 304 else None)
    decoded(SESSION, route, plain)


@given(
    status=st.integers(200, 599), kind=KINDS, body=st.binary(max_size=200), known=st.booleans(), after=WORDS
)
def test_any_bytes_give_a_value_or_an_error_of_ours(
    status: int, kind: str, body: bytes, known: bool, after: str
) -> None:
    route = ROUTES["projects/stop"] if known else Route("new/route", None)
    _, error = judge(
        Answer(status, {"content-type": kind, "retry-after": after, "location": after}, body), route
    )
    if error is not None:
        assert isinstance(error, CoCalcError)
        assert "\n" not in str(error)
    else:
        assert 200 <= status < 300


@given(words=WORDS | JSON, status=st.sampled_from([200, 400, 500]))
def test_any_words_of_refusal_give_an_error_of_ours(words: Any, status: int) -> None:
    body = json.dumps({"error": words}).encode()
    _, error = judge(Answer(status, {"content-type": "application/json"}, body), ROUTES["exec"])
    assert isinstance(error, CoCalcError)
    if status == 200 and not words:  # an empty text is no refusal, and no value
        assert isinstance(error, UnexpectedResponse)


@given(
    kind=KINDS,
    status=st.sampled_from([200, 302, 308, 404, 500]),
    headers=st.dictionaries(
        st.sampled_from(["location", "retry-after", "content-encoding"]),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12),
    ),
)
def test_any_headers_give_a_value_or_an_error_of_ours_through_a_client(
    kind: str, status: int, headers: dict[str, str]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            status, headers={**headers, "content-type": kind}, stream=httpx.ByteStream(b"{}")
        )

    with connected("sync", answer, _clock=FakeClock()) as both:
        value = None
        with contextlib.suppress(CoCalcError):
            value = both.call("new/route")
        assert value in ({}, None)


@given(path=st.sampled_from(sorted(OPERATIONS)), data=st.data(), check=st.booleans())
def test_any_arguments_give_a_request_or_an_error_before_anything_is_sent(
    path: str, data: st.DataObject, check: bool
) -> None:
    names = [field.wire for field in OPERATIONS[path].fields]
    arguments = data.draw(
        st.dictionaries(
            st.sampled_from(names) | st.text(max_size=4) if names else st.text(max_size=4), PYTHON, max_size=3
        )
    )
    script = Script({"status": "ok"})
    with connected("sync", script) as both, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            flow = call(both.client._session, path, arguments, confirm=True, check=check)
            both.client._run_flow(flow)
        except (ConfigurationError, InvalidRequestError):
            sent = 0
        except UnexpectedResponse:  # `{}` is not something
            sent = 1
        else:
            sent = 1
        if sent:
            assert isinstance(script.bodies[0], dict)
            assert script.requests[0].url.query == b""
        assert len(script.requests) == sent


@pytest.mark.parametrize("arguments", [5, "text", [1], [("a", 1)], {1: 2}, {None: 1}])
def test_arguments_that_are_no_dict_of_names_are_refused(arguments: Any) -> None:
    script = Script({})
    with connected("sync", script) as both, pytest.raises(InvalidRequestError):
        both.call("projects/stop", arguments)
    assert script.requests == []


def test_deep_nesting_is_an_error_of_ours_in_both_directions() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with connected(
        "sync",
        Script(httpx.Response(200, headers={"content-type": "application/json"}, content=b"[" * 100_000)),
    ) as both:
        with pytest.raises(InvalidRequestError, match="deep"):
            both.call("new/route", {"x": deep})
        with pytest.raises(CoCalcError, match="JSON"):
            both.call("new/route")
    while deep:
        deep = deep.pop()


def test_uuids_and_times_are_taken_where_text_is_expected() -> None:
    script = Script({})
    with connected("sync", script) as both:
        both.call("projects/touch", {"project_id": uuid4()})
        with pytest.raises(InvalidRequestError, match="time zone"):
            both.call("new/route", {"x": datetime(2026, 1, 1)})  # noqa: DTZ001 - naive is the point
