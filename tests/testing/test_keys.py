"""Who a request speaks for: cookie before header, case-sensitive schemes, key kinds, caches."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cocalc_facade.testing import StandIn

from .conftest import Post, asker

NOBODY = {"error": "Must be signed in."}


def basic(text: str) -> tuple[tuple[str, str], ...]:
    return (("Authorization", "Basic " + base64.b64encode(text.encode()).decode()),)


def test_both_schemes_take_every_kind_of_key(standin: StandIn, post: Post) -> None:
    for key in (standin.user.key, standin.user.legacy_key):
        assert len(post("projects/get", key=key).json()) == 2
        assert len(post("projects/get", key=None, headers=basic(f"{key}:ignored")).json()) == 2


@pytest.mark.parametrize("form", ["bearer {}", "basic {}", "{}", "Token {}", "Basic not/base64!"])
def test_any_other_form_is_nobody(standin: StandIn, post: Post, form: str) -> None:
    headers = (("Authorization", form.format(standin.user.key)),)
    assert post("projects/get", key=None, headers=headers).json() == NOBODY


def test_a_key_in_the_password_or_the_body_or_another_header_is_nobody(standin: StandIn, post: Post) -> None:
    assert post("projects/get", key=None, headers=basic(f":{standin.user.key}")).json() == NOBODY
    assert post("projects/get", {"api_key": standin.user.key}, key=None).json() == NOBODY
    assert post("projects/get", key=None, headers=(("X-API-Key", standin.user.key),)).json() == NOBODY


def test_a_bad_key_is_an_empty_success_where_nobody_is_welcome(post: Post) -> None:
    for path, said in {
        "licenses/get-managed": [],
        "file-access": {"files": []},
        "accounts/profile": {"profile": {}},
        "billing/get-subscriptions": [],
        "accounts/sign-out": {"status": "success"},
    }.items():
        assert post(path, key="sk-wrong").json() == said


def test_a_session_cookie_goes_before_the_key(standin: StandIn, post: Post) -> None:
    signed_in = post(
        "auth/sign-in", {"email": "second@example.com", "password": standin.second.password}, key=None
    )
    cookies = [value for name, value in signed_in.headers if name == "Set-Cookie"]
    session = next(value for value in cookies if value.startswith("remember_me=")).partition(";")[0]
    asked = post("accounts/profile", headers=(("Cookie", session),)).json()
    assert asked["profile"]["first_name"] == "Sven"
    assert post("projects/get", headers=(("Cookie", "remember_me=a$b$c$d"),)).json() == NOBODY
    assert post("projects/get", headers=(("Cookie", "remember_me=garbage"),)).status == 500


def test_a_deleted_key_works_for_another_fifteen_seconds_when_it_was_in_use(
    standin: StandIn, post: Post
) -> None:
    made = post("api-keys", {"action": "create", "name": "temp"}).json()["response"][0]
    assert isinstance(post("projects/get", key=made["secret"]).json(), list)
    post("api-keys", {"action": "delete", "id": made["id"]})
    assert isinstance(post("projects/get", key=made["secret"]).json(), list)
    standin.clock.advance(15)
    assert post("projects/get", key=made["secret"]).json() == NOBODY


def test_a_key_expires_on_time_and_its_row_goes_at_the_next_use(standin: StandIn, post: Post) -> None:
    expire = standin.iso(standin.clock.now() + 60)
    made = post("api-keys", {"action": "create", "name": "t", "expire": expire}).json()["response"][0]
    assert isinstance(post("projects/get", key=made["secret"]).json(), list)
    standin.clock.advance(60)
    assert post("projects/get", key=made["secret"]).json() == NOBODY
    assert post("api-keys", {"action": "get", "id": made["id"]}).json() == {"response": [None]}


def test_the_secret_is_told_once(post: Post) -> None:
    made = post("api-keys", {"action": "create", "name": "temp"}).json()["response"][0]
    (listed,) = post("api-keys", {"action": "get", "id": made["id"]}).json()["response"]
    assert made["secret"].startswith("sk-")
    assert len(made["secret"]) == 25
    assert "secret" not in listed
    assert listed["trunc"] == "sk-..." + made["secret"][-6:]


@pytest.mark.parametrize("expire", [1795309734, 1795309734678])
def test_a_key_cannot_expire_at_a_number(post: Post, expire: int) -> None:
    said = post("api-keys", {"action": "create", "expire": expire}).json()
    assert said == {"error": f'date/time field value out of range: "{expire}"'}


def test_a_project_key_is_an_account_that_has_the_projects_id(standin: StandIn, post: Post) -> None:
    key = standin.project_key.secret
    own = {"project_id": standin.project.project_id}
    assert post("projects/get", key=key).json() == []
    assert post("purchases/get-balance", key=key).json() == 0
    assert post("projects/start", own, key=key).json() == {"status": "ok"}
    other = {"project_id": standin.second_project.project_id}
    assert post("projects/start", other, key=key).json() == {
        "error": "must be a collaborator to start project"
    }
    made = post("projects/create", {"title": "x"}, key=key).json()
    assert [row["project_id"] for row in post("projects/get", key=key).json()] == [made["project_id"]]
    assert made["project_id"] not in [row["project_id"] for row in post("projects/get").json()]


def test_a_ban_works_at_once_for_a_key_that_was_not_in_use(standin: StandIn, post: Post) -> None:
    said = post("accounts/ban", {"account_id": standin.second.account_id}, key=standin.admin.key).json()
    assert said == {"status": "success"}
    assert post("projects/get", key=standin.second.key).json() == NOBODY
    post("accounts/remove-ban", {"account_id": standin.second.account_id}, key=standin.admin.key)
    assert len(post("projects/get", key=standin.second.key).json()) == 2


def test_with_its_database_away_the_server_takes_everybody_for_nobody(standin: StandIn, post: Post) -> None:
    standin.oddities.database_down = True
    assert post("projects/get").json() == NOBODY
    assert post("licenses/get-managed").json() == []
    assert post("accounts/search", {"query": "x"}).json()["error"].startswith("connect ENOENT")
    assert b"no DB connection problems" in post("/healthcheck", method="GET").body
    standin.oddities.database_down = False
    assert len(post("projects/get").json()) == 2


def test_requests_are_recorded_without_secrets(standin: StandIn, post: Post) -> None:
    post("auth/sign-in", {"email": "user@example.com", "password": "User-pass-1234-zq"}, key=None)
    post("projects/get", {"limit": 1})
    shown = (
        "\n".join(map(str, standin.requests))
        + repr(standin.requests)
        + repr(standin.user)
        + repr(standin.project_key)
    )
    assert "User-pass" not in shown
    assert standin.user.key not in shown
    assert standin.project_key.secret not in shown
    assert str(standin.requests[-1]) == 'POST projects/get {"limit": 1} (sk-...000002) -> 200'


def test_under_a_base_path_the_cookies_are_renamed() -> None:
    standin = StandIn(base_path="/base/path")
    said: Any = asker(standin)(
        "auth/sign-in", {"email": "user@example.com", "password": standin.user.password}, key=None
    )
    names = [value.partition("=")[0] for name, value in said.headers if name == "Set-Cookie"]
    assert "%2Fbase%2Fpathremember_me" in names


def test_by_its_id_an_account_finds_the_key_that_it_made_for_a_project(standin: StandIn, post: Post) -> None:
    number = standin.project_key.id
    assert number not in [row["id"] for row in post("api-keys", {"action": "get"}).json()["response"]]
    (row,) = post("api-keys", {"action": "get", "id": number}).json()["response"]
    assert row["id"] == number
    assert post("api-keys", {"action": "get", "id": "x"}).json() == {
        "error": 'invalid input syntax for type integer: "x"'
    }


def test_signing_up_again_with_the_same_password_signs_in(standin: StandIn, post: Post) -> None:
    user = standin.user
    asked = {"email": user.email_address, "password": user.password, "terms": True}
    answer = post("auth/sign-up", asked, key=None)
    assert answer.json() == {"account_id": user.account_id}
    assert "remember_me" in str(answer.headers)
    other = post("auth/sign-up", {**asked, "password": "Another-pass-1234-zq"}, key=None).json()
    assert list(other["issues"]) == ["email"]
