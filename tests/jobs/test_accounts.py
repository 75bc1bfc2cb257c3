"""Email addresses, licences and API keys."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from cocalc_facade._errors import (
    AuthenticationError,
    CoCalcError,
    ConnectionFailed,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    UnexpectedResponse,
)
from cocalc_facade._jobs.values.secret import Secret

NOBODY = "00000000-0000-4000-8000-000000000000"


def test_an_admin_gets_the_address(bench: Any) -> None:
    admin = bench.client(bench.standin.admin)
    assert admin.email_of(bench.standin.second.account_id) == "second@example.com"


@pytest.mark.parametrize("answer", [{"email_address": None}, {"email_address": ""}, {}])
def test_an_account_without_address_has_none(bench: Any, answer: dict[str, Any]) -> None:
    admin = bench.client(bench.standin.admin, script={"accounts/get-email-address": [answer]})
    assert admin.email_of(bench.standin.second.account_id) is None


def test_an_account_that_does_not_exist_is_not_found(bench: Any) -> None:
    with pytest.raises(NotFoundError, match="there is no account 0000"):
        bench.client(bench.standin.admin).email_of(NOBODY)


def test_others_may_not_ask(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="admin or partner"):
        client.email_of(bench.standin.second.account_id)


def test_no_account_is_refused_before_anything_is_sent(bench: Any, client: Any) -> None:
    with pytest.raises(InvalidRequestError, match="account_id"):
        client.email_of("")
    with pytest.raises(TypeError, match="account_id"):
        client.email_of(None)
    assert bench.seen() == []


def test_the_licences_that_one_manages_have_times(bench: Any) -> None:
    row = {
        "id": NOBODY,
        "title": "Class",
        "quota": {"cpu": 1},
        "run_limit": 3,
        "expires": 1_767_225_600_000,
        "is_manager": True,
    }
    client = bench.client(script={"licenses/get-managed": [[row]]})
    [licence] = client.managed_licenses()
    assert (licence.title, licence.run_limit, licence.expires) == (
        "Class",
        3,
        datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_no_licences_are_none_for_a_key_that_is_accepted(client: Any) -> None:
    assert len(client.managed_licenses()) == 0


def test_an_empty_answer_to_a_refused_key_is_not_believed(bench: Any) -> None:
    with pytest.raises(AuthenticationError):
        bench.client("sk-aaaaaaaaaaaaaaaa000099").managed_licenses()


def test_a_project_key_manages_no_licences(bench: Any) -> None:
    with pytest.raises(AuthenticationError, match="belongs to a project"):
        bench.client(bench.standin.project_key.secret).managed_licenses()


def test_a_new_key_works_and_its_secret_does_not_show(bench: Any, client: Any) -> None:
    key = client.keys.create("course", expires=timedelta(days=30))
    secret = key.secret.reveal()
    assert bench.client(secret).query("accounts", ["first_name"]) == {"first_name": "Uma"}
    assert key.name == "course"
    assert key.expires is not None
    for text in (repr(key), str(key), f"{key.secret}", f"{key.secret:>40}", repr([key.secret]), repr(vars)):
        assert secret not in text


def test_a_secret_is_not_written_anywhere_by_accident() -> None:
    secret = Secret("sk-abcdefghijklmnop000001", "sk-...000001")
    assert repr(secret) == "Secret(sk-...000001)"
    assert secret == Secret("sk-abcdefghijklmnop000001")
    assert secret != Secret("sk-other")
    assert secret != "sk-abcdefghijklmnop000001"
    assert len({secret, Secret("sk-abcdefghijklmnop000001")}) == 1
    for leak in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            leak(secret)


def test_the_list_shows_keys_without_secrets(bench: Any, client: Any) -> None:
    key = client.keys.create("course")
    listed = client.keys.list()
    assert {"course", "user key"} <= {row.name for row in listed}
    assert all(row.secret is None for row in listed)
    assert key.secret.reveal() not in listed._repr_html_() + repr(listed)
    assert "secret" not in listed.to_records()[0]


def test_a_key_of_a_project_is_made_for_it(bench: Any, client: Any) -> None:
    key = client.keys.create("runner", project_id=bench.project_id)
    assert key.project_id == bench.project_id
    assert bench.client(key.secret.reveal()).run(bench.project_id, "echo hi").stdout == "hi\n"
    assert "runner" in {row.name for row in client.keys.list(project_id=bench.project_id)}


def test_a_deleted_key_is_gone(client: Any) -> None:
    key = client.keys.create("course")
    client.keys.delete(key.id)
    with pytest.raises(NotFoundError, match=f"no API key with id {key.id}"):
        client.keys.get(key.id)


def test_deleting_nothing_is_an_error_although_the_server_says_nothing(bench: Any, client: Any) -> None:
    with pytest.raises(NotFoundError, match="no API key with id 99999"):
        client.keys.delete(99999)
    assert all(params["action"] == "get" for params in bench.seen("api-keys"))


def test_rotation_replaces_a_key_by_one_of_the_same_name_and_expiry(bench: Any, client: Any) -> None:
    old = client.keys.create("course", expires=datetime(2099, 1, 1, tzinfo=UTC))
    new = client.keys.rotate(old.id)
    assert (new.name, new.expires) == ("course", old.expires)
    assert new.secret != old.secret
    bench.standin.clock.advance(60)
    assert bench.client(new.secret.reveal()).query("accounts", ["first_name"])
    with pytest.raises(CoCalcError):
        bench.client(old.secret.reveal()).query("accounts", ["first_name"])


def test_a_rotation_that_fails_in_the_middle_leaves_the_old_key_and_no_new_one(
    bench: Any, client: Any
) -> None:
    old = client.keys.create("course")
    before = {row.id for row in client.keys.list()}
    failing = bench.client(script={"api-keys": [..., ..., {"error": "database is busy"}]})
    with pytest.raises(CoCalcError, match="database is busy") as caught:
        failing.keys.rotate(old.id)
    assert {row.id for row in client.keys.list()} == before
    assert any("deleted again" in note for note in caught.value.__notes__)


def test_a_rotation_that_cannot_be_undone_says_which_key_is_left(bench: Any, client: Any) -> None:
    old = client.keys.create("course")
    failing = bench.client(script={"api-keys": [..., ..., *[{"error": "database is busy"}] * 2]})
    with pytest.raises(CoCalcError) as caught:
        failing.keys.rotate(old.id)
    assert any(
        f"the new key {old.id + 1} was created, and must be deleted" in note
        for note in caught.value.__notes__
    )


def test_a_creation_whose_answer_was_lost_is_not_repeated(bench: Any) -> None:
    client = bench.client(script={"api-keys": [httpx.ReadError("reset")] * 5})
    with pytest.raises(ConnectionFailed) as caught:
        client.keys.create("course")
    assert caught.value.maybe_executed
    assert len(bench.transport.urls) == 1


@pytest.mark.parametrize("answer", [{}, {"response": []}, {"response": [{"id": 3, "trunc": "sk-...000003"}]}])
def test_an_answer_without_a_secret_is_no_key(bench: Any, answer: dict[str, Any]) -> None:
    client = bench.client(script={"api-keys": [answer]})
    with pytest.raises(UnexpectedResponse):
        client.keys.create("course")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": " "}, "name: must not be empty"),
        ({"name": "x" * 129}, "name: must have at most 128 characters"),
        ({"name": "x", "expires": datetime(2020, 1, 1, tzinfo=UTC)}, "expires: .* is in the past"),
        ({"name": "x", "expires": timedelta(days=-1)}, "expires: .* is in the past"),
        ({"name": "x", "expires": datetime(2099, 1, 1)}, "expires: the datetime has no time zone"),  # noqa: DTZ001 - the fault under test
        ({"name": "x", "project_id": "x"}, "project_id"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    bench: Any, client: Any, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        client.keys.create(**arguments)
    assert bench.seen() == []


def test_strangers_and_projects_may_not_manage_keys(bench: Any, client: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="collaborator"):
        client.keys.list(project_id=bench.standin.second_project.project_id)
    with pytest.raises(CoCalcError, match="not a valid account"):
        bench.client(bench.standin.project_key.secret).keys.list()
