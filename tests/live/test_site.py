"""What any server answers about itself and about nobody."""

from __future__ import annotations

import pytest

from cocalc_facade import APIError, AuthenticationError, CoCalc, NotFoundError

from .conftest import ClientFor


def test_the_site_has_a_name_and_shows_only_the_fields_that_are_asked_for(cocalc: CoCalc) -> None:
    assert isinstance(cocalc.customize().site_name, str)
    assert list(cocalc.call("customize", {"fields": ["siteName"]})) == ["siteName"]


def test_news_and_the_need_for_a_token_are_told_to_anybody(client_for: ClientFor) -> None:
    nobody = client_for("sk-0123456789abcdef000zzz")
    assert isinstance(nobody.call("news/list"), list)
    assert isinstance(nobody.call("auth/requires-token"), bool)


def test_a_key_that_the_server_does_not_know_is_an_authentication_error(client_for: ClientFor) -> None:
    nobody = client_for("sk-0123456789abcdef000zzz")
    with pytest.raises(AuthenticationError):
        nobody.projects.get()
    with pytest.raises(AuthenticationError):
        nobody.whoami()


def test_the_key_speaks_for_somebody(cocalc: CoCalc) -> None:
    me = cocalc.whoami()
    assert me.kind == "account"
    profile = cocalc.call("accounts/profile")["profile"]
    assert profile["account_id"] == me.account_id
    names = cocalc.call("accounts/get-names", {"account_ids": [me.account_id]})["names"]
    assert names[me.account_id]["first_name"] == profile["first_name"]


def test_an_account_that_is_not_there_is_called_deleted_user(cocalc: CoCalc) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    names = cocalc.call("accounts/get-names", {"account_ids": [nobody]})["names"]
    assert (names[nobody]["first_name"], names[nobody]["last_name"]) == ("Deleted", "User")


def test_a_route_that_no_server_has_is_not_found(cocalc: CoCalc) -> None:
    with pytest.raises(NotFoundError):
        cocalc.call("no-such/route")


def test_the_generation_is_told_and_what_the_key_may_is_known_as_far_as_it_goes(
    cocalc: CoCalc, client_for: ClientFor
) -> None:
    assert cocalc.generation in ("cocalc", "ai")
    assert cocalc.can("customize")
    assert cocalc.can("projects/get").verdict != "no"
    assert client_for("sk-0123456789abcdef000zzz").can("projects/get").verdict == "no"
    if cocalc.generation == "cocalc":
        assert cocalc.can("projects/get").verdict == "yes"
        assert cocalc.can("auth/2fa/status").verdict == "no"


def test_the_balance_is_a_number_and_purchases_are_a_list(cocalc: CoCalc) -> None:
    assert isinstance(cocalc.call("purchases/get-balance"), (int, float))
    found = cocalc.call("purchases/get-purchases", {"limit": 5})
    assert isinstance(found["purchases"], list)
    assert len(found["purchases"]) <= 5
    assert isinstance(found["balance"], (int, float))


def test_messages_are_a_list(cocalc: CoCalc) -> None:
    found = cocalc.call("messages/get", {"limit": 1})
    assert found["status"] == "success"
    assert isinstance(found["messages"], list)


def test_admins_only_means_me_not(cocalc: CoCalc) -> None:
    if cocalc.call("accounts/profile")["profile"]["is_admin"]:
        pytest.skip("this key is an admin's")
    me = cocalc.whoami().account_id
    with pytest.raises(APIError):
        cocalc.call("purchases/get-balance-admin", {"account_id": me})
