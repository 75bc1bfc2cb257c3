"""Who the key speaks for: believed only of an answer that says so."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocalc_facade import AuthenticationError, CoCalcError, Identity, UnexpectedResponse
from tests.wire.wires import PROJECT, connected

REFUSED = {"error": "api keys are not allowed to use user-query", "code": "api_key_denied"}
JSON = {"content-type": "application/json"}


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def asked(kind: str, *answers: httpx.Response | Any, strict: bool = False) -> Identity:
    """What `whoami` makes of the answers, in their order."""
    left = list(answers)

    def server(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0)
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    with connected(kind, server, strict=strict, max_retries=0) as both:
        identity: Identity = both.do(lambda client: client.whoami())
        return identity


def nothing() -> list[httpx.Response]:
    return [
        httpx.Response(204),
        httpx.Response(200, headers=JSON),
        *(httpx.Response(200, headers=JSON, content=text) for text in (b"null", b"{}", b"[]", b"0", b"true", b'"up"', b'{"status": "up"}')),
    ]  # fmt: skip


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("number", range(len(nothing())))
def test_nothing_is_believed(kind: str, strict: bool, number: int) -> None:
    with pytest.raises(UnexpectedResponse):
        asked(kind, nothing()[number], strict=strict)
    with pytest.raises(UnexpectedResponse):
        asked(kind, REFUSED, nothing()[number], strict=strict)


@pytest.mark.parametrize(
    "row", [None, [], {}, "x", {"account_id": None}, {"account_id": ""}, {"account_id": 5}, {"account_id": "me"}, {"first_name": "Uma"}, [{"account_id": PROJECT}]]
)  # fmt: skip
def test_a_row_that_names_no_account_is_not_believed(kind: str, row: Any) -> None:
    with pytest.raises(UnexpectedResponse, match=r"user-query: .*names no account"):
        asked(kind, {"query": {"accounts": row}})
    error = AuthenticationError if row == {} else UnexpectedResponse
    with pytest.raises(error, match="accounts/profile: "):
        asked(kind, REFUSED, {"profile": row})


@pytest.mark.parametrize("query", [[], [{}], "accounts", 5, {"projects": {}}, {"accounts": []}])
def test_a_query_of_another_shape_is_not_believed(kind: str, query: Any) -> None:
    with pytest.raises(UnexpectedResponse):
        asked(kind, {"query": query})


def test_who_it_is(kind: str) -> None:
    row = {"account_id": PROJECT.upper(), "first_name": 5, "last_name": None}
    assert asked(kind, {"query": {"accounts": row}}) == Identity("account", PROJECT.upper())
    assert asked(kind, {"query": {}}) == Identity("project")
    assert asked(kind, REFUSED, {"profile": {"account_id": PROJECT}}) == Identity("account", PROJECT)
    with pytest.raises(AuthenticationError, match="anonymous"):
        asked(kind, REFUSED, {"profile": {}})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just(PROJECT),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["query", "accounts", "profile", "account_id", "error", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_any_answer_names_somebody_or_is_an_error_of_ours(first: Any, second: Any) -> None:
    try:
        identity = asked(
            "sync",
            *(
                httpx.Response(200, headers=JSON, content=json.dumps(answer).encode())
                for answer in (first, second)
            ),
        )
    except CoCalcError:
        return
    assert identity == Identity("project") if identity.account_id is None else identity.kind == "account"
    assert PROJECT in json.dumps([first, second]) or first["query"] == {}
