"""What refusals mean whose words are not among the recorded exchanges: other parameters, waits and moods of the same server."""

from __future__ import annotations

import json

import pytest

from cocalc_facade import (
    APIError,
    AuthenticationError,
    CommandError,
    InvalidRequestError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from cocalc_facade._calls.answers import judge
from cocalc_facade._calls.routes import Routes
from cocalc_facade._wire.flow import Answer

ROUTES = Routes()


def refused(path: str, words: str) -> APIError:
    answer = Answer(200, {"content-type": "application/json"}, json.dumps({"error": words}).encode())
    _, error = judge(answer, ROUTES[path])
    assert isinstance(error, APIError)
    assert error.message == words
    return error


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("too many requests to messages/get; try again in 1 second (rule: at most 3 requests per second)", 1),
        ("too many requests to messages/get; try again in 53 seconds (rule: at most 15 requests)", 53),
        ("too many requests to messages/get; try again in 2 minutes (rule: at most 15 requests)", 120),
        (
            "too many requests to messages/get; try again in 1 hour (rule: at most 200 requests per hour)",
            3600,
        ),
        ("Wait a minute, then try to login again", 60),
        ("Wait an hour, then try to login again", 3600),
        ("Too many attempts", None),
    ],
)
def test_a_limit_says_how_long_to_wait(words: str, seconds: float | None) -> None:
    error = refused("messages/get", words)
    assert type(error) is RateLimitError
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("path", "words", "field"),
    [
        ("projects/get", "LIMIT must not be negative", "limit"),
        ("projects/get", 'value "99999999999999999999" is out of range for type bigint', None),
        ("projects/get", "operator does not exist: uuid = integer", None),
        ("messages/get", 'syntax error at or near "LIMIT"', None),
        ("accounts/set-name", "value too long for type character varying(254)", None),
        ("purchases/get-service-cost", "e.startsWith is not a function", None),
        ("purchases/get-service-cost", "service.startsWith is not a function", "service"),
        ("latex", "if only_read_pdf is set then project_id must also be set", None),
        ("user-query", "Cannot convert undefined or null to object", None),
        (
            "projects/write-text-file",
            'The "path" argument must be of type string. Received undefined',
            "path",
        ),
    ],
)
def test_a_parameter_on_which_the_server_stumbles_is_an_invalid_request(
    path: str, words: str, field: str | None
) -> None:
    error = refused(path, words)
    assert type(error) is InvalidRequestError
    assert error.field == field


@pytest.mark.parametrize(
    "words",
    [
        "connect ENOENT /tmp/pg/.s.PGSQL.5432",
        "Connection terminated unexpectedly",
        "terminating connection due to administrator command",
        "the database system is starting up",
        "timeout exceeded when trying to connect",
        "canceling statement due to statement timeout",
    ],
)
def test_a_database_in_trouble_is_a_fault_of_the_server(words: str) -> None:
    assert type(refused("accounts/search", words)) is ServerError


@pytest.mark.parametrize("word", ["only ", "database ", "sign in password "])
def test_a_refusal_of_any_length_is_understood_by_its_ends(word: str) -> None:
    filler = word * 200_000
    assert type(refused("exec", f"Error executing command '{filler}' -- killed command 'x'")) is CommandError
    words = f"Error executing command '{filler}' -- Error: no connection to compute server -- please start it"
    assert type(refused("exec", words)) is ServerError
    assert isinstance(refused("projects/get", filler), APIError)


def test_a_wrong_password_is_no_authentication() -> None:
    assert type(refused("accounts/set-password", "incorrect password")) is AuthenticationError


def test_a_parameter_for_admins_only_is_a_matter_of_permission() -> None:
    words = "The `account_id` field may only be specified by account administrators."
    assert type(refused("projects/get", words)) is PermissionDeniedError
